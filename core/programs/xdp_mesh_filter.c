// SPDX-License-Identifier: BSD-2-Clause
/* xdp_mesh_filter: drops by rules, and changes rules by verbs. */
#include "xdp_mesh_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/words.h"
#include "kernel/object.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rule_table.h"
#include "mesh/rules.h"
#include "programs/programs.h"
#include "programs/verb.h"
#include "programs/xdp_mesh_filter_judge.h"
#include "programs/xdp_mesh_filter_load.h"
#include "programs/xdp_mesh_filter_sample.h"
#include "programs/xdp_mesh_filter_state.h"
#include "programs/xdp_mesh_filter_talkers.h"
#include "programs/xdp_mesh_filter_undo.h"
#include "programs/xdp_stage.h"

/* --- enforcing ------------------------------------------------------------------------------- */

static int enforce(struct program *program, bool on)
{
	return rules_set_enforce(&program->context->maps, on);
}

static bool enforced(const struct program *program)
{
	return rules_enforced(&program->context->maps);
}

/* Without a rule it has nothing to match. */
static bool needs_xdp(const struct program *program)
{
	const struct settings *settings = program->context->settings;
	const struct mesh_filter *filter = program->state;

	if (((settings->n_rules > 0 || settings->mesh_policy == MESH_DROP) && !program->running) ||
		filter->loading != NULL)
		return true; /* they are added once it runs */
	const struct mesh_rule *rules = mesh_filter_rules(program);
	if (rules == NULL)
		return true;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (rules[i].match != MESH_MATCH_NONE)
			return true;
	return filter->policy == MESH_DROP;
}

/* A program may say that it lets pass what it drops: the end of the chain knows better, where it counts. */
static void outcome(const struct program *program, struct program_outcome *outcome)
{
	const struct program_context *context = program->context;
	struct mesh_filter_totals totals;
	uint32_t zero = 0;

	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "mesh_filter_totals"), &zero,
		&totals, sizeof(totals));
	xdp_stage_outcome(program, outcome);
	outcome->came[1] = outcome->came[0];
	outcome->passed[1] = outcome->passed[0];
	outcome->seen[1] = outcome->seen[0];
	outcome->passed[0] =
		totals.no_match.packets + totals.passed.packets + totals.spared.packets;
	outcome->seen[0] = true;
}

static bool enforce_asked(const struct settings *settings)
{
	return settings->enforce;
}

static bool enforce_question(struct program *program, char *sentence, size_t size)
{
	const struct mesh_rule *rules = mesh_filter_rules(program);
	const struct mesh_filter *filter = program->state;
	uint32_t drops = 0;

	if (mesh_filter_would_cut(program, sentence, size))
		return true;
	for (uint32_t i = 0; rules != NULL && i < MESH_RULES_MAX; i++)
		drops += rule_exists(&rules[i]) && rules[i].enabled && rules[i].action == MESH_DROP;
	if (rules != NULL && filter->policy == MESH_DROP) {
		snprintf(sentence, size,
			"Enforce the policy drop, and %u drop rule%s? They keep dropping after x0top exits, until you turn them off.",
			drops, drops == 1 ? "" : "s");
		return false;
	}
	snprintf(sentence, size,
		"Enforce %u drop rule%s? %s dropping after x0top exits, until you turn %s off.",
		drops, drops == 1 ? "" : "s", drops == 1 ? "It keeps" : "They keep",
		drops == 1 ? "it" : "them");
	return false;
}

/* --- life ------------------------------------------------------------------------------------ */

static bool set_asked(
	struct program *program, const struct settings_set *asked, struct action *action)
{
	action->verb = &mesh_filter_verbs[asked->from == SETTINGS_SET_FEED ? MESH_FILTER_SET_FEED
									   : MESH_FILTER_SET_LOAD];
	mesh_filter_set_asked(program, asked, action, &program->unmet);
	return true;
}

/* Makes the sets and adds the rules of the settings, in force all at once; after adoption the kernel's rules stay. */
static bool asked_action(struct program *program, uint32_t i, struct action *action)
{
	const struct settings *settings = program->context->settings;
	struct mesh_filter *filter = program->state;
	struct failure failure = { 0 };

	if (program->adopted ||
		(settings->n_rules + settings->n_sets == 0 && settings->mesh_policy == MESH_PASS))
		return false;
	if (i == 0)
		mesh_filter_begin_loading(program, &program->unmet);
	if (filter->loading == NULL)
		return false;
	filter->loading->bank.policy = settings->mesh_policy;
	if (i == settings->n_sets + settings->n_rules) {
		if (mesh_filter_check_sets(program, settings, &failure) < 0)
			mesh_filter_abandon_loading(program);
		else
			mesh_filter_end_loading(program, &failure);
		/* What could not be loaded says more than what lacks it. */
		if (failure.error < 0 && program->unmet.error == 0)
			program->unmet = failure;
		return false;
	}
	if (i < settings->n_sets)
		return set_asked(program, &settings->sets[i], action);
	action->verb = &mesh_filter_verbs[MESH_FILTER_RULE_ADD];
	action->rule = settings->rules[i - settings->n_sets];
	return true;
}

static bool holds(const struct mesh_rule *rules, const struct mesh_rule *asked)
{
	int place = rule_find(rules, asked);

	return place >= 0 && rules[place].action == asked->action &&
	       rules[place].enabled == asked->enabled;
}

/* Reports the first rule of the settings that an adopted filter lacks. */
static void check_adopted(struct program *program)
{
	const struct settings *settings = program->context->settings;
	const struct mesh_rule *rules = program->adopted ? mesh_filter_rules(program) : NULL;
	char rule[RULE_LEN];

	if (rules == NULL)
		return;
	for (uint32_t i = 0; i < settings->n_rules; i++) {
		const struct mesh_rule *asked = &settings->rules[i];
		if (holds(rules, asked))
			continue;
		rule_format(asked, rule, sizeof(rule));
		failure_set(&program->unmet, -EEXIST,
			"Not in force: rule %s%s. The adopted filter keeps its rules",
			asked->enabled ? "" : "off ", rule);
		failure_remedy(&program->unmet, "Change them with x0top rules");
		return;
	}
}

/* The same of sets, by name and kind of source. */
static void check_adopted_sets(struct program *program)
{
	const struct settings *settings = program->context->settings;
	struct mesh_filter *filter = program->state;
	const struct mesh_sets *sets =
		program->adopted && settings->n_sets > 0
			? mesh_feeds_sets(&filter->feeds, &program->context->maps)
			: NULL;

	for (uint32_t i = 0; sets != NULL && i < settings->n_sets; i++) {
		const struct settings_set *asked = &settings->sets[i];
		int place = sets_find(sets, asked->name);
		bool feed = asked->from == SETTINGS_SET_FEED;
		if (place >= 0 && (sets->sets[place].origin == MESH_ORIGIN_FEED) == feed)
			continue;
		failure_set(&program->unmet, -EEXIST,
			"Not in force: the set @%s. The adopted filter keeps its sets",
			asked->name);
		failure_remedy(&program->unmet, "Change them with x0top sets");
		return;
	}
}

static int start(struct program *program, struct failure *failure)
{
	int error = xdp_stage_start(program, failure);

	if (error == 0) {
		check_adopted(program);
		check_adopted_sets(program);
	}
	return error;
}

static void stop(struct program *program)
{
	struct mesh_filter *filter = program->state;

	mesh_filter_close_talkers(program);
	xdp_stage_stop(program);
	mesh_feeds_close(&filter->feeds);
}

static void close_filter(struct program *program)
{
	struct mesh_filter *filter = program->state;

	mesh_filter_close_talkers(program);
	mesh_feeds_close(&filter->feeds);
}

static bool due_action(struct program *program, uint32_t i, struct action *action)
{
	struct mesh_filter *filter = program->state;
	uint64_t late = 0;

	if (i == 0 && mesh_filter_rules(program) != NULL && mesh_filter_is_late(program, &late)) {
		*action = (struct action) { .verb = &mesh_filter_verbs[MESH_FILTER_RULE_ROLLBACK],
			.actor = ACTOR_TIME,
			.confirmed = true,
			.token = late };
		return true;
	}
	*action = (struct action) { 0 };
	bool over = mesh_filter_rules(program) != NULL && filter->expires != 0 &&
		    filter->expires <= clock_boottime_ns();

	action->actor = over && i == 0 ? ACTOR_TIME : ACTOR_FEED;
	action->verb = &mesh_filter_verbs[over && i == 0 ? MESH_FILTER_RULE_EXPIRE
							 : MESH_FILTER_SET_FOLLOW];
	return (over && i == 0) || mesh_feeds_due(program, &filter->feeds, i - over, action);
}

/* Rules name interfaces; the kernel knows their indexes. */
static void interfaces_changed(struct program *program)
{
	struct program_context *context = program->context;
	struct failure failure = { 0 };

	xdp_stage_interfaces_changed(program);
	if (!context->look_only && rule_table_follow(&context->maps, &failure) < 0)
		event_log_add(&context->log, 0, EVENT_KIND_PROGRAM,
			"rules still have old interfaces: %s", failure.what);
}

/* Returns the size of the flow table: as it is, or as a new one shall be. */
static uint32_t flows_bits(const struct program_context *context)
{
	int entries = flow_table_entries(&context->maps);
	uint32_t bits = 0;

	if (entries < 0)
		return context->settings->small ? MESH_FLOWS_BITS_SMALL : MESH_FLOWS_BITS;
	while (bits < MESH_FLOWS_BITS && entries >> (bits + 1) > 0)
		bits++;
	return bits;
}

/* Makes the maps of sets and of flows as large as the host's memory asks for. */
static int size_maps(const struct program_context *context, struct bpf_object *object)
{
	const uint32_t bits = flows_bits(context);
	const uint32_t pieces =
		context->settings->small ? MESH_SET_PIECES_SMALL : MESH_SET_PIECES_MAX;
	struct bpf_map *flows = bpf_object__find_map_by_name(object, "mesh_flows");
	struct bpf_map *sets = bpf_object__find_map_by_name(object, "mesh_sets");
	struct bpf_map *shorts = bpf_object__find_map_by_name(object, "mesh_shorts");

	if (flows == NULL || sets == NULL || shorts == NULL)
		return -ENOENT;
	if (context->settings->small &&
		bpf_map__set_max_entries(shorts, MESH_BANKS * MESH_SHORT_BUCKETS_SMALL) < 0)
		return -EINVAL;
	if (bpf_map__set_max_entries(flows, 1 << bits) < 0 ||
		bpf_map__set_max_entries(sets, MESH_SET_STORES * pieces) < 0)
		return -EINVAL;
	return object_set_constant(object, "mesh_flows_bits", &bits, sizeof(bits));
}

static int open_object(struct program *program, struct bpf_object **object, struct failure *failure)
{
	int error = xdp_stage_open(program, object, failure);

	if (error < 0 || *object == NULL)
		return error;
	if (size_maps(program->context, *object) == 0)
		return 0;
	bpf_object__close(*object);
	*object = NULL;
	return program_cannot_use(program, -ENOENT, failure);
}

#define COPIED(type) .pinned = true, .copied = sizeof(type)

static const struct shared_map maps[] = {
	{ .name = "mesh_near", COPIED(struct mesh_near) },
	{ .name = "mesh_rules", COPIED(struct mesh_rule) },
	{ .name = "mesh_banks", COPIED(struct mesh_bank) },
	{ .name = "mesh_lines", .pinned = true },
	{ .name = "mesh_shorts",
		.pinned = true,
		.stays = "x0top computes where compiled rules lie in it",
		.entries = { MESH_BANKS * MESH_SHORT_BUCKETS_SMALL,
			MESH_BANKS *MESH_SHORT_BUCKETS } },
	{ .name = "mesh_disabled", COPIED(struct mesh_line) },
	{ .name = "mesh_sets",
		COPIED(struct mesh_set_piece),
		.entries = { MESH_SET_STORES * MESH_SET_PIECES_SMALL,
			MESH_SET_STORES *MESH_SET_PIECES_MAX } },
	{ .name = "mesh_rule_counts",
		.pinned = true,
		.counts = sizeof(struct mesh_rule_counts),
		.apart = { .first = offsetof(struct mesh_rule_counts, last) / sizeof(uint64_t),
			.n = 1,
			.largest = true } },
	{ .name = "mesh_limits", COPIED(struct gcra) }, /* without what came during the change */
	{ .name = "mesh_flows",
		COPIED(struct mesh_flow),
		.stale = { .first = offsetof(struct mesh_flow, generation) / sizeof(uint64_t),
			.n = 1 },
		.entries = { 1 << MESH_FLOWS_BITS_SMALL, 1 << MESH_FLOWS_BITS } },
	{ .name = "mesh_scratch",
		.pinned = true,
		.counts = sizeof(struct mesh_scratch),
		.apart = { .n = offsetof(struct mesh_scratch, replaced) / sizeof(uint64_t) } },
	{ .name = "mesh_looking", COPIED(struct mesh_looking) },
	{ .name = "mesh_filter_control", COPIED(struct mesh_filter_control) },
	{ .name = "mesh_filter_totals",
		.pinned = true,
		.counts = sizeof(struct mesh_filter_totals) },
	{ .name = NULL },
};

const struct program_type program_xdp_mesh_filter = {
	.name = "xdp_mesh_filter",
	.kind = "XDP",
	.capabilities = NETWORK_CAPABILITIES,
	.stage = XDP_MESH_FILTER,
	.glanced = GLANCED_LOOKING,
	.maps = maps,
	.verbs = mesh_filter_verbs,
	.parts = { PROGRAM_PART(mesh), PROGRAM_PART(talkers) },
	.state_size = sizeof(struct mesh_filter),
	.asked_action = asked_action,
	.open = open_object,
	.start = start,
	.stop = stop,
	.close = close_filter,
	.due_action = due_action,
	.replace = xdp_stage_replace,
	.sample = mesh_filter_sample,
	.complete = mesh_filter_complete_neighbours,
	.interfaces_changed = interfaces_changed,
	.interface_gone = xdp_stage_interface_gone,
	.needs_xdp = needs_xdp,
	.outcome = outcome,
	.handles = "packets",
	.wrong = "did not pass",
	.enforce = enforce,
	.enforced = enforced,
	.enforce_asked = enforce_asked,
	.enforce_question = enforce_question,
};
