// SPDX-License-Identifier: BSD-2-Clause
/* The analyzer on series with known changes: how late it speaks of them, and how often of nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapek/analyze.h"

#define STEP   300.0
#define DAY    288 /* values */
#define CHANGE (10 * DAY)

static uint64_t seed;

/* Uniform in (0, 1): xorshift64*. */
static double uniform(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return ((double)(seed * UINT64_C(2685821657736338717) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

/* What a series does at value `i`, of which the change is at CHANGE. */
typedef double (*series_shape)(int i);

static double noise(int i)
{
	(void)i;
	return 1000 + 50 * normal();
}

static double heavy(int i)
{
	(void)i;
	return 100 / pow(uniform(), 1 / 1.5);
}

static double daily(int i)
{
	return 1000 + 500 * sin(2 * M_PI * i / DAY) + 50 * normal();
}

static double flat(int i)
{
	(void)i;
	return 45;
}

static double bursts(int i)
{
	return i % DAY < 6 ? 5000 + 100 * normal() : 100 + 10 * normal();
}

/* Returns the onsets from `begin` to `end` of a series that began at 0; *first is the place of the first. */
static int onsets(series_shape shape, double (*changed)(double), int begin, int end, int *first)
{
	static struct series series;
	int count = 0;

	seed = UINT64_C(88172645463325252);
	*first = -1;
	series_open(&series, STEP);
	for (int i = 0; i < end; i++) {
		double value = shape(i);
		struct score score;

		series_add(
			&series, i * STEP, i >= CHANGE && changed ? changed(value) : value, &score);
		if (i >= begin && score.onset >= series_alarm(STEP) && count++ == 0)
			*first = i;
	}
	return count;
}

static double flood(double value)
{
	return 20 * value + 100;
}

static double half_more(double value)
{
	return 1.5 * value;
}

static double silence(double value)
{
	(void)value;
	return 0;
}

/* A change is seen within so many values. */
static void test_delay(void **state)
{
	static const struct {
		series_shape shape;
		double (*changed)(double);
		int delay;
	} cases[] = {
		{ noise, flood, 0 },
		{ daily, flood, 0 },
		{ flat, flood, 0 },
		{ heavy, flood, 8 },
		{ noise, half_more, 0 },
		{ daily, half_more, 0 },
		{ noise, silence, 0 },
		{ daily, silence, 0 },
	};
	int first;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(
			onsets(cases[i].shape, cases[i].changed, CHANGE, CHANGE + DAY, &first) > 0);
		assert_in_range(first - CHANGE, 0, cases[i].delay);
	}
}

/* False alarms in 60 days from the fourth on, at most. */
static void test_false_alarms(void **state)
{
	static const struct {
		series_shape shape;
		int most;
	} cases[] = { { noise, 0 }, { daily, 0 }, { flat, 0 }, { bursts, 1 }, { heavy, 20 } };
	int first;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_in_range(
			onsets(cases[i].shape, NULL, 4 * DAY, 64 * DAY, &first), 0, cases[i].most);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_false_alarms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
