// SPDX-License-Identifier: BSD-2-Clause
/* The chain and its stages: the programs that the map xdp_chain links to each other. */
#include "kernel/chain.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "interfaces.h"
#include "kernel/object.h"
#include "kernel/replaced.h"
#include "wake.h"
#include "xdp_counter.h"

const struct shared_map chain_maps[] = {
	{ .name = "xdp_interfaces",
		.pinned = true,
		.copied = sizeof(struct interface_bucket),
		.together = true },
	/* What a packet has there ends with it. */
	{ .name = "xdp_packet",
		.pinned = true,
		.counts = sizeof(struct xdp_packet),
		.apart = { .n = offsetof(struct xdp_packet, stages) / sizeof(uint64_t) },
		.together = true },
	/* The program that ends the chain counts the verdict. */
	{ .name = "xdp_counters",
		.pinned = true,
		.by_slot = true,
		.counts = sizeof(struct xdp_interface_counters),
		.together = true },
	{ .name = "xdp_chain", .pinned = true, .links = true },
	{ .name = REPLACED_MAP, .pinned = true },
	{ .name = "wake_limits" },
	/* Windows begin anew. */
	{ .name = "wake_windows",
		.copied = sizeof(struct wake_window),
		.stale = { .n = sizeof(struct wake_window) / sizeof(uint64_t) },
		.together = true },
	{ .name = NULL },
};

_Static_assert(offsetof(struct xdp_packet, stages) % sizeof(uint64_t) == 0, "whole words");

void chain_init(struct chain *chain, struct map_registry *maps, const char *objects, bool native)
{
	*chain = (struct chain) {
		.maps = maps,
		.objects = objects,
		.frags = native,
		.root_fd = -1,
		.handed_back_fd = -1,
		.counter = { .fds = { -1, -1 } },
	};
	for (int i = 0; i < XDP_STAGES_MAX; i++) {
		chain->order[i] = (uint8_t)i;
		chain->stages[i] = -1;
	}
}

void chain_set_order(struct chain *chain, const uint8_t order[XDP_STAGES_MAX])
{
	memcpy(chain->order, order, sizeof(chain->order));
}

void chain_close(struct chain *chain)
{
	for (uint32_t slot = 0; slot < chain->n_roots; slot++)
		chain_detach(chain, slot);
	fd_close(&chain->root_fd);
	fd_close(&chain->handed_back_fd);
	free(chain->roots);
	const struct chain closed = *chain;
	chain_init(chain, closed.maps, closed.objects, closed.frags);
	chain_set_order(chain, closed.order);
}

void chain_learn_frags(struct chain *chain)
{
	chain->frags = object_array_has_frags(map_registry_fd(chain->maps, "xdp_chain"));
}

bool chain_any_stage(const struct chain *chain)
{
	for (int stage = XDP_ROOT + 1; stage < XDP_STAGES_MAX; stage++)
		if (chain->stages[stage] >= 0)
			return true;
	return false;
}

/* Returns the place of a stage in the order. */
static uint32_t place_of(const struct chain *chain, uint32_t stage)
{
	uint32_t place = 0;

	while (place < XDP_STAGES_MAX - 1 && chain->order[place] != stage)
		place++;
	return place;
}

/* Returns the last stage before `stage` that is on, or XDP_ROOT. */
static uint32_t predecessor(const struct chain *chain, uint32_t stage)
{
	for (uint32_t place = place_of(chain, stage); place-- > 0;)
		if (chain->stages[chain->order[place]] >= 0)
			return chain->order[place];
	return XDP_ROOT;
}

/* Returns the program that follows a stage, or -1 at the end of the chain. */
static int successor_fd(const struct chain *chain, uint32_t stage)
{
	for (uint32_t place = place_of(chain, stage) + 1; place < XDP_STAGES_MAX; place++)
		if (chain->stages[chain->order[place]] >= 0)
			return chain->stages[chain->order[place]];
	return -1;
}

/* Links a stage to the program behind it, or with -1 to none. */
static int link_to(int map, uint32_t from, int program_fd)
{
	if (program_fd >= 0)
		return bpf_map_update_elem(map, &from, &program_fd, BPF_ANY) < 0 ? -errno : 0;
	return bpf_map_delete_elem(map, &from) < 0 && errno != ENOENT ? -errno : 0;
}

/* Clears the links of removed stages to their successors. A stage keeps its link when it is
 * removed, for the packets inside it at that moment; by the next change they have left it. */
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
	/*
	 * Links the stage while no packet reaches it, then makes the one update that packets see.
	 */
	int error = link_to(map, stage, successor_fd(chain, stage));
	if (error == 0)
		error = link_to(map, predecessor(chain, stage), program_fd);
	if (error == 0)
		chain->stages[stage] = program_fd;
	return error;
}

int chain_link_all(const struct chain *chain)
{
	int map = map_registry_fd(chain->maps, "xdp_chain"), error = map < 0 ? map : 0;

	for (uint32_t stage = 0; stage < XDP_STAGES_MAX && error == 0; stage++)
		if (stage == XDP_ROOT || chain->stages[stage] >= 0)
			error = link_to(map, stage, successor_fd(chain, stage));
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
