// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/analyze.h"

#include <math.h>
#include <string.h>

#define WEEK	    604800.0 /* seconds, which tails remember, as far as they can count */
#define HISTORY_MIN 2016 /* a week by 5 minutes */
#define HISTORY_MAX 65535

/* Time constants in seconds: of an hour's baseline within that hour, hence 1.7 days; of the day's. */
#define HOUR_MEMORY  6000.0
#define LEVEL_MEMORY 60000.0
#define GAIN_MIN     1e-6
#define HOUR_GAIN    0.05 /* at most, for values that are seldom */
#define LEVEL_GAIN   0.005

/* Spans of the moving averages: a gain of 2 / (values + 1). */
#define FAST_VALUES 4
#define SLOW_VALUES 16

/* Scales of windows: log2 of values. */
enum { VALUES_4 = 2, VALUES_8 = 3, VALUES_64 = 6, VALUES_128 = 7 };

/* Without any variation for so many values, the next one is out of calm. */
#define CALM_VALUES 200
#define CALM_MOST   1e6

#define REST_VALUES 150
#define REST_MARGIN 0.1 /* decades above the last onset that make another one */

#define VALUE_MAX 1e30

/* An hour is given so much of the day's deviation, since its values may be all alike; all of it at first. */
#define NOISE_SHARE 0.02
#define HOUR_KNOWN  4

#define ALARM_STEP   300.0 /* seconds, at which SERIES_ALARM was chosen */
#define ALARM_DECADE 0.4

static double clamp(double x, double low, double high)
{
	return fmin(fmax(x, low), high);
}

double series_alarm(double step)
{
	return SERIES_ALARM + ALARM_DECADE * fmax(log10(ALARM_STEP / step), 0);
}

void series_open(struct series *series, double step)
{
	memset(series, 0, sizeof(*series));
	series->history = (uint16_t)clamp(WEEK / step, HISTORY_MIN, HISTORY_MAX);
	series->hour_gain = (float)clamp(step / HOUR_MEMORY, GAIN_MIN, HOUR_GAIN);
	series->level_gain = (float)clamp(step / LEVEL_MEMORY, GAIN_MIN, LEVEL_GAIN);
}

static struct baseline *hour_of(struct series *series, double when)
{
	return &series->hours[(unsigned int)fmod(fmax(when, 0) / 3600, SERIES_HOURS)];
}

/* Returns how far a value lies outside the range so far, as a share of it, and widens it. */
static double outside(struct series *series, double value)
{
	double range = series->high - series->low;
	double beyond = fmax(series->low - value, value - series->high);

	series->low = fmin(series->low, value);
	series->high = fmax(series->high, value);
	return range > 0 && beyond > 0 ? beyond / range : 0;
}

/* Cuts the range seen so far into `levels`. */
static int8_t level_in_range(const struct series *series, double value, int levels)
{
	double range = series->high - series->low;

	return (int8_t)(range > 0 ? lround((value - series->low) / range * (levels - 1)) : 0);
}

/* Levels by distance from the median: even at first, then by octaves. */
static int8_t level_by_distance(const struct series *series, double value, double fineness)
{
	double scale = (double)series->level.scale;
	double distance = scale > 0 ? (value - series->level.median) / scale : 0;

	return (int8_t)lround(clamp(asinh(distance * fineness), INT8_MIN, INT8_MAX));
}

static void patterns(struct series *series, double value, double statistics[DETECTORS])
{
	const int8_t levels[SERIES_PATTERNS] = {
		level_in_range(series, value, 4),
		level_in_range(series, value, 8),
		level_by_distance(series, value, 1),
		level_by_distance(series, value, 2),
	};

	for (unsigned int i = 0; i < SERIES_PATTERNS; i++)
		statistics[DETECTOR_PATTERN + i] = context_novelty(
			&series->contexts, &series->pasts[i], levels[i], (uint8_t)i);
}

static void average(double *average, double value, unsigned int values, uint32_t count)
{
	*average += (value - *average) * fmax(2.0 / (values + 1), 1.0 / count);
}

static void changes(struct series *series, double value, double statistics[DETECTORS])
{
	const struct window *values = &series->values;

	average(&series->fast, value, FAST_VALUES, values->count);
	statistics[DETECTOR_EWMA] = fabs(series->fast - series->slow);
	average(&series->slow, value, SLOW_VALUES, values->count);
	statistics[DETECTOR_STEP] = fabs(value - series->last);
	statistics[DETECTOR_CHANGE] = fabs(window_change(values, VALUES_64));
	statistics[DETECTOR_LEVEL] = fabs(window_mean(values, VALUES_4) - series->level.median);
	statistics[DETECTOR_RANGE] = outside(series, value);
}

static void distances(struct series *series, const struct baseline *hour, double distance,
	double statistics[DETECTORS])
{
	double scale = (double)hour->scale;
	double noise =
		scale + (hour->seen < HOUR_KNOWN ? 1 : NOISE_SHARE) * (double)series->level.scale;

	window_add(&series->distances, distance);
	statistics[DETECTOR_HOUR] =
		noise > 0 ? fabs(window_mean(&series->distances, VALUES_4)) / noise : 0;
	statistics[DETECTOR_HOUR_LONG] = fabs(window_mean(&series->distances, VALUES_64));
	statistics[DETECTOR_CUSUM] = cusum_add(&series->cusum, scale > 0 ? distance / scale : 0);
}

static void variation(struct series *series, double value, double statistics[DETECTORS])
{
	double calm;

	window_add(&series->differences, fabs(value - series->last));
	statistics[DETECTOR_VARIATION] = window_mean(&series->differences, VALUES_8);
	statistics[DETECTOR_VARIATION_LONG] = window_mean(&series->differences, VALUES_128);
	calm = window_mean(&series->differences, VALUES_64);
	if (calm > 0)
		statistics[DETECTOR_CALM] = 1 / calm;
	else
		statistics[DETECTOR_CALM] = series->values.count > CALM_VALUES ? CALM_MOST : 0;
}

static void first_value(struct series *series, double value)
{
	series->low = series->high = series->fast = series->slow = series->last = value;
	series->level.median = value;
}

/* What passed while values were missing is no step of the series. */
static void after_gap(struct series *series, double value)
{
	series->gap = false;
	series->fast = series->slow = series->last = value;
}

/* Makes every detector's statistic of the value, then learns it. */
static void observe(
	struct series *series, struct baseline *hour, double value, double statistics[DETECTORS])
{
	if (series->values.count == 0)
		first_value(series, value);
	window_add(&series->values, value);
	changes(series, value, statistics);
	distances(series, hour, hour->seen > 0 ? value - hour->median : 0, statistics);
	variation(series, value, statistics);
	patterns(series, value, statistics);
	baseline_add(hour, value, (double)series->hour_gain);
	baseline_add(&series->level, value, (double)series->level_gain);
	series->last = value;
}

/* An anomaly begins where the surprise exceeds that of the last onset, or after a rest. */
static double onset(struct series *series, double surprise)
{
	if (series->rested++ >= REST_VALUES)
		series->peak = 0;
	if (surprise <= (double)series->peak + REST_MARGIN)
		return 0;
	series->peak = (float)surprise;
	series->rested = 0;
	return surprise;
}

/* Returns the power mean of the detectors' surprises, with each of them, and which is greatest. */
static double combine(
	struct series *series, const double statistics[DETECTORS], struct score *score)
{
	double sum = 0, most = 0;

	for (int i = 0; i < DETECTORS; i++) {
		double surprise = tail_judge(&series->tails[i], statistics[i], series->history);

		score->surprises[i] = surprise;
		sum += surprise * surprise * surprise;
		if (surprise > most) {
			most = surprise;
			score->cause = (enum detector)i;
		}
	}
	return cbrt(sum / DETECTORS);
}

void series_add(struct series *series, double when, double value, struct score *score)
{
	struct baseline *hour = hour_of(series, when);
	double statistics[DETECTORS];

	*score = (struct score) { .expected = hour->seen > 0 ? hour->median : NAN,
		.spread = NORMAL_MAD * (double)hour->mad };
	if (!(fabs(value) <= VALUE_MAX)) {
		series->gap = true;
		return;
	}
	if (series->gap)
		after_gap(series, value);
	observe(series, hour, value, statistics);
	score->surprise = combine(series, statistics, score);
	score->onset = onset(series, score->surprise);
}
