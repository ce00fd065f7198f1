// SPDX-License-Identifier: BSD-2-Clause
/* What hundreds of interfaces cost: veth pairs, and macvlans over one end of another. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "control/orchestrator.h"

#define ROUNDS	      5
#define PAIRS	      100
#define MACVLANS      97 /* with the loopback and the pair of the benchmarks: 300 */
#define START_SECONDS 2
#define ONCE_SECONDS  1.5
#define CPU_PERCENT   2

static const char *x0top(void)
{
	return getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
}

static int make_interfaces(void)
{
	FILE *batch = popen("ip -batch -", "w");

	if (batch == NULL)
		return -1;
	for (int i = 0; i < PAIRS; i++)
		fprintf(batch,
			"link add many%d type veth peer name other%d\n"
			"link set many%d up\nlink set other%d up\n",
			i, i, i, i);
	for (int i = 0; i < MACVLANS; i++)
		fprintf(batch,
			"link add over%d link " BENCH_SENDS " type macvlan mode bridge\n"
			"link set over%d up\n",
			i, i);
	return pclose(batch);
}

static void delete_interfaces(void)
{
	FILE *batch = popen("ip -force -batch - 2>/dev/null", "w");

	if (batch == NULL)
		return;
	for (int i = 0; i < PAIRS; i++)
		fprintf(batch, "link delete many%d\n", i);
	for (int i = 0; i < MACVLANS; i++)
		fprintf(batch, "link delete over%d\n", i);
	pclose(batch);
}

/* Opens what x0top opens, by the rule or on one interface. In a process of its own. */
static void open_once(bool all, int report)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct orchestrator *orchestrator;
	struct failure failure;
	double started = clock_monotonic_seconds();

	if (settings == NULL)
		_exit(1);
	settings_default(settings);
	settings->lab = true; /* nobody else is in this namespace: no lock */
	settings->n_interfaces = !all;
	snprintf(settings->interfaces[0], sizeof(settings->interfaces[0]), BENCH_RECEIVES);
	if (orchestrator_open(settings, &orchestrator, &failure) < 0)
		_exit(1);
	double seconds = clock_monotonic_seconds() - started;
	if (write(report, &seconds, sizeof(seconds)) != (ssize_t)sizeof(seconds))
		_exit(1);
	orchestrator_close(orchestrator);
	_exit(0);
}

/* Seconds until all programs were attached, or a negative number. */
static double time_start(bool all)
{
	double seconds = -1;
	int ends[2];

	if (pipe(ends) < 0)
		return -1;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		open_once(all, ends[1]);
	close(ends[1]);
	if (read(ends[0], &seconds, sizeof(seconds)) != (ssize_t)sizeof(seconds))
		seconds = -1;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return seconds;
}

/* Seconds from the command to its end, or a negative number if it fails. */
static double time_once(bool all)
{
	double started = clock_monotonic_seconds();
	char command[512];

	snprintf(command, sizeof(command), "%s --once --json -d 1 %s >/dev/null 2>&1", x0top(),
		all ? "" : "-i " BENCH_RECEIVES);
	return system(command) == 0 ? clock_monotonic_seconds() - started : -1;
}

static void time_row(const char *what, double (*measure)(bool all), double below)
{
	double all[ROUNDS], one[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		all[round] = measure(true);
		one[round] = measure(false);
		if (all[round] < 0 || one[round] < 0) {
			report_missing(what, "it does not run (%s)", x0top());
			return;
		}
	}
	report_add(&(struct measurement) {
		.what = what,
		.unit = "s",
		.value = bench_median(all, ROUNDS),
		.beside_what = "on one of them",
		.beside = bench_median(one, ROUNDS),
		.rounds = ROUNDS,
		.below = below,
	});
}

static void dashboard_row(void)
{
	const char *const all[] = { x0top(), "-d", "1", NULL };
	const char *const one[] = { x0top(), "-d", "1", "-i", BENCH_RECEIVES, NULL };
	double all_percent = dashboard_cpu_percent(all), one_percent = dashboard_cpu_percent(one);

	if (all_percent < 0 || one_percent < 0) {
		report_missing("dashboard, CPU time", "it has ended (%s)", x0top());
		return;
	}
	report_add(&(struct measurement) {
		.what = "dashboard, CPU time",
		.unit = "% of a core",
		.value = all_percent,
		.beside_what = "on one of them",
		.beside = one_percent,
		.rounds = DASHBOARD_ROUNDS,
		.below = CPU_PERCENT,
	});
}

void bench_interfaces(void)
{
	report_section("300 INTERFACES",
		"200 ends of veth pairs, 97 macvlans, all programs; beside them a run on one "
		"interface of this host; medians");
	if (make_interfaces() != 0) {
		report_missing("all", "the interfaces cannot be made");
	} else {
		time_row("until all programs are attached", time_start, START_SECONDS);
		time_row("--once --json -d 1", time_once, ONCE_SECONDS);
		dashboard_row();
	}
	delete_interfaces();
}
