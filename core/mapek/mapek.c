// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/mapek.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapek/analyze.h"
#include "mapek/measure.h"
#include "mapek/plan.h"
#include "model/names.h"

struct mapek {
	struct policies policies;
	struct mapek_ears ears;
	double clock; /* seconds of samples */
	struct series series[MAPEK_SERIES_SHOWN]; /* history 0: not begun */
	struct reading readings[MAPEK_SERIES_SHOWN];
	bool watched[MAPEK_SERIES_SHOWN];
	struct plan plans[POLICIES_MAX];
	uint64_t lasts[POLICIES_MAX]; /* number of the anomaly that lasts */
	uint64_t known; /* anomalies before the first turn */
	uint64_t n_anomalies; /* with these; the ring holds the latest */
	struct snapshot_mapek_anomaly anomalies[MAPEK_ANOMALIES_SHOWN];
	struct execute execute;
};

static void tell_action(void *data, const struct snapshot_mapek_action *action)
{
	const struct mapek *mapek = data;

	if (mapek->ears.action != NULL)
		mapek->ears.action(mapek->ears.data, action);
}

struct mapek *mapek_open(const struct policies *policies, const struct mapek_hands *hands,
	const struct mapek_ears *ears)
{
	struct mapek *mapek = calloc(1, sizeof(*mapek));

	if (mapek == NULL)
		return NULL;
	mapek->policies = *policies;
	mapek->ears = *ears;
	mapek->execute.policies = &mapek->policies;
	mapek->execute.hands = hands;
	mapek->execute.tell = tell_action;
	mapek->execute.data = mapek;
	for (uint32_t i = 0; i < policies->n; i++)
		mapek->watched[policies->list[i].series] = true;
	return mapek;
}

void mapek_number_from(struct mapek *mapek, uint64_t last_anomaly, uint64_t last_action)
{
	mapek->n_anomalies = mapek->known = last_anomaly;
	mapek->execute.next = last_action;
}

void mapek_know(struct mapek *mapek, const char *name, const struct series *series)
{
	int at = measure_find(name);

	if (at >= 0)
		mapek->series[at] = *series;
}

const struct series *mapek_series(const struct mapek *mapek, uint32_t at, const char **name)
{
	*name = measures[at].name;
	return mapek->watched[at] && mapek->series[at].history != 0 ? &mapek->series[at] : NULL;
}

void mapek_close(struct mapek *mapek)
{
	free(mapek);
}

/* --- a turn ------------------------------------------------------------------------------------- */

#define BAND 3.0 /* standard deviations to each side */

/* Judges a value by those before it: of no series is it negative, and what counts events varies by at least
 * the root of its count. The surprise, not the onset, which rests after one: a burst before a flood hides
 * nothing. */
static struct reading judge_value(
	struct series *series, const struct snapshot *snapshot, double value)
{
	struct score score;

	if (series->history == 0)
		series_open(series, snapshot->interval);
	series_add(series, snapshot->time, value, &score);
	const double spread = fmax(score.spread, sqrt(fabs(score.expected)) + 1);
	return (struct reading) { value, fmax(score.expected - BAND * spread, 0),
		score.expected + BAND * spread, score.surprise, series_alarm(snapshot->interval) };
}

static void analyze(struct mapek *mapek, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		const double value = mapek->watched[i] ? measures[i].read(snapshot) : NAN;
		mapek->readings[i] = isnan(value) || !(snapshot->interval > 0)
					     ? (struct reading) { value, NAN, NAN, NAN, NAN }
					     : judge_value(&mapek->series[i], snapshot, value);
	}
}

static struct snapshot_mapek_anomaly *anomaly_of(struct mapek *mapek, uint64_t number)
{
	return &mapek->anomalies[(number - 1) % MAPEK_ANOMALIES_SHOWN];
}

static void tell_anomaly(struct mapek *mapek, const struct policy *policy,
	const struct snapshot_mapek_anomaly *anomaly)
{
	const struct reading reading = { anomaly->value, anomaly->low, anomaly->high,
		anomaly->score, NAN };
	char sentence[REASON_LEN];

	plan_reason(policy, &reading, "", sentence, sizeof(sentence));
	if (mapek->ears.anomaly != NULL)
		mapek->ears.anomaly(mapek->ears.data, anomaly, sentence);
}

static bool is_worse(const struct policy *policy, const struct reading *reading,
	const struct snapshot_mapek_anomaly *anomaly)
{
	return policy->side == POLICY_HIGH ? reading->value > anomaly->value
					   : reading->value < anomaly->value;
}

/* Keeps the worst of an anomaly; notes its begin and its end. */
static void note(struct mapek *mapek, uint32_t i, enum plan_step step,
	const struct reading *reading, double time)
{
	const struct policy *policy = &mapek->policies.list[i];

	if (step == PLAN_BEGINS)
		mapek->lasts[i] = ++mapek->n_anomalies;
	struct snapshot_mapek_anomaly *anomaly = anomaly_of(mapek, mapek->lasts[i]);
	if (step == PLAN_BEGINS) {
		*anomaly = (struct snapshot_mapek_anomaly) {
			.number = mapek->lasts[i], .begin = time, .end = NAN
		};
		snprintf(anomaly->policy, NAME_LEN, "%s", policy->name);
		snprintf(anomaly->series, NAME_LEN, "%s", measures[policy->series].name);
	}
	if (anomaly->number != mapek->lasts[i])
		return; /* others have taken its place */
	if (step == PLAN_BEGINS || (step == PLAN_LASTS && is_worse(policy, reading, anomaly))) {
		anomaly->value = reading->value;
		anomaly->low = reading->low;
		anomaly->high = reading->high;
		anomaly->score = fmax(mapek->plans[i].score, anomaly->score);
	}
	if (step == PLAN_ENDS)
		anomaly->end = time;
	if (step == PLAN_BEGINS || step == PLAN_ENDS)
		tell_anomaly(mapek, policy, anomaly);
}

static void wish(struct mapek *mapek, uint32_t i, const struct reading *reading,
	const struct snapshot *snapshot)
{
	const struct policy *policy = &mapek->policies.list[i];
	const char *targets[POLICY_ACTIONS_MAX];
	char reason[REASON_LEN];

	if (policy->action[0] == '\0')
		return;
	const uint32_t n = plan_targets(&mapek->policies, policy, snapshot, targets);
	for (uint32_t t = 0; t < n; t++) {
		const struct wish wished = { policy, targets[t],
			plan_reason(policy, reading, targets[t], reason, sizeof(reason)),
			mapek->lasts[i] };
		execute_wish(&mapek->execute, &wished, snapshot, mapek->clock);
	}
}

static void plan(struct mapek *mapek, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		const struct policy *policy = &mapek->policies.list[i];
		const struct reading *reading = &mapek->readings[policy->series];
		enum plan_step step = plan_take(&mapek->plans[i], policy, reading, mapek->clock);
		if (step != PLAN_NOTHING)
			note(mapek, i, step, reading, snapshot->time);
		if (step == PLAN_BEGINS || step == PLAN_LASTS)
			wish(mapek, i, reading, snapshot);
	}
}

/* --- shown -------------------------------------------------------------------------------------- */

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

static void show(const struct mapek *mapek, struct snapshot *snapshot)
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
	for (uint32_t i = 0; i < mapek->execute.n; i++) {
		struct snapshot_mapek_action *action = SNAPSHOT_ADD(snapshot, shown, actions);
		shown->in_force += mapek->execute.list[i].shown.state == MAPEK_IN_FORCE;
		if (action != NULL)
			*action = mapek->execute.list[i].shown;
	}
	qsort(shown->actions, shown->n_actions, sizeof(shown->actions[0]), later);
}

void mapek_turn(struct mapek *mapek, struct snapshot *snapshot)
{
	const bool braked = mapek->execute.braked;

	mapek->clock += snapshot->interval;
	analyze(mapek, snapshot);
	execute_turn(&mapek->execute, snapshot, mapek->clock);
	plan(mapek, snapshot);
	show(mapek, snapshot);
	if (mapek->execute.braked && !braked && mapek->ears.brake != NULL)
		mapek->ears.brake(mapek->ears.data,
			"MAPE-K acts no more: its actions of a minute are as many as its brake allows");
}

bool mapek_looks(const struct mapek *mapek)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++)
		if (plan_needs_sources(&mapek->plans[i], &mapek->policies.list[i]))
			return true;
	return false;
}
