// SPDX-License-Identifier: BSD-2-Clause
/*
 * A day of the lab's usual traffic, at speed: minutes of it are recorded now, and 86,400 samples are made of them,
 * half minutes from places by chance, a second after another; MAPE-K acts on them by the policies that come with
 * x0top. Whatever it would do is false. It is a day of samples, not of the lab: what takes longer than half a
 * minute, and the hours of a day, are not in it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mix.h"
#include "bench.h"
#include "export/replay.h"
#include "mapek/mapek.h"
#include "tests/lib/wait.h"

#define DAY	    86400 /* samples; DAY in the environment changes it */
#define BLOCK	    30 /* samples in their order */
#define LAB_SECONDS 120
#define FIRST	    5 /* samples while the lab begins */

struct day {
	uint32_t anomalies, actions;
};

static enum decision decide(void *data, const struct action *action, char *sentence, size_t size)
{
	(void)data, (void)action;
	snprintf(sentence, size, "%s", "");
	return DECISION_DO;
}

static int apply(void *data, const struct action *action, struct failure *failure)
{
	struct day *day = data;
	char text[RULE_LEN];

	(void)failure;
	day->actions++;
	action_format(action, text, sizeof(text));
	fprintf(stderr, "bench: a false action: %s\n", text);
	return 0;
}

static void on_anomaly(
	void *data, const struct snapshot_mapek_anomaly *anomaly, const char *sentence)
{
	struct day *day = data;

	if (!isnan(anomaly->end))
		return;
	day->anomalies++;
	fprintf(stderr, "bench: a false anomaly: %s\n", sentence);
}

/* Returns the samples that were tried. */
static uint32_t replay(struct replayer *replayer, struct mapek *mapek, struct snapshot *snapshot)
{
	const char *asked = getenv("DAY");
	const uint32_t n = asked != NULL && atoi(asked) > 0 ? (uint32_t)atoi(asked) : DAY;
	const uint32_t recorded = replayer_count(replayer);
	struct failure failure;
	uint64_t random = 7;
	uint32_t at = 0, i;

	if (recorded < FIRST + 2 * BLOCK)
		return 0;
	for (i = 0; i < n; i++) {
		if (i % BLOCK == 0)
			at = FIRST + (uint32_t)(mix64(random++) % (recorded - BLOCK - FIRST));
		uint32_t wanted = at++;
		if (replayer_read(replayer, &wanted, snapshot, &failure) < 0)
			break;
		snapshot->time = 1.8e9 + i;
		fields_clear(mapek_fields, &snapshot->mapek);
		mapek_turn(mapek, snapshot);
	}
	return i;
}

static void report(const struct day *day, uint32_t samples)
{
	if (samples == 0) {
		report_missing("a day of the lab", "too little was recorded");
		return;
	}
	report_add(&(struct measurement) {
		.what = "false actions in 24 hours of samples of the lab",
		.unit = "",
		.value = day->actions * (double)DAY / samples,
		.below = 1,
		.rounds = samples,
	});
	report_add(&(struct measurement) {
		.what = "anomalies in them",
		.unit = "",
		.value = day->anomalies * (double)DAY / samples,
		.rounds = samples,
	});
}

static void try_day(const char *path)
{
	struct day day = { 0 };
	const struct mapek_hands hands = { &day, decide, apply, NULL };
	const struct mapek_ears ears = { .data = &day, .anomaly = on_anomaly };
	struct replayer *replayer = NULL;
	struct policies policies;
	struct failure failure;
	struct snapshot *snapshot = snapshot_open();
	uint32_t samples = 0;

	if (policies_read(&policies, NULL, NULL, &failure) < 0 ||
		replayer_open(path, &replayer, &failure) < 0) {
		report_missing("a day of the lab", "%s", failure.what);
		snapshot_close(snapshot);
		return;
	}
	policies.mode = MAPEK_ACT;
	struct mapek *mapek = mapek_open(&policies, &hands, &ears);
	if (mapek != NULL && snapshot != NULL)
		samples = replay(replayer, mapek, snapshot);
	report(&day, samples);
	mapek_close(mapek);
	replayer_close(replayer);
	snapshot_close(snapshot);
}

void bench_day(void)
{
	const char *x0top = getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
	char path[] = "/tmp/x0-bench-XXXXXX";
	const char *const lab[] = { x0top, "serve", "--lab", "--mapek", "off", "--listen",
		"127.0.0.1:26977", "--record", path, NULL };
	int fd = mkstemp(path);

	report_section("A day of the lab",
		"recorded for two minutes, replayed as 86,400 samples; whatever MAPE-K would do is false");
	if (fd < 0) {
		report_missing("a day of the lab", "no file");
		return;
	}
	close(fd);
	pid_t pid = bench_start(lab);
	sleep(LAB_SECONDS);
	bench_stop(pid);
	try_day(path);
	unlink(path);
}
