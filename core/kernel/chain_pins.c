// SPDX-License-Identifier: BSD-2-Clause
/* Pins the roots' links, each as "xdp_link_" and the ifindex of its interface, and that of xdp_handed_back. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/chain.h"
#include "kernel/pin.h"
#include "kernel/pins.h"

#define LINK_PREFIX "xdp_link_"
#define LINK_PIN    LINK_PREFIX "%u"

static void link_name(char *name, size_t size, uint32_t ifindex)
{
	snprintf(name, size, LINK_PIN, ifindex);
}

/* Returns the ifindex of an XDP link; 0 if its interface is gone or it is another kind of link. */
static uint32_t link_ifindex(int fd, uint32_t *program_id)
{
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || info.type != BPF_LINK_TYPE_XDP)
		return 0;
	*program_id = info.prog_id;
	return info.xdp.ifindex;
}

/* Returns whether a link is pinned that this chain has not taken over. */
static int is_anothers(const struct chain_pin *pin, void *data)
{
	const struct chain *chain = data;

	for (uint32_t slot = 0; slot < chain->n_roots; slot++)
		if (chain->roots[slot].ifindex == pin->ifindex)
			return 0;
	return pin->ifindex != 0;
}

/* One that none of the pinned roots needs any more goes. */
static int pin_handed_back(struct chain *chain, int folder)
{
	int fd = chain->handed_back_fd, error = 0;
	struct failure ignored;

	if (fd < 0 && pin_exists(folder, CHAIN_HANDED_BACK) &&
		chain_look_at_pins(folder, is_anothers, chain, &ignored) == 0)
		error = pin_remove(folder, CHAIN_HANDED_BACK);
	else if (fd >= 0 && !pin_is(folder, fd, CHAIN_HANDED_BACK))
		error = pin_replace(folder, fd, CHAIN_HANDED_BACK);
	if (error == 0)
		chain->handed_back_in_pins = fd >= 0;
	return error;
}

int chain_pin(struct chain *chain, int folder)
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
		chain->roots[slot].in_pins = true;
	}
	return pin_handed_back(chain, folder);
}

static int unpin_link(int folder, const char *name, void *data)
{
	(void)data;
	if (strncmp(name, LINK_PREFIX, strlen(LINK_PREFIX)) == 0 ||
		strcmp(name, CHAIN_HANDED_BACK) == 0)
		pin_remove(folder, name);
	return 0;
}

void chain_unpin(struct chain *chain, int folder)
{
	pin_each(folder, unpin_link, NULL);
	chain->handed_back_in_pins = false;
	for (uint32_t slot = 0; slot < chain->n_roots; slot++)
		chain->roots[slot].in_pins = false;
}

bool chain_is_in_pins(const struct chain *chain)
{
	for (uint32_t slot = 0; slot < chain->n_roots; slot++)
		if (chain->roots[slot].link_fd >= 0 && !chain->roots[slot].in_pins)
			return false;
	return chain->handed_back_in_pins == (chain->handed_back_fd >= 0);
}

bool chain_pins_hold(const struct chain *chain, int folder)
{
	char name[NAME_LEN];
	uint32_t ifindex, program_id;

	for (uint32_t slot = 0; slot < chain->n_roots; slot++) {
		int fd = chain->roots[slot].link_fd;
		ifindex = fd < 0 ? 0 : link_ifindex(fd, &program_id);
		link_name(name, sizeof(name), ifindex);
		if (ifindex != 0 && chain->roots[slot].in_pins && !pin_exists(folder, name))
			return false;
	}
	return chain->handed_back_fd < 0 || !chain->handed_back_in_pins ||
	       pin_exists(folder, CHAIN_HANDED_BACK);
}

/* Reads the ifindex in the name of a pinned link. Returns false for any other name. */
static bool parse_link_name(const char *name, uint32_t *ifindex)
{
	char again[NAME_LEN];

	if (sscanf(name, LINK_PIN, ifindex) != 1)
		return false;
	link_name(again, sizeof(again), *ifindex);
	return strcmp(name, again) == 0;
}

/* Removes the pin of a link that the kernel detached because its interface went. */
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
	fd_close(&fd);
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
	return failure_set(
		failure, -EBADMSG, "The pin %s does not match this x0top: %s", name, how);
}

static int look_at(int folder, const char *name, void *data)
{
	const struct looking *looking = data;
	struct chain_pin pin = { 0 };
	struct bpf_link_info info = { 0 };
	uint32_t size = sizeof(info), named;
	enum pin_kind kind;
	int error = 0;

	if (strncmp(name, LINK_PREFIX, strlen(LINK_PREFIX)) != 0)
		return 0;
	if (!parse_link_name(name, &named))
		return wrong_link(looking->failure, name, "its name has no valid ifindex");
	pin.name = name;
	pin.fd = pin_get(folder, name, &kind);
	if (pin.fd < 0)
		return failure_set(looking->failure, pin.fd, "Cannot open the pin %s: %s", name,
			strerror(-pin.fd));
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

	failure->error = 0;
	int error = pin_each(folder, look_at, &looking);
	if (error < 0 && failure->error == 0)
		failure_set(failure, error, "Cannot read %s: %s", PINS_FOLDER, strerror(-error));
	return error;
}

int chain_open_pin(int folder, uint32_t ifindex, struct bpf_link_info *info)
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

static bool has_root(uint32_t ifindex)
{
	struct bpf_prog_info info = { 0 };
	uint32_t id = 0, size = sizeof(info);

	if (bpf_xdp_query_id((int)ifindex, 0, &id) < 0 || id == 0)
		return false;
	int fd = bpf_prog_get_fd_by_id(id);
	bool is = fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 &&
		  pin_kernel_name_is(info.name, CHAIN_ROOT);
	fd_close(&fd);
	return is;
}

int chain_check_seen(struct failure *failure)
{
	struct if_nameindex *all = pins_mounted() ? NULL : if_nameindex();
	int error = 0;

	for (size_t i = 0; all != NULL && all[i].if_index != 0 && error == 0; i++) {
		if (!has_root(all[i].if_index))
			continue;
		error = failure_set(failure, -ENXIO,
			"x0top's XDP program is on %s, and whether it is pinned is not seen here: "
			"bpffs is not mounted on %s",
			all[i].if_name, PINS_BPFFS);
		failure_remedy(
			failure, "Where ip netns exec hides it, use nsenter -n/run/netns/NAME");
	}
	if (all != NULL)
		if_freenameindex(all);
	return error;
}
