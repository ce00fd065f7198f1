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
	struct counter before = { UINT64_MAX - 11, 0 }, now;

	(void)state;
	counter_update(&now, &before, UINT64_MAX - 1, 1.0);
	assert_true(now.rate == 10);
}

static void an_unknown_total_has_no_rate_and_no_sum(void **state)
{
	const struct counter unknown = { COUNT_UNKNOWN, NAN }, five = { 5, 1 };
	struct counter now, sum = five;

	(void)state;
	counter_update(&now, &unknown, 7, 1.0);
	assert_true(now.total == 7 && isnan(now.rate));
	counter_add(&sum, &unknown);
	assert_true(sum.total == COUNT_UNKNOWN && isnan(sum.rate));
	counter_add(&sum, &five);
	assert_true(sum.total == COUNT_UNKNOWN);
}

static void what_did_not_count_adds_no_rate(void **state)
{
	struct counter sums[2] = { { 1, 2 }, { 3, 4 } };
	const struct counter counting[2] = { { 10, 20 }, { 30, 40 } };
	const struct counter off[2] = { { 5, NAN }, { 6, NAN } };
	const struct counter never[2] = { { COUNT_UNKNOWN, NAN }, { COUNT_UNKNOWN, NAN } };

	(void)state;
	counters_add(sums, counting, 2, true);
	counters_add(sums, off, 2, false);
	counters_add(sums, never, 2, false);
	assert_int_equal(sums[0].total, 16);
	assert_int_equal(sums[1].total, 39);
	assert_true(sums[0].rate == 22 && sums[1].rate == 44);
}

static void a_gap_keeps_totals_and_has_no_rate(void **state)
{
	const struct counter before[2] = { { 7, 1 }, { 8, 2 } };
	struct counter now[2] = { { 100, 5 }, { 200, 6 } };

	(void)state;
	counters_rate(now, before, 2, 2);
	assert_true(now[0].rate == 46.5 && now[1].rate == 96);
	counters_rate(now, NULL, 2, 2);
	assert_int_equal(now[1].total, 200);
	assert_true(isnan(now[0].rate) && isnan(now[1].rate));
	counters_keep(now, before, 2);
	assert_int_equal(now[0].total, 7);
	assert_int_equal(now[1].total, 8);
	assert_true(isnan(now[0].rate) && isnan(now[1].rate));
	counters_keep(now, NULL, 2);
	assert_true(now[1].total == COUNT_UNKNOWN);
	assert_true(isnan(now[1].rate));
}

static void sums_stop_while_nothing_counts(void **state)
{
	struct counter sums[2] = { { 7, 1 }, { 0, 0 } };

	(void)state;
	counters_stop(sums, 2);
	assert_true(sums[0].total == 7 && isnan(sums[0].rate));
	assert_true(sums[1].total == COUNT_UNKNOWN && isnan(sums[1].rate));
}

static void traffic_is_packets_and_bytes(void **state)
{
	const struct traffic before = { { 10, 0 }, { 1000, 0 } };
	const struct traffic_count total = { .packets = 14, .bytes = 1600 };
	struct traffic now, sum = { 0 };

	(void)state;
	traffic_update(&now, &before, &total, 2);
	assert_true(now.packets.rate == 2 && now.bytes.rate == 300);
	traffic_add(&sum, &now);
	traffic_add(&sum, &now);
	assert_int_equal(sum.packets.total, 28);
	assert_int_equal(sum.bytes.total, 3200);
	assert_true(sum.packets.rate == 4 && sum.bytes.rate == 600);
	traffic_update(&now, NULL, &total, 2);
	assert_true(isnan(now.packets.rate) && isnan(now.bytes.rate));
}

static void an_unknown_rate_is_the_least(void **state)
{
	(void)state;
	assert_true(rate_compare(1, 2) < 0);
	assert_true(rate_compare(2, 1) > 0);
	assert_int_equal(rate_compare(2, 2), 0);
	assert_true(rate_compare(NAN, -1) < 0);
	assert_true(rate_compare(-1, NAN) > 0);
	assert_int_equal(rate_compare(NAN, NAN), 0);
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
		cmocka_unit_test(an_unknown_total_has_no_rate_and_no_sum),
		cmocka_unit_test(what_did_not_count_adds_no_rate),
		cmocka_unit_test(a_gap_keeps_totals_and_has_no_rate),
		cmocka_unit_test(sums_stop_while_nothing_counts),
		cmocka_unit_test(traffic_is_packets_and_bytes),
		cmocka_unit_test(an_unknown_rate_is_the_least),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
