// SPDX-License-Identifier: BSD-2-Clause
#include "model/alert_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool alert_lasts(const struct snapshot_alert *alert)
{
	return isnan(alert->end);
}

/* --- the log ------------------------------------------------------------------------------------ */

static struct snapshot_alert *find(struct alert_log *log, const char *cause)
{
	for (uint32_t i = 0; i < log->n; i++)
		if (strcmp(log->causes[i], cause) == 0)
			return &log->alerts[i];
	return NULL;
}

/* Takes a free place, or that of the alert that ended first: all problems fit into the log. */
static struct snapshot_alert *take_place(struct alert_log *log, const struct problem *problem)
{
	uint32_t at = 0;

	_Static_assert(
		(int)PROBLEMS_MAX <= (int)ALERTS_MAX, "what lasts leaves room for what is new");
	if (log->n < ALERTS_MAX)
		at = log->n++;
	else
		for (uint32_t i = 0; i < ALERTS_MAX; i++)
			if (!alert_lasts(&log->alerts[i]) &&
				(alert_lasts(&log->alerts[at]) ||
					log->alerts[i].end < log->alerts[at].end))
				at = i;
	log->alerts[at] = (struct snapshot_alert) { 0 };
	memcpy(log->causes[at], problem->cause, CAUSE_LEN);
	return &log->alerts[at];
}

static void describe(struct snapshot_alert *alert, const struct problem *problem)
{
	alert->severity = problem->severity;
	snprintf(alert->subject, sizeof(alert->subject), "%s", problem->subject);
	snprintf(alert->sentence, sizeof(alert->sentence), "%s", problem->sentence);
	snprintf(alert->remedy, sizeof(alert->remedy), "%s", problem->remedy);
}

static bool still_wrong(const struct judgement *judgement, const char *cause)
{
	for (uint32_t i = 0; i < judgement->n; i++)
		if (strcmp(judgement->list[i].cause, cause) == 0)
			return true;
	return false;
}

static void end_alerts(struct alert_log *log, double time)
{
	for (uint32_t i = 0; i < log->n; i++)
		if (alert_lasts(&log->alerts[i]) && !still_wrong(&log->judgement, log->causes[i]))
			log->alerts[i].end = time;
}

/* Whether what was over but for a note of it goes on again. */
static bool is_again(const struct snapshot_alert *alert, const struct problem *problem)
{
	return alert->severity == SEVERITY_NOTE && problem->severity < SEVERITY_NOTE;
}

static void take_problem(struct alert_log *log, const struct problem *problem, double time)
{
	struct snapshot_alert *alert = find(log, problem->cause);

	if (alert == NULL) {
		alert = take_place(log, problem);
		alert->begin = time;
		alert->count = 1;
		alert->end = NAN;
	} else if (!alert_lasts(alert) || is_again(alert, problem)) {
		alert->end = NAN;
		alert->count++;
	}
	describe(alert, problem);
}

/* --- in a snapshot ------------------------------------------------------------------------------ */

/* Those that last come first, the worst and oldest of them first; then the past, the latest first. */
static bool comes_before(const struct snapshot_alert *a, const struct snapshot_alert *b)
{
	if (alert_lasts(a) != alert_lasts(b))
		return alert_lasts(a);
	if (!alert_lasts(a))
		return a->end > b->end;
	return a->severity != b->severity ? a->severity < b->severity : a->begin < b->begin;
}

static void copy_alerts(const struct alert_log *log, struct snapshot *now)
{
	for (uint32_t i = 0; i < log->n; i++) {
		uint32_t at = now->n_alerts++;

		for (; at > 0 && comes_before(&log->alerts[i], &now->alerts[at - 1]); at--)
			now->alerts[at] = now->alerts[at - 1];
		now->alerts[at] = log->alerts[i];
	}
}

void alert_log_sample(struct alert_log *log, struct snapshot *now)
{
	const struct judgement *judgement = &log->judgement;

	judge(now, &log->past, &log->judgement);
	judge_remember(&log->past, now);
	end_alerts(log, now->time);
	for (uint32_t i = 0; i < judgement->n; i++)
		take_problem(log, &judgement->list[i], now->time);
	now->n_alerts = 0;
	copy_alerts(log, now);
	for (uint32_t i = judgement->n; i < judgement_total(judgement); i++)
		snapshot_count_no_room(now, now->alerts);
}

uint32_t alerts_of(const struct snapshot *snapshot, enum severity severity)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < snapshot->n_alerts; i++)
		n += alert_lasts(&snapshot->alerts[i]) && snapshot->alerts[i].severity == severity;
	return n;
}

uint32_t alerts_that_last(const struct snapshot *snapshot)
{
	uint32_t n = 0;

	while (n < snapshot->n_alerts && alert_lasts(&snapshot->alerts[n]))
		n++;
	return n;
}
