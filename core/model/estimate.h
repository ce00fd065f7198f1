/* SPDX-License-Identifier: BSD-2-Clause */
/* Estimates the mean time of a run from the few that are timed. */
#ifndef X0_MODEL_ESTIMATE_H
#define X0_MODEL_ESTIMATE_H

#include <stdint.h>

#include "model/format.h"

/* Fewer timed runs give no estimate. Times of runs differ about as much as their mean is large, so that n of
 * them err by about one part in the square root of n. */
#define ESTIMATE_MIN 10

/* Sums over timed runs, of which old ones weigh less; zero at first. */
struct estimate {
	double runs;
	double ns;
};

/*
 * Adds runs timed during the last `interval` seconds, and lets the earlier ones fade over a minute, but
 * not below a hundred.
 */
void estimate_add(struct estimate *estimate, uint64_t runs, uint64_t ns, double interval);

/* Returns the mean time in ns; NAN with fewer than ESTIMATE_MIN runs. */
double estimate_mean(const struct estimate *estimate);

/*
 * Formats an estimate by `format` with no more digits than `samples` timed runs support: three from 10,000 of
 * them, two from 1,000, "~180ns" from 100, "~200ns" from ESTIMATE_MIN, "-" below.
 */
char *estimate_format(char text[FORMAT_LEN], double value, double samples,
	char *(*format)(char text[FORMAT_LEN], double value));

#endif
