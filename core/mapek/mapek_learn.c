// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/mapek_learn.h"

#include "mapek/mapek_state.h"
#include "mapek/measure.h"

#define UNLEARNT 600.0 /* s of an anomaly that are not usual; what lasts longer may become so */

/* Returns whether the last value of a series is of an anomaly that something is done about, or would be if it
 * were as much as the policy's `from`: the second flood is to be as unusual as the first. */
static bool is_attacked(const struct mapek *mapek, uint32_t series)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		const struct policy *policy = &mapek->policies.list[i];
		const struct plan *plan = &mapek->plans[i];
		if (policy->series == series && policy->action[0] != '\0' &&
			(plan->raised || plan->alarmed) &&
			mapek->clock - (plan->raised ? mapek->begun[i] : plan->unusual_since) <
				UNLEARNT)
			return true;
	}
	return false;
}

void mapek_note_attacked(struct mapek *mapek)
{
	for (uint32_t i = 0; measures[i].name != NULL; i++)
		mapek->attacked |= (uint32_t)is_attacked(mapek, i) << i;
}

/* A sample has what passed since the one before. So the sample before that of an attack has its beginning, and
 * the one behind it its end: neither is usual, or the next attack would be found beside them only if it is
 * larger. */
static void learn_value(struct mapek *mapek, uint32_t series)
{
	const bool attacked = mapek->attacked >> series & 1;
	const bool was_attacked = mapek->was_attacked >> series & 1;

	if (attacked && !was_attacked && mapek->before[series].history != 0)
		mapek->series[series] = mapek->before[series];
	if (attacked || was_attacked)
		return;
	mapek->before[series] = mapek->series[series];
	mapek->series[series] = mapek->next[series];
}

void mapek_learn(struct mapek *mapek)
{
	for (uint32_t i = 0; measures[i].name != NULL; i++)
		if (mapek->watched[i])
			learn_value(mapek, i);
	mapek->was_attacked = mapek->attacked;
	mapek->attacked = 0;
}
