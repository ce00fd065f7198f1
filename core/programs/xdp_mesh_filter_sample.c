// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_sample.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "mesh/rule.h"
#include "mesh/rule_notes.h"
#include "mesh/rules.h"
#include "model/rate.h"
#include "programs/xdp_mesh_filter_state.h"
#include "programs/xdp_mesh_filter_talkers.h"
#include "programs/xdp_stage.h"
#include "xdp_mesh_filter.h"

/*
 * Finds the same rule in the last sample, by number and key. Both lists are in order: *at keeps the place
 * of the search.
 */
static const struct snapshot_rule *find(
	const struct snapshot *before, uint32_t *at, const struct snapshot_rule *rule)
{
	if (before == NULL)
		return NULL;
	const struct snapshot_mesh *mesh = &before->mesh;
	while (*at < mesh->n_rules && mesh->rules[*at].number < rule->number)
		(*at)++;
	if (*at == mesh->n_rules || mesh->rules[*at].number != rule->number ||
		strcmp(mesh->rules[*at].key, rule->key) != 0)
		return NULL;
	return &mesh->rules[*at];
}

static void sample_totals(const struct percpu *percpu, const struct map_registry *maps,
	const struct snapshot *before, struct snapshot *now)
{
	struct mesh_filter_totals totals;
	struct snapshot_mesh *mesh = &now->mesh;
	const struct snapshot_mesh *old = before ? &before->mesh : NULL;
	uint32_t zero = 0;

	percpu_sum(percpu, map_registry_fd(maps, "mesh_filter_totals"), &zero, &totals,
		sizeof(totals));
	traffic_update(
		&mesh->no_match, old ? &old->no_match : NULL, &totals.no_match, now->interval);
	traffic_update(&mesh->passed, old ? &old->passed : NULL, &totals.passed, now->interval);
	traffic_update(&mesh->dropped, old ? &old->dropped : NULL, &totals.dropped, now->interval);
	traffic_update(&mesh->refused, old ? &old->refused : NULL, &totals.refused, now->interval);
	traffic_update(&mesh->unreadable, old ? &old->unreadable : NULL, &totals.unreadable,
		now->interval);
	traffic_update(&mesh->spared, old ? &old->spared : NULL, &totals.spared, now->interval);
}

/* The clock of rules goes on while the host sleeps, and is never set. */
static double since_1970(uint64_t boot_ns)
{
	return clock_realtime_seconds() - clock_boottime_seconds() + (double)boot_ns / 1e9;
}

static void show_counts(struct program *program, const struct mesh_rule *rule,
	const struct snapshot_rule *old, struct snapshot_rule *shown, double interval)
{
	const struct percpu *percpu = &program->context->percpu;
	int map = map_registry_fd(&program->context->maps, "mesh_rule_counts");
	struct mesh_rule_counts counts;
	uint32_t id = rule->id;

	percpu_sum(percpu, map, &id, &counts, sizeof(counts));
	counts.last = percpu_largest(
		percpu, sizeof(counts), offsetof(struct mesh_rule_counts, last) / sizeof(uint64_t));
	shown->last_match = counts.last > 0 ? since_1970(counts.last) : NAN;
	traffic_update(&shown->traffic, old ? &old->traffic : NULL, &counts.decided, interval);
	traffic_update(&shown->dropped, old ? &old->dropped : NULL, &counts.dropped, interval);
}

static void show_rule(const struct mesh_rule *rules, uint32_t number, const struct shadow *shadow,
	struct snapshot_rule *shown)
{
	const struct mesh_rule *rule = &rules[number];
	uint64_t left = rule_time_left(rule);

	shown->number = number;
	shown->match = rule->match;
	shown->action = rule->action;
	shown->enabled = rule->enabled;
	shown->origin = rule->origin;
	shown->time_left = left == UINT64_MAX ? NAN : (double)left;
	shown->shadowed_by = shadow->n > 0 && shadow->still == 0 ? shadow->rules[0] : COUNT_UNKNOWN;
	shadow_format(shadow, shown->shadow, sizeof(shown->shadow));
	rule_format_limit(rule, shown->limit, sizeof(shown->limit));
	rule_format_key(rule, shown->key, sizeof(shown->key));
	rule_format_comment(rule, shown->comment);
}

static void sample_rules(
	struct program *program, const struct snapshot *before, struct snapshot *now)
{
	const struct map_registry *maps = &program->context->maps;
	const struct percpu *percpu = &program->context->percpu;
	const struct mesh_rule *rules = mesh_filter_rules(program);
	const struct mesh_filter *filter = program->state;
	uint32_t at = 0;

	if (rules == NULL)
		return;
	now->mesh.available = true;
	now->mesh.enforcing = rules_enforced(maps);
	now->mesh.policy = filter->policy;
	sample_totals(percpu, maps, before, now);
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (rules[i].match == MESH_MATCH_NONE || rules[i].match >= MESH_MATCHES)
			continue;
		struct snapshot_rule *shown = SNAPSHOT_ADD(now, &now->mesh, rules);
		if (shown == NULL)
			continue;
		show_rule(rules, i, &filter->shadows[i], shown);
		show_counts(program, &rules[i], find(before, &at, shown), shown, now->interval);
	}
}

static void sample_sets(struct program *program, struct snapshot *now)
{
	struct mesh_filter *filter = program->state;
	const struct mesh_sets *sets = mesh_feeds_sets(&filter->feeds, &program->context->maps);

	for (uint32_t i = 0; sets != NULL && i < sets->n; i++) {
		const struct mesh_set *set = &sets->sets[i];
		struct snapshot_mesh_set *shown = SNAPSHOT_ADD(now, &now->mesh, sets);
		if (shown == NULL)
			return;
		snprintf(shown->name, sizeof(shown->name), "%s", set->name);
		snprintf(shown->source, sizeof(shown->source), "%s", set->source);
		shown->kind = set->kind;
		shown->origin = set->origin < MESH_ORIGINS ? set->origin : MESH_ORIGIN_NONE;
		shown->elements = set->n;
		shown->addresses = set->n_addresses;
		shown->changed = (double)set->changed;
		shown->stale_since = set->stale != 0 ? (double)set->stale : NAN;
	}
}

void mesh_filter_sample(struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown)
{
	xdp_stage_sample(program, before, now, shown);
	sample_rules(program, before, now);
	mesh_filter_sample_talkers(program, now);
	sample_sets(program, now);
	shown->enforcing = now->mesh.enforcing;
}
