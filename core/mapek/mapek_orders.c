// SPDX-License-Identifier: BSD-2-Clause
/* What an operator said, or Knowledge remembers, about what MAPE-K does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mapek/execute_list.h"
#include "mapek/mapek_state.h"

void mapek_recall(struct mapek *mapek, const struct snapshot_mapek_action *action, double ago)
{
	const bool holds = action->state == MAPEK_IN_FORCE;
	bool known = false;

	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		const struct policy *policy = &mapek->policies.list[i];
		if (strcmp(policy->name, action->policy) != 0)
			continue;
		execute_recall(&mapek->execute, action, policy, holds ? policy->length - ago : -ago,
			mapek->clock);
		known = true;
	}
	if (!known && holds && mapek->n_orphans < MAPEK_ORPHANS)
		mapek->orphans[mapek->n_orphans++] = *action;
}

int mapek_spare(struct mapek *mapek, const char *target, double since)
{
	struct policies *policies = &mapek->policies;

	mapek_spare_no_more(mapek, target);
	if (policies->n_spared == MAPEK_SPARED_MAX)
		return -ENOSPC;
	struct snapshot_mapek_spared *spared = &policies->spared[policies->n_spared++];
	*spared = (struct snapshot_mapek_spared) { .since = since };
	snprintf(spared->target, sizeof(spared->target), "%s", target);
	return 0;
}

int mapek_spare_no_more(struct mapek *mapek, const char *target)
{
	struct policies *policies = &mapek->policies;

	for (uint32_t i = 0; i < policies->n_spared; i++)
		if (strcmp(policies->spared[i].target, target) == 0) {
			policies->spared[i] = policies->spared[--policies->n_spared];
			return 0;
		}
	return -ENOENT;
}

void mapek_spare_only(struct mapek *mapek, const struct snapshot_mapek_spared *list, uint32_t n)
{
	mapek->policies.n_spared = n;
	memcpy(mapek->policies.spared, list, n * sizeof(*list));
}

void mapek_advise_only(struct mapek *mapek)
{
	mapek->policies.mode = MAPEK_ADVISE;
}

bool mapek_advises(struct mapek *mapek, const char *action)
{
	const struct executed *executed = execute_find(&mapek->execute, action);

	return executed != NULL && executed->shown.state == MAPEK_ADVISED;
}

int mapek_order(
	struct mapek *mapek, const char *action, struct hook_order *order, struct failure *failure)
{
	struct executed *executed = execute_find(&mapek->execute, action);

	if (executed == NULL || executed->policy->n_arguments == 0)
		return failure_set(failure, -ENOENT, "Nothing advises to run that now");
	const struct snapshot_mapek_anomaly *anomaly =
		mapek_anomaly_of(mapek, executed->shown.anomaly);
	*order = (struct hook_order) {
		.policy = (uint32_t)(executed->policy - mapek->policies.list),
		.action = executed->shown.number,
		.anomaly = executed->shown.anomaly,
		.value = anomaly->value,
		.low = anomaly->low,
		.high = anomaly->high,
		.score = anomaly->score,
	};
	memcpy(order->target, executed->shown.target, sizeof(order->target));
	memcpy(order->reason, executed->shown.reason, sizeof(order->reason));
	return 0;
}

int mapek_undo(struct mapek *mapek, uint64_t number, struct failure *failure)
{
	return execute_undo(&mapek->execute, number, failure);
}

void mapek_hook_begun(struct mapek *mapek, uint64_t action)
{
	execute_hook_begun(&mapek->execute, action, mapek->clock);
}

void mapek_hook_ended(struct mapek *mapek, const struct hook_report *report)
{
	execute_hook_ended(&mapek->execute, report->action, report->ended, report->output);
}
