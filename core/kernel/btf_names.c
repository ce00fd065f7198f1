// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/btf_names.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "tracepoint_net.h"

/* Arguments of kfree_skb with a reason: packet, location, reason. */
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

/* --- walking --------------------------------------------------------------------------------- */

/* The types of a BTF, read in place. libbpf would copy the kernel's BTF and index its 100,000
 * types: 12 ms and 12 MB for the two that are needed. */
struct types {
	const uint8_t *begin, *end;
	const char *strings;
	uint32_t strings_size;
};

/* Bytes after struct btf_type, by kind: once, and for each of vlen members. */
static const struct {
	uint8_t once, each;
} sizes[] = {
	[BTF_KIND_INT] = { sizeof(uint32_t), 0 },
	[BTF_KIND_ARRAY] = { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM] = { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR] = { sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
	[BTF_KIND_DECL_TAG] = { sizeof(struct btf_decl_tag), 0 },
	[BTF_KIND_ENUM64] = { 0, sizeof(struct btf_enum64) },
};

/* Returns the type at `at`, or NULL behind the last. */
static const struct btf_type *type_at(const struct types *types, const uint8_t *at)
{
	const struct btf_type *type = (const void *)at;

	if ((size_t)(types->end - at) < sizeof(*type) ||
		btf_kind(type) >= sizeof(sizes) / sizeof(sizes[0]))
		return NULL;
	size_t size = sizeof(*type) + sizes[btf_kind(type)].once +
		      (size_t)sizes[btf_kind(type)].each * btf_vlen(type);
	return (size_t)(types->end - at) < size ? NULL : type;
}

static const struct btf_type *next_type(const struct types *types, const struct btf_type *type)
{
	return type_at(types, (const uint8_t *)(type + 1) + sizes[btf_kind(type)].once +
				      (size_t)sizes[btf_kind(type)].each * btf_vlen(type));
}

static const char *string_at(const struct types *types, uint32_t offset)
{
	return offset < types->strings_size ? types->strings + offset : "";
}

static const struct btf_type *find_name(const struct types *types, uint16_t kind, const char *name)
{
	const struct btf_type *type = type_at(types, types->begin);

	while (type != NULL &&
		(btf_kind(type) != kind || strcmp(string_at(types, type->name_off), name) != 0))
		type = next_type(types, type);
	return type;
}

/* Returns the type of this number, counted from 1, if it is of that kind, else NULL. */
static const struct btf_type *find_number(const struct types *types, uint32_t number, uint16_t kind)
{
	const struct btf_type *type = type_at(types, types->begin);

	while (type != NULL && --number > 0)
		type = next_type(types, type);
	return type != NULL && btf_kind(type) == kind ? type : NULL;
}

/* Finds types and strings in a BTF, and checks that the last string is terminated. */
static int find_sections(const void *data, size_t size, struct types *types)
{
	const struct btf_header *header = data;

	if (size < sizeof(*header) || header->magic != BTF_MAGIC || header->hdr_len > size)
		return -EINVAL;
	size -= header->hdr_len;
	if (header->type_off > size || header->type_len > size - header->type_off ||
		header->str_off > size || header->str_len > size - header->str_off ||
		header->str_len == 0)
		return -EINVAL;
	types->begin = (const uint8_t *)data + header->hdr_len + header->type_off;
	types->end = types->begin + header->type_len;
	types->strings = (const char *)data + header->hdr_len + header->str_off;
	types->strings_size = header->str_len;
	return types->strings[header->str_len - 1] == '\0' ? 0 : -EINVAL;
}

/* --- drop reasons ---------------------------------------------------------------------------- */

/* Returns the number of arguments of kfree_skb; 0 if the kernel lacks the tracepoint. */
static uint32_t kfree_skb_arguments(const struct types *types)
{
	const struct btf_type *type = find_name(types, BTF_KIND_TYPEDEF, "btf_trace_kfree_skb");

	if (type != NULL)
		type = find_number(types, type->type, BTF_KIND_PTR);
	if (type != NULL)
		type = find_number(types, type->type, BTF_KIND_FUNC_PROTO);
	/* The first parameter is the tracepoint's own. */
	return type == NULL || btf_vlen(type) == 0 ? 0 : btf_vlen(type) - 1u;
}

static void add_reason(struct btf_names *names, uint64_t value, const char *name)
{
	static const char *const prefixes[] = { "SKB_DROP_REASON_", "SKB_" };

	/* Skips the sentinel. */
	if (value >= DROP_REASONS_MAX - 1 || strcmp(name, "SKB_DROP_REASON_MAX") == 0)
		return;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) {
			name += strlen(prefixes[i]);
			break;
		}
	snprintf(names->drop_reasons[value], sizeof(names->drop_reasons[value]), "%s", name);
}

/* Reads the enum of reasons, whether the compiler described it with 32 or 64 bits. */
static void read_reasons(struct btf_names *names, const struct types *types)
{
	const struct btf_type *type = find_name(types, BTF_KIND_ENUM, "skb_drop_reason");

	for (int i = 0; type != NULL && i < btf_vlen(type); i++) {
		const struct btf_enum *value = &btf_enum(type)[i];
		add_reason(names, (uint32_t)value->val, string_at(types, value->name_off));
	}
	type = find_name(types, BTF_KIND_ENUM64, "skb_drop_reason");
	for (int i = 0; type != NULL && i < btf_vlen(type); i++) {
		const struct btf_enum64 *value = &btf_enum64(type)[i];
		add_reason(names, btf_enum64_value(value), string_at(types, value->name_off));
	}
}

int btf_names_read(struct btf_names *names, const void *data, size_t size)
{
	struct types types;
	int error = find_sections(data, size, &types);

	memset(names, 0, sizeof(*names));
	if (error < 0)
		return error;
	names->has_drop_reasons = kfree_skb_arguments(&types) >= KFREE_SKB_WITH_REASON;
	if (names->has_drop_reasons)
		read_reasons(names, &types);
	else
		snprintf(names->drop_reasons[0], sizeof(names->drop_reasons[0]), "NOT_SPECIFIED");
	snprintf(
		names->drop_reasons[DROP_REASONS_MAX - 1], sizeof(names->drop_reasons[0]), "OTHER");
	return 0;
}

/* Maps the BTF, or copies it on kernels before 6.16, which cannot map it. */
static int read_file(int fd, struct btf_names *names)
{
	struct stat status;
	ssize_t got = 1;

	if (fstat(fd, &status) < 0)
		return -errno;
	size_t size = (size_t)status.st_size, length = 0;
	void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (; data != MAP_FAILED && got > 0; length += got > 0 ? (size_t)got : 0)
			got = read(fd, (char *)data + length, size - length);
	}
	if (data == MAP_FAILED)
		return -errno;
	int error = got < 0 ? -errno : btf_names_read(names, data, size);
	munmap(data, size);
	return error;
}

int btf_names_load(struct btf_names *names, struct failure *failure)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : read_file(fd, names);

	fd_close(&fd);
	if (error == 0)
		return 0;
	failure_set(failure, error, "Cannot read this kernel's BTF: %s", strerror(-error));
	return failure_remedy(
		failure, "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y and keep /sys mounted");
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
