// SPDX-License-Identifier: BSD-2-Clause
#include "programs/class_acts_sample.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/rate.h"
#include "programs/class_acts.h"
#include "qos/act.h"
#include "qos/classes.h"
#include "qos/shape_held.h"
#include "tc_classifier.h"

/* An interface that is sampled. */
struct sampling {
	const struct program_context *context;
	const struct snapshot *before;
	struct snapshot *now;
	const struct interface *interface;
	uint32_t slot;
	struct class_control control;
	struct class_acts acts;
	struct tc_interface_counters counts;
	struct shape_state shape;
};

static void set_counter(
	struct counter *counter, uint64_t total, const struct counter *before, double interval)
{
	counter->total = total;
	counters_rate(counter, before, 1, interval);
}

/* What waits, and whether it gets what it was promised. */
static void set_queue(const struct shape_class_state *state, const struct snapshot_qos_class *old,
	double interval, struct snapshot_qos_class *class)
{
	const double rate = class->passed.rate * 8;
	const struct shape_held held =
		shape_held(state, old != NULL ? old->waiting : 0, rate, interval);

	class->rate = (double)state->rate;
	class->ceiling = (double)state->ceiling;
	class->waiting = state->backlog_bytes;
	class->delay = shape_delay(state, isnan(rate) ? 0 : rate);
	class->starved = held.starved;
	class->short_of_rate = held.short_of_rate;
}

/* Returns the class of the sample before, or NULL. */
static const struct snapshot_qos_class *find_old(
	const struct sampling *s, const struct snapshot_qos_class *class)
{
	return s->before == NULL ? NULL
				 : qos_find(&s->before->qos, class->interface, class->class,
					   class->direction);
}

static void set_counts(const struct sampling *s, const struct class_act_count *acted,
	uint32_t direction, uint32_t number, const struct shape_class_state *state,
	const struct snapshot_qos_class *old, struct snapshot_qos_class *class)
{
	double interval = s->now->interval;
	uint64_t bytes = s->counts.classes[direction][number].bytes;

	bytes = state != NULL ? state->bytes
			      : bytes - (acted->dropped_bytes < bytes ? acted->dropped_bytes : 0);
	set_counter(&class->passed, bytes, old ? &old->passed : NULL, interval);
	set_counter(&class->dropped, acted->dropped, old ? &old->dropped : NULL, interval);
	set_counter(&class->marked, acted->marked, old ? &old->marked : NULL, interval);
	set_counter(&class->queue_dropped, state ? state->drops : 0,
		old ? &old->queue_dropped : NULL, interval);
	set_counter(&class->borrowed, state ? state->borrowed : 0, old ? &old->borrowed : NULL,
		interval);
}

/* "cs1", or "cs1/6" with the priority. */
static void format_mark(const struct class_act *act, char *text, size_t size)
{
	classes_dscp_format(act->dscp, text, size);
	size_t length = strlen(text);
	if (act->mark_priority > 0)
		snprintf(text + length, size - length, "/%u", act->mark_priority - 1U);
}

static void add_class(struct sampling *s, uint32_t direction, uint32_t number)
{
	const struct class_act *act = &s->acts.classes[CLASS_ACT_PLACE(direction, number)];
	uint32_t modes = act->modes & s->acts.modes;
	const struct shape_class_state *state =
		direction == DIRECTION_EGRESS ? shape_find_state(&s->shape, (uint16_t)number)
					      : NULL;
	struct class_act_count acted = { 0 };
	struct snapshot_qos_class *class;

	if (act->modes == 0 && state == NULL)
		return;
	class = SNAPSHOT_ADD(s->now, &s->now->qos, classes);
	if (class == NULL)
		return;
	class_acts_count(s->context, s->slot, direction, number, &acted);
	snprintf(class->interface, sizeof(class->interface), "%s", s->interface->name);
	snprintf(class->class, sizeof(class->class), "%s", s->control.labels[number]);
	snprintf(class->direction, sizeof(class->direction), "%s", act_ways[direction]);
	act_modes_format(modes, class->modes, sizeof(class->modes));
	if (act->modes & CLASS_ACT_MARK)
		format_mark(act, class->mark, sizeof(class->mark));
	class->police = act->modes & CLASS_ACT_POLICE ? (double)act->rate : NAN;
	class->rate = class->ceiling = class->delay = NAN;
	const struct snapshot_qos_class *old = find_old(s, class);
	set_counts(s, &acted, direction, number, state, old, class);
	if (state != NULL)
		set_queue(state, old, s->now->interval, class);
}

/* Says what is not as it was asked for. */
static void set_problem(const struct sampling *s, struct snapshot_qos_interface *shown)
{
	bool asked = s->acts.modes & CLASS_ACT_SHAPE;

	if (asked && s->shape.owner == SHAPE_FOREIGN)
		snprintf(shown->problem, sizeof(shown->problem),
			"not shaped: somebody else put the qdisc %s there", s->shape.kind);
	else if (asked && s->shape.owner != SHAPE_OURS)
		snprintf(shown->problem, sizeof(shown->problem),
			"not shaped: somebody removed the qdisc");
}

static void add_interface(struct sampling *s)
{
	struct snapshot_qos_interface *shown;

	if (s->acts.modes == 0 && act_modes(&s->acts) == 0 && s->shape.owner != SHAPE_OURS)
		return;
	shown = SNAPSHOT_ADD(s->now, &s->now->qos, interfaces);
	if (shown == NULL)
		return;
	snprintf(shown->name, sizeof(shown->name), "%s", s->interface->name);
	act_modes_format(s->acts.modes, shown->modes, sizeof(shown->modes));
	shown->rate = s->shape.owner == SHAPE_OURS ? (double)s->shape.link.rate : NAN;
	set_problem(s, shown);
	for (uint32_t class = 1; class < TRAFFIC_CLASSES; class ++)
		if (s->control.labels[class][0] != '\0')
			for (uint32_t way = 0; way < TRAFFIC_DIRECTIONS; way++)
				add_class(s, way, class);
}

static void sample_interface(struct sampling *s, struct netlink *netlink)
{
	int slot = class_acts_slot(&s->context->maps, s->interface->ifindex);
	int counters = map_registry_fd(&s->context->maps, "tc_counters");

	if (slot < 0 || class_acts_read(&s->context->maps, (uint32_t)slot, &s->acts) < 0)
		return;
	s->slot = (uint32_t)slot;
	percpu_sum(&s->context->percpu, counters, &s->slot, &s->counts, sizeof(s->counts));
	/* The kernel tells of all interfaces each time: it is asked about those that are shaped alone. */
	s->shape = (struct shape_state) { .owner = SHAPE_NONE };
	if (s->acts.modes & CLASS_ACT_SHAPE &&
		shape_read(netlink, s->interface->ifindex, &s->shape) < 0)
		s->shape = (struct shape_state) { .owner = SHAPE_NONE };
	if (s->shape.timed)
		class_acts_timed(s->context, s->slot, &s->acts, &s->shape);
	add_interface(s);
}

void collect_qos(const struct program_context *context, struct netlink *netlink,
	const struct snapshot *before, struct snapshot *now)
{
	struct sampling s = { .context = context, .before = before, .now = now };

	if (class_acts_labels(&context->maps, &s.control) < 0 || s.control.acting == 0)
		return;
	for (size_t i = 0; i < context->watch.n_list; i++) {
		s.interface = &context->watch.list[i];
		sample_interface(&s, netlink);
	}
}
