// SPDX-License-Identifier: BSD-2-Clause
#include "model/estimate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Seconds in which old runs fade to a third, and how many are kept. */
#define FADE_SECONDS 60
#define KEPT	     100

void estimate_add(struct estimate *estimate, uint64_t runs, uint64_t ns, double interval)
{
	if (interval > 0 && estimate->runs > KEPT) {
		double weight = exp(-interval / FADE_SECONDS);
		if (estimate->runs * weight < KEPT)
			weight = KEPT / estimate->runs;
		estimate->runs *= weight;
		estimate->ns *= weight;
	}
	estimate->runs += (double)runs;
	estimate->ns += (double)ns;
}

double estimate_mean(const struct estimate *estimate)
{
	return estimate->runs < ESTIMATE_MIN ? NAN : estimate->ns / estimate->runs;
}

/* Cuts zeros after the point of a rounded number that stand beyond its digits. */
static void cut_zeros(char *text, int digits)
{
	char *point = strchr(text, '.');

	if (point == NULL || text[0] == '0' || text[0] == '<')
		return;
	int decimals = digits - (int)(point - text);
	char *end = decimals > 0 ? point + 1 + decimals : point;
	char *unit = point + 1 + strspn(point + 1, "0123456789");
	if (end < unit)
		memmove(end, unit, strlen(unit) + 1);
}

char *estimate_format(char text[FORMAT_LEN], double value, double samples,
	char *(*format)(char text[FORMAT_LEN], double value))
{
	int digits = samples >= 10000 ? 3 : samples >= 100 ? 2 : 1;
	char number[FORMAT_LEN];

	if (!(samples >= ESTIMATE_MIN))
		value = NAN;
	if (isfinite(value) && value > 0) {
		double unit = pow(10, floor(log10(value)) - digits + 1);
		value = round(value / unit) * unit;
	}
	format(number, value);
	cut_zeros(number, digits);
	snprintf(text, FORMAT_LEN, "%s%.20s",
		isfinite(value) && value > 0 && samples < 1000 ? "~" : "", number);
	return text;
}
