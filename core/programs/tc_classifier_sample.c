// SPDX-License-Identifier: BSD-2-Clause
#include "programs/tc_classifier_sample.h"

#include <stdio.h>

#include "model/look.h"
#include "model/rate.h"
#include "programs/class_acts.h"
#include "programs/class_acts_sample.h"
#include "programs/tc_classifier_attach.h"
#include "tc_classifier.h"

static const char *const kind_names[] = {
	[TC_NONE] = "", [TC_TCX] = "TCX", [TC_CLSACT] = "clsact"
};

/* What a sample is made of. */
struct sampling {
	const struct program_context *context;
	const struct snapshot *before; /* may be NULL */
	struct snapshot *now;
	int map; /* of the counters */
	uint32_t at; /* among the classes of interfaces before: the next one */
	uint8_t used[CLASSES_MAX]; /* numbers of the classes, in the order of the snapshot */
};

/* The counters of an interface's class, and of its VLAN tags. */
enum {
	CLASS_COUNTERS = TRAFFIC_DIRECTIONS * 2, /* packets and bytes */
	VLAN_COUNTERS = TRAFFIC_DIRECTIONS,
};

static const struct snapshot_tc_interface *find(const struct snapshot *snapshot, uint32_t ifindex)
{
	if (snapshot == NULL)
		return NULL;
	for (uint32_t i = 0; i < snapshot->tc.n_interfaces; i++)
		if (snapshot->tc.interfaces[i].ifindex == ifindex)
			return &snapshot->tc.interfaces[i];
	return NULL;
}

static struct counter *class_counters(struct traffic directions[TRAFFIC_DIRECTIONS])
{
	return &directions[0].packets;
}

static void set_class_totals(const struct tc_interface_counters *counts, uint8_t class,
	struct traffic directions[TRAFFIC_DIRECTIONS])
{
	for (int d = 0; d < TRAFFIC_DIRECTIONS; d++) {
		directions[d].packets.total = counts->classes[d][class].packets;
		directions[d].bytes.total = counts->classes[d][class].bytes;
	}
}

static void set_vlan_totals(
	const struct tc_interface_counters *counts, struct counter vlan[TRAFFIC_DIRECTIONS])
{
	for (int d = 0; d < TRAFFIC_DIRECTIONS; d++)
		vlan[d].total = counts->vlan[d];
}

/* Sets the rates since `before`; without `counts`, nothing counts now, and totals stay as they were. */
static void set_rates(struct counter *now, const struct counter *before, size_t n,
	const struct tc_interface_counters *counts, double interval)
{
	if (counts == NULL)
		counters_keep(now, before, n);
	else
		counters_rate(now, before, n, interval);
}

/* Makes the classes of the sums over all interfaces, which begin at 0. */
static void begin_classes(const struct class_lines *lines, struct sampling *s)
{
	uint32_t n = classes_used(lines, s->used);

	for (uint32_t i = 0; i < n; i++) {
		struct snapshot_class *class = SNAPSHOT_ADD(s->now, &s->now->tc, classes);
		if (class != NULL)
			snprintf(class->name, sizeof(class->name), "%s",
				lines->names.names[s->used[i]]);
	}
}

/* Adds the lines in force. Nobody else needs their texts, which take long to write. */
static void add_lines(const struct class_lines *lines, const struct sampling *s)
{
	for (uint32_t i = 0; i < lines->n && s->context->looks & LOOK_CLASSES; i++) {
		const struct class_line *line = &lines->lines[i];
		struct snapshot_class_line *shown = SNAPSHOT_ADD(s->now, &s->now->tc, lines);
		char text[RULE_LEN];
		if (shown == NULL)
			continue;
		shown->number = i;
		shown->own = !classes_is_default(lines, line);
		classes_format_conditions(line, text, sizeof(text));
		snprintf(shown->conditions, sizeof(shown->conditions), "%.*s",
			(int)sizeof(shown->conditions) - 1, text);
		snprintf(shown->class, sizeof(shown->class), "%s",
			lines->names.names[line->class % TRAFFIC_CLASSES]);
		snprintf(shown->packets, sizeof(shown->packets), "%s", classes_packets(line));
	}
}

/* Adds what an interface counted that is gone: sums never fall. */
static void add_gone(void *data, uint32_t slot)
{
	const struct sampling *s = data;
	struct snapshot_tc *tc = &s->now->tc;
	struct counter vlan[VLAN_COUNTERS] = { 0 };
	struct tc_interface_counters counts;

	if (percpu_sum(&s->context->percpu, s->map, &slot, &counts, sizeof(counts)) < 0)
		return;
	for (uint32_t i = 0; i < tc->n_classes; i++) {
		struct traffic gone[TRAFFIC_DIRECTIONS] = { 0 };
		set_class_totals(&counts, s->used[i], gone);
		counters_add(class_counters(tc->classes[i].directions), class_counters(gone),
			CLASS_COUNTERS, false);
	}
	set_vlan_totals(&counts, vlan);
	counters_add(tc->vlan, vlan, VLAN_COUNTERS, false);
}

/* Adds a class of an interface, with what it counted since `old`; NULL `counts`: nothing counts. */
static void add_class(struct sampling *s, uint32_t place, const char *interface,
	const struct tc_interface_counters *counts, const struct traffic *old)
{
	struct snapshot_tc *tc = &s->now->tc;
	struct snapshot_interface_class class = { 0 };

	snprintf(class.interface, sizeof(class.interface), "%s", interface);
	snprintf(class.name, sizeof(class.name), "%s", tc->classes[place].name);
	if (counts != NULL)
		set_class_totals(counts, s->used[place], class.directions);
	set_rates(class_counters(class.directions), old == NULL ? NULL : &old->packets,
		CLASS_COUNTERS, counts, s->now->interval);
	counters_add(class_counters(tc->classes[place].directions),
		class_counters(class.directions), CLASS_COUNTERS, counts != NULL);
	struct snapshot_interface_class *added = SNAPSHOT_ADD(s->now, tc, interfaces_classes);
	if (added != NULL)
		*added = class;
}

/* What the rates of an interface are since, watch_compare(): before, from 0 on, or unknown. */
enum since { SINCE_UNKNOWN, SINCE_BEFORE, SINCE_ZERO };

static enum since compare_since(const struct sampling *s, const struct watched_interface *watched,
	const struct snapshot_tc_interface *old)
{
	static const int zero;

	if (old != NULL && old->problem[0] != '\0')
		old = NULL; /* it did not count then */
	const void *since = watch_compare(watched, old, s->before == NULL ? NULL : &zero);
	return since == NULL ? SINCE_UNKNOWN : since == old ? SINCE_BEFORE : SINCE_ZERO;
}

/* Returns what a class of an interface counted before, or NULL. A class that there was not counts from 0 on. */
static const struct traffic *class_before(
	struct sampling *s, const char *interface, const char *class, enum since since)
{
	static const struct traffic zero[TRAFFIC_DIRECTIONS];
	const struct snapshot_interface_class *old;

	if (since == SINCE_ZERO)
		return zero;
	if (since == SINCE_UNKNOWN)
		return NULL;
	old = snapshot_tc_interface_class(&s->before->tc, interface, class, &s->at);
	if (old != NULL)
		return old->directions;
	return snapshot_tc_class(&s->before->tc, class) == NULL ? zero : NULL;
}

static void add_classes(struct sampling *s, const char *interface, enum since since,
	const struct tc_interface_counters *counts)
{
	for (uint32_t i = 0; i < s->now->tc.n_classes; i++)
		add_class(s, i, interface, counts,
			class_before(s, interface, s->now->tc.classes[i].name, since));
}

/*
 * Adds an interface with its counts and those of the sum; if nothing counts there, with those of the
 * sample before.
 */
static void sample_interface(struct sampling *s, uint32_t slot, bool counting,
	const struct snapshot_tc_interface *interface)
{
	static const struct counter zero[VLAN_COUNTERS];
	const struct watched_interface *watched = &s->context->watch.interfaces[slot];
	struct tc_interface_counters sums, *counts = NULL;

	struct snapshot_tc_interface *added = SNAPSHOT_ADD(s->now, &s->now->tc, interfaces);

	if (added == NULL)
		return;
	const struct snapshot_tc_interface *old = find(s->before, interface->ifindex);
	if (counting && percpu_sum(&s->context->percpu, s->map, &slot, &sums, sizeof(sums)) == 0)
		counts = &sums;
	*added = *interface;
	enum since since = old != NULL ? SINCE_BEFORE : SINCE_UNKNOWN;
	if (counts != NULL) {
		s->now->tc.available = true;
		set_vlan_totals(counts, added->vlan);
		since = compare_since(s, watched, old);
	}
	const struct counter *from = since == SINCE_ZERO ? zero : NULL;
	if (since == SINCE_BEFORE)
		from = old->vlan;
	set_rates(added->vlan, from, VLAN_COUNTERS, counts, s->now->interval);
	counters_add(s->now->tc.vlan, added->vlan, VLAN_COUNTERS, counts != NULL);
	add_classes(s, added->name, since, counts);
}

/* While nothing counts on any interface, sums have no rate. */
static void forget_rates(struct snapshot_tc *tc)
{
	for (uint32_t i = 0; i < tc->n_classes; i++) {
		struct counter *sums = class_counters(tc->classes[i].directions);
		counters_stop(sums, CLASS_COUNTERS);
	}
	counters_stop(tc->vlan, VLAN_COUNTERS);
}

static const char *how_attached(const struct program *program, uint32_t slot)
{
	uint32_t kind = classifier_attached_at(program, slot)->attachment.kind;

	return kind == TC_NONE ? NULL : kind_names[kind];
}

static const struct failure *why_not(const struct program *program, uint32_t slot)
{
	return &classifier_attached_at(program, slot)->failure;
}

void classifier_sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	const struct program_context *context = program->context;
	struct classifier *classifier = program->state;
	struct sampling s = { .context = context,
		.before = before,
		.now = now,
		.map = map_registry_fd(&context->maps, "tc_counters") };
	struct run_stats runs;
	uint32_t zero = 0;

	classifier_follow_lines(program);
	program_describe_interfaces(program, how_attached, why_not, shown);
	const struct class_lines *lines = classifier_shown_lines(program);
	begin_classes(lines, &s);
	add_lines(lines, &s);
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &context->watch.interfaces[slot];
		const struct attached *attached = classifier_attached_at(program, slot);
		struct snapshot_tc_interface interface = {
			.ifindex = watched->interface.ifindex,
		};
		if (!watched->used)
			continue;
		uint32_t kind = attached->attachment.kind;
		snprintf(interface.name, sizeof(interface.name), "%s", watched->interface.name);
		snprintf(interface.attached, sizeof(interface.attached), "%s", kind_names[kind]);
		if (kind == TC_NONE)
			snprintf(interface.problem, sizeof(interface.problem), "%s",
				watched->present ? attached->failure.what : watched->absent.what);
		sample_interface(&s, slot, kind != TC_NONE, &interface);
	}
	watch_each_gone(&context->watch, add_gone, &s);
	if (!now->tc.available)
		forget_rates(&now->tc);
	collect_qos(context, &classifier->netlink, before, now);
	shown->enforcing = class_acts_any(&context->maps);
	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "tc_runs"), &zero, &runs,
		sizeof(runs));
	program_set_runs(program, &runs, before, now, shown);
}
