// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/policy_done.h"

#include <math.h>
#include <string.h>

#include "control/action.h"
#include "qos/act.h"
#include "qos/shape.h"

bool policy_is_rule(const struct policy *policy)
{
	return strncmp(policy->action, "rule ", 5) == 0;
}

bool policy_is_qos(const struct policy *policy)
{
	return strncmp(policy->action, "qos ", 4) == 0;
}

static bool has_rate(const struct snapshot_qos_class *class, const struct action *action)
{
	return shape_is_rate(class->rate, action->rate) &&
	       (action->more == 0 || shape_is_rate(class->ceiling, action->more));
}

bool policy_is_done(const struct policy *policy, const struct snapshot *snapshot)
{
	struct action action = { 0 };
	struct failure ignored;

	if (action_parse(policy->action, &action, &ignored) < 0)
		return false;
	const bool rate = action.verb == &control_verbs[VERB_QOS_RATE];
	const struct snapshot_qos_class *class = qos_find(&snapshot->qos, action.interface,
		action.class, act_ways[rate ? DIRECTION_EGRESS : action.direction]);
	if (class == NULL || rate)
		return class != NULL && has_rate(class, &action);
	return action.verb == &control_verbs[VERB_QOS_MARK] ? class->mark[0] != '\0'
							    : !isnan(class->police);
}
