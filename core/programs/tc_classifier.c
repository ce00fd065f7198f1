// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier: attaches one pair of programs to all interfaces. */
#include "tc_classifier.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "kernel/object.h"
#include "kernel/replaced.h"
#include "programs/class_acts.h"
#include "programs/class_maps.h"
#include "programs/links.h"
#include "programs/programs.h"
#include "programs/tc_classifier_attach.h"
#include "programs/tc_classifier_sample.h"

_Static_assert((int)TC_HOOK_INGRESS == (int)DIRECTION_INGRESS &&
		       (int)TC_HOOK_EGRESS == (int)DIRECTION_EGRESS,
	"a hook sees one direction");

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
	if (!classifier->shown_only)
		replaced_write(&program->context->maps, program->type->stage,
			&(const struct replaced) { 0 });
}

/* Enters the interfaces on which another x0top's programs act, so that their counts are shown. */
static int show_others(struct program *program)
{
	struct classifier *classifier = program->state;
	const struct watch *watch = &program->context->watch;

	for (uint32_t slot = 0; slot < watch->n_interfaces; slot++) {
		const struct watched_interface *row = &watch->interfaces[slot];
		if (!watched_is_here(row) || class_acts_slot(&program->context->maps,
						     row->interface.ifindex) != (int)slot)
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
	int error = program_prepare_note(program, failure);
	/* What other programs act upon until these take their places is the same as in larger maps. */
	program_settle_maps(program);
	if (error == 0)
		error = take(program, failure);
	if (error == 0)
		error = program_note_file(program, failure);
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
	error = program_prepare_note(program, failure);
	if (error < 0) {
		program_close_object(program);
		return error;
	}
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
	program_settle_maps(program);
	classifier_close_programs(&classifier->programs);
	classifier->programs = programs;
	/* Of one on trial, what is noted stays the old one's. */
	return program->on_trial ? 0 : program_note_file(program, failure);
}

static int leftovers(bool remove)
{
	return tc_all_leftovers(&classifier_programs_none, remove);
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
	{ .name = "control groups", .constant = "class_by_cgroup", .value = 1, .size = 1 },
	{ .name = NULL },
};

#define WITH_CLASSES .pinned = MAP_PINNED_WITH_CLASSES
#define COPIED(type) .copied = sizeof(type)

static const struct shared_map maps[] = {
	{ .name = "class_set", WITH_CLASSES },
	{ .name = "class_lines", WITH_CLASSES },
	{ .name = "class_bank", WITH_CLASSES, COPIED(struct class_bank) },
	{ .name = "class_cgroups", WITH_CLASSES },
	{ .name = "class_flows",
		WITH_CLASSES,
		COPIED(struct class_flow),
		.stale = { .first = offsetof(struct class_flow, generation) / sizeof(uint64_t),
			.n = 1 },
		.entries = { 1 << CLASS_FLOWS_BITS_SMALL, 1 << CLASS_FLOWS_BITS } },
	/* Nothing of a packet outlives it. */
	{ .name = "class_scratch",
		WITH_CLASSES,
		COPIED(struct class_scratch),
		.stale = { .n = sizeof(struct class_scratch) / sizeof(uint64_t) } },
	{ .name = "class_dropped", WITH_CLASSES },
	{ .name = "class_control", WITH_CLASSES, COPIED(struct class_control) },
	{ .name = "class_acts", WITH_CLASSES, .per_slot = 1, COPIED(struct class_acts) },
	/* Without what came during the change. */
	{ .name = "class_buckets",
		WITH_CLASSES,
		.per_slot = CLASS_ACT_INDEX(1, 0, 0),
		COPIED(struct gcra_bucket) },
	{ .name = "class_clocks",
		WITH_CLASSES,
		.per_slot = CLASS_CLOCK_INDEX(1, 0, 0),
		COPIED(struct gcra_bucket) },
	{ .name = "class_act_counts",
		WITH_CLASSES,
		.per_slot = CLASS_ACT_INDEX(1, 0, 0),
		.counts = sizeof(struct class_act_count) },
	{ .name = "tc_counters",
		WITH_CLASSES,
		.by_slot = true,
		.counts = sizeof(struct tc_interface_counters) },
	{ .name = "tc_interfaces", WITH_CLASSES, COPIED(struct interface_bucket) },
	{ .name = REPLACED_CLASSES_MAP, WITH_CLASSES },
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
	.parts = { PROGRAM_PART(tc) },
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
	.sample = classifier_sample,
	.outcome = outcome,
	.handles = "packets",
	.wrong = "were dropped, or not seen",
	.interfaces_changed = interfaces_changed,
	.interface_gone = classifier_interface_gone,
	.leftovers = leftovers,
};
