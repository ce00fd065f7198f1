// SPDX-License-Identifier: BSD-2-Clause
#include "cli/mapek_try.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "export/replay.h"
#include "kernel/rights.h"
#include "mapek/mapek.h"
#include "model/fields.h"
#include "model/names.h"

enum { DATE_LEN = sizeof("2026-11-27T23:10:00Z") + 8 };

struct trial {
	double time; /* of the sample that is tried */
	unsigned anomalies, actions;
};

/* UTC, so that it does not depend on where it is tried. */
static const char *date(double time, char text[DATE_LEN])
{
	time_t seconds = (time_t)time;
	struct tm parts;

	if (gmtime_r(&seconds, &parts) == NULL ||
		strftime(text, DATE_LEN, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		snprintf(text, DATE_LEN, "-");
	return text;
}

static void on_anomaly(
	void *data, const struct snapshot_mapek_anomaly *anomaly, const char *sentence)
{
	struct trial *trial = data;
	char when[DATE_LEN];
	bool begins = isnan(anomaly->end);

	trial->anomalies += begins;
	printf("%s  anomaly %llu %s: %s\n", date(trial->time, when),
		(unsigned long long)anomaly->number, begins ? "begins" : "has ended; its worst",
		sentence);
}

static void on_action(void *data, const struct snapshot_mapek_action *action)
{
	struct trial *trial = data;
	char when[DATE_LEN];
	bool begins = action->state == MAPEK_ADVISED;

	trial->actions += begins;
	printf("%s  %s %llu: %s\n", date(trial->time, when), begins ? "would do" : "would end",
		(unsigned long long)action->number, action->action);
	if (begins)
		printf("%22sbecause of anomaly %llu: %s\n", "", (unsigned long long)action->anomaly,
			action->reason);
}

static void on_brake(void *data, const char *sentence)
{
	const struct trial *trial = data;
	char when[DATE_LEN];

	printf("%s  %s\n", date(trial->time, when), sentence);
}

static int try_samples(struct mapek *mapek, struct trial *trial, struct replayer *replayer,
	struct snapshot *snapshot, struct failure *failure)
{
	int error = 0;
	uint32_t wanted = 0;

	for (; wanted < replayer_count(replayer) && error == 0; wanted++) {
		uint32_t at = wanted;
		error = replayer_read(replayer, &at, snapshot, failure);
		if (error < 0 ||
			at < wanted) /* what cannot be read at the end gives the one before */
			break;
		wanted = at;
		trial->time = snapshot->time;
		fields_clear(mapek_fields, &snapshot->mapek);
		mapek_turn(mapek, snapshot);
	}
	return error;
}

static int try(const struct policies *policies, struct replayer *replayer, struct failure *failure)
{
	struct trial trial = { 0 };
	const struct mapek_ears ears = { &trial, on_anomaly, on_action, NULL, on_brake };
	struct mapek *mapek = mapek_open(policies, NULL, &ears);
	struct snapshot *snapshot = snapshot_open();
	char left_out[FAILURE_SENTENCE_LEN];
	int error = mapek == NULL || snapshot == NULL
			    ? failure_set(failure, -ENOMEM, "Not enough memory")
			    : try_samples(mapek, &trial, replayer, snapshot, failure);

	if (error == 0) {
		printf("%u samples, %u policies: %u anomalies, %u actions\n",
			replayer_count(replayer), policies->n, trial.anomalies, trial.actions);
		if (replayer_left_out(replayer, left_out) > 0)
			fprintf(stderr, "x0top: %s.\n", left_out);
	}
	snapshot_close(snapshot);
	mapek_close(mapek);
	return error;
}

int mapek_try(const char *replay, const char *policy, struct failure *failure)
{
	struct replayer *replayer = NULL;
	struct policies policies;
	int error = policies_read(&policies, policy, NULL, failure);

	if (error == 0)
		error = replayer_open(replay, &replayer, failure);
	if (error == 0)
		error = rights_drop(RIGHTS_NONE, failure);
	if (error == 0)
		error = try(&policies, replayer, failure);
	replayer_close(replayer);
	return error;
}
