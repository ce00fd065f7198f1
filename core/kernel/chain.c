// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/chain.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/messages.h"
#include "kernel/object.h"

const struct verifier_variant chain_root_variants[] = {
	{ .name = "", .constant = "timing", .value = 1, .size = 1 },
	{ .name = NULL },
};

const struct shared_map chain_maps[] = {
	{ "xdp_chain", true },
	{ "xdp_packet", true },
	{ "xdp_stage_stats", true },
	{ "xdp_counters", true }, /* whoever ends the chain counts the verdict */
	{ NULL, false },
};

void chain_init(struct chain *chain, struct map_registry *maps, const char *objects)
{
	*chain = (struct chain) { .maps = maps, .objects = objects };
	for (int i = 0; i < INTERFACES_MAX; i++)
		chain->roots[i].link_fd = -1;
	for (int i = 0; i < XDP_STAGES_MAX; i++)
		chain->stages[i] = -1;
}

void chain_close(struct chain *chain)
{
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++)
		chain_detach(chain, slot);
}

/* --- roots ----------------------------------------------------------------------------------- */

/* Says whose XDP program is on the interface. Listing it by id needs CAP_SYS_ADMIN. */
static int explain_busy(const struct interface *interface, uint32_t id, struct failure *failure)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd >= 0) {
		bpf_obj_get_info_by_fd(fd, &info, &size);
		close(fd);
	}
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

static int attach_in_mode(int program_fd, const struct interface *interface, uint32_t mode)
{
	uint32_t flags = mode == XDP_MODE_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
	int fd = bpf_link_create(program_fd, (int)interface->ifindex, BPF_XDP, &options);

	if (fd >= 0)
		return fd;
	int error = -errno;
	ask_why_refused(program_fd, interface, flags);
	return error;
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
		*mode = order[wanted][i];
		fd = attach_in_mode(program_fd, interface, *mode);
		if (fd >= 0)
			return fd;
	}
	failure_set(failure, fd, "XDP cannot be attached to %s in %s mode: %s", interface->name,
		wanted == XDP_WANT_NATIVE ? "native" : "generic", strerror(-fd));
	if (fd == -EPERM)
		failure_remedy(failure, "Run x0top as root, or give it CAP_NET_ADMIN and CAP_BPF");
	else if (wanted == XDP_WANT_NATIVE)
		failure_remedy(failure, "Its driver refuses: use --xdp-mode auto or generic");
	else
		failure_remedy(failure, "x0top -v shows what the kernel said");
	return failure_cause(failure, "%s", messages_text());
}

int chain_attach(struct chain *chain, uint32_t slot, const struct interface *interface,
	uint32_t wanted, struct failure *failure)
{
	struct chain_root *root = &chain->roots[slot];
	uint32_t raw_ip = interface->raw_ip, busy_id = 0;
	struct bpf_object *object = NULL;
	bool timing = true;
	int error;

	if (bpf_xdp_query_id((int)interface->ifindex, 0, &busy_id) == 0 && busy_id != 0)
		return explain_busy(interface, busy_id, failure);

	error = object_open(CHAIN_ROOT, chain->objects, &object, failure);
	if (error < 0)
		return error;
	if (object_set_constant(object, "interface_slot", &slot, sizeof(slot)) < 0 ||
		object_set_constant(object, "raw_ip", &raw_ip, sizeof(raw_ip)) < 0 ||
		object_set_constant(object, "timing", &timing, sizeof(timing)) < 0) {
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
	error = attach_root(
		object_program_fd(object, CHAIN_ROOT), interface, wanted, &root->mode, failure);
	if (error >= 0) {
		root->link_fd = error; /* the link holds the program: the object can go */
		root->adopted = false;
		error = 0;
	}
close_object:
	bpf_object__close(object);
	return error;
}

void chain_detach(struct chain *chain, uint32_t slot)
{
	struct chain_root *root = &chain->roots[slot];

	if (root->link_fd >= 0)
		close(root->link_fd);
	*root = (struct chain_root) { .link_fd = -1, .mode = XDP_MODE_OFF };
}

/* --- stages ---------------------------------------------------------------------------------- */

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

static void link_path(char *path, size_t size, const char *folder, uint32_t slot)
{
	snprintf(path, size, "%s/xdp_link_%u", folder, slot);
}

int chain_pin(const struct chain *chain, const char *folder)
{
	char path[256];

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		if (chain->roots[slot].link_fd < 0)
			continue;
		link_path(path, sizeof(path), folder, slot);
		if (bpf_obj_pin(chain->roots[slot].link_fd, path) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int chain_adopt(struct chain *chain, uint32_t slot, const char *folder)
{
	struct chain_root *root = &chain->roots[slot];
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info), native_id = 0;
	char path[256];

	link_path(path, sizeof(path), folder, slot);
	int fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || info.type != BPF_LINK_TYPE_XDP ||
		info.xdp.ifindex == 0) {
		/* The kernel detached the link when its interface went. */
		close(fd);
		unlink(path);
		return -ENODEV;
	}
	bpf_xdp_query_id((int)info.xdp.ifindex, XDP_FLAGS_DRV_MODE, &native_id);
	root->link_fd = fd;
	root->mode = native_id != 0 ? XDP_MODE_NATIVE : XDP_MODE_GENERIC;
	root->adopted = true;
	return (int)info.xdp.ifindex;
}
