// SPDX-License-Identifier: BSD-2-Clause
/* Sets of 100,000 elements of the mesh filter: to load, to replace under packets, to change a rule beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "mesh/frame.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/mesh_filter.h"
#include "tests/lib/mesh_many.h"

#define ROUNDS	7
#define TURNS	20
#define THREADS 2
#define RUNS	20000

static struct {
	struct mesh_filter_loaded filter;
	uint8_t frame[MESH_FRAME_MAX]; /* from 10.0.0.1 to 10.0.0.2 */
	size_t length;
	char *texts[2]; /* each has one of the packet's two addresses */
	char *texts6[2];
	atomic_bool stop;
	atomic_ulong packets;
} bench;

static double ms_since(double started)
{
	return (clock_monotonic_seconds() - started) * 1000;
}

static void change(enum rule_edit_kind kind, uint32_t number, const char *text)
{
	struct rule_edit edit = { .kind = kind, .number = number };
	struct failure failure;

	if (text != NULL && rule_parse(text, &edit.rule, &failure) < 0)
		abort();
	if (rules_change(&bench.filter.registry, &edit, &failure) < 0)
		abort();
}

/* --- times --------------------------------------------------------------------------------------- */

static double load_ms(int round)
{
	double started = clock_monotonic_seconds();

	mesh_many_load(&bench.filter, bench.texts[round % 2]);
	return ms_since(started);
}

static double load6_ms(int round)
{
	double started = clock_monotonic_seconds();

	mesh_many_load(&bench.filter, bench.texts6[round % 2]);
	return ms_since(started);
}

static double switch_ms(int round)
{
	double started = clock_monotonic_seconds();

	change(round % 2 == 0 ? RULE_EDIT_OFF : RULE_EDIT_ON, 0, NULL);
	return ms_since(started);
}

static double add_ms(int round)
{
	char text[32];

	snprintf(text, sizeof(text), "drop tcp %d", 1000 + round);
	double started = clock_monotonic_seconds();
	change(RULE_EDIT_ADD, 0, text);
	return ms_since(started);
}

static const struct {
	const char *what;
	double (*measure)(int round);
	double below;
} times[] = {
	{ "100,000 IPv6 addresses, from text to force", load6_ms, 500 },
	{ "100,000 IPv4 addresses, from text to force", load_ms, 500 },
	{ "one rule off or on, beside 100,000 elements", switch_ms, 2 },
	{ "one rule more, beside 100,000 elements", add_ms, 0 },
};

static void report_times(void)
{
	double values[ROUNDS];

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		for (int round = 0; round < ROUNDS; round++)
			values[round] = times[i].measure(round);
		report_add(&(struct measurement) { .what = times[i].what,
			.unit = "ms",
			.value = bench_median(values, ROUNDS),
			.rounds = ROUNDS,
			.below = times[i].below });
	}
}

/* --- sets that take turns under packets ---------------------------------------------------------- */

static void *run_packets(void *data)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bench.frame,
		.data_size_in = (uint32_t)bench.length, .repeat = RUNS);

	(void)data;
	while (!bench.stop && bpf_prog_test_run_opts(bench.filter.program, &options) == 0)
		bench.packets += RUNS;
	return NULL;
}

/* Each set drops the packet by one of its addresses: by half of each, it would pass. */
static void report_turns(void)
{
	int map = bpf_program_map_fd(bench.filter.object, "mesh_filter_totals");
	struct mesh_filter_totals before, after;
	pthread_t threads[THREADS];

	change(RULE_EDIT_ON, 0, NULL);
	mesh_many_load(&bench.filter, bench.texts[1]);
	bpf_program_sum(map, 0, &before, sizeof(before));
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run_packets, NULL) != 0)
			abort();
	double started = clock_monotonic_seconds();
	for (int i = 0; i < TURNS; i++)
		mesh_many_load(&bench.filter, bench.texts[i % 2]);
	bench.stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	double seconds = clock_monotonic_seconds() - started;
	bpf_program_sum(map, 0, &after, sizeof(after));
	report_add(&(struct measurement) { .what = "packets, while sets of 100,000 take turns",
		.unit = "M/s",
		.value = (double)bench.packets / seconds / 1e6,
		.rounds = TURNS,
		.above = 1 });
	report_add(&(struct measurement) { .what = "of them, judged by half a set",
		.unit = "packets",
		.value = (double)(bench.packets - (after.dropped.packets - before.dropped.packets)),
		.rounds = TURNS,
		.below = 1 });
}

/* Of IPv6, whose elements are larger. */
static void report_memory(void)
{
	for (int i = 0; i < 2; i++)
		mesh_many_load(&bench.filter, bench.texts6[i]);
	struct mesh_many_memory memory = mesh_many_memory(&bench.filter);
	report_add(&(struct measurement) {
		.what = "kernel memory, while 100,000 IPv6 addresses change",
		.unit = "MB",
		.value = (double)(2 * memory.compiled + memory.others) / (1 << 20),
		.rounds = 1,
		.below = 32 });
}

void bench_sets(void)
{
	struct failure failure;
	struct mesh_rule packet;

	report_section("SETS",
		"the mesh filter with two rules by a set of 100,000 elements; two threads run packets "
		"while a third loads; median of 7");
	mesh_filter_load(&bench.filter);
	if (frame_parse("10.0.0.1 to 10.0.0.2 udp 9", &packet, &failure) < 0)
		abort();
	bench.length = frame_make(&packet, bench.frame);
	bench.texts[0] = mesh_many_text("10.0.0.1", 11);
	bench.texts[1] = mesh_many_text("10.0.0.2", 12);
	for (unsigned int i = 0; i < 2; i++)
		bench.texts6[i] = mesh_many_text6(i);
	mesh_many_load(&bench.filter, bench.texts[0]);
	change(RULE_EDIT_ADD, 0, "drop from @s");
	change(RULE_EDIT_ADD, 0, "drop to @s");
	report_times();
	report_turns();
	report_memory();
	for (int i = 0; i < 2; i++) {
		free(bench.texts[i]);
		free(bench.texts6[i]);
	}
	mesh_filter_unload(&bench.filter);
}
