// SPDX-License-Identifier: BSD-2-Clause
/* The roots of the chain: attaches xdp_root to interfaces, and explains refusals. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/chain.h"
#include "kernel/interface_table.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/program_info.h"

const struct verifier_variant chain_root_variants[] = {
	{ .name = "", .constant = "timing", .value = 1, .size = 1 },
	{ .name = NULL },
};

static const struct chain_root no_root = {
	.link_fd = -1,
	.mode = XDP_MODE_OFF,
	.tc = { .link_fds = { -1, -1 } }, /* as tc_not_attached */
};

const struct chain_root *chain_root(const struct chain *chain, uint32_t slot)
{
	return slot < chain->n_roots ? &chain->roots[slot] : &no_root;
}

/* Makes room for the root of a slot. Returns it, or NULL if memory runs out. */
static struct chain_root *make_root(struct chain *chain, uint32_t slot)
{
	if (slot >= chain->n_roots) {
		struct chain_root *roots = realloc(chain->roots, (slot + 1) * sizeof(*roots));
		if (roots == NULL)
			return NULL;
		for (uint32_t i = chain->n_roots; i <= slot; i++)
			roots[i] = no_root;
		chain->roots = roots;
		chain->n_roots = slot + 1;
	}
	return &chain->roots[slot];
}

int chain_load_root(struct chain *chain, struct failure *failure)
{
	struct bpf_object *object = NULL;
	bool timing = true;
	int error;

	if (chain->root_fd >= 0)
		return 0;
	error = object_open(CHAIN_ROOT, chain->objects, &object, failure);
	if (error < 0)
		return error;
	if (object_set_constant(object, "timing", &timing, sizeof(timing)) < 0) {
		error = failure_set(failure, -EBADMSG, CHAIN_ROOT " does not match this x0top");
		goto close_object;
	}
	if (chain->frags)
		object_take_frags(object);
	error = map_registry_share(chain->maps, object, failure);
	if (error == 0)
		error = object_load(object, CHAIN_ROOT, failure);
	if (error < 0)
		goto close_object;
	error = map_registry_keep(chain->maps, object);
	if (error < 0) {
		failure_set(failure, error, "The maps of " CHAIN_ROOT " cannot be kept: %s",
			strerror(-error));
		goto close_object;
	}
	chain->root_fd = fcntl(object_program_fd(object, CHAIN_ROOT), F_DUPFD_CLOEXEC, 0);
	if (chain->root_fd < 0)
		error = failure_set(
			failure, -errno, "Cannot keep " CHAIN_ROOT ": %s", strerror(errno));
close_object:
	bpf_object__close(object);
	return error;
}

int chain_update_roots(struct chain *chain, struct failure *failure)
{
	int error = chain_load_root(chain, failure);

	for (uint32_t slot = 0; slot < chain->n_roots && error == 0; slot++)
		if (chain->roots[slot].link_fd >= 0 &&
			bpf_link_update(chain->roots[slot].link_fd, chain->root_fd, NULL) < 0)
			error = failure_set(failure, -errno,
				"Cannot update the link of " CHAIN_ROOT ": %s", strerror(errno));
	return error;
}

/* --- interfaces ------------------------------------------------------------------------------ */

/* Enters an interface and its slot into the table that the programs read. */
static int enter_table(const struct chain *chain, uint32_t slot, const struct interface *interface,
	enum interface_flags hook, struct failure *failure)
{
	const struct interface_entry entry = {
		.ifindex = interface->ifindex,
		.slot = (uint16_t)slot,
		.flags = (uint16_t)(hook | (interface->frames == FRAMES_IP ? INTERFACE_RAW_IP : 0)),
	};
	int table = map_registry_fd(chain->maps, "xdp_interfaces");
	struct interface_entry present;

	/* Skips an equal entry: the table may belong to another process. */
	if (interface_table_find(table, entry.ifindex, &present) == 0 &&
		memcmp(&present, &entry, sizeof(entry)) == 0)
		return 0;
	int error = interface_table_put(table, &entry);
	if (error == 0)
		return 0;
	return failure_set(failure, error, "Cannot add %s to the table of interfaces: %s",
		interface->name, strerror(-error));
}

/* Names the XDP program on an interface; without CAP_SYS_ADMIN, only its id is known. */
static int explain_busy(const struct interface *interface, uint32_t id, struct failure *failure)
{
	struct bpf_prog_info info;

	program_info_find(id, &info);
	failure_set(failure, -EBUSY, "%s already carries the XDP program %s%s(id %u)",
		interface->name, info.name, info.name[0] ? " " : "", id);
	if (strcmp(info.name, CHAIN_ROOT) == 0)
		return failure_remedy(
			failure, "Another x0top watches it: use that one, or end it first");
	if (info.name[0] == '\0')
		return failure_remedy(failure,
			"x0top leaves it alone; if another x0top watches it, use that one. To look "
			"it up: sudo bpftool prog show id %u",
			id);
	return failure_remedy(failure,
		"x0top leaves it alone. To see packets here, remove it: ip link set dev %s xdp off",
		interface->name);
}

/*
 * Names the upper device whose XDP program keeps others off this interface: the kernel refuses XDP
 * on a port or lower device of one that carries a program ("Cannot attach when an upper device
 * already has a program"). Returns 0 if there is none, else -EEXIST with *failure set.
 */
static int explain_upper(const struct interface *interface, struct failure *failure)
{
	struct interface *list;
	struct bpf_prog_info info;
	int n = interface_list(&list), error = -EEXIST;

	if (n < 0)
		return 0;
	for (int i = 0; i < n; i++) {
		const struct interface *upper = &list[i];
		bool above =
			upper->ifindex == interface->master || upper->link == interface->ifindex;
		if (!above || upper->xdp_attached == XDP_ATTACHED_NONE)
			continue;
		program_info_find(upper->xdp_program, &info);
		failure_set(failure, error,
			"%s is under %s, which carries the XDP program %s%s(id %u)",
			interface->name, upper->name, info.name, info.name[0] ? " " : "",
			upper->xdp_program);
		error = failure_remedy(failure,
			"The kernel allows no other below it. To see packets here, remove it: ip "
			"link set dev %s xdp off",
			upper->name);
		break;
	}
	free(list);
	return failure->error;
}

/* Repeats a refused attachment by netlink, to get the kernel's message (extack) where a BPF link
 * gives an errno alone. Detaches the program if this attempt succeeds. */
static void request_message(int program_fd, const struct interface *interface, uint32_t flags)
{
	flags |= XDP_FLAGS_UPDATE_IF_NOEXIST;
	messages_clear();
	if (bpf_xdp_attach((int)interface->ifindex, program_fd, flags, NULL) == 0)
		bpf_xdp_detach((int)interface->ifindex, flags, NULL);
}

static uint32_t flags_of_mode(uint32_t mode)
{
	return mode == XDP_MODE_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
}

static int attach_in_mode(int program_fd, const struct interface *interface, uint32_t mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags_of_mode(mode));
	int fd = bpf_link_create(program_fd, (int)interface->ifindex, BPF_XDP, &options);

	return fd < 0 ? -errno : fd;
}

/* The largest MTU at which a frame, with the room that XDP wants before and behind it, fits a page. */
static uint32_t page_mtu(void)
{
	enum { HEADROOM = 256, SHARED_INFO = 320 };

	return (uint32_t)sysconf(_SC_PAGESIZE) - HEADROOM - SHARED_INFO - ETH_HLEN;
}

static int explain_mtu(const struct interface *interface, int error, struct failure *failure)
{
	bool pair = strcmp(interface->kind, "veth") == 0;

	failure_set(failure, error,
		"Cannot attach XDP to %s in native mode: the driver's limit with XDP is an MTU of "
		"about %u, and %s is %u",
		interface->name, page_mtu(), pair ? "that of the pair" : "it", interface->mtu);
	return failure_remedy(failure,
		"Use --xdp-mode generic, or a smaller MTU%s: ip link set dev %s mtu %u",
		pair ? " on both ends" : "", interface->name, page_mtu());
}

/* Explains why the kernel refused the mode. */
static int explain_refusal(int program_fd, const struct interface *interface, uint32_t wanted,
	int error, struct failure *failure)
{
	uint32_t id = 0;

	failure->error = 0;
	if (bpf_xdp_query_id((int)interface->ifindex, 0, &id) == 0 && id != 0)
		return explain_busy(interface, id, failure);
	if (error == -EEXIST && explain_upper(interface, failure) < 0)
		return failure->error;
	request_message(program_fd, interface,
		flags_of_mode(wanted == XDP_WANT_NATIVE ? XDP_MODE_NATIVE : XDP_MODE_GENERIC));
	if (wanted == XDP_WANT_NATIVE && (error == -ERANGE || interface->mtu > page_mtu())) {
		explain_mtu(interface, error, failure);
		return failure_cause(failure, "%s", messages_text());
	}
	failure_set(failure, error, "Cannot attach XDP to %s in %s mode: %s", interface->name,
		wanted == XDP_WANT_NATIVE ? "native" : "generic", strerror(-error));
	if (error == -EPERM)
		failure_remedy(failure, "Run x0top as root, or give it CAP_NET_ADMIN and CAP_BPF");
	else if (wanted == XDP_WANT_NATIVE)
		failure_remedy(failure, "The driver refuses it: use --xdp-mode auto or generic");
	else
		failure_remedy(failure, "x0top -v shows the kernel's message");
	return failure_cause(failure, "%s", messages_text());
}

/* Refuses native XDP of a bond: it runs on the ports, whose ifindexes are not in the table. */
static int refuse_native_bond(
	const struct interface *interface, uint32_t wanted, struct failure *failure)
{
	if (wanted != XDP_WANT_NATIVE || strcmp(interface->kind, "bond") != 0)
		return 0;
	failure_set(failure, -EOPNOTSUPP, "Native XDP of the bond %s runs on its ports",
		interface->name);
	return failure_remedy(failure, "Watch its ports: -i PORT; or use --xdp-mode generic");
}

static int attach_root(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t wanted, struct failure *failure)
{
	uint32_t mode = wanted == XDP_WANT_NATIVE ? XDP_MODE_NATIVE : XDP_MODE_GENERIC;
	struct failure ignored;

	if (mode == XDP_MODE_GENERIC)
		chain_begin_handed_back(chain);
	int fd = attach_in_mode(chain->root_fd, interface, mode);
	if (fd < 0) {
		enter_table(chain, slot, interface, 0, &ignored);
		return explain_refusal(chain->root_fd, interface, wanted, fd, failure);
	}
	chain_detach(chain, slot);
	chain->roots[slot] = (struct chain_root) {
		.link_fd = fd, .ifindex = interface->ifindex, .mode = mode, .tc = tc_not_attached
	};
	return 0;
}

int chain_attach(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t wanted, struct failure *failure)
{
	uint32_t busy_id = 0;

	if (make_root(chain, slot) == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	if (interface->xdp_attached != XDP_ATTACHED_NONE &&
		bpf_xdp_query_id((int)interface->ifindex, 0, &busy_id) == 0 && busy_id != 0)
		return explain_busy(interface, busy_id, failure);
	int error = refuse_native_bond(interface, wanted, failure);
	if (error == 0)
		error = chain_load_root(chain, failure);
	if (error == 0)
		error = enter_table(chain, slot, interface, INTERFACE_AT_XDP, failure);
	return error < 0 ? error : attach_root(chain, slot, interface, wanted, failure);
}

int chain_count_at_tc(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t kind, struct failure *failure)
{
	struct tc_attachment tc;

	if (make_root(chain, slot) == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	int error = tc_attach(&tc, &chain->counter, kind, interface, failure);
	if (error < 0)
		return error;
	error = enter_table(chain, slot, interface, 0, failure);
	if (error < 0) {
		tc_detach(&tc, &chain->counter);
		return error;
	}
	chain_detach(chain, slot);
	chain->roots[slot] = (struct chain_root) {
		.link_fd = -1,
		.ifindex = interface->ifindex,
		.mode = XDP_MODE_TC,
		.tc = tc,
	};
	return 0;
}

void chain_detach(struct chain *chain, uint32_t slot)
{
	if (slot >= chain->n_roots)
		return;
	fd_close(&chain->roots[slot].link_fd);
	tc_detach(&chain->roots[slot].tc, &chain->counter);
	chain->roots[slot] = no_root;
}

int chain_adopt(struct chain *chain, uint32_t slot, const struct interface *interface, int folder)
{
	struct chain_root *root = make_root(chain, slot);
	struct bpf_link_info info;
	struct failure failure;

	if (root == NULL)
		return -ENOMEM;
	int fd = chain_open_pin(folder, interface->ifindex, &info);
	if (fd < 0)
		return fd;
	/* Another namespace may have an interface of this ifindex, with another program or none. */
	int error = info.xdp.ifindex != interface->ifindex || info.prog_id != interface->xdp_program
			    ? -ENODEV
			    : enter_table(chain, slot, interface, INTERFACE_AT_XDP, &failure);
	if (error < 0) {
		close(fd);
		return error;
	}
	chain_detach(chain, slot);
	*root = (struct chain_root) {
		.link_fd = fd,
		.ifindex = interface->ifindex,
		.mode = interface->xdp_attached == XDP_ATTACHED_DRV ? XDP_MODE_NATIVE
								    : XDP_MODE_GENERIC,
		.in_pins = true,
		.tc = tc_not_attached,
	};
	return 0;
}

void chain_abandon(struct chain *chain, uint32_t slot)
{
	int fd = chain_root(chain, slot)->link_fd;

	if (fd >= 0)
		bpf_link_detach(fd);
	chain_detach(chain, slot);
}
