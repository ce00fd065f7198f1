// SPDX-License-Identifier: BSD-2-Clause
/* 100,000 elements in the kernel: what they cost, and that packets meet whole sets. How fast: tests/bench/sets.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "kernel/object.h"
#include "mesh/compile.h"
#include "mesh/frame.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "mesh/set_change.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/mesh_filter.h"
#include "tests/lib/mesh_many.h"

#define ELEMENTS   MESH_MANY
#define SWAPS	   20
#define RUNS	   20000
#define THREADS	   2
#define ROW	   6500 /* in buckets for 8,192 */
#define SEEDS	   200
#define MEMORY_MAX (32 << 20)

static struct {
	struct mesh_filter_loaded filter;
	uint8_t frame[MESH_FRAME_MAX]; /* from 10.0.0.1 to 10.0.0.2 */
	size_t length;
	char *texts[2]; /* 100,000 elements, and the first address, or the second */
	char *texts6[2]; /* the same of IPv6 */
	atomic_bool stop;
	atomic_ulong packets;
} test;

static void add_rule(const char *text)
{
	struct rule_edit edit = { .kind = RULE_EDIT_ADD };
	struct failure failure = { 0 };

	assert_int_equal(rule_parse(text, &edit.rule, &failure), 0);
	assert_int_equal(rules_change(&test.filter.registry, &edit, &failure), 0);
}

static void turn(uint32_t number, bool on)
{
	struct rule_edit edit = { .kind = on ? RULE_EDIT_ON : RULE_EDIT_OFF, .number = number };
	struct failure failure = { 0 };

	assert_int_equal(rules_change(&test.filter.registry, &edit, &failure), 0);
}

static void load_in_turns(char *const texts[2])
{
	for (int i = 0; i < 2; i++)
		mesh_many_load(&test.filter, texts[i]);
}

static void ipv4_loads(void **state)
{
	(void)state;
	load_in_turns(test.texts);
}

static void ipv6_loads(void **state)
{
	(void)state;
	load_in_turns(test.texts6);
}

static double run_ns(void (*work)(void))
{
	uint64_t started = clock_monotonic_ns();

	work();
	return (double)(clock_monotonic_ns() - started);
}

static void load(void)
{
	mesh_many_load(&test.filter, test.texts[0]);
}

static void switch_off(void)
{
	turn(0, false);
	turn(1, false);
}

static void switch_on(void)
{
	turn(0, true);
	turn(1, true);
}

/* The sets are not compiled again: the fastest of some switches beside a load of the sets. */
static void a_rule_is_switched_alone(void **state)
{
	double best = 1e18;

	(void)state;
	for (int i = 0; i < 20; i++) {
		double ns = run_ns(i % 2 ? switch_on : switch_off) / 2;
		best = ns < best ? ns : best;
		assert_int_equal(bpf_program_run(test.filter.program, test.frame, test.length),
			i % 2 ? XDP_DROP : XDP_PASS);
	}
	assert_true(best < run_ns(load) / 10);
}

static void memory_is_bounded(void **state)
{
	struct mesh_many_memory memory = mesh_many_memory(&test.filter);

	(void)state;
	printf("compiled %.1f MB, twice; other maps %.1f MB\n", (double)memory.compiled / 1e6,
		(double)memory.others / 1e6);
	assert_true(memory.compiled > ELEMENTS * sizeof(uint64_t));
	assert_true(2 * memory.compiled + memory.others < MEMORY_MAX);
}

static void *run_packets(void *data)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = test.frame,
		.data_size_in = (__u32)test.length, .repeat = RUNS);

	(void)data;
	while (!test.stop) {
		if (bpf_prog_test_run_opts(test.filter.program, &options) < 0 ||
			options.retval != XDP_DROP)
			break;
		test.packets += RUNS;
	}
	return NULL;
}

/* Each set holds one of the packet's two addresses: by half a set, or by both, it would pass or not be
 * counted once. */
static void packets_meet_whole_sets(void **state)
{
	struct mesh_filter_totals before, after;
	int totals = bpf_program_map_fd(test.filter.object, "mesh_filter_totals");
	pthread_t threads[THREADS];

	(void)state;
	mesh_many_load(&test.filter, test.texts[1]);
	bpf_program_sum(totals, 0, &before, sizeof(before));
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_packets, NULL), 0);
	for (int i = 0; i < SWAPS; i++)
		mesh_many_load(&test.filter, test.texts[i % 2]);
	test.stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	bpf_program_sum(totals, 0, &after, sizeof(after));
	assert_true(test.packets > 0);
	assert_int_equal(after.dropped.packets - before.dropped.packets, test.packets);
	assert_int_equal(after.passed.packets, before.passed.packets);
	assert_int_equal(after.no_match.packets, before.no_match.packets);
}

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Addresses in a row, and every seed: some multipliers spread them badly. */
static void rows_of_addresses_take_no_more_room(void **state)
{
	static struct mesh_rule rules[MESH_RULES_MAX];
	struct set_elements row = { .kind = MESH_SET_PREFIXES };
	struct mesh_element element = { .prefix = { .family = 6, .length = 128 } };
	struct mesh_compiled compiled;
	struct failure failure = { 0 };
	uint32_t grown = 0;

	(void)state;
	for (uint32_t i = 0; i < ROW; i++) {
		element.prefix.address[14] = (uint8_t)(i >> 8);
		element.prefix.address[15] = (uint8_t)i;
		assert_int_equal(set_add(&row, &element), 0);
	}
	assert_int_equal(rule_parse("drop from @s", &rules[0], &failure), 0);
	const struct mesh_elements sets = { row.kind, row.n, row.list };
	struct mesh_source source = {
		.rules = rules, .sets = &sets, .n_sets = 1, .generation = 1, .ifindex = no_interface
	};
	for (uint32_t seed = 0; seed < SEEDS; seed++) {
		source.seed = seed * UINT64_C(0x9e3779b97f4a7c15);
		assert_int_equal(mesh_compile(&source, &compiled, &failure), 0);
		grown += compiled.grown;
		mesh_compiled_free(&compiled);
	}
	free(row.list);
	assert_int_equal(grown, 0);
}

/* What is read back is what was written. */
static void sets_come_back(void **state)
{
	struct set_change change;
	struct failure failure = { 0 };
	struct set_elements one = { .kind = MESH_SET_PREFIXES };

	(void)state;
	mesh_many_load(&test.filter, test.texts[1]);
	assert_int_equal(set_change_begin(&test.filter.registry, &change, &failure), 0);
	assert_int_equal(change.sets->n, 1);
	assert_int_equal(change.sets->sets[0].n, ELEMENTS);
	assert_int_equal(set_add_text(&one, "12.1.134.159", 12, &failure), 0);
	assert_non_null(
		set_find(MESH_SET_PREFIXES, change.sets->elements[0], ELEMENTS, &one.list[0]));
	free(one.list);
	set_change_abandon(&change);
}

static int start(void **state)
{
	struct failure failure = { 0 };
	struct mesh_rule packet;

	(void)state;
	mesh_filter_load(&test.filter);
	assert_int_equal(frame_parse("10.0.0.1 to 10.0.0.2 udp 9", &packet, &failure), 0);
	test.length = frame_make(&packet, test.frame);
	test.texts[0] = mesh_many_text("10.0.0.1", 11);
	test.texts[1] = mesh_many_text("10.0.0.2", 12);
	for (unsigned int i = 0; i < 2; i++)
		test.texts6[i] = mesh_many_text6(i);
	mesh_many_load(&test.filter, test.texts[0]);
	add_rule("drop from @s");
	add_rule("drop to @s");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(test.texts[0]);
	free(test.texts[1]);
	free(test.texts6[0]);
	free(test.texts6[1]);
	mesh_filter_unload(&test.filter);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_loads),
		cmocka_unit_test(a_rule_is_switched_alone),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(ipv6_loads),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(packets_meet_whole_sets),
		cmocka_unit_test(sets_come_back),
		cmocka_unit_test(rows_of_addresses_take_no_more_room),
	};

	return cmocka_run_group_tests_name("mesh sets", tests, start, stop);
}
