// SPDX-License-Identifier: BSD-2-Clause
/* The mean time of a run, and how many of its digits are shown. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/estimate.h"

static void few_runs_give_no_estimate(void **state)
{
	struct estimate estimate = { 0 };

	(void)state;
	assert_true(isnan(estimate_mean(&estimate)));
	estimate_add(&estimate, 9, 900, 1);
	assert_true(isnan(estimate_mean(&estimate)));
	estimate_add(&estimate, 1, 100, 1);
	assert_true(estimate_mean(&estimate) == 100);
}

/* One timed run a second: each sample would show another time, all together show theirs. */
static void runs_of_many_samples_count_together(void **state)
{
	static const uint64_t times[] = { 0, 181, 231, 1993, 480 };
	struct estimate estimate = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		estimate_add(&estimate, 1, times[i % 5], 1);
	assert_true(estimate.runs == 100);
	assert_true(fabs(estimate_mean(&estimate) - 577) < 1e-9);
}

static void old_runs_fade_but_a_hundred_stay(void **state)
{
	struct estimate estimate = { 0 };

	(void)state;
	estimate_add(&estimate, 1000000, 100000000, 1);
	for (int i = 0; i < 60; i++)
		estimate_add(&estimate, 10000, 10000 * UINT64_C(200), 1);
	assert_true(estimate_mean(&estimate) > 150 && estimate_mean(&estimate) < 200);
	for (int i = 0; i < 3600; i++)
		estimate_add(&estimate, 0, 0, 1);
	assert_true(fabs(estimate.runs - 100) < 1e-6);
	estimate_add(&estimate, 0, 0, NAN);
	assert_true(fabs(estimate.runs - 100) < 1e-6);
}

static void digits_are_those_that_are_known(void **state)
{
	static const struct {
		double value, samples;
		char *(*format)(char text[FORMAT_LEN], double value);
		const char *want;
	} cases[] = {
		{ 181.3, 9.9, format_ns, "-" },
		{ 181.3, 10, format_ns, "~200ns" },
		{ 181.3, 99, format_ns, "~200ns" },
		{ 181.3, 100, format_ns, "~180ns" },
		{ 181.3, 999, format_ns, "~180ns" },
		{ 181.3, 1000, format_ns, "180ns" },
		{ 181.3, 10000, format_ns, "181ns" },
		{ 1993, 10, format_ns, "~2us" },
		{ 1993, 100, format_ns, "~2.0us" },
		{ 1843, 1000, format_ns, "1.8us" },
		{ 1843, 10000, format_ns, "1.84us" },
		{ 38.44, 10000, format_ns, "38.4ns" },
		{ 38.44, 1000, format_ns, "38ns" },
		{ 8.31, 50, format_ns, "~8ns" },
		{ 9.96e5, 50, format_ns, "~1ms" },
		{ 0, 1000, format_ns, "0ns" },
		{ 0, 0, format_ns, "-" },
		{ NAN, 1e6, format_ns, "-" },
		{ 181, NAN, format_ns, "-" },
		{ 0.0344, 100, format_core, "~0.034%" },
		{ 0.0344, 20, format_core, "~0.03%" },
		{ 12.4, 5000, format_core, "12%" },
		{ 0.0001, 5000, format_core, "<0.001%" },
		{ 123.4, 1e5, format_core, "123%" },
		{ 1e18, 1e5, format_core, "1000000000000000000%" },
	};
	char text[FORMAT_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
			estimate_format(text, cases[i].value, cases[i].samples, cases[i].format),
			cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_runs_give_no_estimate),
		cmocka_unit_test(runs_of_many_samples_count_together),
		cmocka_unit_test(old_runs_fade_but_a_hundred_stay),
		cmocka_unit_test(digits_are_those_that_are_known),
	};

	return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
