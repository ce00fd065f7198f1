// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/outcome.h"

#include <math.h>
#include <string.h>

void outcome_begin(struct outcome *outcome, const struct policy *policy,
	const struct reading *reading, struct snapshot_mapek_action *action)
{
	*outcome = (struct outcome) { .usual = policy->side == POLICY_HIGH ? reading->high
									   : reading->low };
	action->before = reading->value;
	action->after = action->relief = NAN;
	action->honest = COUNT_UNKNOWN;
}

void outcome_take(struct outcome *outcome, double left, struct snapshot_mapek_action *action)
{
	if (isnan(left))
		return;
	outcome->sum += left;
	outcome->n++;
	action->after = outcome->sum / outcome->n;
	const double beyond = action->before - outcome->usual;
	if (!isnan(beyond) && beyond != 0)
		action->relief = fmin(fmax((action->before - action->after) / beyond, 0), 1);
}

/* Returns the packets a second that a source sends through a rule, if this is the first flow of it. */
static double rate_of(const struct snapshot_talkers *talkers, uint32_t first, uint32_t rule)
{
	const char *source = talkers->flows[first].source;
	double rate = 0;

	for (uint32_t i = 0; i < talkers->n_flows; i++) {
		const struct snapshot_flow *flow = &talkers->flows[i];
		if (flow->rule != rule || strcmp(flow->source, source) != 0)
			continue;
		if (i < first)
			return 0;
		rate += fmax(flow->traffic.packets.rate, 0);
	}
	return rate;
}

void outcome_cost(struct outcome *outcome, const struct known *known,
	const struct snapshot *snapshot, const struct snapshot_rule *rule,
	struct snapshot_mapek_action *action)
{
	const double share = rule->dropped.packets.rate / rule->traffic.packets.rate;
	double usual = 0;

	if (!snapshot->talkers.available || !(share >= 0))
		return;
	for (uint32_t i = 0; i < snapshot->talkers.n_flows; i++)
		if (snapshot->talkers.flows[i].rule == rule->number)
			usual += fmin(rate_of(&snapshot->talkers, i, rule->number),
				known_usual(known, snapshot->talkers.flows[i].source));
	outcome->honest += usual * fmin(share, 1) * snapshot->interval;
	action->honest = (uint64_t)llround(outcome->honest);
}
