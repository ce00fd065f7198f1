// SPDX-License-Identifier: BSD-2-Clause
/* How long it takes to open, verify, load and attach the programs. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "control/orchestrator.h"
#include "programs/programs.h"

#define ROUNDS	 11
#define LIMIT_MS 100

/* What one start took. */
struct start {
	double load_ms[PROGRAMS_MAX]; /* by place in program_types */
	double open_ms; /* until all were attached */
	char why[256]; /* a program that failed; empty if none */
};

static void sample(struct orchestrator *orchestrator, struct start *start)
{
	struct snapshot *snapshot = snapshot_open();

	if (snapshot == NULL)
		abort();
	orchestrator_sample(orchestrator, NULL, snapshot);
	for (uint32_t i = 0; i < snapshot->n_programs; i++)
		start->load_ms[i] = snapshot->programs[i].load_ms;
	snapshot_close(snapshot);
}

/* Objects are loaded by as many threads as there are CPUs. */
static void stay_on_one_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* In a process of its own, so that nothing is warm but what the kernel keeps. */
static void start_once(int report, bool one_cpu)
{
	static const char *const all[] = { NULL };
	struct start start = { 0 };

	if (one_cpu)
		stay_on_one_cpu();
	double started = clock_monotonic_seconds();
	struct orchestrator *orchestrator = open_programs(all, 0, start.why, sizeof(start.why));

	start.open_ms = (clock_monotonic_seconds() - started) * 1000;
	if (orchestrator != NULL)
		sample(orchestrator, &start);
	if (write(report, &start, sizeof(start)) != (ssize_t)sizeof(start))
		_exit(1);
	orchestrator_close(orchestrator);
	_exit(0);
}

static bool measure_start(struct start *start, bool one_cpu)
{
	int ends[2];

	if (pipe(ends) < 0)
		abort();
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		start_once(ends[1], one_cpu);
	close(ends[1]);
	bool ok = pid > 0 && read(ends[0], start, sizeof(*start)) == (ssize_t)sizeof(*start);
	close(ends[0]);
	waitpid(pid, NULL, 0);
	if (!ok)
		snprintf(start->why, sizeof(start->why), "the process that loads them died");
	return ok && start->why[0] == '\0';
}

/* What each object takes beside the others, and all of them until they are attached. */
static void report_loads(struct start *starts, struct start *alone)
{
	double values[ROUNDS], others[ROUNDS];
	struct measurement row = { .unit = "ms", .rounds = ROUNDS };

	for (uint32_t i = 0; program_types[i] != NULL; i++) {
		for (int round = 0; round < ROUNDS; round++) {
			values[round] = starts[round].load_ms[i];
			others[round] = alone[round].load_ms[i];
		}
		row.what = program_types[i]->name;
		row.value = bench_median(values, ROUNDS);
		row.beside_what = "on one CPU";
		row.beside = bench_median(others, ROUNDS);
		report_add(&row);
	}
	for (int round = 0; round < ROUNDS; round++) {
		values[round] = starts[round].open_ms;
		others[round] = alone[round].open_ms;
	}
	row.what = "all, attached";
	row.value = bench_median(values, ROUNDS);
	row.beside = bench_median(others, ROUNDS);
	row.below = LIMIT_MS;
	report_add(&row);
}

void bench_loading(void)
{
	static struct start starts[ROUNDS], alone[ROUNDS];

	report_section("LOAD TIME",
		"open, verify and load, side by side and on one CPU in turn, each time in a new "
		"process; median of 11");
	for (int round = 0; round < ROUNDS; round++)
		if (!measure_start(&starts[round], false) || !measure_start(&alone[round], true)) {
			report_missing("load time of the programs", "%s%s", starts[round].why,
				alone[round].why);
			return;
		}
	report_loads(starts, alone);
}
