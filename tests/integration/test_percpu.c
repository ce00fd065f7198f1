// SPDX-License-Identifier: BSD-2-Clause
/* Sums and zeroes of per-CPU maps, of the largest value and of one that has no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/percpu.h"

enum { VALUE = 32 << 10, WORDS = VALUE / sizeof(uint64_t) };

static const uint32_t zero = 0;

/* A map of two elements; the words of the first are 1 on each CPU. */
static int make_map(const struct percpu *percpu)
{
	int map = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "test", sizeof(zero), VALUE, 2, NULL);
	uint64_t *ones = calloc((size_t)percpu->cpus, VALUE);

	assert_true(map >= 0);
	assert_non_null(ones);
	for (int i = 0; i < percpu->cpus * (int)WORDS; i++)
		ones[i] = 1;
	assert_int_equal(bpf_map_update_elem(map, &zero, ones, BPF_ANY), 0);
	free(ones);
	return map;
}

static void largest_values_are_summed_and_zeroed(void **state)
{
	struct percpu percpu;
	static uint64_t sum[WORDS];

	(void)state;
	assert_int_equal(percpu_open(&percpu, PERCPU_VALUE_MAX), 0);
	int map = make_map(&percpu);
	assert_int_equal(percpu_sum(&percpu, map, &zero, sum, sizeof(sum)), 0);
	for (int i = 0; i < (int)WORDS; i++)
		assert_int_equal(sum[i], percpu.cpus);
	assert_int_equal(percpu_clear(&percpu, map, &zero), 0);
	assert_int_equal(percpu_sum(&percpu, map, &zero, sum, sizeof(sum)), 0);
	for (int i = 0; i < (int)WORDS; i++)
		assert_int_equal(sum[i], 0);
	close(map);
	percpu_close(&percpu);
}

/* What is moved stays in the sum of both. */
static void values_are_moved(void **state)
{
	struct percpu percpu;
	static uint64_t sum[WORDS];
	uint32_t one = 1;

	(void)state;
	assert_int_equal(percpu_open(&percpu, PERCPU_VALUE_MAX), 0);
	int map = make_map(&percpu);
	assert_int_equal(percpu_move(&percpu, map, zero, one), 0);
	assert_int_equal(percpu_move(&percpu, map, zero, one), 0);
	assert_int_equal(percpu_sum(&percpu, map, &zero, sum, sizeof(sum)), 0);
	assert_int_equal(sum[0] + sum[WORDS - 1], 0);
	assert_int_equal(percpu_sum(&percpu, map, &one, sum, sizeof(sum)), 0);
	for (int i = 0; i < (int)WORDS; i++)
		assert_int_equal(sum[i], percpu.cpus);
	close(map);
	percpu_close(&percpu);
}

/* The kernel would read past the buffer. */
static void values_without_room_are_refused(void **state)
{
	struct percpu percpu;
	static uint64_t sum[WORDS];

	(void)state;
	assert_int_equal(percpu_open(&percpu, sizeof(uint64_t)), 0);
	int map = make_map(&percpu);
	assert_int_equal(percpu_sum(&percpu, map, &zero, sum, sizeof(sum)), -E2BIG);
	assert_int_equal(percpu_clear(&percpu, map, &zero), -E2BIG);
	assert_int_equal(percpu_move(&percpu, map, zero, zero), -E2BIG);
	close(map);
	percpu_close(&percpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(largest_values_are_summed_and_zeroed),
		cmocka_unit_test(values_are_moved),
		cmocka_unit_test(values_without_room_are_refused),
	};

	return cmocka_run_group_tests_name("per-CPU maps", tests, NULL, NULL);
}
