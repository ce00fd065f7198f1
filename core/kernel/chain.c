// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/chain.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/interface_table.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/pin.h"

const struct verifier_variant chain_root_variants[] = {
	{ .name = "", .constant = "timing", .value = 1, .size = 1 },
	{ .name = NULL },
};

const struct shared_map chain_maps[] = {
	{ .name = "xdp_interfaces", .pinned = true },
	{ .name = "xdp_chain", .pinned = true },
	{ .name = "xdp_packet", .pinned = true },
	{ .name = "xdp_stage_stats", .pinned = true },
	/* Whoever ends the chain counts the verdict. */
	{ .name = "xdp_counters", .pinned = true, .by_slot = true },
	{ .name = NULL },
};

void chain_init(struct chain *chain, struct map_registry *maps, const char *objects)
{
	*chain = (struct chain) { .maps = maps, .objects = objects, .root_fd = -1 };
	for (int i = 0; i < XDP_STAGES_MAX; i++)
		chain->stages[i] = -1;
}

void chain_close(struct chain *chain)
{
	for (uint32_t slot = 0; slot < chain->n_roots; slot++)
		chain_detach(chain, slot);
	if (chain->root_fd >= 0)
		close(chain->root_fd);
	free(chain->roots);
	chain_init(chain, chain->maps, chain->objects);
}

/* --- roots ----------------------------------------------------------------------------------- */

static const struct chain_root no_root = { .link_fd = -1, .mode = XDP_MODE_OFF };

const struct chain_root *chain_root(const struct chain *chain, uint32_t slot)
{
	return slot < chain->n_roots ? &chain->roots[slot] : &no_root;
}

/* Makes room for the root of a slot. Returns it, or NULL without memory. */
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

/* Loads xdp_root, once for all interfaces. */
static int load_root(struct chain *chain, struct failure *failure)
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
		error = failure_set(failure, -EBADMSG, CHAIN_ROOT " is not the one of this x0top");
		goto close_object;
	}
	error = map_registry_share(chain->maps, object, failure);
	if (error == 0)
		error = object_load(object, CHAIN_ROOT, failure);
	if (error == 0)
		error = map_registry_keep(chain->maps, object);
	if (error < 0)
		goto close_object;
	chain->root_fd = fcntl(object_program_fd(object, CHAIN_ROOT), F_DUPFD_CLOEXEC, 0);
	if (chain->root_fd < 0)
		error = failure_set(
			failure, -errno, CHAIN_ROOT " cannot be kept: %s", strerror(errno));
close_object:
	bpf_object__close(object);
	return error;
}

/* Tells the programs which slot the interface has. */
static int enter_table(const struct chain *chain, uint32_t slot, const struct interface *interface,
	struct failure *failure)
{
	const struct interface_entry entry = {
		.ifindex = interface->ifindex,
		.slot = (uint16_t)slot,
		.flags = interface->raw_ip ? INTERFACE_RAW_IP : 0,
	};
	int table = map_registry_fd(chain->maps, "xdp_interfaces");
	struct interface_entry present;

	/* What is there already is not written again: the table may be another process's. */
	if (interface_table_find(table, entry.ifindex, &present) == 0 &&
		memcmp(&present, &entry, sizeof(entry)) == 0)
		return 0;
	int error = interface_table_put(table, &entry);
	if (error == 0)
		return 0;
	return failure_set(failure, error, "%s has no place in the table of interfaces: %s",
		interface->name, strerror(-error));
}

/* Its name, empty where that takes CAP_SYS_ADMIN, which this process lacks. */
static void read_program_name(uint32_t id, struct bpf_prog_info *info)
{
	uint32_t size = sizeof(*info);
	int fd = bpf_prog_get_fd_by_id(id);

	*info = (struct bpf_prog_info) { 0 };
	if (fd < 0)
		return;
	bpf_obj_get_info_by_fd(fd, info, &size);
	close(fd);
}

/* Says whose XDP program is on the interface. */
static int explain_busy(const struct interface *interface, uint32_t id, struct failure *failure)
{
	struct bpf_prog_info info;

	read_program_name(id, &info);
	failure_set(failure, -EBUSY, "%s already carries the XDP program %s%s(id %u)",
		interface->name, info.name, info.name[0] ? " " : "", id);
	if (strcmp(info.name, CHAIN_ROOT) == 0)
		return failure_remedy(
			failure, "Another x0top watches it: use that one, or end it first");
	if (info.name[0] == '\0')
		return failure_remedy(failure,
			"x0top leaves it alone; if another x0top watches it, use that one. Whose it is: "
			"sudo bpftool prog show id %u",
			id);
	return failure_remedy(failure,
		"x0top leaves it alone. To see packets here, remove it: ip link set dev %s xdp off",
		interface->name);
}

/*
 * The kernel refuses XDP on a port whose master carries a program, and on a device under one that
 * does ("Cannot attach when an upper device already has a program"). Names that one.
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
		read_program_name(upper->xdp_program, &info);
		failure_set(failure, error,
			"%s is under %s, which carries the XDP program %s%s(id %u)",
			interface->name, upper->name, info.name, info.name[0] ? " " : "",
			upper->xdp_program);
		error = failure_remedy(failure,
			"The kernel allows none below it. To see packets here, remove it: ip link "
			"set dev %s xdp off",
			upper->name);
		break;
	}
	free(list);
	return failure->error;
}

/*
 * A link that is refused says nothing but an errno; the older netlink request for the same says why
 * in words (extack). Asks that way for the words, and takes back what should have failed.
 */
static void ask_why_refused(int program_fd, const struct interface *interface, uint32_t flags)
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

/* Says why the last mode that was tried is refused. */
static int explain_refusal(int program_fd, const struct interface *interface, uint32_t wanted,
	int error, struct failure *failure)
{
	uint32_t id = 0;

	failure->error = 0;
	if (bpf_xdp_query_id((int)interface->ifindex, 0, &id) == 0 && id != 0)
		return explain_busy(interface, id, failure);
	if (error == -EEXIST && explain_upper(interface, failure) < 0)
		return failure->error;
	ask_why_refused(program_fd, interface,
		flags_of_mode(wanted == XDP_WANT_NATIVE ? XDP_MODE_NATIVE : XDP_MODE_GENERIC));
	failure_set(failure, error, "XDP cannot be attached to %s in %s mode: %s", interface->name,
		wanted == XDP_WANT_NATIVE ? "native" : "generic", strerror(-error));
	if (error == -EPERM)
		failure_remedy(failure, "Run x0top as root, or give it CAP_NET_ADMIN and CAP_BPF");
	else if (wanted == XDP_WANT_NATIVE)
		failure_remedy(failure, "Its driver refuses: use --xdp-mode auto or generic");
	else
		failure_remedy(failure, "x0top -v shows what the kernel said");
	return failure_cause(failure, "%s", messages_text());
}

/*
 * A bond attaches native XDP to its ports, and their packets come with the ports' indexes, which are
 * not watched: generic XDP sees the bond itself.
 */
static uint32_t mode_for(const struct interface *interface, uint32_t wanted)
{
	return wanted == XDP_WANT_AUTO && strcmp(interface->kind, "bond") == 0 ? XDP_WANT_GENERIC
									       : wanted;
}

static int refuse_native_bond(
	const struct interface *interface, uint32_t wanted, struct failure *failure)
{
	if (wanted != XDP_WANT_NATIVE || strcmp(interface->kind, "bond") != 0)
		return 0;
	failure_set(failure, -EOPNOTSUPP, "Native XDP of the bond %s runs on its ports",
		interface->name);
	return failure_remedy(failure, "Watch its ports: -i PORT; or use --xdp-mode generic");
}

/* Tries the modes that are wanted, in order. Sets *mode to the one that worked. */
static int attach_root(int program_fd, const struct interface *interface, uint32_t wanted,
	uint32_t *mode, struct failure *failure)
{
	static const uint32_t order[][2] = {
		[XDP_WANT_AUTO] = { XDP_MODE_NATIVE, XDP_MODE_GENERIC },
		[XDP_WANT_NATIVE] = { XDP_MODE_NATIVE, XDP_MODE_OFF },
		[XDP_WANT_GENERIC] = { XDP_MODE_GENERIC, XDP_MODE_OFF },
	};
	int fd = -EINVAL;

	for (int i = 0; i < 2 && order[wanted][i] != XDP_MODE_OFF; i++) {
		fd = attach_in_mode(program_fd, interface, order[wanted][i]);
		if (fd < 0)
			continue;
		*mode = order[wanted][i];
		return fd;
	}
	return explain_refusal(program_fd, interface, wanted, fd, failure);
}

int chain_attach(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t wanted, struct failure *failure)
{
	struct chain_root *root = make_root(chain, slot);
	uint32_t mode = XDP_MODE_OFF, busy_id = 0;

	if (root == NULL)
		return failure_set(failure, -ENOMEM, "There is not enough memory");
	if (interface->xdp_attached != XDP_ATTACHED_NONE &&
		bpf_xdp_query_id((int)interface->ifindex, 0, &busy_id) == 0 && busy_id != 0)
		return explain_busy(interface, busy_id, failure);
	wanted = mode_for(interface, wanted);
	int error = refuse_native_bond(interface, wanted, failure);
	if (error == 0)
		error = load_root(chain, failure);
	if (error == 0)
		error = enter_table(chain, slot, interface, failure);
	if (error < 0)
		return error;
	int fd = attach_root(chain->root_fd, interface, wanted, &mode, failure);
	if (fd < 0)
		return fd;
	*root = (struct chain_root) { .link_fd = fd, .ifindex = interface->ifindex, .mode = mode };
	return 0;
}

void chain_detach(struct chain *chain, uint32_t slot)
{
	if (slot >= chain->n_roots)
		return;
	if (chain->roots[slot].link_fd >= 0)
		close(chain->roots[slot].link_fd);
	chain->roots[slot] = no_root;
}

/* --- stages ---------------------------------------------------------------------------------- */

bool chain_any_stage(const struct chain *chain)
{
	for (int stage = XDP_ROOT + 1; stage < XDP_STAGES_MAX; stage++)
		if (chain->stages[stage] >= 0)
			return true;
	return false;
}

static uint32_t predecessor(const struct chain *chain, uint32_t stage)
{
	while (--stage > XDP_ROOT)
		if (chain->stages[stage] >= 0)
			break;
	return stage;
}

/* The program that follows a stage, or -1 at the end of the chain. */
static int successor_fd(const struct chain *chain, uint32_t stage)
{
	while (++stage < XDP_STAGES_MAX)
		if (chain->stages[stage] >= 0)
			return chain->stages[stage];
	return -1;
}

static int link_to(int map, uint32_t from, int program_fd)
{
	if (program_fd >= 0)
		return bpf_map_update_elem(map, &from, &program_fd, BPF_ANY) < 0 ? -errno : 0;
	return bpf_map_delete_elem(map, &from) < 0 && errno != ENOENT ? -errno : 0;
}

/*
 * A stage that was taken out keeps its link to the next one, for the packets that were inside it at
 * that moment. By the time of the next change they are long gone.
 */
static void clear_stale(struct chain *chain, int map)
{
	for (uint32_t stage = 0; stage < XDP_STAGES_MAX; stage++) {
		if (!chain->stale[stage])
			continue;
		link_to(map, stage, -1);
		chain->stale[stage] = false;
	}
}

int chain_set_stage(struct chain *chain, enum xdp_stage stage, int program_fd)
{
	int map = map_registry_fd(chain->maps, "xdp_chain");

	if (map < 0)
		return map;
	clear_stale(chain, map);
	/* First the part that no packet can reach yet, then the one update that they see. */
	int error = link_to(map, stage, successor_fd(chain, stage));
	if (error == 0)
		error = link_to(map, predecessor(chain, stage), program_fd);
	if (error == 0)
		chain->stages[stage] = program_fd;
	return error;
}

int chain_clear_stage(struct chain *chain, enum xdp_stage stage)
{
	int map = map_registry_fd(chain->maps, "xdp_chain");

	if (map < 0 || chain->stages[stage] < 0)
		return map < 0 ? map : 0;
	clear_stale(chain, map);
	int error = link_to(map, predecessor(chain, stage), successor_fd(chain, stage));
	if (error == 0) {
		chain->stages[stage] = -1;
		chain->stale[stage] = true;
	}
	return error;
}

/* --- pins ------------------------------------------------------------------------------------ */

#define LINK_PIN "xdp_link_%u"

static void link_name(char *name, size_t size, uint32_t ifindex)
{
	snprintf(name, size, LINK_PIN, ifindex);
}

/* What an XDP link is attached to; 0 once its interface is gone, or if it is no XDP link. */
static uint32_t link_ifindex(int fd, uint32_t *program_id)
{
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || info.type != BPF_LINK_TYPE_XDP)
		return 0;
	*program_id = info.prog_id;
	return info.xdp.ifindex;
}

int chain_pin(const struct chain *chain, int folder)
{
	char name[NAME_LEN];
	uint32_t ifindex, program_id;

	for (uint32_t slot = 0; slot < chain->n_roots; slot++) {
		int fd = chain->roots[slot].link_fd;
		ifindex = fd < 0 ? 0 : link_ifindex(fd, &program_id);
		if (ifindex == 0)
			continue;
		link_name(name, sizeof(name), ifindex);
		int error = pin_put(folder, fd, name);
		if (error < 0)
			return error;
	}
	return 0;
}

bool chain_pins_hold(const struct chain *chain, int folder)
{
	char name[NAME_LEN];
	uint32_t ifindex, program_id;

	for (uint32_t slot = 0; slot < chain->n_roots; slot++) {
		int fd = chain->roots[slot].link_fd;
		ifindex = fd < 0 ? 0 : link_ifindex(fd, &program_id);
		link_name(name, sizeof(name), ifindex);
		if (ifindex != 0 && !pin_exists(folder, name))
			return false;
	}
	return true;
}

/* The number in a link's name; false if it is none. */
static bool parse_link_name(const char *name, uint32_t *ifindex)
{
	char again[NAME_LEN];

	if (sscanf(name, LINK_PIN, ifindex) != 1)
		return false;
	link_name(again, sizeof(again), *ifindex);
	return strcmp(name, again) == 0;
}

/* A link whose interface is gone was detached by the kernel, and is never attached again. */
static int unpin_dead(int folder, const char *name, void *data)
{
	uint32_t ifindex, program_id;
	enum pin_kind kind;

	(void)data;
	if (!parse_link_name(name, &ifindex))
		return 0;
	int fd = pin_get(folder, name, &kind);
	if (fd >= 0 && kind == PIN_LINK && link_ifindex(fd, &program_id) == 0)
		pin_remove(folder, name);
	if (fd >= 0)
		close(fd);
	return 0;
}

void chain_unpin_dead(int folder)
{
	pin_each(folder, unpin_dead, NULL);
}

struct looking {
	int (*look)(const struct chain_pin *pin, void *data);
	void *data;
	struct failure *failure;
};

static int wrong_link(struct failure *failure, const char *name, const char *how)
{
	return failure_set(failure, -EBADMSG, "The pin %s is not this x0top's: %s", name, how);
}

static int look_at(int folder, const char *name, void *data)
{
	const struct looking *looking = data;
	struct chain_pin pin = { 0 };
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info), named;
	enum pin_kind kind;
	int error = 0;

	if (strncmp(name, "xdp_link_", strlen("xdp_link_")) != 0)
		return 0;
	if (!parse_link_name(name, &named))
		return wrong_link(looking->failure, name, "no link of its has that name");
	pin.name = name;
	pin.fd = pin_get(folder, name, &kind);
	if (pin.fd < 0)
		return failure_set(looking->failure, pin.fd, "The pin %s cannot be opened: %s",
			name, strerror(-pin.fd));
	if (kind != PIN_LINK || bpf_obj_get_info_by_fd(pin.fd, &info, &size) < 0 ||
		info.type != BPF_LINK_TYPE_XDP)
		error = wrong_link(looking->failure, name, "it is not an XDP link");
	else if (info.xdp.ifindex != 0 && info.xdp.ifindex != named)
		error = wrong_link(looking->failure, name, "it is on another interface");
	pin.ifindex = info.xdp.ifindex;
	pin.program_id = info.prog_id;
	if (error == 0)
		error = looking->look(&pin, looking->data);
	close(pin.fd);
	return error;
}

int chain_look_at_pins(int folder, int (*look)(const struct chain_pin *pin, void *data), void *data,
	struct failure *failure)
{
	struct looking looking = { look, data, failure };

	return pin_each(folder, look_at, &looking);
}

/* Opens the pinned link of an interface. Returns its descriptor, or a negative errno. */
static int open_link(int folder, uint32_t ifindex, struct bpf_link_info *info)
{
	uint32_t size = sizeof(*info);
	char name[NAME_LEN];
	enum pin_kind kind;

	*info = (struct bpf_link_info) { 0 };
	link_name(name, sizeof(name), ifindex);
	int fd = pin_get(folder, name, &kind);
	if (fd < 0)
		return fd;
	if (kind == PIN_LINK && bpf_obj_get_info_by_fd(fd, info, &size) == 0 &&
		info->type == BPF_LINK_TYPE_XDP)
		return fd;
	close(fd);
	return -EBADMSG;
}

int chain_adopt(struct chain *chain, uint32_t slot, const struct interface *interface, int folder)
{
	struct chain_root *root = make_root(chain, slot);
	struct bpf_link_info info;
	struct failure failure;

	if (root == NULL)
		return -ENOMEM;
	int fd = open_link(folder, interface->ifindex, &info);
	if (fd < 0)
		return fd;
	/* An interface of this index in another namespace has another program, or none. */
	int error = info.xdp.ifindex != interface->ifindex || info.prog_id != interface->xdp_program
			    ? -ENODEV
			    : enter_table(chain, slot, interface, &failure);
	if (error < 0) {
		close(fd);
		return error;
	}
	*root = (struct chain_root) {
		.link_fd = fd,
		.ifindex = interface->ifindex,
		.mode = interface->xdp_attached == XDP_ATTACHED_DRV ? XDP_MODE_NATIVE
								    : XDP_MODE_GENERIC,
		.adopted = true,
	};
	return 0;
}

void chain_abandon(struct chain *chain, uint32_t slot)
{
	int fd = chain_root(chain, slot)->link_fd;

	if (fd < 0)
		return;
	bpf_link_detach(fd);
	chain_detach(chain, slot);
}
