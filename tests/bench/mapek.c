// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the attacker's first frame to the first that is dropped: `serve` with MAPE-K acting by the policies that
 * come with it, and what becomes of honest traffic of the same protocol beside the flood. Frames go through a
 * veth pair; drops are read from the filter's pinned counts after each batch.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/pins.h"
#include "mapek/policy.h"
#include "range.h"
#include "xdp_mesh_filter.h"

#define FLOODS	      200 /* of each kind; FLOODS in the environment changes it */
#define LATEST_MS     60
#define NEVER_MS      200
#define HONEST	      0.95
#define LEARN_SECONDS 45 /* of honest traffic alone, before the first flood of a protocol */
#define FLOOD_NS      150000000
#define GIVE_UP_NS    3000000000
#define QUIET_NS      800000000 /* from one flood to the next: x0top rests for 0.8 s after an action */
#define CPUS_MAX      1024

static const struct kind kinds[] = {
	{ "UDP flood from one address", .tcp = false, .many = false },
	{ "UDP flood from 10,000 addresses", .tcp = false, .many = true },
	{ "SYN flood from one address", .tcp = true, .many = false },
	{ "SYN flood from 10,000 addresses", .tcp = true, .many = true },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static uint64_t dropped(const struct range *range)
{
	static struct mesh_filter_totals values[CPUS_MAX];
	uint64_t sum = 0;
	uint32_t zero = 0;

	memset(values, 0, sizeof(values));
	bpf_map_lookup_elem(range->totals, &zero, values);
	for (int i = 0; i < CPUS_MAX; i++)
		sum += values[i].dropped.packets;
	return sum;
}

/* --- a flood ---------------------------------------------------------------------------------- */

/* Returns the ms until the first drop; beyond GIVE_UP_NS there is none. */
static double flood(struct range *range, const struct kind *kind)
{
	const uint64_t before = dropped(range);
	uint32_t batch = 0;
	double ms = 0;

	range->sources++;
	range_make_flood(range, kind, batch);
	const uint64_t began = clock_monotonic_ns();
	for (uint64_t at = began; at < began + (ms > 0 ? FLOOD_NS : GIVE_UP_NS); at += BATCH_NS) {
		sleep_until(at);
		range_send(range);
		if (ms == 0 && dropped(range) > before)
			ms = (double)(clock_monotonic_ns() - began) / 1e6;
		range_be_honest(range);
		if (kind->many)
			range_make_flood(range, kind, ++batch);
	}
	return ms > 0 ? ms : GIVE_UP_NS / 1e6;
}

static int ascending(const void *a, const void *b)
{
	const double *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static void report_kind(const struct kind *kind, double *ms, int n, double share)
{
	struct measurement row = { .what = kind->what, .unit = "ms", .rounds = (unsigned int)n };
	char line[96];

	qsort(ms, (size_t)n, sizeof(*ms), ascending);
	row.value = ms[n / 2];
	report_add(&row);
	snprintf(line, sizeof(line), "%s, 99 %%", kind->what);
	row.what = line;
	row.value = ms[(n * 99 + 99) / 100 - 1];
	row.below = LATEST_MS;
	report_add(&row);
	snprintf(line, sizeof(line), "%s, the latest", kind->what);
	row.value = ms[n - 1];
	row.below = NEVER_MS;
	report_add(&row);
	snprintf(line, sizeof(line), "%s, honest traffic that arrives", kind->what);
	row = (struct measurement) {
		.what = line, .unit = "", .value = share, .above = HONEST, .rounds = (unsigned int)n
	};
	report_add(&row);
}

static void measure(struct range *range, const struct kind *kind)
{
	const char *asked = getenv("FLOODS");
	const int n =
		asked != NULL && atoi(asked) > 0 && atoi(asked) < FLOODS ? atoi(asked) : FLOODS;
	double ms[FLOODS];

	range_make(range, &range->honest, kind, 1, 0x0a010909);
	range_be_honest_for(range, kind->many ? QUIET_NS : LEARN_SECONDS * NS_PER_SECOND);
	range_forget(range);
	for (int i = 0; i < n; i++) {
		ms[i] = flood(range, kind);
		range_be_honest_for(range, QUIET_NS);
	}
	range_receive(range);
	report_kind(kind, ms, n, range_share(range));
}

/* --- x0top -------------------------------------------------------------------------------------- */

/* The policies that come with x0top, with times that let floods follow one another. */
static const struct change {
	const char *from, *to;
} changes[] = {
	{ "mode: advise", "mode: act" },
	{ "brake: 10\n", "brake: 1000\n" },
	{ "hold: 5ms\n", "hold: 5ms\n    calm: 200ms\n" },
	{ "for: 2m", "for: 2s" },
	{ "most: 2\n", "most: 16\n" },
	{ "most: 8\n", "most: 16\n" },
};

static void write_line(FILE *file, const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *at = memmem(line, length, changes[i].from, strlen(changes[i].from));
		if (at == NULL)
			continue;
		fprintf(file, "%.*s%s", (int)(at - line), line, changes[i].to);
		fprintf(file, "%.*s", (int)(line + length - at - (ssize_t)strlen(changes[i].from)),
			at + strlen(changes[i].from));
		return;
	}
	fprintf(file, "%.*s", (int)length, line);
}

static int write_policies(const char *path)
{
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return -errno;
	for (const char *line = policies_built_in; *line != '\0';) {
		const size_t length = strcspn(line, "\n") + 1;
		write_line(file, line, length);
		line += length;
	}
	return fclose(file) == 0 ? 0 : -errno;
}

static int write_rules(const char *path)
{
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return -errno;
	fputs("rules: [count all]\n", file);
	return fclose(file) == 0 ? 0 : -errno;
}

/* Waits until it enforces. Returns the descriptor of its totals, or a negative errno. */
static int await_totals(void)
{
	const uint64_t end = clock_monotonic_ns() + 20 * NS_PER_SECOND;
	int fd;

	while ((fd = bpf_obj_get(PINS_FOLDER "/mesh_filter_totals")) < 0 &&
		clock_monotonic_ns() < end)
		sleep_until(clock_monotonic_ns() + NS_PER_SECOND / 20);
	return fd;
}

/* --- what is honest ------------------------------------------------------------------------------- */

#define CROWD_NS 5000000000
#define CROWDS	 5

/* As many packets a second as a flood, of visitors: of 10,000 addresses, and as large as downloads are. */
static const struct kind crowd = { "a flash crowd, 30,000 packets/s from 10,000 addresses",
	.tcp = true, .many = true, .payload = 600 };

static void measure_crowd(struct range *range)
{
	uint64_t hit = 0;

	range_make(range, &range->honest, &crowd, 1, 0x0a010909);
	range_forget(range);
	for (uint32_t i = 0; i < CROWDS; i++) {
		const uint64_t before = dropped(range), began = clock_monotonic_ns();
		range->sources++;
		for (uint64_t at = began; at < began + CROWD_NS; at += BATCH_NS) {
			sleep_until(at);
			range_make_flood(range, &crowd, (uint32_t)((at - began) / BATCH_NS));
			range_send(range);
			range_be_honest(range);
		}
		hit += dropped(range) - before;
		range_be_honest_for(range, QUIET_NS);
	}
	report_add(&(struct measurement) {
		.what = crowd.what,
		.unit = "dropped",
		.value = (double)hit,
		.below = 1,
		.rounds = CROWDS,
	});
}

/* --- what it costs -------------------------------------------------------------------------------- */

#define COST_SECONDS 10
#define COST_ROUNDS  3
#define CPU_PERCENT  1
#define MEMORY_MB    14
#define WAKES	     2

/* With honest traffic beside it. */
static void measure_cost(struct range *range, pid_t pid)
{
	double percent[COST_ROUNDS];

	for (int i = 0; i < COST_ROUNDS; i++) {
		const double before = bench_cpu_seconds(pid), began = clock_monotonic_seconds();
		range_be_honest_for(range, COST_SECONDS * NS_PER_SECOND);
		percent[i] = 100 * (bench_cpu_seconds(pid) - before) /
			     (clock_monotonic_seconds() - began);
	}
	report_add(&(struct measurement) {
		.what = "serve, acting",
		.unit = "% of a core",
		.value = bench_median(percent, COST_ROUNDS),
		.below = CPU_PERCENT,
		.rounds = COST_ROUNDS,
	});
	report_add(&(struct measurement) {
		.what = "serve, acting, resident memory",
		.unit = "MB",
		.value = bench_resident_mb(pid),
		.below = MEMORY_MB,
		.rounds = 1,
	});
}

/* Measures how often a service wakes a second while nobody sends. Returns the median. */
static double wakes(pid_t pid)
{
	double a_second[COST_ROUNDS];

	sleep_until(clock_monotonic_ns() + 3 * NS_PER_SECOND);
	for (int i = 0; i < COST_ROUNDS; i++)
		a_second[i] = bench_wakes(pid, COST_SECONDS);
	return bench_median(a_second, COST_ROUNDS);
}

/* What MAPE-K wakes is the difference to the same service without it. */
static void report_wakes(double with, double without)
{
	if (!(with > 0) || !(without > 0)) {
		report_missing("wakes of an idle host",
			"a service has ended, or nothing counts its wakes");
		return;
	}
	report_add(&(struct measurement) {
		.what = "wakes of an idle host, MAPE-K acting",
		.unit = "/s",
		.value = with,
		.beside_what = "without MAPE-K",
		.beside = without,
		.below = without + WAKES,
		.rounds = COST_ROUNDS,
	});
}

static void measure_all(struct range *range, pid_t pid)
{
	range->totals = await_totals();
	if (range->totals < 0 || range_open(range) < 0) {
		report_missing("floods", "x0top does not enforce, or there is no packet socket");
	} else {
		for (int i = 0; i < KINDS; i++)
			measure(range, &kinds[i]);
		measure_crowd(range);
		measure_cost(range, pid);
	}
	fd_close(&range->totals);
	range_close(range);
}

void bench_mapek(void)
{
	static struct range range;
	char folder[] = "/tmp/x0-bench-XXXXXX", rules[64], policies[64], known[64], down[128];
	const char *x0top = getenv("X0TOP") ? getenv("X0TOP") : "./x0top";
	const char *const arguments[] = { x0top, "serve", "-i", BENCH_RECEIVES, "--enforce",
		"--yes", "--config", rules, "--mapek-policy", policies, "--mapek-knowledge", known,
		"--listen", "127.0.0.1:26978", NULL };
	const char *const off[] = { x0top, "serve", "-i", BENCH_RECEIVES, "--enforce", "--yes",
		"--config", rules, "--mapek", "off", "--listen", "127.0.0.1:26978", NULL };

	report_section("MAPE-K",
		"30,000 frames a second through a veth pair, honest traffic of the "
		"same protocol beside them; to the first drop");
	if (mkdtemp(folder) == NULL) {
		report_missing("floods", "no folder: %s", strerror(errno));
		return;
	}
	snprintf(rules, sizeof(rules), "%s/rules.yaml", folder);
	snprintf(policies, sizeof(policies), "%s/policies.yaml", folder);
	snprintf(known, sizeof(known), "%s/mapek.db", folder);
	snprintf(down, sizeof(down), "'%s' programs down >/dev/null 2>&1; rm -r '%s'", x0top,
		folder);
	if (system("ip link set lo up") == 0 && write_rules(rules) == 0 &&
		write_policies(policies) == 0) {
		pid_t pid = bench_start(arguments);
		measure_all(&range, pid);
		const double with = wakes(pid);
		bench_stop(pid);
		pid = bench_start(off);
		report_wakes(with, wakes(pid));
		bench_stop(pid);
	}
	if (system(down) != 0)
		fprintf(stderr, "bench: x0top programs down failed.\n");
	bench_wake_cost();
}
