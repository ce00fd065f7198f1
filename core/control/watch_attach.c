// SPDX-License-Identifier: BSD-2-Clause
/* Attaches the chain to the interfaces that are watched, and says where it is not. */
#include <stdio.h>

#include "control/pins.h"
#include "control/state.h"

/* --- attaching ------------------------------------------------------------------------------- */

/* The kernel refuses XDP below a device that carries it: it is detached, to be attached again. */
static bool make_way(struct orchestrator *o, const struct interface *interface)
{
	bool made = false;

	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &o->watch.interfaces[slot];
		if (!row->used || !row->present || chain_root(&o->chain, slot)->link_fd < 0 ||
			(row->interface.ifindex != interface->master &&
				row->interface.link != interface->ifindex))
			continue;
		/* A veth says that it is over its peer, which is not a device below it. */
		if (row->interface.ifindex == interface->link)
			continue;
		chain_abandon(&o->chain, slot, o->pinned ? PINS_FOLDER : NULL);
		made = true;
	}
	return made;
}

static void attach_xdp(struct orchestrator *o, uint32_t slot)
{
	struct watched_interface *row = &o->watch.interfaces[slot];

	row->xdp_failure.error = 0;
	/* One that went to another namespace while it was enforced, and is back with its link. */
	if (o->pinned && chain_adopt(&o->chain, slot, &row->interface, PINS_FOLDER) == 0)
		return;
	chain_attach(&o->chain, slot, &row->interface, o->settings.xdp_mode, &row->xdp_failure);
}

/* Returns whether something was detached that is to be attached again. */
static bool attach_all(struct orchestrator *o, bool again)
{
	bool made_way = false;

	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &o->watch.interfaces[slot];
		if (!row->used || !row->present || chain_root(&o->chain, slot)->link_fd >= 0 ||
			(again && row->xdp_failure.error < 0))
			continue;
		made_way |= make_way(o, &row->interface);
		attach_xdp(o, slot);
	}
	return made_way;
}

void watch_attach_xdp(struct orchestrator *o)
{
	enum { LEVELS_MAX = 8 }; /* of devices that the kernel stacks */

	for (int pass = 0; pass < LEVELS_MAX && attach_all(o, pass > 0); pass++)
		;
	/* While enforcing, what is attached later has to outlive x0top as well. */
	if (o->pinned)
		chain_pin(&o->chain, PINS_FOLDER);
}

void watch_detach_xdp(struct orchestrator *o)
{
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++)
		chain_detach(&o->chain, slot);
}

/* --- samples --------------------------------------------------------------------------------- */

static void add_left_out(
	struct snapshot_packets *packets, const char *name, const char *reason, bool uncovered)
{
	if (packets->n_left_out == LEFT_OUT_MAX)
		return;
	struct snapshot_left_out *left_out = &packets->left_out[packets->n_left_out++];
	snprintf(left_out->name, sizeof(left_out->name), "%s", name);
	snprintf(left_out->reason, sizeof(left_out->reason), "%.*s",
		(int)sizeof(left_out->reason) - 1, reason);
	left_out->uncovered = uncovered;
}

/* Without xdp_counter nobody else lists the interfaces to which the chain is not attached. */
static void add_not_attached(const struct orchestrator *o, struct snapshot_packets *packets)
{
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &o->watch.interfaces[slot];
		if (row->used && row->present && row->xdp_failure.error < 0)
			add_left_out(packets, row->interface.name, row->xdp_failure.what, true);
	}
}

void watch_sample(const struct orchestrator *o, struct snapshot *now)
{
	struct snapshot_packets *packets = &now->packets;

	for (size_t i = 0; i < o->watch.n_list; i++)
		if (o->watch.coverage[i].state == COVERAGE_LEFT_OUT)
			add_left_out(packets, o->watch.list[i].name, o->watch.coverage[i].reason,
				o->watch.coverage[i].uncovered);
	if (packets->n_interfaces == 0 && xdp_any_stage(o))
		add_not_attached(o, packets);
}
