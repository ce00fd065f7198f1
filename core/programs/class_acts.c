// SPDX-License-Identifier: BSD-2-Clause
#include "programs/class_acts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "kernel/interface_table.h"
#include "kernel/map_value.h"
#include "kernel/netlink.h"
#include "model/names.h"
#include "qos/act.h"
#include "qos/act_time.h"
#include "qos/shape.h"

/* --- the switch of all ----------------------------------------------------------------------- */

int class_acts_labels(const struct map_registry *maps, struct class_control *control)
{
	int map = map_registry_fd(maps, "class_control");
	uint32_t zero = 0;

	if (map < 0)
		return map;
	return map_value_read(map, &zero, control, sizeof(*control));
}

bool class_acts_any(const struct map_registry *maps)
{
	struct class_control control;

	return class_acts_labels(maps, &control) == 0 && control.acting != 0;
}

void class_acts_fill_labels(const struct class_names *names, struct class_control *control)
{
	_Static_assert(sizeof(names->names) == sizeof(control->labels), "as many names, as long");
	*control = (struct class_control) { 0 };
	if (names != NULL)
		memcpy(control->labels, names->names, sizeof(control->labels));
}

static int write_control(
	const struct program_context *context, const struct class_names *names, bool on)
{
	int map = map_registry_fd(&context->maps, "class_control");
	struct class_control control;
	uint32_t zero = 0;

	if (map < 0)
		return map;
	if (on)
		class_acts_fill_labels(names, &control);
	else if (class_acts_labels(&context->maps, &control) < 0)
		return -errno;
	control.acting = on;
	return map_value_write(map, &zero, &control, sizeof(control));
}

int class_acts_rename(const struct map_registry *maps, const struct class_names *names)
{
	int map = map_registry_fd(maps, "class_control");
	struct class_control now, control;
	uint32_t zero = 0;

	if (map < 0)
		return 0; /* of a classifier that only counts */
	int error = class_acts_labels(maps, &now);
	if (error < 0 || now.acting == 0)
		return error;
	class_acts_fill_labels(names, &control);
	control.acting = now.acting;
	/* What is asked for of a class without lines has a name still. */
	for (uint32_t i = 0; i < TRAFFIC_CLASSES; i++)
		if (control.labels[i][0] == '\0')
			memcpy(control.labels[i], now.labels[i], sizeof(control.labels[i]));
	if (memcmp(&control, &now, sizeof(now)) == 0)
		return 0;
	return map_value_write(map, &zero, &control, sizeof(control));
}

uint32_t class_acts_slots(const struct map_registry *maps)
{
	int map = map_registry_fd(maps, "class_acts");
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	return map >= 0 && bpf_obj_get_info_by_fd(map, &info, &size) == 0 ? info.max_entries : 0;
}

bool class_acts_none(const struct map_registry *maps)
{
	uint32_t slots = class_acts_slots(maps);
	struct class_acts acts;

	for (uint32_t slot = 0; slot < slots; slot++)
		if (class_acts_read(maps, slot, &acts) == 0 && act_modes(&acts) != 0)
			return false;
	return true;
}

static void end_shaping(uint32_t ifindex)
{
	const struct interface interface = { .ifindex = ifindex };
	struct failure ignored;
	struct netlink netlink;

	if (netlink_open(&netlink) < 0)
		return;
	shape_remove(&netlink, &interface, &ignored);
	netlink_close(&netlink);
}

static void end_all(const struct map_registry *maps)
{
	static const struct class_acts none;
	uint32_t slots = class_acts_slots(maps);
	struct class_acts acts;

	for (uint32_t slot = 0; slot < slots; slot++) {
		if (class_acts_read(maps, slot, &acts) < 0 || acts.interface[0] == '\0')
			continue;
		if (acts.modes & CLASS_ACT_SHAPE)
			end_shaping(acts.ifindex);
		class_acts_write(maps, slot, &none);
	}
}

/* The switch comes first on, and last off: what is switched on without it would not outlive x0top. */
int class_acts_switch(
	const struct program_context *context, const struct class_names *names, bool on)
{
	if (!on)
		end_all(&context->maps);
	return write_control(context, names, on);
}

/* --- interfaces ------------------------------------------------------------------------------ */

int class_acts_slot(const struct map_registry *maps, uint32_t ifindex)
{
	int map = map_registry_fd(maps, "tc_interfaces");
	struct interface_entry entry;
	int error = map < 0 ? map : interface_table_find(map, ifindex, &entry);

	return error < 0 ? error : entry.slot;
}

int class_acts_find(const struct map_registry *maps, const char *interface)
{
	struct class_acts acts;

	for (uint32_t slot = 0; class_acts_read(maps, slot, &acts) == 0; slot++)
		if (strncmp(acts.interface, interface, sizeof(acts.interface)) == 0)
			return (int)slot;
	return -ENOENT;
}

int class_acts_read(const struct map_registry *maps, uint32_t slot, struct class_acts *acts)
{
	int map = map_registry_fd(maps, "class_acts");

	if (map < 0)
		return map;
	return map_value_read(map, &slot, acts, sizeof(*acts));
}

int class_acts_write(const struct map_registry *maps, uint32_t slot, const struct class_acts *acts)
{
	int map = map_registry_fd(maps, "class_acts");

	if (map < 0)
		return map;
	return map_value_write(map, &slot, acts, sizeof(*acts));
}

static int clear_buckets(
	const struct map_registry *maps, const char *name, uint32_t from, uint32_t to)
{
	const struct gcra_bucket empty = { .arrival = 0 };
	int map = map_registry_fd(maps, name), error = 0, one;

	for (uint32_t i = from; i < to; i++)
		if ((one = map_value_write(map, &i, &empty, sizeof(empty))) < 0)
			error = one;
	return error;
}

/* Forgets what was done to another interface's packets. */
static int clear_counts(const struct program_context *context, uint32_t slot)
{
	int counts = map_registry_fd(&context->maps, "class_act_counts");
	int error = clear_buckets(&context->maps, "class_buckets", CLASS_ACT_INDEX(slot, 0, 0),
		CLASS_ACT_INDEX(slot + 1, 0, 0));
	int clocks = clear_buckets(&context->maps, "class_clocks", CLASS_CLOCK_INDEX(slot, 0, 0),
		CLASS_CLOCK_INDEX(slot + 1, 0, 0));

	for (uint32_t i = CLASS_ACT_INDEX(slot, 0, 0); i < CLASS_ACT_INDEX(slot + 1, 0, 0); i++)
		percpu_clear(&context->percpu, counts, &i);
	return error < 0 ? error : clocks;
}

int class_acts_follow(const struct program_context *context, uint32_t slot)
{
	const struct interface *interface = &context->watch.interfaces[slot].interface;
	struct class_acts acts;
	int error = class_acts_read(&context->maps, slot, &acts);

	if (error < 0 || acts.interface[0] == '\0')
		return error;
	bool same = strncmp(acts.interface, interface->name, sizeof(acts.interface)) == 0;
	if (same && acts.ifindex == interface->ifindex)
		return 0;
	if (!same && acts.ifindex != interface->ifindex) {
		acts = (struct class_acts) { 0 };
		error = clear_counts(context, slot);
	} else {
		snprintf(acts.interface, sizeof(acts.interface), "%.*s",
			(int)sizeof(acts.interface) - 1, interface->name);
		acts.ifindex = interface->ifindex;
	}
	return error < 0 ? error : class_acts_write(&context->maps, slot, &acts);
}

/* --- counts ---------------------------------------------------------------------------------- */

int class_acts_count(const struct program_context *context, uint32_t slot, uint32_t direction,
	uint32_t class, struct class_act_count *count)
{
	int map = map_registry_fd(&context->maps, "class_act_counts");
	uint32_t index = CLASS_ACT_INDEX(slot, direction, class);

	return map < 0 ? map : percpu_sum(&context->percpu, map, &index, count, sizeof(*count));
}

/* Returns the nanoseconds that a class is ahead of now: what its last packet waits. */
static uint64_t ahead_ns(const struct map_registry *maps, uint32_t slot, uint32_t class)
{
	int map = map_registry_fd(maps, "class_clocks");
	uint32_t index = CLASS_CLOCK_INDEX(slot, CLASS_CLOCK_LAST, class);
	uint64_t now = clock_monotonic_ns();
	struct gcra_bucket clock;

	if (map < 0 || map_value_read(map, &index, &clock, sizeof(clock)) < 0)
		return 0;
	uint64_t last = clock.arrival >> GCRA_TIME_SHIFT;
	return last > now ? last - now : 0;
}

void class_acts_timed(const struct program_context *context, uint32_t slot,
	const struct class_acts *acts, struct shape_state *state)
{
	act_timed(acts, state);
	for (uint16_t i = 0; i < state->n; i++) {
		struct shape_class_state *class = &state->classes[i];
		struct class_act_count count = { 0 };
		class_acts_count(context, slot, DIRECTION_EGRESS, class->number, &count);
		class->bytes = count.sent_bytes;
		class->drops = count.late;
		class->borrowed = count.borrowed;
		class->waits_ns = ahead_ns(&context->maps, slot, class->number);
		class->backlog_bytes =
			(uint32_t)((double)class->waits_ns * (double)class->ceiling / 8e9);
		class->backlog_packets = class->backlog_bytes > 0;
	}
}
