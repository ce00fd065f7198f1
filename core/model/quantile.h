/* SPDX-License-Identifier: BSD-2-Clause */
/* Computes quantiles from the histograms that the kernel's side fills. */
#ifndef X0_MODEL_QUANTILE_H
#define X0_MODEL_QUANTILE_H

#include <stdint.h>

#include "model/snapshot.h"

/* Returns the lower bound in ns of a bucket of the log-linear histogram, which ends the one before. */
double latency_bucket_lower(uint32_t bucket);

/* Computes the quantiles of a log-linear histogram in ns, interpolated within the bucket; NAN
 * without calls. From 64 ns on they are within 10 % of the truth, and never above `max_ns`, the slowest call. */
void quantiles_compute(
	const uint64_t buckets[LATENCY_BUCKETS], double max_ns, struct quantiles *quantiles);

/* Returns the upper bound in ns of a bucket that holds an octave: 2^n to 2^(n + 1). */
double octave_bucket_upper(uint32_t bucket);

/* Computes the quantiles of a histogram by octaves in ns, within a factor of two of the truth;
 * NAN without calls. */
void quantiles_of_octaves(const uint64_t *buckets, uint32_t n, struct quantiles *quantiles);

/* Returns the upper bound in ns of a coarse bucket. */
double coarse_bucket_upper(uint32_t bucket);

/*
 * Estimates the coarse counts before the discrete Laplace noise. It uses public counts alone, so it
 * tells no more of a single call than they do. Negative estimates become 0.
 */
void coarse_estimate(const uint64_t published[SECURE_BUCKETS], double estimate[SECURE_BUCKETS]);

/* Returns the coarse bucket that holds the quantile `q` (0 to 1) of an estimate; -1 if it is empty. */
int coarse_quantile(const double estimate[SECURE_BUCKETS], double q);

#endif
