// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/record.h"

#include <math.h>

#define KNOWN_MIN 30 /* values, as of tails */
#define TIMES_MIN 2.0
#define INDEX	  2.0

double record_score(const struct series *series, double value, double least)
{
	const double median = series->level.median, n = series->values.count;
	const double farthest = fmax(series->high - median, median - series->low);
	const double times = fabs(value - median) / fmax(farthest, least);

	if (n < KNOWN_MIN || !(times >= TIMES_MIN))
		return 0;
	return log10(n + 1) + INDEX * log10(times);
}
