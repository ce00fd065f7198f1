// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/tail.h"

#include <math.h>

#define KNOWN_MIN   30
#define BINS_OCTAVE 2
#define BIN_MIDDLE  (TAIL_BINS / 2)

#define VALUE_MAX  1e30
#define TAIL_SHARE 0.015 /* of the values, but at least so many: */
#define TAIL_MIN   5.0
#define INDEX_MIN  0.1 /* or few equal values would make any other impossible */

/* Returns how many bins above bin 0 a value above 0 lies, with its fraction. */
static double place_of(const struct tail *tail, double x)
{
	double place = BIN_MIDDLE + BINS_OCTAVE * (log2(x) - (double)tail->origin);

	return fmin(fmax(place, 1), TAIL_BINS - 1);
}

/* Returns the decades of the share of `n` values. */
static double decades(const struct tail *tail, double n)
{
	return -log10((n + 0.5) / (tail->total + 1.0));
}

/* Returns the highest bin below the tail; *above is the number of values in the tail. */
static int tail_begin(const struct tail *tail, unsigned int *above)
{
	double wanted = fmax(TAIL_SHARE * tail->total, TAIL_MIN);
	int bin = TAIL_BINS - 1;

	*above = 0;
	while (bin > 0 && *above + tail->bins[bin] < wanted)
		*above += tail->bins[bin--];
	return bin;
}

/* Hill's estimate of the tail's index, over the `above` values in bins above `begin`. */
static double tail_index(const struct tail *tail, int begin, unsigned int above)
{
	unsigned int half_bins = 0;

	for (int i = begin + 1; i < TAIL_BINS; i++)
		half_bins += tail->bins[i] * (unsigned int)(2 * (i - begin) - 1);
	if (above == 0)
		return INDEX_MIN;
	return fmax(half_bins * (M_LN2 / 2 / BINS_OCTAVE) / above, INDEX_MIN);
}

static double surprise(const struct tail *tail, double place)
{
	int bin = (int)place;
	unsigned int above;
	int begin = tail_begin(tail, &above);
	double beyond, at_least = above;

	/* Nothing was there but zeros: the first of a kind. */
	if (begin == 0 && above == 0 && bin > 0)
		return decades(tail, 0) + 1;
	if (bin > begin && begin > 0) {
		beyond = (place - begin - 1) * M_LN2 / BINS_OCTAVE;
		return decades(tail, above) + beyond / tail_index(tail, begin, above) / M_LN10;
	}
	for (int i = bin + 1; i <= begin; i++)
		at_least += tail->bins[i];
	for (int i = begin + 1; i <= bin; i++)
		at_least -= tail->bins[i];
	return decades(tail, at_least + 0.5 * tail->bins[bin]);
}

static void halve(struct tail *tail)
{
	unsigned int total = 0;

	/* Up: what happened once is remembered. */
	for (int i = 0; i < TAIL_BINS; i++)
		total += tail->bins[i] = (uint16_t)((tail->bins[i] + 1) / 2);
	tail->total = (uint16_t)total;
}

double tail_judge(struct tail *tail, double x, uint16_t history)
{
	double place, rare;

	x = fmin(x, VALUE_MAX);
	if (x > 0 && tail->origin == 0)
		tail->origin = (float)log2(x);
	place = x > 0 ? place_of(tail, x) : 0;
	rare = tail->total < KNOWN_MIN ? 0 : surprise(tail, place);
	if (tail->total >= history)
		halve(tail);
	tail->bins[(int)place]++;
	tail->total++;
	return fmin(rare, TAIL_SURPRISE_MAX);
}
