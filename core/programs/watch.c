// SPDX-License-Identifier: BSD-2-Clause
/*
 * Follows the host's interfaces: lists them, lets coverage.c choose, and gives what is chosen a slot
 * and the programs. Every change is handled by the same look at the whole list, so that nothing
 * depends on the order in which the kernel reports.
 */
#include "programs/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/fd.h"
#include "kernel/interface_table.h"
#include "programs/program.h"

#define NO_ROW UINT32_MAX

/* --- slots ----------------------------------------------------------------------------------- */

static struct watched_interface *row_at(struct watch *watch, uint32_t slot)
{
	if (slot >= watch->n_interfaces) {
		struct watched_interface *rows =
			realloc(watch->interfaces, (slot + 1) * sizeof(*rows));
		if (rows == NULL)
			return NULL;
		for (uint32_t i = watch->n_interfaces; i <= slot; i++)
			rows[i] = (struct watched_interface) { .used = false };
		watch->interfaces = rows;
		watch->n_interfaces = slot + 1;
	}
	return &watch->interfaces[slot];
}

/* Returns a slot that nobody uses, or NO_ROW when the maps have no more. */
static uint32_t free_slot(struct watch *watch)
{
	uint32_t slot = 0;

	while (slot < watch->n_interfaces && watch->interfaces[slot].used)
		slot++;
	return slot < watch->slots && row_at(watch, slot) != NULL ? slot : NO_ROW;
}

/* The counts of a slot are those of one interface: they begin at zero. */
static void clear_slot(const struct program_context *context, uint32_t slot)
{
	const struct map_registry *maps = &context->maps;

	for (uint32_t i = 0; i < maps->n; i++)
		if (maps->maps[i].by_slot && maps->fds[i] >= 0)
			percpu_clear(&context->percpu, maps->fds[i], &slot);
}

/* Detaches everything from an interface that is not to be watched any more. */
static void release(struct program_context *context, uint32_t slot)
{
	context->watch.release(context->watch.release_data, slot);
}

static void free_row(struct watched_interface *row)
{
	*row = (struct watched_interface) { .used = false };
}

/* --- choosing -------------------------------------------------------------------------------- */

static int asked_by(const struct program_context *context, const struct interface *interface)
{
	for (uint32_t i = 0; i < context->settings->n_interfaces; i++)
		if (interface_is_called(interface, context->settings->interfaces[i]))
			return (int)i;
	return -1;
}

/* What is watched stays watched under a new name, and when it is made anew under its last one. */
static bool is_held(const struct interface *interface, void *data)
{
	const struct watch *watch = data;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		const struct watched_interface *row = &watch->interfaces[slot];
		if (!row->used || row->interface.ifindex == 0)
			continue;
		if (row->present ? row->interface.ifindex == interface->ifindex
				 : strcmp(row->interface.name, interface->name) == 0)
			return true;
	}
	return false;
}

static int list_anew(struct watch *watch)
{
	struct interface *list;
	int n = interface_list(&list);

	if (n < 0)
		return n;
	struct coverage *coverage = calloc((size_t)n + 1, sizeof(*coverage));
	if (coverage == NULL) {
		free(list);
		return -ENOMEM;
	}
	free(watch->list);
	free(watch->coverage);
	watch->list = list;
	watch->n_list = (size_t)n;
	watch->coverage = coverage;
	return 0;
}

static int choose(struct program_context *context)
{
	const struct coverage_request request = {
		.names = (const char(*)[INTERFACE_ALTNAME_LEN])context->settings->interfaces,
		.n_names = context->settings->n_interfaces,
		.is_held = is_held,
		.data = &context->watch,
	};

	return coverage_choose(
		context->watch.list, context->watch.n_list, &request, context->watch.coverage);
}

/* The place of an interface in the list, or SIZE_MAX. */
static size_t place_of(const struct watch *watch, uint32_t ifindex)
{
	const struct interface *found = interface_in_list(watch->list, watch->n_list, ifindex);

	return found == NULL ? SIZE_MAX : (size_t)(found - watch->list);
}

/* --- rows ------------------------------------------------------------------------------------ */

static void set_absent(const struct program_context *context, struct watched_interface *row)
{
	const char *name = row->interface.ifindex == 0 ? context->settings->interfaces[row->asked]
						       : row->interface.name;

	row->present = false;
	failure_set(&row->absent, -ENODEV, "There is no interface %s", name);
	failure_remedy(&row->absent,
		"ip link lists what there is; x0top attaches to %s when it appears", name);
}

/* Takes note of what went. What was asked for by a name keeps its row, to wait in. */
static void note_gone(struct program_context *context)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		struct watched_interface *row = &context->watch.interfaces[slot];
		if (!row->used || !row->present ||
			place_of(&context->watch, row->interface.ifindex) != SIZE_MAX)
			continue;
		release(context, slot);
		event_log_add(&context->log, 0, EVENT_KIND_PROGRAM, "interface %s removed",
			row->interface.name);
		if (row->asked >= 0)
			set_absent(context, row);
		else
			free_row(row);
	}
}

/* Ends watching what is left out now: a device below it came up, say. */
static void note_left_out(
	struct program_context *context, uint32_t slot, const struct coverage *coverage)
{
	struct watched_interface *row = &context->watch.interfaces[slot];

	release(context, slot);
	event_log_add(&context->log, 0, EVENT_KIND_PROGRAM, "interface %s is no longer watched: %s",
		row->interface.name, coverage->reason);
	free_row(row);
}

/* Brings the rows of what is present up to date. rows[] gets the slot of each place in the list. */
static void update_rows(struct program_context *context, uint32_t *rows)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		struct watched_interface *row = &context->watch.interfaces[slot];
		if (!row->used || !row->present)
			continue;
		size_t place = place_of(&context->watch, row->interface.ifindex);
		const struct interface *now = &context->watch.list[place];
		if (strcmp(row->interface.name, now->name) != 0)
			event_log_add(&context->log, 0, EVENT_KIND_PROGRAM,
				"interface %s renamed to %s", row->interface.name, now->name);
		row->interface = *now;
		if (context->watch.coverage[place].state == COVERAGE_CHOSEN)
			rows[place] = slot;
		else
			note_left_out(context, slot, &context->watch.coverage[place]);
	}
}

static void fill_row(struct program_context *context, uint32_t slot, size_t place)
{
	struct watched_interface *row = &context->watch.interfaces[slot];
	int asked = row->used ? row->asked : asked_by(context, &context->watch.list[place]);

	clear_slot(context, slot);
	*row = (struct watched_interface) {
		.used = true,
		.present = true,
		.asked = asked,
		.interface = context->watch.list[place],
	};
}

static bool is_waited_for(const struct program_context *context,
	const struct watched_interface *row, const struct interface *interface)
{
	return (row->interface.ifindex != 0 && strcmp(row->interface.name, interface->name) == 0) ||
	       interface_is_called(interface, context->settings->interfaces[row->asked]);
}

/* Gives the row of an absent interface to the one that has its name now. */
static void end_waiting(struct program_context *context, uint32_t slot, uint32_t *rows)
{
	struct watched_interface *row = &context->watch.interfaces[slot];

	for (size_t place = 0; place < context->watch.n_list; place++) {
		const struct interface *interface = &context->watch.list[place];
		if (!is_waited_for(context, row, interface))
			continue;
		if (context->watch.coverage[place].state != COVERAGE_CHOSEN ||
			rows[place] != NO_ROW) {
			free_row(row); /* it is left out, or has a row by another name */
			return;
		}
		fill_row(context, slot, place);
		rows[place] = slot;
		event_log_add(&context->log, 0, EVENT_KIND_PROGRAM, "interface %s appeared",
			interface->name);
		return;
	}
}

static void no_slot_left(struct program_context *context, size_t place)
{
	struct coverage *coverage = &context->watch.coverage[place];

	coverage->state = COVERAGE_LEFT_OUT;
	coverage->uncovered = true;
	snprintf(coverage->reason, sizeof(coverage->reason),
		"all %u slots are in use: start x0top again, with -i for fewer",
		context->watch.slots);
}

static void add_rows(struct program_context *context, const uint32_t *rows, bool first)
{
	for (size_t place = 0; place < context->watch.n_list; place++) {
		if (context->watch.coverage[place].state != COVERAGE_CHOSEN ||
			rows[place] != NO_ROW)
			continue;
		uint32_t slot = free_slot(&context->watch);
		if (slot == NO_ROW) {
			no_slot_left(context, place);
			continue;
		}
		fill_row(context, slot, place);
		if (!first)
			event_log_add(&context->log, 0, EVENT_KIND_PROGRAM, "interface %s appeared",
				context->watch.list[place].name);
	}
}

static bool is_accounted_for(const struct program_context *context, int name)
{
	const struct watch *watch = &context->watch;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++)
		if (watch->interfaces[slot].used && watch->interfaces[slot].asked == name)
			return true;
	for (size_t place = 0; place < watch->n_list; place++)
		if (interface_is_called(&watch->list[place], context->settings->interfaces[name]))
			return true;
	return false;
}

/* Shows the names that no interface has: something was asked for, and is not done. */
static void add_absent(struct program_context *context)
{
	for (uint32_t name = 0; name < context->settings->n_interfaces; name++) {
		uint32_t slot =
			is_accounted_for(context, (int)name) ? NO_ROW : free_slot(&context->watch);
		if (slot == NO_ROW)
			continue;
		struct watched_interface *row = &context->watch.interfaces[slot];
		row->used = true;
		row->asked = (int)name;
		snprintf(row->interface.name, sizeof(row->interface.name), "%.*s",
			INTERFACE_NAME_LEN - 1, context->settings->interfaces[name]);
		set_absent(context, row);
	}
}

static void follow_choice(struct program_context *context, bool first)
{
	uint32_t *rows = malloc((context->watch.n_list + 1) * sizeof(*rows));

	if (rows == NULL)
		return;
	for (size_t place = 0; place < context->watch.n_list; place++)
		rows[place] = NO_ROW;
	update_rows(context, rows);
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++)
		if (context->watch.interfaces[slot].used &&
			!context->watch.interfaces[slot].present)
			end_waiting(context, slot, rows);
	add_rows(context, rows, first);
	add_absent(context);
	free(rows);
}

/* Lets the rows follow the list. */
static void look(struct program_context *context, bool first)
{
	note_gone(context);
	if (choose(context) == 0)
		follow_choice(context, first);
}

/* --- opening --------------------------------------------------------------------------------- */

/* Slots for twice what is there now, unless the maps are there and have their size. */
static void size_maps(struct program_context *context)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info), slots = INTERFACE_SLOTS_MIN;
	int map = map_registry_fd(&context->maps, "xdp_counters");

	if (map >= 0 && bpf_obj_get_info_by_fd(map, &info, &size) == 0)
		slots = info.max_entries;
	while (map < 0 && slots < 2 * context->watch.n_list && slots < INTERFACES_MAX)
		slots *= 2;
	context->watch.slots = slots < INTERFACES_MAX ? slots : INTERFACES_MAX;
	map_registry_set_slots(&context->maps, context->watch.slots);
}

int watch_open(struct program_context *context)
{
	struct watch *watch = &context->watch;

	watch->monitor_fd = interface_monitor_open();
	return watch->monitor_fd < 0 ? watch->monitor_fd : 0;
}

/* Lists the interfaces, and sizes the maps by them. */
static int begin(struct program_context *context)
{
	if (context->watch.slots != 0)
		return 0;
	int error = list_anew(&context->watch);
	if (error == 0)
		size_maps(context);
	return error;
}

int watch_choose(struct program_context *context)
{
	int error = begin(context);

	if (error == 0)
		look(context, true);
	return error;
}

void watch_close(struct program_context *context)
{
	fd_close(&context->watch.monitor_fd);
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

/* The slot that an interface had, or a free one if it had none. */
static uint32_t slot_of_pinned(struct program_context *context, uint32_t ifindex, bool owner)
{
	struct interface_entry entry;
	int table = map_registry_fd(&context->maps, "xdp_interfaces");

	if (interface_table_find(table, ifindex, &entry) < 0)
		return owner ? free_slot(&context->watch) : NO_ROW;
	return entry.slot < context->watch.slots ? entry.slot : NO_ROW;
}

int watch_adopt(struct program_context *context, uint32_t ifindex, int folder, bool owner)
{
	int error = begin(context);
	size_t place = error < 0 ? SIZE_MAX : place_of(&context->watch, ifindex);

	if (place == SIZE_MAX)
		return error;
	uint32_t slot = slot_of_pinned(context, ifindex, owner);
	const struct interface *interface = &context->watch.list[place];
	struct watched_interface *row = slot == NO_ROW ? NULL : row_at(&context->watch, slot);
	if (row == NULL || row->used || chain_adopt(&context->chain, slot, interface, folder) < 0)
		return 0;
	row->used = row->present = true;
	row->asked = asked_by(context, interface);
	row->interface = *interface;
	return 1;
}

void watch_forget_gone(struct program_context *context)
{
	interface_table_sweep(
		map_registry_fd(&context->maps, "xdp_interfaces"), is_adopted, &context->watch);
}

/* --- changes --------------------------------------------------------------------------------- */

struct changes {
	const struct watch *watch;
	bool any;
};

/* Whether two states of an interface differ in what a choice, or an attachment, rests on. */
static bool differ(const struct interface *a, const struct interface *b)
{
	return strcmp(a->name, b->name) != 0 ||
	       memcmp(a->altnames, b->altnames, sizeof(a->altnames)) != 0 ||
	       a->master != b->master || a->link != b->link || a->up != b->up ||
	       a->container_end != b->container_end || a->xdp_program != b->xdp_program;
}

static void on_change(const struct interface *interface, bool gone, void *data)
{
	struct changes *changes = data;
	const struct interface *known =
		interface_in_list(changes->watch->list, changes->watch->n_list, interface->ifindex);

	if (known == NULL ? !gone : gone || differ(known, interface))
		changes->any = true;
}

bool watch_handle_changes(struct program_context *context)
{
	struct changes changes = { &context->watch, false };
	int error = interface_monitor_read(context->watch.monitor_fd, on_change, &changes);

	if (error != -ENOBUFS && !changes.any)
		return false;
	if (list_anew(&context->watch) < 0)
		return false;
	look(context, false);
	return true;
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

/* Without xdp_counter nobody else lists the interfaces to which the chain is not attached. */
static void add_not_attached(const struct program_context *context, struct snapshot *now)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &context->watch.interfaces[slot];
		if (row->used && row->present && row->xdp_failure.error < 0)
			add_left_out(now, row->interface.name, row->xdp_failure.what, true);
	}
}

void watch_sample(const struct program_context *context, struct snapshot *now)
{
	const struct watch *watch = &context->watch;

	for (size_t i = 0; i < watch->n_list; i++)
		if (watch->coverage[i].state == COVERAGE_LEFT_OUT)
			add_left_out(now, watch->list[i].name, watch->coverage[i].reason,
				watch->coverage[i].uncovered);
	if (now->packets.n_interfaces == 0 && chain_any_stage(&context->chain))
		add_not_attached(context, now);
}
