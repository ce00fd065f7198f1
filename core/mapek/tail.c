// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/tail.h"

#include <math.h>

#define KNOWN_MIN   30
#define BINS_OCTAVE 2
#define TAIL_SHARE  0.01
#define INDEX_MIN   0.1
#define TAIL_MIN    5.0
#define BIN_MIDDLE  (TAIL_BINS / 2)

static int bin_of(const struct tail *tail, double x)
{
	double bin;

	if (x <= 0)
		return 0;
	bin = BIN_MIDDLE + floor(BINS_OCTAVE * (log2(x) - (double)tail->origin));
	return bin < 1 ? 1 : bin > TAIL_BINS - 1 ? TAIL_BINS - 1 : (int)bin;
}

/* Returns the natural logarithm of a bin's lower bound. */
static double bin_log(const struct tail *tail, double bin)
{
	return M_LN2 * ((double)tail->origin + (bin - BIN_MIDDLE) / BINS_OCTAVE);
}

/* Returns the decades of the share of values in bins above `bin`, and half of those in it. */
static double counted(const struct tail *tail, int bin)
{
	unsigned int above = 0;

	for (int i = bin + 1; i < TAIL_BINS; i++)
		above += tail->bins[i];
	return -log10((above + 0.5 * tail->bins[bin] + 0.5) / (tail->total + 1.0));
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

/* Hill's estimate of the tail's index over the bins above `begin`. */
static double tail_index(const struct tail *tail, int begin, unsigned int above)
{
	double bound = bin_log(tail, begin + 1), sum = 0;

	for (int i = begin + 1; i < TAIL_BINS; i++)
		sum += tail->bins[i] * (bin_log(tail, i + 0.5) - bound);
	return above > 0 ? fmax(sum / above, INDEX_MIN) : INDEX_MIN;
}

double tail_surprise(const struct tail *tail, double x)
{
	unsigned int above;
	int bin = bin_of(tail, x), begin;
	double beyond, decades;

	if (tail->total < KNOWN_MIN)
		return 0;
	begin = tail_begin(tail, &above);
	if (bin <= begin)
		return counted(tail, bin);
	/* Nothing but zeros, but for a few: the first of a new kind. */
	if (begin == 0 && above == 0)
		return fmin(log10(tail->total + 1.0) + 1, TAIL_SURPRISE_MAX);
	if (begin == 0)
		return counted(tail, bin);
	beyond = log(x) - bin_log(tail, begin + 1);
	decades = -log10((above + 0.5) / (tail->total + 1.0)) +
		  fmax(beyond, 0) / tail_index(tail, begin, above) / M_LN10;
	return fmin(decades, TAIL_SURPRISE_MAX);
}

static void halve(struct tail *tail)
{
	unsigned int total = 0;

	/* Up: what happened once is remembered. */
	for (int i = 0; i < TAIL_BINS; i++)
		total += tail->bins[i] = (uint16_t)((tail->bins[i] + 1) / 2);
	tail->total = (uint16_t)total;
}

void tail_add(struct tail *tail, double x, uint16_t history)
{
	if (tail->total >= history)
		halve(tail);
	if (x > 0 && tail->origin == 0)
		tail->origin = (float)log2(x);
	tail->bins[bin_of(tail, x)]++;
	tail->total++;
}
