// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/btf_names.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tracepoint_net.h"

/* Arguments of kfree_skb where it tells the reason: packet, location, reason. */
#define KFREE_SKB_WITH_REASON 3

static const struct {
	const char *name;
	uint8_t kind; /* enum drop_kind */
} drop_kinds[] = {
	{ "NOT_DROPPED_YET", DROP_NONE },
	{ "CONSUMED", DROP_NONE },
	{ "NOT_SPECIFIED", DROP_ROUTINE },
	{ "SOCKET_CLOSE", DROP_ROUTINE },
	{ "QUEUE_PURGE", DROP_ROUTINE },
	{ "OTHERHOST", DROP_ROUTINE },
	{ "UNHANDLED_PROTO", DROP_ROUTINE },
	{ "UNICAST_IN_L2_MULTICAST", DROP_ROUTINE },
	{ "IPV6DISABLED", DROP_ROUTINE },
	{ "IPV6_NDISC_NS_OTHERHOST", DROP_ROUTINE },
	{ "TCP_RESET", DROP_ROUTINE },
	{ "TCP_CLOSE", DROP_ROUTINE },
	{ "TCP_OLD_DATA", DROP_ROUTINE },
	{ "TCP_OLD_ACK", DROP_ROUTINE },
	{ "TCP_OLD_SEQUENCE", DROP_ROUTINE },
};

int btf_tracepoint_arguments(const struct btf *btf, const char *tracepoint)
{
	char name[NAME_LEN * 2];

	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -ENOENT;
	const struct btf_type *type = btf__type_by_id(btf, (uint32_t)id);
	if (!btf_is_ptr(type = btf__type_by_id(btf, type->type)))
		return -ENOENT;
	if (!btf_is_func_proto(type = btf__type_by_id(btf, type->type)))
		return -ENOENT;
	/* The first parameter is the tracepoint's own. */
	return btf_vlen(type) - 1;
}

static void add_reason(struct btf_names *names, uint64_t value, const char *name)
{
	static const char *const prefixes[] = { "SKB_DROP_REASON_", "SKB_" };

	/* The sentinels are no reasons. */
	if (value >= DROP_REASONS_MAX - 1 || strcmp(name, "SKB_DROP_REASON_MAX") == 0)
		return;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) {
			name += strlen(prefixes[i]);
			break;
		}
	snprintf(names->drop_reasons[value], sizeof(names->drop_reasons[value]), "%s", name);
}

/* A 32-bit enum, or one that has grown to 64 bits, which newer compilers describe apart. */
static void read_reasons(struct btf_names *names, const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "skb_drop_reason", BTF_KIND_ENUM);

	if (id >= 0) {
		const struct btf_type *type = btf__type_by_id(btf, (uint32_t)id);
		const struct btf_enum *values = btf_enum(type);
		for (int i = 0; i < btf_vlen(type); i++)
			add_reason(names, (uint32_t)values[i].val,
				btf__name_by_offset(btf, values[i].name_off));
		return;
	}
	id = btf__find_by_name_kind(btf, "skb_drop_reason", BTF_KIND_ENUM64);
	if (id < 0)
		return;
	const struct btf_type *type = btf__type_by_id(btf, (uint32_t)id);
	const struct btf_enum64 *values = btf_enum64(type);
	for (int i = 0; i < btf_vlen(type); i++)
		add_reason(names, btf_enum64_value(&values[i]),
			btf__name_by_offset(btf, values[i].name_off));
}

void btf_names_read(struct btf_names *names, const struct btf *btf)
{
	memset(names, 0, sizeof(*names));
	names->has_drop_reasons =
		btf_tracepoint_arguments(btf, "kfree_skb") >= KFREE_SKB_WITH_REASON;
	if (names->has_drop_reasons)
		read_reasons(names, btf);
	else
		snprintf(names->drop_reasons[0], sizeof(names->drop_reasons[0]), "NOT_SPECIFIED");
	snprintf(
		names->drop_reasons[DROP_REASONS_MAX - 1], sizeof(names->drop_reasons[0]), "OTHER");
}

int btf_names_load(struct btf_names *names, struct failure *failure)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (btf == NULL) {
		failure_set(
			failure, -errno, "This kernel's BTF cannot be read: %s", strerror(errno));
		return failure_remedy(failure,
			"Use a kernel built with CONFIG_DEBUG_INFO_BTF=y and keep /sys mounted");
	}
	btf_names_read(names, btf);
	btf__free(btf);
	return 0;
}

void btf_names_drop_kinds(const struct btf_names *names, uint8_t kinds[DROP_REASONS_MAX])
{
	for (int reason = 0; reason < DROP_REASONS_MAX; reason++) {
		kinds[reason] = DROP_NOTABLE;
		for (size_t i = 0; i < sizeof(drop_kinds) / sizeof(drop_kinds[0]); i++)
			if (strcmp(names->drop_reasons[reason], drop_kinds[i].name) == 0)
				kinds[reason] = drop_kinds[i].kind;
	}
}
