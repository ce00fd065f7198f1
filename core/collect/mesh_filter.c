// SPDX-License-Identifier: BSD-2-Clause
#include "collect/mesh_filter.h"

#include <string.h>

#include "mesh/rule.h"
#include "mesh/rules.h"
#include "model/rate.h"

/*
 * The rule of the same number in the sample before, if it is still the same rule. Both lists are in
 * order: *at remembers how far the search has come.
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

static void collect_totals(const struct percpu *percpu, const struct map_registry *maps,
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
	traffic_update(&mesh->spared, old ? &old->spared : NULL, &totals.spared, now->interval);
}

int collect_mesh_filter(const struct percpu *percpu, const struct map_registry *maps,
	struct mesh_rule *rules, const struct snapshot *before, struct snapshot *now)
{
	int counts_map = map_registry_fd(maps, "mesh_rule_counts");
	int error = rules_read(maps, rules);
	uint32_t at = 0;

	if (error < 0)
		return error;
	now->mesh.available = true;
	now->mesh.enforcing = rules_enforced(maps);
	collect_totals(percpu, maps, before, now);
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		struct traffic_count count;
		if (rules[i].match == MESH_MATCH_NONE || rules[i].match >= MESH_MATCHES)
			continue;
		struct snapshot_rule *rule = SNAPSHOT_ADD(now, &now->mesh, rules);
		if (rule == NULL)
			continue;
		rule->number = i;
		rule->match = rules[i].match;
		rule->action = rules[i].action;
		rule->enabled = rules[i].enabled;
		rule_format_key(&rules[i], rule->key, sizeof(rule->key));
		percpu_sum(percpu, counts_map, &i, &count, sizeof(count));
		const struct snapshot_rule *old = find(before, &at, rule);
		traffic_update(&rule->traffic, old ? &old->traffic : NULL, &count, now->interval);
	}
	return 0;
}
