// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/plan.h"

#include <math.h>
#include <stdio.h>

#include "mapek/measure.h"
#include "model/format.h"

/* Returns whether a value is one of the policy's anomaly: from what begins it until it is usual again. */
static bool is_hot(struct plan *plan, const struct policy *policy, const struct reading *reading)
{
	const bool high = policy->side == POLICY_HIGH;
	const bool beyond = high ? reading->value > reading->high : reading->value < reading->low;

	const double alarm = isnan(policy->score) ? reading->alarm : policy->score;

	plan->alarmed = beyond && (plan->alarmed || plan->raised || reading->score >= alarm);
	plan->score = plan->alarmed ? fmax(plan->score, reading->score) : 0;
	if (!plan->alarmed)
		return false;
	return isnan(policy->from) ||
	       (high ? reading->value >= policy->from : reading->value <= policy->from);
}

enum plan_step plan_take(
	struct plan *plan, const struct policy *policy, const struct reading *reading, double now)
{
	const bool was_raised = plan->raised, hot = is_hot(plan, policy, reading);

	if (hot && !plan->hot)
		plan->since = now;
	if (hot)
		plan->last = now;
	plan->hot = hot;
	if (hot && now - plan->since >= policy->hold)
		plan->raised = true;
	if (!hot && plan->raised && now - plan->last >= policy->calm)
		plan->raised = false;
	if (was_raised != plan->raised)
		return was_raised ? PLAN_ENDS : PLAN_BEGINS;
	if (!plan->raised)
		return PLAN_NOTHING;
	return hot ? PLAN_LASTS : PLAN_CALMS;
}

bool plan_needs_sources(const struct plan *plan, const struct policy *policy)
{
	return (plan->hot || plan->raised) && policy_takes_source(policy);
}

uint32_t plan_targets(const struct policies *policies, const struct policy *policy,
	const struct snapshot *snapshot, const char *targets[POLICY_ACTIONS_MAX])
{
	const struct snapshot_talkers *talkers = &snapshot->talkers;
	uint32_t n = 0;

	targets[0] = "";
	if (!policy_takes_source(policy))
		return 1;
	for (uint32_t i = 0; i < talkers->n_sources && n < policy->most; i++) {
		const struct snapshot_source *source = &talkers->sources[i];
		const double rate = source->traffic.packets.rate;
		if (!isnan(rate) && rate >= policy->busy &&
			!policies_spare(policies, source->address))
			targets[n++] = source->address;
	}
	return n;
}

char *plan_reason(const struct policy *policy, const struct reading *reading, const char *target,
	char *text, size_t size)
{
	const struct measure *measure = &measures[policy->series];
	char value[FORMAT_LEN], low[FORMAT_LEN], high[FORMAT_LEN];

	snprintf(text, size, "%s: %s %s%s, usually %s to %s%s%s%s", policy->name, measure->what,
		format_rate(value, reading->value), measure->unit,
		format_rate(low, fmax(reading->low, 0)), format_rate(high, reading->high),
		measure->unit, target[0] != '\0' ? "; among the busiest sources is " : "", target);
	return text;
}
