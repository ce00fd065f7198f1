// SPDX-License-Identifier: BSD-2-Clause
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/rate.h"

static void first_sample_has_no_rate(void **state)
{
	struct counter now = { 1, 1 };

	(void)state;
	counter_update(&now, NULL, 500, 1.0);
	assert_int_equal(now.total, 500);
	assert_true(isnan(now.rate));
}

static void rate_is_a_second(void **state)
{
	struct counter before = { 100, 0 }, now;

	(void)state;
	counter_update(&now, &before, 150, 0.5);
	assert_int_equal(now.total, 150);
	assert_true(now.rate == 100);
	counter_update(&now, &before, 100, 0.5);
	assert_true(now.rate == 0);
}

static void interval_must_be_positive(void **state)
{
	struct counter before = { 100, 7 }, now;

	(void)state;
	counter_update(&now, &before, 150, 0);
	assert_true(isnan(now.rate));
	counter_update(&now, &before, 150, -1);
	assert_true(isnan(now.rate));
	counter_update(&now, &before, 150, NAN);
	assert_true(isnan(now.rate));
}

static void sum_with_an_unknown_part_is_unknown(void **state)
{
	struct counter sum = { 0 }, known = { 5, 2 }, unknown = { 7, NAN };

	(void)state;
	counter_add(&sum, &known);
	assert_true(sum.rate == 2);
	counter_add(&sum, &unknown);
	assert_int_equal(sum.total, 12);
	assert_true(isnan(sum.rate));
}

static void restarted_count_starts_at_zero(void **state)
{
	struct counter before = { 1000, 3 }, now;

	(void)state;
	counter_update(&now, &before, 40, 2.0);
	assert_int_equal(now.total, 40);
	assert_true(now.rate == 20);
	assert_int_equal(counter_increase(40, 1000), 40);
	assert_int_equal(counter_increase(1040, 1000), 40);
}

static void counter_may_be_updated_in_place(void **state)
{
	struct counter counter = { 10, 0 };

	(void)state;
	counter_update(&counter, &counter, 30, 4.0);
	assert_int_equal(counter.total, 30);
	assert_true(counter.rate == 5);
}

static void large_totals_keep_their_difference(void **state)
{
	struct counter before = { UINT64_MAX - 10, 0 }, now;

	(void)state;
	counter_update(&now, &before, UINT64_MAX, 1.0);
	assert_true(now.rate == 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_sample_has_no_rate),
		cmocka_unit_test(rate_is_a_second),
		cmocka_unit_test(interval_must_be_positive),
		cmocka_unit_test(sum_with_an_unknown_part_is_unknown),
		cmocka_unit_test(restarted_count_starts_at_zero),
		cmocka_unit_test(counter_may_be_updated_in_place),
		cmocka_unit_test(large_totals_keep_their_difference),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
