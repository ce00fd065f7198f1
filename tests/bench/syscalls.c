// SPDX-License-Identifier: BSD-2-Clause
/* What the latency tracers add to a system call, beside bpftrace's usual program for the same. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "control/orchestrator.h"
#include "least.h"

#define ROUNDS 7
#define CALLS  300000
#define BATCH  5000

enum tracer {
	UNTRACED,
	LATENCY,
	SECURE,
	BOTH,
	EMPTY,
	CLOCK,
	EMPTY_READ,
	CLOCK_READ,
	BPFTRACE,
	TRACERS
};

static const char *const tracer_names[TRACERS] = { "", "kprobe_syscall_latency",
	"kprobe_syscall_latency_secure", "both", "empty programs", "programs that read the clock",
	"empty programs at read()", "programs at read() that read the clock", "bpftrace" };

static const char *const latency[] = { "kprobe_syscall_latency", NULL };
static const char *const secure[] = { "kprobe_syscall_latency_secure", NULL };
static const char *const both[] = { "kprobe_syscall_latency", "kprobe_syscall_latency_secure",
	NULL };

/* It prints a line ten times a second, so that the reader knows when its probes are there. */
static const char bpftrace_program[] = "tracepoint:syscalls:sys_enter_read { @start[tid] = nsecs; }"
				       "tracepoint:syscalls:sys_exit_read /@start[tid]/ {"
				       " @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }"
				       "interval:ms:100 { printf(\"running\\n\"); }";

/* What a call took, in ns of this thread's time. */
struct cost {
	double read;
	double getppid;
};

static double thread_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void read_byte(int zero)
{
	char byte;

	if (read(zero, &byte, 1) != 1)
		abort();
}

static void get_parent(int zero)
{
	(void)zero;
	syscall(SYS_getppid);
}

/* The ns of a call in the fastest batch: what others do on the machine slows some, and speeds up none. */
static double fastest(void (*call)(int zero), int zero)
{
	double best = INFINITY;

	for (int batch = 0; batch < CALLS / BATCH; batch++) {
		double started = thread_ns();
		for (int i = 0; i < BATCH; i++)
			call(zero);
		best = fmin(best, (thread_ns() - started) / BATCH);
	}
	return best;
}

static struct cost measure_calls(int zero)
{
	return (struct cost) { .read = fastest(read_byte, zero),
		.getppid = fastest(get_parent, zero) };
}

/* --- x0top's tracers -------------------------------------------------------------------------- */

/* How many calls of read() a tracer has seen. */
static uint64_t reads_seen(struct orchestrator *orchestrator)
{
	struct snapshot *snapshot = snapshot_open();
	uint64_t seen = 0;

	if (snapshot == NULL)
		abort();
	orchestrator_sample(orchestrator, NULL, snapshot);
	for (uint32_t i = 0; i < snapshot->syscalls.n_calls; i++)
		if (strcmp(snapshot->syscalls.calls[i].name, "read") == 0)
			seen += snapshot->syscalls.calls[i].calls.total;
	for (uint32_t i = 0; i < snapshot->syscalls_secure.n_calls; i++)
		if (strcmp(snapshot->syscalls_secure.calls[i].name, "read") == 0)
			seen += snapshot->syscalls_secure.calls[i].calls.total;
	snapshot_close(snapshot);
	return seen;
}

static bool measure_ours(
	const char *const *programs, int zero, struct cost *cost, char *why, size_t size)
{
	struct orchestrator *orchestrator = open_programs(programs, 0, why, size);

	if (orchestrator == NULL)
		return false;
	*cost = measure_calls(zero);
	uint64_t seen = reads_seen(orchestrator);
	orchestrator_close(orchestrator);
	/* The secure one withholds less than a hundredth of so many. */
	if (seen >= CALLS / 100 * 99)
		return true;
	snprintf(why, size, "%s saw only %llu of %d calls", programs[0], (unsigned long long)seen,
		CALLS);
	return false;
}

/* --- the least that any tracer costs ---------------------------------------------------------------- */

static bool measure_least(enum tracer tracer, int zero, struct cost *cost, char *why, size_t size)
{
	static const struct {
		enum least_program program;
		enum least_place place;
	} pairs[TRACERS] = {
		[EMPTY] = { LEAST_EMPTY, LEAST_ALL_CALLS },
		[CLOCK] = { LEAST_CLOCK, LEAST_ALL_CALLS },
		[EMPTY_READ] = { LEAST_EMPTY, LEAST_READ_ALONE },
		[CLOCK_READ] = { LEAST_CLOCK, LEAST_READ_ALONE },
	};
	struct least least;
	bool attached = least_attach(&least, pairs[tracer].program, pairs[tracer].place, why, size);

	if (attached)
		*cost = measure_calls(zero);
	least_detach(&least);
	return attached;
}

/* --- bpftrace --------------------------------------------------------------------------------- */

static FILE *start_bpftrace(pid_t *pid)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		abort();
	*pid = fork();
	if (*pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execlp("bpftrace", "bpftrace", "-B", "line", "-e", bpftrace_program, NULL);
		dprintf(STDOUT_FILENO, "%s\n", strerror(errno));
		_exit(127);
	}
	close(ends[1]);
	return fdopen(ends[0], "r");
}

/* Until its second line from the timer; what it says before that is no good. */
static bool await_bpftrace(FILE *output, char *why, size_t size)
{
	char line[256];
	int running = 0;

	snprintf(why, size, "bpftrace does not start");
	while (running < 2 && fgets(line, sizeof(line), output) != NULL) {
		running += strncmp(line, "running", 7) == 0;
		if (running == 0 && strncmp(line, "Attaching", 9) != 0)
			snprintf(why, size, "bpftrace: %.*s", (int)strcspn(line, "\n"), line);
	}
	return running == 2;
}

/* The sum of the histogram that it prints at its end: lines like "[256, 512)   1234 |@@  |". */
static uint64_t read_histogram(FILE *output)
{
	unsigned long long seen = 0, count;
	char line[256];

	while (fgets(line, sizeof(line), output) != NULL)
		if (line[0] == '[' && sscanf(line, "[%*[^])]%*[])] %llu", &count) == 1)
			seen += count;
	return seen;
}

static bool measure_bpftrace(int zero, struct cost *cost, char *why, size_t size)
{
	uint64_t seen = 0;
	pid_t pid;
	FILE *output = start_bpftrace(&pid);
	bool running = await_bpftrace(output, why, size);

	if (running)
		*cost = measure_calls(zero);
	kill(pid, SIGINT);
	if (running)
		seen = read_histogram(output);
	fclose(output);
	waitpid(pid, NULL, 0);
	if (running && seen < CALLS)
		snprintf(why, size, "bpftrace saw only %llu of %d calls", (unsigned long long)seen,
			CALLS);
	return seen >= CALLS;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool measure(enum tracer tracer, int zero, struct cost *cost, char *why, size_t size)
{
	switch (tracer) {
	case LATENCY:
		return measure_ours(latency, zero, cost, why, size);
	case SECURE:
		return measure_ours(secure, zero, cost, why, size);
	case BOTH:
		return measure_ours(both, zero, cost, why, size);
	case UNTRACED:
		*cost = measure_calls(zero);
		return true;
	case BPFTRACE:
		return measure_bpftrace(zero, cost, why, size);
	default:
		return measure_least(tracer, zero, cost, why, size);
	}
}

/* The median over the rounds of what a tracer adds to a call, in the same round. */
static double added(const struct cost (*costs)[TRACERS], enum tracer tracer, bool to_read)
{
	double values[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		const struct cost *with = &costs[round][tracer], *without = &costs[round][UNTRACED];
		values[round] =
			to_read ? with->read - without->read : with->getppid - without->getppid;
	}
	return bench_median(values, ROUNDS);
}

static void report(const struct cost (*costs)[TRACERS], const bool *measured)
{
	static const struct {
		const char *what;
		enum tracer tracer, beside;
		bool to_read;
		double ratio_below;
	} rows[] = {
		{ "added to read() by kprobe_syscall_latency", LATENCY, BPFTRACE, true, 0.3 },
		{ "added to read() by the secure one", SECURE, BPFTRACE, true, 0.3 },
		{ "added to read() by both", BOTH, BPFTRACE, true, 0 },
		{ "the least: programs that read the clock", CLOCK, BPFTRACE, true, 0 },
		{ "the same at read() alone", CLOCK_READ, BPFTRACE, true, 0 },
		{ "added to getppid(), which none traces", LATENCY, BPFTRACE, false, 1.35 },
		{ "the same by the secure one", SECURE, BPFTRACE, false, 1.35 },
		{ "the same by both", BOTH, BPFTRACE, false, 0 },
		{ "the least: empty programs", EMPTY, BPFTRACE, false, 0 },
		{ "the least at read() alone", EMPTY_READ, BPFTRACE, false, 0 },
		{ "added to an untraced call", LATENCY, EMPTY, false, 1.1 },
		{ "added to an untraced call by the secure one", SECURE, EMPTY, false, 1.1 },
		{ "added to an untraced call by both", BOTH, EMPTY, false, 1.1 },
		{ "added to read(), the clock read twice", LATENCY, CLOCK, true, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct measurement row = { .what = rows[i].what, .unit = "ns", .rounds = ROUNDS };
		if (!measured[rows[i].tracer])
			continue;
		row.value = added(costs, rows[i].tracer, rows[i].to_read);
		if (measured[rows[i].beside]) {
			row.beside_what = tracer_names[rows[i].beside];
			row.beside = added(costs, rows[i].beside, rows[i].to_read);
			row.ratio_below = rows[i].ratio_below;
		}
		report_add(&row);
	}
}

void bench_syscalls(void)
{
	struct cost costs[ROUNDS][TRACERS];
	bool measured[TRACERS];
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char why[512];

	report_section("SYSTEM CALLS", "300,000 reads of a byte of /dev/zero, as many getppid(), "
				       "the fastest 5,000; median of 7 rounds in turn");
	memset(measured, true, sizeof(measured));
	for (int round = 0; round < ROUNDS; round++)
		for (enum tracer tracer = 0; tracer < TRACERS; tracer++) {
			if (!measured[tracer])
				continue;
			measured[tracer] =
				measure(tracer, zero, &costs[round][tracer], why, sizeof(why));
			if (!measured[tracer])
				report_missing(tracer_names[tracer], "%s", why);
		}
	close(zero);
	report((const struct cost(*)[TRACERS])costs, measured);
}
