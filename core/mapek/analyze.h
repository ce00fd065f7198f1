/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Analyzes a series: a value in, a score out, in constant time and without looking ahead.
 *
 * Each detector makes one statistic (0: nothing) of the value and the past. Its surprise is -log10 of the
 * probability of so much, by its own past (mapek/tail.h). The score's surprise is the power mean of them
 *     (mean of surprise^3)^(1/3):
 * one detector that is certain speaks, and so do several that are not.
 */
#ifndef X0_MAPEK_ANALYZE_H
#define X0_MAPEK_ANALYZE_H

#include <stdbool.h>
#include <stdint.h>

#include "mapek/baseline.h"
#include "mapek/context.h"
#include "mapek/cusum.h"
#include "mapek/tail.h"
#include "mapek/window.h"

enum detector {
	DETECTOR_STEP, /* |difference to the last value| */
	DETECTOR_EWMA, /* |moving average of 4 values less that of the 16 before| */
	DETECTOR_CHANGE, /* |mean of 64 values less that of the 64 before| */
	DETECTOR_LEVEL, /* |mean of 4 values less the median of the day| */
	DETECTOR_HOUR, /* the same, of this hour, in its mean deviations */
	DETECTOR_HOUR_LONG, /* |mean of 64 distances from the medians of their hours| */
	DETECTOR_CUSUM, /* cumulative sum of the distances from the median of this hour */
	DETECTOR_VARIATION, /* mean of 8 |differences| */
	DETECTOR_VARIATION_LONG, /* the same of 128 */
	DETECTOR_CALM, /* the reciprocal of the same of 64 */
	DETECTOR_RANGE, /* distance outside the range seen so far */
	DETECTOR_PATTERN, /* share of new contexts, the range cut into 4 levels */
	DETECTOR_PATTERN_FINE, /* the same with 8 */
	DETECTOR_SHAPE, /* share of new contexts, levels by distance from the median */
	DETECTOR_SHAPE_FINE, /* the same with finer levels */
	DETECTORS,
};

#define SERIES_HOURS	24
#define SERIES_PATTERNS (DETECTORS - DETECTOR_PATTERN)

/* All that is known of a series. No pointers: it can be copied and stored. */
struct series {
	double low, high; /* range seen so far */
	double fast, slow; /* moving averages */
	double last; /* value before */
	float hour_gain; /* of the baselines of hours */
	float level_gain; /* of the baseline of the day */
	float peak; /* surprise of the last onset */
	uint32_t rested; /* values since then */
	uint16_t history; /* values that tails remember */
	bool gap; /* the value before is missing */
	struct cusum cusum;
	struct baseline level;
	struct baseline hours[SERIES_HOURS];
	struct window values;
	struct window distances; /* from the medians of their hours */
	struct window differences;
	struct context_past pasts[SERIES_PATTERNS];
	struct contexts contexts;
	struct tail tails[DETECTORS];
};

_Static_assert(sizeof(struct series) <= 8192, "a series has at most 8 kB");

struct score {
	double surprise; /* decades: -log10 of a probability */
	double onset; /* the same when an anomaly begins; 0 while it goes on or nothing is new */
	double expected; /* median of this hour; NAN while unknown */
	double spread; /* standard deviation about it, from the MAD */
	enum detector cause; /* whose surprise is greatest */
	double surprises[DETECTORS]; /* decades, of each */
};

/* An onset of so many decades is an anomaly, for a value every 5 minutes or more. */
#define SERIES_ALARM 1.8

/*
 * Returns the decades from which an onset is an anomaly, for a value every `step` seconds: SERIES_ALARM for 5
 * minutes, and 0.4 more for each tenfold number of values, so that false alarms a day stay about as many.
 */
double series_alarm(double step);

/* Begins a series with a value every `step` seconds (> 0). */
void series_open(struct series *series, double step);

/*
 * Adds a value at `when`, seconds since 1970 of the wall clock whose hours the baselines follow. A value that
 * is missing, NAN, infinite or beyond 1e30, changes no baseline; its score is 0.
 */
void series_add(struct series *series, double when, double value, struct score *score);

#endif
