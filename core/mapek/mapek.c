// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/mapek_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapek/mapek_learn.h"
#include "mapek/measure.h"
#include "mapek/record.h"

#define LOOK_EVERY 60.0 /* s, from one look at the sources of calm times to the next */
#define LOOK_FOR   3.0 /* s: rates come from two samples */

#define ALL_SERIES  ~0U
#define DOUBT	    3.0 /* standard deviations of Poisson's, by which few events may be many by chance */
#define GLANCE_LONG 0.04 /* s, from which on a glance says something of what is counted seldom */

#define ANSWERED_LOOK \
	0.19 /* s from one look at whose flood it is to the next, once it is answered */

static void tell_action(void *data, const struct snapshot_mapek_action *action, bool changed)
{
	const struct mapek *mapek = data;

	if (changed && mapek->ears.action != NULL)
		mapek->ears.action(mapek->ears.data, action);
	else if (!changed && mapek->ears.outcome != NULL)
		mapek->ears.outcome(mapek->ears.data, action);
}

struct mapek *mapek_open(const struct policies *policies, const struct mapek_hands *hands,
	const struct mapek_ears *ears)
{
	static const struct reading unknown = { NAN, NAN, NAN, NAN, NAN };
	struct mapek *mapek = calloc(1, sizeof(*mapek));

	if (mapek == NULL)
		return NULL;
	mapek->policies = *policies;
	mapek->looked = -LOOK_EVERY;
	mapek->ears = *ears;
	mapek->execute.policies = &mapek->policies;
	mapek->execute.hands = hands;
	mapek->execute.tell = tell_action;
	mapek->execute.data = mapek;
	for (uint32_t i = 0; i < policies->n; i++) {
		mapek->watched[policies->list[i].series] = true;
		mapek->readings[policies->list[i].series] = unknown;
	}
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
		mapek->series[at] = mapek->before[at] = *series;
}

const struct series *mapek_series(const struct mapek *mapek, uint32_t at, const char **name)
{
	*name = measures[at].name;
	return mapek->watched[at] && mapek->series[at].history != 0 ? &mapek->series[at] : NULL;
}

void mapek_end(struct mapek *mapek)
{
	execute_end(&mapek->execute, mapek->clock);
}

void mapek_close(struct mapek *mapek)
{
	free(mapek);
}

/* --- a turn ------------------------------------------------------------------------------------- */

#define BAND	   3.0 /* standard deviations to each side */
#define FIRST_STEP 1.0 /* s, until there are two samples */

/* Without the last one, which may have the beginning of what this one has. */
static double judge_record(const struct mapek *mapek, uint32_t i, double value)
{
	const struct series *series = &mapek->before[i];

	return record_score(series, value, measure_spread(&measures[i], series->level.median));
}

/* Judges a value by those before it, and adds it to `series`. Of no series is it negative. The surprise, not
 * the onset, which rests after one: a burst before a flood hides nothing. */
static struct reading judge_value(const struct mapek *mapek, uint32_t i, struct series *series,
	const struct snapshot *snapshot, double value, double step)
{
	const double record = judge_record(mapek, i, value);
	struct score score;

	series_add(series, snapshot->time, value, &score);
	const double spread = fmax(score.spread, measure_spread(&measures[i], score.expected));
	const double low = score.expected - BAND * spread, high = score.expected + BAND * spread;
	const double surprise = fmax(score.surprise, record);

	return (struct reading) { value, low < 0 ? 0 : low, high,
		isnan(score.expected) && !(surprise > 0) ? NAN : surprise, series_alarm(step) };
}

static void analyze(struct mapek *mapek, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		const double value = mapek->watched[i] ? measures[i].read(snapshot) : NAN;
		struct series *next = &mapek->next[i];
		*next = mapek->series[i];
		mapek->readings[i] = (struct reading) { value, NAN, NAN, NAN, NAN };
		if (isnan(value) || !(snapshot->interval > 0))
			continue;
		if (next->history == 0)
			series_open(next, snapshot->interval);
		mapek->readings[i] =
			judge_value(mapek, i, next, snapshot, value, snapshot->interval);
	}
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

	if (step == PLAN_BEGINS) {
		mapek->lasts[i] = ++mapek->n_anomalies;
		mapek->begun[i] = mapek->clock;
		mapek->found[i]++;
	}
	struct snapshot_mapek_anomaly *anomaly = mapek_anomaly_of(mapek, mapek->lasts[i]);
	if (step == PLAN_BEGINS) {
		*anomaly = (struct snapshot_mapek_anomaly) {
			.number = mapek->lasts[i], .begin = time, .end = NAN
		};
		memcpy(anomaly->policy, policy->name, sizeof(anomaly->policy));
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
	struct plan_target targets[POLICY_ACTIONS_MAX];
	char reason[REASON_LEN];

	if (policy->action[0] == '\0')
		return;
	const uint32_t n = plan_targets(&mapek->policies, policy, snapshot, targets);
	for (uint32_t t = 0; t < n; t++) {
		const struct wish wished = { policy, targets[t].name, targets[t].where,
			plan_reason(policy, reading, targets[t].name, reason, sizeof(reason)),
			reading, mapek->lasts[i] };
		execute_wish(&mapek->execute, &wished, snapshot, mapek->clock);
	}
}

/* Returns whether something was done about the anomaly of a policy that lasts. */
static bool is_answered(const struct mapek *mapek, uint32_t policy)
{
	for (uint32_t i = 0; i < mapek->execute.n; i++)
		if (mapek->execute.list[i].policy == &mapek->policies.list[policy] &&
			mapek->execute.list[i].shown.anomaly == mapek->lasts[policy])
			return mapek->plans[policy].raised;
	return false;
}

/* Who else takes part is found with care: in a shorter time, a burst of an honest source looks like a flood. */
static bool is_too_short(
	const struct mapek *mapek, uint32_t policy, const struct snapshot *snapshot)
{
	return snapshot->talkers.available && !(snapshot->talkers.interval >= ANSWERED_LOOK) &&
	       is_answered(mapek, policy);
}

/* Returns whether a policy is judged by values of the series whose bits are in `series`. That something is low is
 * no matter of milliseconds: in those few that lie between two packets, all is silent. */
static bool is_judged(const struct policy *policy, uint32_t series)
{
	return series & 1U << policy->series &&
	       (series == ALL_SERIES || policy->side == POLICY_HIGH);
}

/* Plans by the series whose bits are in `series`; of a sample, ALL_SERIES. */
static void plan(struct mapek *mapek, const struct snapshot *snapshot, uint32_t series)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		const struct policy *policy = &mapek->policies.list[i];
		if (!is_judged(policy, series))
			continue;
		const struct reading *reading = &mapek->readings[policy->series];
		enum plan_step step = plan_take(&mapek->plans[i], policy, reading, mapek->clock);
		if (step != PLAN_NOTHING)
			note(mapek, i, step, reading, snapshot->time);
		if ((step == PLAN_BEGINS || step == PLAN_LASTS) &&
			!is_too_short(mapek, i, snapshot))
			wish(mapek, i, reading, snapshot);
	}
}

/* --- outcomes ----------------------------------------------------------------------------------- */

/* Returns what is left of an anomaly's value now, see mapek/outcome.h. */
static double left_of(
	const struct mapek *mapek, const struct executed *executed, const struct snapshot *snapshot)
{
	const struct policy *policy = executed->policy;
	const struct plan *plan = &mapek->plans[policy - mapek->policies.list];
	double left = mapek->readings[policy->series].value;

	if (measures[policy->series].transports == 0)
		return plan->raised ? left : NAN;
	for (uint32_t i = 0; i < mapek->execute.n; i++) {
		const struct snapshot_mapek_action *other = &mapek->execute.list[i].shown;
		const struct snapshot_rule *rule =
			other->anomaly == executed->shown.anomaly && other->state == MAPEK_IN_FORCE
				? mapek_rule(&snapshot->mesh, other->number)
				: NULL;
		if (rule != NULL)
			left -= fmax(rule->dropped.packets.rate, 0);
	}
	return plan->raised && plan->hot ? fmax(left, 0) : NAN;
}

static bool is_calm(const struct mapek *mapek)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++)
		if (mapek->plans[i].hot || mapek->plans[i].raised)
			return false;
	return true;
}

/* The sample before an anomaly's first may have its beginning, and is not calm. */
static void learn_sources(struct mapek *mapek, const struct snapshot *snapshot)
{
	if (!is_calm(mapek)) {
		mapek->learnt = mapek->sources;
		return;
	}
	mapek->sources = mapek->learnt;
	if (snapshot->talkers.available)
		known_learn(&mapek->learnt, &snapshot->talkers, mapek->clock);
}

/* Takes the outcome of a sample for what was in force before it, and learns who is there in calm times. */
static void take_outcome(struct mapek *mapek, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < mapek->execute.n; i++) {
		struct executed *executed = &mapek->execute.list[i];
		if (executed->shown.state == MAPEK_IN_FORCE &&
			executed->shown.begin < snapshot->time)
			execute_outcome(&mapek->execute, executed, &mapek->sources, snapshot,
				left_of(mapek, executed, snapshot), mapek->clock);
	}
	learn_sources(mapek, snapshot);
	if (mapek->clock - mapek->looked >= LOOK_EVERY + fmax(LOOK_FOR, 2.5 * mapek->step))
		mapek->looked = mapek->clock;
}

static void tell_brake(const struct mapek *mapek, bool before)
{
	if (mapek->execute.braked && !before && mapek->ears.brake != NULL)
		mapek->ears.brake(mapek->ears.data,
			"MAPE-K acts no more: its actions of a minute are as many as its brake allows");
}

void mapek_turn(struct mapek *mapek, struct snapshot *snapshot)
{
	const bool braked = mapek->execute.braked;

	mapek->clock += fmax(snapshot->interval - mapek->glanced, 0);
	mapek->glanced = 0;
	mapek->turned = snapshot->time;
	if (snapshot->interval > 0)
		mapek->step = snapshot->interval;
	analyze(mapek, snapshot);
	execute_turn(&mapek->execute, snapshot, mapek->clock);
	while (mapek->n_orphans > 0)
		execute_abandon(&mapek->execute, &mapek->orphans[--mapek->n_orphans]);
	plan(mapek, snapshot, ALL_SERIES);
	take_outcome(mapek, snapshot);
	mapek_note_attacked(mapek);
	mapek_learn(mapek);
	mapek_show(mapek, snapshot);
	tell_brake(mapek, braked);
}

static bool acts(const struct mapek *mapek)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++)
		if (mapek->policies.list[i].action[0] != '\0')
			return true;
	return false;
}

bool mapek_looks(const struct mapek *mapek)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++)
		if (measures[mapek->policies.list[i].series].looks ||
			plan_needs_sources(&mapek->plans[i], &mapek->policies.list[i]))
			return true;
	return mapek->clock - mapek->looked >= LOOK_EVERY && acts(mapek);
}

/* --- glances ------------------------------------------------------------------------------------ */

/* Returns the value of a series, NAN if a glance does not have it. The kernel wakes x0top for floods alone; of the
 * rest there may be so little that a rate of a short time says nothing: what is left without what chance may have
 * added is judged. */
static double read_glance(const struct measure *measure, const struct snapshot *glance)
{
	if (measure->packet == 0 ||
		(measure->transports == 0 && !(glance->interval >= GLANCE_LONG)))
		return NAN;
	const double value = measure->read(glance);
	if (measure->transports != 0 || isnan(value))
		return value;
	return fmax(value - DOUBT * sqrt(value * measure->packet / glance->interval), 0);
}

/* Judges values as if they were the next ones, each by a copy of its series. Returns the bits of series that
 * have one. */
static uint32_t analyze_glance(struct mapek *mapek, const struct snapshot *glance)
{
	uint32_t judged = 0;

	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		struct series series = mapek->series[i];
		const double value = mapek->watched[i] && series.history != 0
					     ? read_glance(&measures[i], glance)
					     : NAN;
		if (isnan(value))
			continue;
		mapek->readings[i] = judge_value(mapek, i, &series, glance, value,
			mapek->step > 0 ? mapek->step : FIRST_STEP);
		judged |= 1U << i;
	}
	return judged;
}
_Static_assert(MAPEK_SERIES_SHOWN <= 32, "a bit for each series");

bool mapek_glance(struct mapek *mapek, const struct snapshot *glance)
{
	const bool braked = mapek->execute.braked;
	/* One that began before the last sample has time that has passed already. */
	const double passed =
		fmin(glance->interval, fmax(glance->time - mapek->turned - mapek->glanced, 0));

	mapek->clock += passed;
	mapek->glanced += passed;
	if (glance->talkers.available)
		mapek->glance_looked = mapek->clock;
	const uint32_t judged = analyze_glance(mapek, glance);
	plan(mapek, glance, judged);
	mapek_note_attacked(mapek);
	tell_brake(mapek, braked);
	for (uint32_t i = 0; i < mapek->policies.n; i++)
		if (mapek->plans[i].hot && is_judged(&mapek->policies.list[i], judged))
			return true;
	return false;
}

bool mapek_watches(const struct mapek *mapek)
{
	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		const struct policy *policy = &mapek->policies.list[i];
		const struct measure *measure = &measures[policy->series];
		if (policy->action[0] != '\0' && policy->side == POLICY_HIGH &&
			measure->packet > 0 && measure->transports == 0)
			return true;
	}
	return false;
}

bool mapek_glance_looks(const struct mapek *mapek, double next)
{
	const double at = mapek->clock + next;

	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		const struct plan *plan = &mapek->plans[i];
		const struct policy *policy = &mapek->policies.list[i];
		if (plan_needs_sources(plan, policy) && plan_is_due(plan, policy, at) &&
			(!is_answered(mapek, i) || at - mapek->glance_looked >= ANSWERED_LOOK))
			return true;
	}
	return false;
}

uint64_t mapek_begun(const struct mapek *mapek)
{
	return mapek->execute.next;
}

/* Until it is known what is usual, the policy's own bound is all there is. */
static double limit_of(const struct mapek *mapek, const struct policy *policy)
{
	const double usual = mapek->readings[policy->series].high;

	if (policy->action[0] == '\0' || policy->side != POLICY_HIGH ||
		(isnan(usual) && isnan(policy->from)))
		return INFINITY;
	return fmax(usual, policy->from);
}

void mapek_limits(const struct mapek *mapek, double rates[TRANSPORT_PROTOCOLS])
{
	for (uint32_t t = 0; t < TRANSPORT_PROTOCOLS; t++)
		rates[t] = INFINITY;
	for (uint32_t i = 0; i < mapek->policies.n; i++) {
		const struct policy *policy = &mapek->policies.list[i];
		for (uint32_t t = 0; t < TRANSPORT_PROTOCOLS; t++)
			if (measures[policy->series].transports & 1U << t)
				rates[t] = fmin(rates[t], limit_of(mapek, policy));
	}
}
