// SPDX-License-Identifier: BSD-2-Clause
/* The analyzer on series with known changes: how late it speaks of them, and how often of nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapek/analyze.h"
#include "model/rate.h"

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

struct run {
	series_shape shape;
	double (*changed)(double); /* from CHANGE on; NULL: nothing does */
	uint64_t seed; /* 0: the first */
	double alarm; /* decades */
};

/* Returns the onsets from `begin` to `end` of a series that began at 0; *first is the place of the first. */
static int onsets(const struct run *run, int begin, int end, int *first)
{
	static struct series series;
	int count = 0;

	seed = UINT64_C(88172645463325252) + run->seed;
	*first = -1;
	series_open(&series, STEP);
	for (int i = 0; i < end; i++) {
		double value = run->shape(i);
		struct score score;

		if (i >= CHANGE && run->changed != NULL)
			value = run->changed(value);
		series_add(&series, i * STEP, value, &score);
		if (i >= begin && score.onset >= run->alarm && count++ == 0)
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
		const struct run run = { cases[i].shape, cases[i].changed, 0, series_alarm(STEP) };

		assert_true(onsets(&run, CHANGE, CHANGE + DAY, &first) > 0);
		assert_in_range(first - CHANGE, 0, cases[i].delay);
	}
}

#define SEEDS 8
#define DAYS  60

/* False alarms of SEEDS series in DAYS days from the fifth on: at most what the manual says. */
static void test_false_alarms(void **state)
{
	static const struct {
		series_shape shape;
		double alarm;
		double day; /* at most */
	} cases[] = {
		{ noise, 1.8, 0.03 },
		{ daily, 1.8, 0.01 },
		{ bursts, 1.8, 0.01 },
		{ flat, 1.8, 0 },
		{ heavy, 1.8, 0.3 },
		{ noise, 2.2, 0 },
		{ daily, 2.2, 0 },
		{ bursts, 2.2, 0 },
		{ heavy, 2.2, 0.1 },
	};
	int first;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int count = 0;

		for (uint64_t k = 0; k < SEEDS; k++) {
			const struct run run = { cases[i].shape, NULL, 7919 * k, cases[i].alarm };

			count += onsets(&run, 4 * DAY, (4 + DAYS) * DAY, &first);
		}
		assert_in_range(count, 0, (int)(cases[i].day * SEEDS * DAYS));
	}
}

/* --- each detector ---------------------------------------------------------------------------------- */

/* Three of each of four levels. */
static double stairs(int i)
{
	return 100 * (1 + i / 3 % 4) + 2 * normal();
}

/* Changes take a value and its place behind the change. */
static double spiked(double value, int n)
{
	return n == 0 ? value + 1000 : value;
}

static double shifted(double value, int n)
{
	(void)n;
	return value + 200;
}

static double shifted_little(double value, int n)
{
	(void)n;
	return value + 100;
}

static double at_another_hour(double value, int n)
{
	(void)value;
	return 1000 - 500 * sin(2 * M_PI * n / DAY) + 50 * normal();
}

static double noisier(double value, int n)
{
	(void)n;
	return 1000 + 3 * (value - 1000);
}

static double calmer(double value, int n)
{
	(void)n;
	return 1000 + (value - 1000) / 10;
}

static double shuffled(double value, int n)
{
	(void)value, (void)n;
	return 100 * (1 + (int)(4 * uniform())) + 2 * normal();
}

/* As the manual has them: of one in a hundred values by itself, how late a detector says so, and how often. */
static const struct detected {
	enum detector detector;
	series_shape shape;
	double (*changed)(double value, int n);
	int delay; /* values, at most */
	double day; /* false alarms of noise, at most */
} detected[] = {
	{ DETECTOR_STEP, noise, spiked, 0, 1.5 },
	{ DETECTOR_EWMA, noise, shifted, 1, 1.7 },
	{ DETECTOR_CHANGE, noise, shifted, 8, 0.5 },
	{ DETECTOR_LEVEL, noise, shifted, 1, 1.4 },
	{ DETECTOR_HOUR, daily, at_another_hour, 12, 1 },
	{ DETECTOR_HOUR_LONG, daily, at_another_hour, 18, 0.3 },
	{ DETECTOR_CUSUM, noise, shifted_little, 25, 0.6 },
	{ DETECTOR_VARIATION, noise, noisier, 11, 0.7 },
	{ DETECTOR_VARIATION_LONG, noise, noisier, 47, 0.1 },
	{ DETECTOR_CALM, noise, calmer, 39, 0.2 },
	{ DETECTOR_RANGE, noise, spiked, 0, 0.1 },
	{ DETECTOR_PATTERN, stairs, shuffled, 1, 0.7 },
	{ DETECTOR_PATTERN_FINE, stairs, shuffled, 3, 1.9 },
	{ DETECTOR_SHAPE, stairs, shuffled, 1, 1.9 },
	{ DETECTOR_SHAPE_FINE, stairs, shuffled, 2, 2.1 },
};
_Static_assert(sizeof(detected) / sizeof(detected[0]) == DETECTORS, "each detector");

#define RARE 2.0 /* decades */

/* Returns how many values behind the change the detector is surprised; beyond a day: it is not. */
static int delay_of(const struct detected *d, uint64_t more)
{
	static struct series series;
	struct score score;

	seed = UINT64_C(88172645463325252) + more;
	series_open(&series, STEP);
	for (int i = 0; i < CHANGE + DAY; i++) {
		double value = d->shape(i);
		series_add(&series, i * STEP, i < CHANGE ? value : d->changed(value, i - CHANGE),
			&score);
		if (i >= CHANGE && score.surprises[d->detector] >= RARE)
			return i - CHANGE;
	}
	return DAY + 1;
}

static void test_each_detector_is_in_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < DETECTORS; i++) {
		assert_int_equal(detected[i].detector, i);
		for (uint64_t k = 0; k < SEEDS; k++)
			assert_in_range(delay_of(&detected[i], 7919 * k), 0, detected[i].delay);
	}
}

/* Alarms of noise in DAYS days from the fifth on; what is above in a row is one. */
static void count_alarms(uint64_t more, int counts[DETECTORS])
{
	static struct series series;
	bool above[DETECTORS] = { false };
	struct score score;

	seed = UINT64_C(88172645463325252) + more;
	series_open(&series, STEP);
	for (int i = 0; i < (4 + DAYS) * DAY; i++) {
		series_add(&series, i * STEP, noise(i), &score);
		for (int d = 0; d < DETECTORS && i >= 4 * DAY; d++) {
			const bool now = score.surprises[d] >= RARE;
			counts[d] += now && !above[d];
			above[d] = now;
		}
	}
}

static void test_each_detector_is_seldom_wrong(void **state)
{
	int counts[DETECTORS] = { 0 };

	(void)state;
	for (uint64_t k = 0; k < SEEDS; k++)
		count_alarms(7919 * k, counts);
	for (int d = 0; d < DETECTORS; d++)
		assert_in_range(counts[d], 0, (int)(detected[d].day * SEEDS * DAYS));
}

/* ---------------------------------------------------------------------------------------------------- */

static double misplaced_burst(int i)
{
	return i >= CHANGE + 100 && i < CHANGE + 106 ? 5000 + 100 * normal() : bursts(i);
}

/* What is usual at its hour is none elsewhere. */
static void test_hour(void **state)
{
	const struct run usual = { bursts, NULL, 0, series_alarm(STEP) };
	const struct run elsewhere = { misplaced_burst, NULL, 0, series_alarm(STEP) };
	int first;

	(void)state;
	assert_int_equal(onsets(&usual, 4 * DAY, CHANGE + DAY, &first), 0);
	assert_true(onsets(&elsewhere, 4 * DAY, CHANGE + DAY, &first) > 0);
	assert_in_range(first - CHANGE - 100, 0, 8);
}

static double with_gap(int i)
{
	double value = daily(i);

	return i >= CHANGE && i < CHANGE + 50 ? (i % 2 ? NAN : INFINITY) : value;
}

/* Missing values say nothing, and neither does the first one after them. */
static void test_missing(void **state)
{
	const struct run run = { with_gap, NULL, 0, series_alarm(STEP) };
	static struct series series;
	struct score score;
	int first;

	(void)state;
	assert_int_equal(onsets(&run, 4 * DAY, CHANGE + 2 * DAY, &first), 0);

	series_open(&series, STEP);
	series_add(&series, 0, NAN, &score);
	assert_true(isnan(score.expected));
	assert_true(score.surprise == 0 && score.onset == 0);
	series_add(&series, 0, 7, &score);
	series_add(&series, STEP, -INFINITY, &score);
	assert_true(series.values.count == 1 && series.low == 7 && series.high == 7);
	assert_true(score.expected == 7 && score.spread == 0);
}

/* A counter that begins anew is no anomaly: what it gained since is its rate, model/rate.h. */
static void test_restart(void **state)
{
	struct counter counter = { 0, NAN };
	static struct series series;
	struct score score;
	uint64_t total = 0;

	(void)state;
	seed = 1;
	series_open(&series, STEP);
	for (int i = 0; i < CHANGE; i++) {
		total = i % 1000 == 999 ? 0 : total;
		total += (uint64_t)(STEP * noise(i));
		counter_update(&counter, &counter, total, STEP);
		series_add(&series, i * STEP, counter.rate, &score);
		assert_true(i < 4 * DAY || score.onset < series_alarm(STEP));
	}
}

/* Values of any size, and a clock that is wrong, give finite scores. */
static void test_extremes(void **state)
{
	static const double values[] = { 0, 1e300, -1e300, 5e-324, 1e-300, -0.0, 1e18, 1 };
	static struct series series;
	struct score score;

	(void)state;
	series_open(&series, 1e-3);
	for (int i = 0; i < 4000; i++) {
		series_add(&series, i % 3 ? -i : i * 1e6, values[i * i % 8], &score);
		assert_true(score.surprise >= 0 && score.surprise <= TAIL_SURPRISE_MAX);
		assert_true(isfinite(score.spread) && score.cause < DETECTORS);
	}
}

static void test_alarm(void **state)
{
	(void)state;
	assert_true(series_alarm(300) == SERIES_ALARM);
	assert_true(series_alarm(3600) == SERIES_ALARM);
	assert_true(fabs(series_alarm(0.3) - (SERIES_ALARM + 1.2)) < 1e-9);
}

/* At steps of 50 ms, too, a flood is seen at its first value, and noise is not. */
static void test_quick_steps(void **state)
{
	static struct series series;
	struct score score;
	const double step = 0.05;
	int count = 0;

	(void)state;
	seed = 2;
	series_open(&series, step);
	for (int i = 0; i < 200000; i++) {
		series_add(&series, i * step, floor(50 + 7 * normal()), &score);
		count += i > 20000 && score.onset >= series_alarm(step);
	}
	assert_int_equal(count, 0);
	series_add(&series, 200000 * step, 1050, &score);
	assert_true(score.onset > series_alarm(step) + 2);
}

/* Gives `n` values of noise, and then one that is out of the way. Returns the score of that. */
static struct score spike_after(struct series *series, int n)
{
	static double when;
	struct score score;

	for (int i = 0; i < n; i++)
		series_add(series, when += STEP, noise(i), &score);
	series_add(series, when += STEP, 2000, &score);
	return score;
}

/* What comes again soon is no new anomaly, unless it surprises more; after a rest of 150 values it is one. */
static void test_rest(void **state)
{
	static struct series series, again;
	struct score score;

	(void)state;
	seed = 3;
	series_open(&series, STEP);
	score = spike_after(&series, 4 * DAY);
	assert_true(score.onset > 2 && score.onset == score.surprise);
	score = spike_after(&series, 10);
	assert_true(score.surprise > 1 && score.onset == 0);
	score = spike_after(&series, 138); /* the 150th value */
	assert_true(score.surprise > 1 && score.onset == 0);
	score = spike_after(&series, 4 * DAY);
	assert_true(score.onset > 1 && score.onset == score.surprise);
	again = series;
	score = spike_after(&again, 149);
	assert_true(score.surprise > 1 && score.onset == 0);
	score = spike_after(&series, 150);
	assert_true(score.onset > 1 && score.onset == score.surprise);
}

/* Behind zeros alone, whatever is first is as rare as anything can be by then. */
static void test_a_tail_of_zeros(void **state)
{
	struct tail tail = { 0 };

	(void)state;
	for (int i = 0; i < 99; i++)
		assert_true(tail_judge(&tail, 0, 1000) < 1);
	assert_true(fabs(tail_judge(&tail, 4, 1000) - (log10(200) + 1)) < 1e-9);
}

/* Its past is halved before it is longer than it may be. */
static void test_a_tail_remembers_so_many(void **state)
{
	struct tail tail = { 0 };

	(void)state;
	for (int i = 0; i < 50; i++)
		tail_judge(&tail, 4, 50);
	assert_int_equal(tail.total, 50);
	tail_judge(&tail, 4, 50);
	assert_int_equal(tail.total, 26);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_false_alarms),
		cmocka_unit_test(test_each_detector_is_in_time),
		cmocka_unit_test(test_each_detector_is_seldom_wrong),
		cmocka_unit_test(test_hour),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_alarm),
		cmocka_unit_test(test_quick_steps),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_a_tail_of_zeros),
		cmocka_unit_test(test_a_tail_remembers_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
