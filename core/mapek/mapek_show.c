// SPDX-License-Identifier: BSD-2-Clause
/* What a snapshot has of MAPE-K. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mapek/mapek_state.h"
#include "mapek/measure.h"
#include "model/names.h"

static void show_series(const struct mapek *mapek, struct snapshot *snapshot)
{
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		struct snapshot_mapek_series *shown =
			mapek->watched[i] ? SNAPSHOT_ADD(snapshot, &snapshot->mapek, series) : NULL;
		if (shown == NULL)
			continue;
		snprintf(shown->name, sizeof(shown->name), "%s", measures[i].name);
		shown->value = mapek->readings[i].value;
		shown->low = mapek->readings[i].low;
		shown->high = mapek->readings[i].high;
		shown->score = mapek->readings[i].score;
	}
}

static void show_anomalies(const struct mapek *mapek, struct snapshot *snapshot)
{
	const uint64_t n = mapek->n_anomalies - mapek->known;

	for (uint64_t i = 0; i < n && i < MAPEK_ANOMALIES_SHOWN; i++) {
		struct snapshot_mapek_anomaly *shown =
			SNAPSHOT_ADD(snapshot, &snapshot->mapek, anomalies);
		if (shown != NULL)
			*shown = mapek->anomalies[(mapek->n_anomalies - 1 - i) %
						  MAPEK_ANOMALIES_SHOWN];
	}
}

static void show_outcomes(const struct mapek *mapek, struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		struct snapshot_mapek_outcome *shown =
			SNAPSHOT_ADD(snapshot, &snapshot->mapek, outcomes);
		if (shown == NULL)
			return;
		*shown = mapek->execute.outcomes[i];
		shown->found = mapek->found[i];
		snprintf(shown->policy, NAME_LEN, "%s", mapek->policies.list[i].name);
	}
}
_Static_assert((int)POLICIES_MAX <= MAPEK_OUTCOMES_SHOWN, "a place for each policy");

static int later(const void *a, const void *b)
{
	const struct snapshot_mapek_action *one = a, *other = b;

	return (one->number < other->number) - (one->number > other->number);
}

static uint32_t count_lasting(const struct mapek *mapek)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < mapek->policies.n; i++)
		n += mapek->plans[i].raised;
	return n;
}

static double mean_relief(const struct execute *execute)
{
	double sum = 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < execute->n; i++) {
		const struct snapshot_mapek_action *action = &execute->list[i].shown;
		if (action->state != MAPEK_IN_FORCE || isnan(action->relief))
			continue;
		sum += action->relief;
		n++;
	}
	return n > 0 ? sum / n : NAN;
}

void mapek_show(const struct mapek *mapek, struct snapshot *snapshot)
{
	struct snapshot_mapek *shown = &snapshot->mapek;

	shown->available = true;
	shown->mode = mapek->policies.mode;
	shown->braked = mapek->execute.braked;
	shown->policies = mapek->policies.n;
	shown->found = mapek->n_anomalies;
	shown->lasting = count_lasting(mapek);
	shown->begun = mapek->execute.next;
	snprintf(shown->state, sizeof(shown->state), "%s",
		shown->braked ? "braked" : mapek_mode_names[shown->mode]);
	show_series(mapek, snapshot);
	show_anomalies(mapek, snapshot);
	show_outcomes(mapek, snapshot);
	shown->relief = mean_relief(&mapek->execute);
	for (uint32_t i = 0; i < mapek->execute.n; i++) {
		struct snapshot_mapek_action *action = SNAPSHOT_ADD(snapshot, shown, actions);
		shown->in_force += mapek->execute.list[i].shown.state == MAPEK_IN_FORCE;
		if (action != NULL)
			*action = mapek->execute.list[i].shown;
	}
	shown->undone = mapek->execute.undone;
	shown->dropped = mapek->execute.dropped;
	shown->honest = mapek->execute.honest;
	for (uint32_t i = 0; i < mapek->policies.n_spared; i++) {
		struct snapshot_mapek_spared *spared = SNAPSHOT_ADD(snapshot, shown, spared);
		if (spared != NULL)
			*spared = mapek->policies.spared[i];
	}
	qsort(shown->actions, shown->n_actions, sizeof(shown->actions[0]), later);
}
