// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier: attaches one pair of programs to all interfaces and samples the tc part. */
#include "tc_classifier.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/object.h"
#include "model/event_log.h"
#include "model/look.h"
#include "model/rate.h"
#include "programs/class_acts.h"
#include "programs/class_acts_sample.h"
#include "programs/class_maps.h"
#include "programs/links.h"
#include "programs/programs.h"
#include "programs/tc_classifier_attach.h"

_Static_assert((int)TC_HOOK_INGRESS == (int)DIRECTION_INGRESS &&
		       (int)TC_HOOK_EGRESS == (int)DIRECTION_EGRESS,
	"a hook sees one direction");

static const char *const kind_names[] = {
	[TC_NONE] = "", [TC_TCX] = "TCX", [TC_CLSACT] = "clsact"
};

/* --- interfaces ------------------------------------------------------------------------------ */

static void interfaces_changed(struct program *program)
{
	const struct classifier *classifier = program->state;

	classifier_interfaces_changed(program);
	if (program->running && !classifier->shown_only)
		classifier_follow_lines(program);
}

/* --- life ------------------------------------------------------------------------------------ */

static int open_netlink(struct classifier *classifier, struct failure *failure)
{
	int error = netlink_open(&classifier->netlink);

	classifier->programs.netlink = &classifier->netlink;
	if (error == 0)
		return 0;
	return failure_set(failure, error, "Cannot open a netlink socket: %s", strerror(-error));
}

static int open_object(struct program *program, struct bpf_object **object, struct failure *failure)
{
	struct classifier *classifier = program->state;

	classifier->shown_only = program->context->classes_look_only;
	if (classifier->shown_only)
		return 0;
	classifier->acting = class_acts_any(&program->context->maps);
	return classifier_open_variant(program, classifier->acting, object, failure);
}

/* Keeps the loaded programs and puts the lines in force. */
static int take(struct program *program, struct failure *failure)
{
	struct classifier *classifier = program->state;
	int error = classifier_keep_programs(&classifier->programs, program->object);

	if (error < 0)
		return program_cannot_use(program, error, failure);
	if (error == 0)
		error = classifier_load_lines(program, failure);
	return error < 0 ? error : open_netlink(classifier, failure);
}

static void stop(struct program *program)
{
	struct classifier *classifier = program->state;

	for (uint32_t slot = 0; slot < classifier->n_attached; slot++)
		tc_detach(&classifier->attached[slot].attachment, &classifier->programs);
	classifier_unload(classifier);
	if (classifier->book_opened)
		class_book_close(&classifier->book);
	classifier->book_opened = false;
}

/* Enters the interfaces on which another x0top's programs act, so that their counts are shown. */
static int show_others(struct program *program)
{
	struct classifier *classifier = program->state;
	const struct watch *watch = &program->context->watch;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		const struct watched_interface *row = &watch->interfaces[slot];
		if (!row->used || !row->present ||
			class_acts_slot(&program->context->maps, row->interface.ifindex) !=
				(int)slot)
			continue;
		struct attached *attached = classifier_make_attached(classifier, slot);
		if (attached != NULL)
			attached->attachment.kind = TC_TCX; /* without links: nothing to detach */
	}
	return 0;
}

/* Attaches to all interfaces; one that fails keeps its failure, and the program runs on the others. */
static int start(struct program *program, struct failure *failure)
{
	struct classifier *classifier = program->state;

	classifier->programs = classifier_programs_none;
	if (classifier->shown_only) {
		int shown = open_netlink(classifier, failure);
		return shown < 0 ? shown : show_others(program);
	}
	classifier->programs.replace = classifier->acting;
	int error = take(program, failure);
	if (error == 0)
		classifier_attach_all(program);
	else
		classifier_unload(classifier);
	return error;
}

/* Puts programs in the place of others, on all interfaces. */
static int replace_all(const struct classifier *classifier, const struct tc_programs *programs)
{
	int error = 0;

	for (uint32_t slot = 0; slot < classifier->n_attached && error == 0; slot++)
		if (classifier->attached[slot].attachment.kind != TC_NONE)
			error = tc_replace(&classifier->attached[slot].attachment, programs);
	return error;
}

/* At each hook by one update. If an interface refuses, all have the old programs again. */
static int replace(struct program *program, struct failure *failure)
{
	struct classifier *classifier = program->state;
	struct tc_programs programs = classifier_programs_none;
	int error = program_load(program, failure);

	if (error < 0)
		return error;
	programs.netlink = &classifier->netlink;
	error = classifier_keep_programs(&programs, program->object);
	if (error == 0)
		error = replace_all(classifier, &programs);
	program_close_object(program);
	if (error < 0) {
		failure_set(failure, error, "Cannot replace %s: %s", program->type->name,
			strerror(-error));
		replace_all(classifier, &classifier->programs);
		classifier_close_programs(&programs);
		return error;
	}
	classifier_close_programs(&classifier->programs);
	classifier->programs = programs;
	return 0;
}

static int leftovers(bool remove)
{
	return tc_all_leftovers(&classifier_programs_none, remove);
}

/* --- samples --------------------------------------------------------------------------------- */

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

static const char *how_attached(const struct program *program, uint32_t slot)
{
	uint32_t kind = classifier_attached_at(program, slot)->attachment.kind;

	return kind == TC_NONE ? NULL : kind_names[kind];
}

static const struct failure *why_not(const struct program *program, uint32_t slot)
{
	return &classifier_attached_at(program, slot)->failure;
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
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
	collect_qos(context, &classifier->netlink, before, now);
	shown->enforcing = class_acts_any(&context->maps);
	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "tc_runs"), &zero, &runs,
		sizeof(runs));
	program_set_runs(program, &runs, before, now, shown);
}

/* --- trials ---------------------------------------------------------------------------------- */

static bool is_attached(const struct program *program, uint32_t slot)
{
	return classifier_attached_at(program, slot)->attachment.kind != TC_NONE;
}

/* Adds what was counted of a slot: sent packets, and those that were dropped. */
static void add_slot(
	const struct program_context *context, uint32_t slot, uint64_t *sent, uint64_t *dropped)
{
	struct tc_interface_counters counts;
	struct class_act_count acts;

	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "tc_counters"), &slot, &counts,
		sizeof(counts));
	for (uint32_t class = 0; class < TRAFFIC_CLASSES; class ++) {
		*sent += counts.classes[DIRECTION_EGRESS][class].packets;
		for (uint32_t way = 0; way < TRAFFIC_DIRECTIONS; way++)
			if (class_acts_count(context, slot, way, class, &acts) == 0)
				*dropped += acts.dropped;
	}
}

/*
 * The kernel counts what it received, before, and what was sent, behind; as one what GRO has joined, or not yet cut.
 * So they tell whether most packets come to the program, and go on from it.
 */
static void outcome(const struct program *program, struct program_outcome *outcome)
{
	const struct program_context *context = program->context;
	uint64_t received, sent, counted = 0;
	uint32_t zero = 0;
	struct run_stats runs;

	outcome->seen[0] = outcome->seen[1] =
		links_packets(program, is_attached, &received, &sent) == 0;
	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "tc_runs"), &zero, &runs,
		sizeof(runs));
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++)
		if (is_attached(program, slot))
			add_slot(context, slot, &counted, &outcome->lost);
	outcome->came[0] = received + sent;
	outcome->passed[0] = runs.runs * OUTCOME_SEGMENTS;
	outcome->came[1] = counted;
	outcome->passed[1] = sent * OUTCOME_SEGMENTS;
}

static const struct verifier_variant variants[] = {
	{ .name = "", .constant = "class_acting", .value = 1, .size = 1 },
	{ .name = NULL },
};

#define WITH_CLASSES .pinned = MAP_PINNED_WITH_CLASSES

static const struct shared_map maps[] = {
	{ .name = "class_set", WITH_CLASSES },
	{ .name = "class_lines", WITH_CLASSES },
	{ .name = "class_bank", WITH_CLASSES },
	{ .name = "class_cgroups", WITH_CLASSES },
	{ .name = "class_flows",
		WITH_CLASSES,
		.entries = { 1 << CLASS_FLOWS_BITS_SMALL, 1 << CLASS_FLOWS_BITS } },
	{ .name = "class_scratch", WITH_CLASSES },
	{ .name = "class_control", WITH_CLASSES },
	{ .name = "class_acts", WITH_CLASSES, .per_slot = 1 },
	{ .name = "class_buckets", WITH_CLASSES, .per_slot = CLASS_ACT_INDEX(1, 0, 0) },
	{ .name = "class_clocks", WITH_CLASSES, .per_slot = CLASS_CLOCK_INDEX(1, 0, 0) },
	{ .name = "class_act_counts",
		WITH_CLASSES,
		.per_slot = CLASS_ACT_INDEX(1, 0, 0),
		.counts = sizeof(struct class_act_count) },
	{ .name = "tc_counters",
		WITH_CLASSES,
		.by_slot = true,
		.counts = sizeof(struct tc_interface_counters) },
	{ .name = "tc_interfaces", WITH_CLASSES },
	{ .name = "tc_runs",
		WITH_CLASSES,
		.counts = sizeof(struct run_stats),
		.apart = RUN_STATS_APART },
	{ .name = NULL },
};

const struct program_type program_tc_classifier = {
	.name = "tc_classifier",
	.kind = "TC",
	.capabilities = NETWORK_CAPABILITIES,
	.maps = maps,
	.variants = variants,
	.state_size = sizeof(struct classifier),
	.open = open_object,
	.start = start,
	.replace = replace,
	.stop = stop,
	.close = classifier_close,
	.enforce = classifier_enforce,
	.enforced = classifier_enforced,
	.enforce_question = classifier_enforce_question,
	.pin = classifier_pin,
	.is_pinned = classifier_is_pinned,
	.unpin = classifier_unpin,
	.sample = sample,
	.outcome = outcome,
	.handles = "packets",
	.wrong = "were dropped, or not seen",
	.interfaces_changed = interfaces_changed,
	.interface_gone = classifier_interface_gone,
	.leftovers = leftovers,
};
