// SPDX-License-Identifier: BSD-2-Clause
#include "programs/watch_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "programs/program.h"

/* --- slots ----------------------------------------------------------------------------------- */

struct watched_interface *watch_row(struct watch *watch, uint32_t slot)
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

uint32_t watch_free_slot(struct watch *watch)
{
	uint32_t slot = 0;

	while (slot < watch->n_interfaces && watch->interfaces[slot].used)
		slot++;
	return slot < watch->slots && watch_row(watch, slot) != NULL ? slot : WATCH_NO_SLOT;
}

/* Moves the counts of a slot to those of interfaces that are gone: its new interface starts at zero. */
static void clear_slot(const struct program_context *context, uint32_t slot)
{
	const struct map_registry *maps = &context->maps;

	if (context->look_only)
		return; /* they are another's */
	for (uint32_t i = 0; i < maps->n; i++)
		if (maps->maps[i].by_slot && maps->fds[i] >= 0)
			percpu_move(&context->percpu, maps->fds[i], slot, context->watch.slots);
}

/* Detaches everything from an interface that is no longer watched. */
static void release(struct program_context *context, uint32_t slot)
{
	context->watch.release(context->watch.release_data, slot);
}

/* Frees a row, but keeps its counts as long as no other interface needs the slot. */
static void free_row(struct watched_interface *row)
{
	*row = (struct watched_interface) {
		.left = row->left || row->interface.ifindex != 0,
		.interface = row->interface,
	};
}

static bool is_same(const struct interface *one, const struct interface *other)
{
	return one->ifindex == other->ifindex && strcmp(one->name, other->name) == 0;
}

/* Returns the slot that an interface had before it went, else a free one, else WATCH_NO_SLOT. */
static uint32_t slot_for(struct watch *watch, const struct interface *interface)
{
	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++)
		if (watch->interfaces[slot].left &&
			is_same(&watch->interfaces[slot].interface, interface))
			return slot;
	return watch_free_slot(watch);
}

/* --- choosing -------------------------------------------------------------------------------- */

int watch_asked_by(const struct program_context *context, const struct interface *interface)
{
	for (uint32_t i = 0; i < context->settings->n_interfaces; i++)
		if (interface_is_called(interface, context->settings->interfaces[i]))
			return (int)i;
	return -1;
}

/* Returns whether the interface is watched already: renamed, or recreated under its last name. */
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

static bool is_kept(const struct interface *interface, void *data)
{
	const struct watch *watch = data;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		const struct watched_interface *row = &watch->interfaces[slot];
		if (row->used && row->kept && row->interface.ifindex == interface->ifindex)
			return true;
	}
	return false;
}

int watch_list(struct watch *watch)
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
		.is_kept = is_kept,
		.data = &context->watch,
	};

	return coverage_choose(
		context->watch.list, context->watch.n_list, &request, context->watch.coverage);
}

size_t watch_place(const struct watch *watch, uint32_t ifindex)
{
	const struct interface *found = interface_in_list(watch->list, watch->n_list, ifindex);

	return found == NULL ? SIZE_MAX : (size_t)(found - watch->list);
}

/* --- rows ------------------------------------------------------------------------------------ */

static void set_absent(const struct program_context *context, struct watched_interface *row)
{
	const char *name = row->interface.ifindex == 0 ? context->settings->interfaces[row->asked]
						       : row->interface.name;

	row->present = row->went = false;
	row->link.counted = false;
	failure_set(&row->absent, -ENODEV, "There is no interface %s", name);
	failure_remedy(&row->absent,
		"List interfaces: ip link. x0top attaches to %s when it appears", name);
}

/* Releases removed interfaces. Those requested by name keep their row and wait in it. */
static void note_gone(struct program_context *context)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		struct watched_interface *row = &context->watch.interfaces[slot];
		if (!watched_is_here(row) ||
			(watch_place(&context->watch, row->interface.ifindex) != SIZE_MAX &&
				!row->went))
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

/* Stops watching an interface that is now left out: a lower device came up, for instance. */
static void note_left_out(
	struct program_context *context, uint32_t slot, const struct coverage *coverage)
{
	struct watched_interface *row = &context->watch.interfaces[slot];

	release(context, slot);
	event_log_add(&context->log, 0, EVENT_KIND_PROGRAM, "interface %s is no longer watched: %s",
		row->interface.name, coverage->reason);
	free_row(row);
}

/* Updates the rows of present interfaces. Sets rows[] to the slot of each place in the list. */
static void update_rows(struct program_context *context, uint32_t *rows)
{
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		struct watched_interface *row = &context->watch.interfaces[slot];
		if (!watched_is_here(row))
			continue;
		size_t place = watch_place(&context->watch, row->interface.ifindex);
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
	const struct interface *interface = &context->watch.list[place];
	int asked = row->used ? row->asked : watch_asked_by(context, interface);
	/* What was asked for by name goes on under that name, also as another device. */
	bool resumes = (row->used && row->interface.ifindex != 0) ||
		       (row->left && is_same(&row->interface, interface));

	if (!resumes)
		clear_slot(context, slot);
	*row = (struct watched_interface) {
		.used = true,
		.present = true,
		.counts = resumes ? COUNTS_RESUME : COUNTS_BEGIN,
		.asked = asked,
		.interface = *interface,
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
			rows[place] != WATCH_NO_SLOT) {
			free_row(row); /* it is left out, or has another row */
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
		"all %u slots are in use: restart x0top, with -i for fewer", context->watch.slots);
}

static void add_rows(struct program_context *context, const uint32_t *rows, bool first)
{
	for (size_t place = 0; place < context->watch.n_list; place++) {
		if (context->watch.coverage[place].state != COVERAGE_CHOSEN ||
			rows[place] != WATCH_NO_SLOT)
			continue;
		uint32_t slot = slot_for(&context->watch, &context->watch.list[place]);
		if (slot == WATCH_NO_SLOT) {
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

/* Adds rows for requested names without an interface, so that they are shown. */
static void add_absent(struct program_context *context)
{
	for (uint32_t name = 0; name < context->settings->n_interfaces; name++) {
		uint32_t slot = is_accounted_for(context, (int)name)
					? WATCH_NO_SLOT
					: watch_free_slot(&context->watch);
		if (slot == WATCH_NO_SLOT)
			continue;
		struct watched_interface *row = &context->watch.interfaces[slot];
		clear_slot(context, slot);
		*row = (struct watched_interface) { .used = true, .asked = (int)name };
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
		rows[place] = WATCH_NO_SLOT;
	update_rows(context, rows);
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++)
		if (context->watch.interfaces[slot].used &&
			!context->watch.interfaces[slot].present)
			end_waiting(context, slot, rows);
	add_rows(context, rows, first);
	add_absent(context);
	free(rows);
}

void watch_look(struct program_context *context, bool first)
{
	note_gone(context);
	if (choose(context) == 0)
		follow_choice(context, first);
}
