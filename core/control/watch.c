// SPDX-License-Identifier: BSD-2-Clause
/*
 * Follows the host's interfaces: lists them, lets coverage.c choose, and gives what is chosen a slot
 * and the programs. Every change is handled by the same look at the whole list, so that nothing
 * depends on the order in which the kernel reports.
 */
#include "control/watch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "control/pins.h"
#include "control/state.h"
#include "kernel/interface_table.h"

#define NO_ROW UINT32_MAX

/* Maps with an element for each slot, and tables that lead there. */
static const char *const slot_maps[] = { "xdp_counters", "tc_counters", NULL };
static const char *const tables[] = { "xdp_interfaces", "tc_interfaces", NULL };

/* --- slots ----------------------------------------------------------------------------------- */

static struct watched_interface *row_at(struct watch *watch, uint32_t slot)
{
	if (slot >= watch->n_interfaces) {
		struct watched_interface *rows =
			realloc(watch->interfaces, (slot + 1) * sizeof(*rows));
		if (rows == NULL)
			return NULL;
		for (uint32_t i = watch->n_interfaces; i <= slot; i++)
			rows[i] = (struct watched_interface) { .tc = tc_not_attached };
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
static void clear_slot(const struct orchestrator *o, uint32_t slot)
{
	for (int i = 0; slot_maps[i] != NULL; i++) {
		int map = map_registry_fd(&o->maps, slot_maps[i]);
		if (map >= 0)
			percpu_clear(&o->percpu, map, &slot);
	}
}

static void leave_tables(const struct orchestrator *o, uint32_t ifindex)
{
	for (int i = 0; tables[i] != NULL; i++) {
		int map = map_registry_fd(&o->maps, tables[i]);
		if (map >= 0 && !o->look_only)
			interface_table_remove(map, ifindex);
	}
}

/* Detaches everything from an interface that is not to be watched any more. */
static void release(struct orchestrator *o, uint32_t slot)
{
	struct watched_interface *row = &o->watch.interfaces[slot];

	if (o->look_only)
		chain_detach(&o->chain, slot);
	else
		chain_abandon(&o->chain, slot, o->pinned ? PINS_FOLDER : NULL);
	tc_detach(&row->tc, &o->tc_programs);
	leave_tables(o, row->interface.ifindex);
}

static void free_row(struct watched_interface *row)
{
	*row = (struct watched_interface) { .tc = tc_not_attached };
}

/* --- choosing -------------------------------------------------------------------------------- */

static int asked_by(const struct orchestrator *o, const struct interface *interface)
{
	for (uint32_t i = 0; i < o->settings.n_interfaces; i++)
		if (interface_is_called(interface, o->settings.interfaces[i]))
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

static int choose(struct orchestrator *o)
{
	const struct coverage_request request = {
		.names = (const char(*)[INTERFACE_ALTNAME_LEN])o->settings.interfaces,
		.n_names = o->settings.n_interfaces,
		.is_held = is_held,
		.data = &o->watch,
	};

	return coverage_choose(o->watch.list, o->watch.n_list, &request, o->watch.coverage);
}

/* The place of an interface in the list, or SIZE_MAX. */
static size_t place_of(const struct watch *watch, uint32_t ifindex)
{
	const struct interface *found = interface_in_list(watch->list, watch->n_list, ifindex);

	return found == NULL ? SIZE_MAX : (size_t)(found - watch->list);
}

/* --- rows ------------------------------------------------------------------------------------ */

static void set_absent(const struct orchestrator *o, struct watched_interface *row)
{
	const char *name = row->interface.ifindex == 0 ? o->settings.interfaces[row->asked]
						       : row->interface.name;

	row->present = false;
	failure_set(&row->xdp_failure, -ENODEV, "There is no interface %s", name);
	failure_remedy(&row->xdp_failure,
		"ip link lists what there is; x0top attaches to %s when it appears", name);
	row->tc_failure = row->xdp_failure;
}

/* Takes note of what went. What was asked for by a name keeps its row, to wait in. */
static void note_gone(struct orchestrator *o)
{
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		struct watched_interface *row = &o->watch.interfaces[slot];
		if (!row->used || !row->present ||
			place_of(&o->watch, row->interface.ifindex) != SIZE_MAX)
			continue;
		release(o, slot);
		event_log_add(&o->events, 0, EVENT_KIND_PROGRAM, "interface %s removed",
			row->interface.name);
		if (row->asked >= 0)
			set_absent(o, row);
		else
			free_row(row);
	}
}

/* Ends watching what is left out now: a device below it came up, say. */
static void note_left_out(struct orchestrator *o, uint32_t slot, const struct coverage *coverage)
{
	struct watched_interface *row = &o->watch.interfaces[slot];

	release(o, slot);
	event_log_add(&o->events, 0, EVENT_KIND_PROGRAM, "interface %s is no longer watched: %s",
		row->interface.name, coverage->reason);
	free_row(row);
}

/* Brings the rows of what is present up to date. rows[] gets the slot of each place in the list. */
static void update_rows(struct orchestrator *o, uint32_t *rows)
{
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		struct watched_interface *row = &o->watch.interfaces[slot];
		if (!row->used || !row->present)
			continue;
		size_t place = place_of(&o->watch, row->interface.ifindex);
		const struct interface *now = &o->watch.list[place];
		if (strcmp(row->interface.name, now->name) != 0)
			event_log_add(&o->events, 0, EVENT_KIND_PROGRAM,
				"interface %s renamed to %s", row->interface.name, now->name);
		row->interface = *now;
		if (o->watch.coverage[place].state == COVERAGE_CHOSEN)
			rows[place] = slot;
		else
			note_left_out(o, slot, &o->watch.coverage[place]);
	}
}

static void fill_row(struct orchestrator *o, uint32_t slot, size_t place)
{
	struct watched_interface *row = &o->watch.interfaces[slot];
	int asked = row->used ? row->asked : asked_by(o, &o->watch.list[place]);

	clear_slot(o, slot);
	*row = (struct watched_interface) {
		.used = true,
		.present = true,
		.asked = asked,
		.interface = o->watch.list[place],
		.tc = tc_not_attached,
	};
}

static bool is_waited_for(const struct orchestrator *o, const struct watched_interface *row,
	const struct interface *interface)
{
	return (row->interface.ifindex != 0 && strcmp(row->interface.name, interface->name) == 0) ||
	       interface_is_called(interface, o->settings.interfaces[row->asked]);
}

/* Gives the row of an absent interface to the one that has its name now. */
static void end_waiting(struct orchestrator *o, uint32_t slot, uint32_t *rows)
{
	struct watched_interface *row = &o->watch.interfaces[slot];

	for (size_t place = 0; place < o->watch.n_list; place++) {
		const struct interface *interface = &o->watch.list[place];
		if (!is_waited_for(o, row, interface))
			continue;
		if (o->watch.coverage[place].state != COVERAGE_CHOSEN || rows[place] != NO_ROW) {
			free_row(row); /* it is left out, or has a row by another name */
			return;
		}
		fill_row(o, slot, place);
		rows[place] = slot;
		event_log_add(&o->events, 0, EVENT_KIND_PROGRAM, "interface %s appeared",
			interface->name);
		return;
	}
}

static void no_slot_left(struct orchestrator *o, size_t place)
{
	struct coverage *coverage = &o->watch.coverage[place];

	coverage->state = COVERAGE_LEFT_OUT;
	coverage->uncovered = true;
	snprintf(coverage->reason, sizeof(coverage->reason),
		"all %u slots are in use: start x0top again, with -i for fewer", o->watch.slots);
}

static void add_rows(struct orchestrator *o, const uint32_t *rows, bool first)
{
	for (size_t place = 0; place < o->watch.n_list; place++) {
		if (o->watch.coverage[place].state != COVERAGE_CHOSEN || rows[place] != NO_ROW)
			continue;
		uint32_t slot = free_slot(&o->watch);
		if (slot == NO_ROW) {
			no_slot_left(o, place);
			continue;
		}
		fill_row(o, slot, place);
		if (!first)
			event_log_add(&o->events, 0, EVENT_KIND_PROGRAM, "interface %s appeared",
				o->watch.list[place].name);
	}
}

static bool is_accounted_for(const struct orchestrator *o, int name)
{
	const struct watch *watch = &o->watch;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++)
		if (watch->interfaces[slot].used && watch->interfaces[slot].asked == name)
			return true;
	for (size_t place = 0; place < watch->n_list; place++)
		if (interface_is_called(&watch->list[place], o->settings.interfaces[name]))
			return true;
	return false;
}

/* Shows the names that no interface has: something was asked for, and is not done. */
static void add_absent(struct orchestrator *o)
{
	for (uint32_t name = 0; name < o->settings.n_interfaces; name++) {
		uint32_t slot = is_accounted_for(o, (int)name) ? NO_ROW : free_slot(&o->watch);
		if (slot == NO_ROW)
			continue;
		struct watched_interface *row = &o->watch.interfaces[slot];
		row->used = true;
		row->asked = (int)name;
		snprintf(row->interface.name, sizeof(row->interface.name), "%.*s",
			INTERFACE_NAME_LEN - 1, o->settings.interfaces[name]);
		set_absent(o, row);
	}
}

static void follow_choice(struct orchestrator *o, bool first)
{
	uint32_t *rows = malloc((o->watch.n_list + 1) * sizeof(*rows));

	if (rows == NULL)
		return;
	for (size_t place = 0; place < o->watch.n_list; place++)
		rows[place] = NO_ROW;
	update_rows(o, rows);
	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++)
		if (o->watch.interfaces[slot].used && !o->watch.interfaces[slot].present)
			end_waiting(o, slot, rows);
	add_rows(o, rows, first);
	add_absent(o);
	free(rows);
}

/* Lets the rows follow the list. */
static void look(struct orchestrator *o, bool first)
{
	note_gone(o);
	if (choose(o) == 0)
		follow_choice(o, first);
}

/* --- opening --------------------------------------------------------------------------------- */

/* Slots for twice what is there now, unless the maps are there and have their size. */
static void size_maps(struct orchestrator *o)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info), slots = INTERFACE_SLOTS_MIN;
	int map = map_registry_fd(&o->maps, slot_maps[0]);

	if (map >= 0 && bpf_obj_get_info_by_fd(map, &info, &size) == 0)
		slots = info.max_entries;
	while (map < 0 && slots < 2 * o->watch.n_list && slots < INTERFACES_MAX)
		slots *= 2;
	o->watch.slots = slots < INTERFACES_MAX ? slots : INTERFACES_MAX;
	map_registry_set_slots(&o->maps, o->watch.slots);
}

void watch_open(struct orchestrator *o)
{
	if (o->watch.slots == 0) { /* nothing was adopted */
		if (list_anew(&o->watch) < 0)
			return;
		size_maps(o);
	}
	look(o, true);
}

void watch_close(struct orchestrator *o)
{
	free(o->watch.interfaces);
	free(o->watch.list);
	free(o->watch.coverage);
	o->watch = (struct watch) { 0 };
}

/* --- adopting -------------------------------------------------------------------------------- */

static bool is_adopted(const struct interface_entry *entry, void *data)
{
	const struct watch *watch = data;

	return entry->slot < watch->n_interfaces && watch->interfaces[entry->slot].used &&
	       watch->interfaces[entry->slot].interface.ifindex == entry->ifindex;
}

/* The slot that an interface had, or a free one if it had none. */
static uint32_t slot_of_pinned(struct orchestrator *o, uint32_t ifindex)
{
	struct interface_entry entry;
	int table = map_registry_fd(&o->maps, tables[0]);

	if (interface_table_find(table, ifindex, &entry) < 0)
		return o->lock_fd >= 0 ? free_slot(&o->watch) : NO_ROW;
	return entry.slot < o->watch.slots ? entry.slot : NO_ROW;
}

static bool adopt(struct orchestrator *o, uint32_t ifindex)
{
	size_t place = place_of(&o->watch, ifindex);

	if (place == SIZE_MAX) {
		chain_remove_dead_pin(PINS_FOLDER, ifindex);
		return false;
	}
	uint32_t slot = slot_of_pinned(o, ifindex);
	const struct interface *interface = &o->watch.list[place];
	struct watched_interface *row = slot == NO_ROW ? NULL : row_at(&o->watch, slot);
	if (row == NULL || row->used || chain_adopt(&o->chain, slot, interface, PINS_FOLDER) < 0)
		return false;
	row->used = row->present = true;
	row->asked = asked_by(o, interface);
	row->interface = *interface;
	return true;
}

uint32_t watch_adopt(struct orchestrator *o)
{
	DIR *folder = opendir(PINS_FOLDER);
	const struct dirent *entry;
	uint32_t adopted = 0;

	if (folder == NULL || list_anew(&o->watch) < 0)
		goto close_folder;
	size_maps(o);
	while ((entry = readdir(folder)) != NULL) {
		uint32_t ifindex = chain_pinned_ifindex(entry->d_name);
		adopted += ifindex != 0 && adopt(o, ifindex);
	}
	/* Of interfaces that went while nobody watched. */
	if (o->lock_fd >= 0)
		interface_table_sweep(map_registry_fd(&o->maps, tables[0]), is_adopted, &o->watch);
close_folder:
	if (folder != NULL)
		closedir(folder);
	return adopted;
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

void watch_handle_changes(struct orchestrator *o)
{
	struct changes changes = { &o->watch, false };
	int error = interface_monitor_read(o->monitor_fd, on_change, &changes);

	if (error != -ENOBUFS && !changes.any)
		return;
	if (list_anew(&o->watch) < 0)
		return;
	look(o, false);
	if (xdp_any_stage(o))
		watch_attach_xdp(o);
	tc_attach_interfaces(o);
}
