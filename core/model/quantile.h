/* SPDX-License-Identifier: BSD-2-Clause */
/* Quantiles from the latency histograms of the kernel's side. */
#ifndef X0_MODEL_QUANTILE_H
#define X0_MODEL_QUANTILE_H

#include <stdint.h>

#include "model/snapshot.h"

/* The lower bound in ns of a bucket of the log-linear histogram; the upper one is the next one's. */
double latency_bucket_lower(uint32_t bucket);

/* All four quantiles of a log-linear histogram, in ns, interpolated within the bucket; 0 without
 * calls. Within 10 % of the truth from 64 ns on, and never above `max_ns`, the slowest call's time. */
void quantiles_compute(
	const uint64_t buckets[LATENCY_BUCKETS], double max_ns, struct quantiles *quantiles);

/* The upper bound in ns of a bucket that holds an octave: 2^n to 2^(n + 1). */
double octave_bucket_upper(uint32_t bucket);

/* All four quantiles of a histogram by octaves, in ns; within a factor of two of the truth. */
void quantiles_of_octaves(const uint64_t *buckets, uint32_t n, struct quantiles *quantiles);

/* The upper bound in ns of a coarse bucket. */
double coarse_bucket_upper(uint32_t bucket);

/*
 * What the coarse counts were before the noise, on average: takes the discrete Laplace noise out of
 * `published` again. Only the aggregate is estimated, from what is public already; it tells no more
 * of a single call than `published` does. Negative estimates become 0.
 */
void coarse_estimate(const uint64_t published[SECURE_BUCKETS], double estimate[SECURE_BUCKETS]);

/* The coarse bucket that holds the quantile `q` (0 to 1) of an estimate, or -1 if it is empty. */
int coarse_quantile(const double estimate[SECURE_BUCKETS], double q);

#endif
