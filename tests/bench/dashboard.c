// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the dashboard costs while it runs: x0top in its lab, and on a host, everything on, beside htop;
 * both at one refresh a second, at the same time, each on a terminal of its own of the same size. And how
 * long it takes until there is something to see.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "control/orchestrator.h"

#define ROUNDS	       DASHBOARD_ROUNDS
#define ROUND_SECONDS  5
#define SETTLE_SECONDS 8
#define ROWS	       40
#define COLUMNS	       120
#define CPU_PERCENT    0.5
#define MEMORY_MB      8
#define WAKEUPS	       1.5 /* one a second, and what is left of a start */
#define SCREEN_SECONDS 0.2
#define SAMPLE_MS      0.5
#define SAMPLES	       201
#define SCREEN_BYTES   2000 /* fewer are no full screen */
#define QUIET_MS       250 /* after so long without output, a screen is complete */

/* A program on a terminal. */
struct session {
	const char *name;
	const char *const *arguments;
	pid_t pid;
	int terminal;
};

/* What a process has used up to a moment. */
struct usage {
	double cpu_seconds;
	double wakeups;
	double resident_mb;
};

struct cost {
	double cpu_percent[ROUNDS], wakeups[ROUNDS], resident_mb[ROUNDS];
};

static void start(struct session *session)
{
	const struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };

	fflush(stdout);
	session->pid = forkpty(&session->terminal, NULL, NULL, &size);
	if (session->pid != 0)
		return;
	setpriority(PRIO_PROCESS, 0, 0);
	setenv("TERM", "xterm-256color", 1);
	execvp(session->arguments[0], (char *const *)session->arguments);
	_exit(127);
}

static void stop(struct session *session)
{
	if (session->pid <= 0)
		return;
	kill(session->pid, SIGTERM);
	close(session->terminal);
	waitpid(session->pid, NULL, 0);
}

/* Takes off what the programs draw, for so long. Returns false if one of them has ended. */
static bool watch(struct session *sessions, int n, double seconds)
{
	double until = clock_monotonic_seconds() + seconds;
	struct pollfd terminals[2];
	char drawn[16384];

	for (double now = clock_monotonic_seconds(); now < until; now = clock_monotonic_seconds()) {
		for (int i = 0; i < n; i++)
			terminals[i] = (struct pollfd) { sessions[i].terminal, POLLIN, 0 };
		if (poll(terminals, (nfds_t)n, (int)((until - now) * 1000) + 1) < 0)
			return false;
		for (int i = 0; i < n; i++)
			if (terminals[i].revents != 0 &&
				read(sessions[i].terminal, drawn, sizeof(drawn)) <= 0)
				return false;
	}
	return true;
}

/* The number behind `key` in a file of /proc/PID; the first number where `key` is NULL. */
static double read_number(pid_t pid, const char *name, const char *key)
{
	double number = -1;
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return -1;
	while (number < 0 && fgets(line, sizeof(line), file) != NULL)
		if (key == NULL || strncmp(line, key, strlen(key)) == 0)
			sscanf(line + (key == NULL ? 0 : strlen(key)), "%lf", &number);
	fclose(file);
	return number;
}

/* Of the process alone, which has one thread: the lab's nodes are its children. */
static bool read_usage(pid_t pid, struct usage *usage)
{
	usage->cpu_seconds = read_number(pid, "schedstat", NULL) / 1e9;
	usage->wakeups = read_number(pid, "status", "voluntary_ctxt_switches:");
	usage->resident_mb = read_number(pid, "status", "VmRSS:") / 1024;
	return usage->cpu_seconds >= 0 && usage->wakeups >= 0 && usage->resident_mb >= 0;
}

static bool measure(struct session *sessions, struct cost *costs, int n)
{
	struct usage before[2], after[2];

	if (!watch(sessions, n, SETTLE_SECONDS))
		return false;
	for (int round = 0; round < ROUNDS; round++) {
		double started = clock_monotonic_seconds();
		for (int i = 0; i < n; i++)
			if (!read_usage(sessions[i].pid, &before[i]))
				return false;
		if (!watch(sessions, n, ROUND_SECONDS))
			return false;
		double seconds = clock_monotonic_seconds() - started;
		for (int i = 0; i < n; i++) {
			if (!read_usage(sessions[i].pid, &after[i]))
				return false;
			costs[i].cpu_percent[round] =
				100 * (after[i].cpu_seconds - before[i].cpu_seconds) / seconds;
			costs[i].wakeups[round] = (after[i].wakeups - before[i].wakeups) / seconds;
			costs[i].resident_mb[round] = after[i].resident_mb;
		}
	}
	return true;
}

/* `wakeups`: below how many it has to stay; 0: nothing is asked for. */
static void report(struct cost *ours, struct cost *htop, double wakeups)
{
	const struct {
		const char *what, *unit;
		double *ours, *htop;
		double below;
	} rows[] = {
		{ "CPU time", "% of a core", ours->cpu_percent, htop->cpu_percent, CPU_PERCENT },
		{ "resident memory", "MB", ours->resident_mb, htop->resident_mb, MEMORY_MB },
		{ "wakeups a second", "", ours->wakeups, htop->wakeups, wakeups },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		report_add(&(struct measurement) {
			.what = rows[i].what,
			.unit = rows[i].unit,
			.value = bench_median(rows[i].ours, ROUNDS),
			.beside_what = "htop -d 10",
			.beside = bench_median(rows[i].htop, ROUNDS),
			.rounds = ROUNDS,
			.below = rows[i].below,
		});
}

/* Seconds from its start until a program has drawn all of its first screen; 0 if it draws none. */
static double first_screen(struct session *session)
{
	struct pollfd terminal = { .events = POLLIN };
	double started = clock_monotonic_seconds(), drawn_at = 0;
	ssize_t drawn = 0, got = 1;
	char bytes[16384];

	start(session);
	terminal.fd = session->terminal;
	while (got > 0 && poll(&terminal, 1, drawn < SCREEN_BYTES ? 5000 : QUIET_MS) > 0) {
		got = read(session->terminal, bytes, sizeof(bytes));
		drawn += got > 0 ? got : 0;
		drawn_at = clock_monotonic_seconds();
	}
	stop(session);
	return drawn < SCREEN_BYTES ? 0 : drawn_at - started;
}

static void bench_first_screen(struct session *ours, struct session *htop)
{
	double values[ROUNDS], others[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		values[round] = first_screen(ours);
		others[round] = first_screen(htop);
		if (values[round] > 0 && others[round] > 0)
			continue;
		report_missing("first full screen", "%s or htop draws none", ours->arguments[0]);
		return;
	}
	report_add(&(struct measurement) {
		.what = "first full screen",
		.unit = "s",
		.value = bench_median(values, ROUNDS),
		.beside_what = "htop",
		.beside = bench_median(others, ROUNDS),
		.rounds = ROUNDS,
		.below = SCREEN_SECONDS,
	});
}

static void bench_sample(void)
{
	static const char *const all[] = { NULL };
	struct snapshot *before = snapshot_open(), *now = snapshot_open();
	double values[SAMPLES];
	char why[256] = "";
	struct orchestrator *orchestrator = open_programs(all, 0, why, sizeof(why));

	if (orchestrator == NULL || before == NULL || now == NULL) {
		report_missing("a sample", "%s", why);
		return;
	}
	orchestrator_sample(orchestrator, NULL, before);
	for (int i = 0; i < SAMPLES; i++) {
		double started = clock_monotonic_seconds();
		orchestrator_sample(orchestrator, before, now);
		values[i] = (clock_monotonic_seconds() - started) * 1000;
		struct snapshot *swap = before;
		before = now;
		now = swap;
	}
	orchestrator_close(orchestrator);
	snapshot_close(before);
	snapshot_close(now);
	report_add(&(struct measurement) {
		.what = "a sample",
		.unit = "ms",
		.value = bench_median(values, SAMPLES),
		.rounds = SAMPLES,
		.below = SAMPLE_MS,
	});
}

static void bench_beside(struct session *sessions, double wakeups)
{
	static struct cost costs[2];

	for (int i = 0; i < 2; i++)
		start(&sessions[i]);
	if (measure(sessions, costs, 2))
		report(&costs[0], &costs[1], wakeups);
	else
		report_missing("x0top beside htop", "one of them ended (%s, htop)",
			sessions[0].arguments[0]);
	for (int i = 0; i < 2; i++)
		stop(&sessions[i]);
}

static const char *const htop[] = { "htop", "-d", "10", NULL };

double dashboard_cpu_percent(const char *const *arguments)
{
	struct session session = { arguments[0], arguments, -1, -1 };
	static struct cost cost;

	start(&session);
	bool ok = measure(&session, &cost, 1);
	stop(&session);
	return ok ? bench_median(cost.cpu_percent, ROUNDS) : -1;
}

void bench_dashboard(void)
{
	const char *x0top = getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
	const char *const lab[] = { x0top, "lab", "-d", "1", NULL };
	struct session sessions[] = { { "x0top", lab, -1, -1 }, { "htop", htop, -1, -1 } };

	report_section("DASHBOARD",
		"x0top lab and htop at the same time on terminals of 120x40, one "
		"refresh a second; median of 9 times 5 seconds");
	bench_beside(sessions, 0);
}

void bench_host(void)
{
	const char *x0top = getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
	const char *const host[] = { x0top, "-d", "1", "-i", BENCH_RECEIVES, NULL };
	struct session sessions[] = { { "x0top", host, -1, -1 }, { "htop", htop, -1, -1 } };

	report_section("HOST",
		"x0top and htop on a host with one interface, as above; the first screen "
		"in turn");
	bench_first_screen(&sessions[0], &sessions[1]);
	bench_sample();
	bench_beside(sessions, WAKEUPS);
}
