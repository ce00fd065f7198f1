// SPDX-License-Identifier: BSD-2-Clause
/*
 * Follows the host's interfaces: lists them, lets coverage.c choose, and gives each chosen one a slot.
 * Every change causes the same look at the whole list, so the order of the kernel's reports does not
 * matter.
 */
#include "programs/watch.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/interface_table.h"
#include "kernel/tc_attach.h"
#include "programs/class_acts.h"
#include "programs/links.h"
#include "programs/program.h"
#include "programs/watch_rows.h"
#include "qos/act.h"

/* --- opening --------------------------------------------------------------------------------- */

/* Sizes new maps for twice the present interfaces; takes the size of existing maps. */
static void size_maps(struct program_context *context)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info), slots = INTERFACE_SLOTS_MIN;
	int map = map_registry_fd(&context->maps, "xdp_counters");

	if (map < 0)
		map = map_registry_fd(&context->maps, "tc_counters");
	if (map >= 0 && bpf_obj_get_info_by_fd(map, &info, &size) == 0)
		slots = info.max_entries - 1;
	while (map < 0 && slots < 2 * context->watch.n_list && slots < INTERFACES_MAX)
		slots *= 2;
	context->watch.slots = slots < INTERFACES_MAX ? slots : INTERFACES_MAX;
	map_registry_set_slots(&context->maps, context->watch.slots + 1);
}

int watch_open(struct program_context *context)
{
	struct watch *watch = &context->watch;

	watch->monitor_fd = interface_monitor_open();
	return watch->monitor_fd < 0 ? watch->monitor_fd : 0;
}

/* Lists the interfaces and sizes the maps. */
static int begin(struct program_context *context)
{
	if (context->watch.slots != 0)
		return 0;
	int error = watch_list(&context->watch);
	if (error == 0)
		size_maps(context);
	return error;
}

int watch_choose(struct program_context *context)
{
	int error = begin(context);

	if (error == 0) {
		watch_look(context, true);
		links_look(context);
	}
	return error;
}

void watch_close(struct program_context *context)
{
	fd_close(&context->watch.monitor_fd);
	netlink_close(&context->watch.stats);
	free(context->watch.interfaces);
	free(context->watch.list);
	free(context->watch.coverage);
	context->watch = (struct watch) { .monitor_fd = -1 };
}

/* --- adopting -------------------------------------------------------------------------------- */

static bool is_adopted(const struct interface_entry *entry, void *data)
{
	const struct watch *watch = data;

	return entry->slot < watch->n_interfaces && watch->interfaces[entry->slot].used &&
	       watch->interfaces[entry->slot].interface.ifindex == entry->ifindex;
}

/* Returns the slot of an interface in the table, else a free one for the owner, else WATCH_NO_SLOT. */
static uint32_t slot_of_pinned(struct program_context *context, uint32_t ifindex, bool owner)
{
	struct interface_entry entry;
	int table = map_registry_fd(&context->maps, "xdp_interfaces");

	if (interface_table_find(table, ifindex, &entry) < 0)
		return owner ? watch_free_slot(&context->watch) : WATCH_NO_SLOT;
	return entry.slot < context->watch.slots ? entry.slot : WATCH_NO_SLOT;
}

int watch_adopt(struct program_context *context, uint32_t ifindex, int folder, bool owner)
{
	int error = begin(context);
	size_t place = error < 0 ? SIZE_MAX : watch_place(&context->watch, ifindex);

	if (place == SIZE_MAX)
		return error;
	uint32_t slot = slot_of_pinned(context, ifindex, owner);
	const struct interface *interface = &context->watch.list[place];
	struct watched_interface *row =
		slot == WATCH_NO_SLOT ? NULL : watch_row(&context->watch, slot);
	if (row == NULL || row->used || chain_adopt(&context->chain, slot, interface, folder) < 0)
		return 0;
	row->used = row->present = true;
	row->asked = watch_asked_by(context, interface);
	row->interface = *interface;
	return 1;
}

/* Keeps an interface of the list in its slot, unless the chain has put another there. */
static void keep_in(
	struct program_context *context, const struct interface *interface, uint32_t slot)
{
	struct watched_interface *row =
		slot < context->watch.slots ? watch_row(&context->watch, slot) : NULL;

	if (row == NULL || (row->used && row->interface.ifindex != interface->ifindex))
		return;
	row->kept = true;
	if (row->used)
		return;
	row->used = row->present = true;
	row->asked = watch_asked_by(context, interface);
	row->interface = *interface;
}

int watch_keep_classes(struct program_context *context, bool owner)
{
	int map = map_registry_fd(&context->maps, "tc_interfaces"), error = begin(context);
	struct interface_entry entry;
	struct class_acts acts;

	for (size_t i = 0; i < context->watch.n_list && error == 0; i++) {
		const struct interface *interface = &context->watch.list[i];
		if (interface_table_find(map, interface->ifindex, &entry) == 0 &&
			class_acts_read(&context->maps, entry.slot, &acts) == 0 &&
			act_modes(&acts) != 0)
			keep_in(context, interface, entry.slot);
	}
	if (error == 0 && owner)
		interface_table_sweep(map, is_adopted, &context->watch);
	return error;
}

void watch_forget_gone(struct program_context *context)
{
	interface_table_sweep(
		map_registry_fd(&context->maps, "xdp_interfaces"), is_adopted, &context->watch);
}

/* --- changes --------------------------------------------------------------------------------- */

struct changes {
	const struct watch *watch;
	bool any; /* that may change what is watched */
	bool links; /* of a link's state or MTU alone */
};

/* Returns whether two states of an interface differ for the choice or the attachment. */
static bool differ(const struct interface *a, const struct interface *b)
{
	return strcmp(a->name, b->name) != 0 ||
	       memcmp(a->altnames, b->altnames, sizeof(a->altnames)) != 0 ||
	       a->master != b->master || a->link != b->link || a->up != b->up ||
	       a->container_end != b->container_end || a->xdp_program != b->xdp_program ||
	       memcmp(a->mac, b->mac, sizeof(a->mac)) != 0;
}

/* The kernel drops qdiscs of a device that goes to another namespace, also of one that is back at once. */
static void note_went(const struct watch *watch, uint32_t ifindex)
{
	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		struct watched_interface *row = &watch->interfaces[slot];
		if (watched_is_here(row) && row->interface.ifindex == ifindex)
			row->went = true;
	}
}

static void on_change(const struct interface *interface, bool gone, void *data)
{
	struct changes *changes = data;
	size_t place = watch_place(changes->watch, interface->ifindex);
	struct interface *known = place == SIZE_MAX ? NULL : &changes->watch->list[place];

	if (gone)
		note_went(changes->watch, interface->ifindex);
	if (known == NULL ? !gone : gone || differ(known, interface)) {
		changes->any = true;
	} else if (known != NULL) {
		*known = *interface;
		changes->links = true;
	}
}

bool watch_handle_changes(struct program_context *context)
{
	struct changes changes = { .watch = &context->watch };
	int error = interface_monitor_read(context->watch.monitor_fd, on_change, &changes);
	bool look = error == -ENOBUFS || changes.any;

	if (look && watch_list(&context->watch) < 0)
		return false;
	if (look)
		watch_look(context, false);
	if (look || changes.links)
		links_look(context);
	return look;
}

/* --- TC --------------------------------------------------------------------------------------- */

/* With more interfaces, clsact. */
#define TCX_INTERFACES_MAX 16

uint32_t watch_tc_kind(const struct watch *watch)
{
	uint32_t present = 0;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++)
		present += watched_is_here(&watch->interfaces[slot]);
	return present > TCX_INTERFACES_MAX ? TC_CLSACT : TC_TCX;
}

/* --- samples --------------------------------------------------------------------------------- */

static void add_left_out(struct snapshot *now, const char *name, const char *reason, bool uncovered)
{
	struct snapshot_left_out *left_out = SNAPSHOT_ADD(now, &now->packets, left_out);

	if (left_out == NULL)
		return;
	snprintf(left_out->name, sizeof(left_out->name), "%s", name);
	snprintf(left_out->reason, sizeof(left_out->reason), "%.*s",
		(int)sizeof(left_out->reason) - 1, reason);
	left_out->uncovered = uncovered;
}

/* Lists the interfaces without the chain; xdp_counter does so while it runs. */
static void add_not_attached(const struct program_context *context, struct snapshot *now)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &context->watch.interfaces[slot];
		if (watched_is_here(row) && row->xdp_failure.error < 0)
			add_left_out(now, row->interface.name, row->xdp_failure.what, true);
	}
}

void watch_sample(struct program_context *context, struct snapshot *now)
{
	const struct watch *watch = &context->watch;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++)
		watch->interfaces[slot].counts = COUNTS_GO_ON;

	for (size_t i = 0; i < watch->n_list; i++)
		if (watch->coverage[i].state == COVERAGE_LEFT_OUT)
			add_left_out(now, watch->list[i].name, watch->coverage[i].reason,
				watch->coverage[i].uncovered);
	if (now->packets.n_interfaces == 0 && chain_any_stage(&context->chain))
		add_not_attached(context, now);
}

void watch_each_gone(const struct watch *watch, void (*add)(void *data, uint32_t slot), void *data)
{
	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++)
		if (watch->interfaces[slot].left)
			add(data, slot);
	add(data, watch->slots);
}

const void *watch_compare(const struct watched_interface *row, const void *before, const void *zero)
{
	if (row->counts == COUNTS_GO_ON)
		return before;
	return row->counts == COUNTS_BEGIN ? zero : NULL;
}
