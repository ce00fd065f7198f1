// SPDX-License-Identifier: BSD-2-Clause
#include "model/quantile.h"

#include <math.h>

double latency_bucket_lower(uint32_t bucket)
{
	if (bucket == 0)
		return 0;
	uint32_t octave = (bucket - 1) >> LATENCY_SUB_SHIFT;
	uint32_t part = (bucket - 1) & (LATENCY_SUB_BUCKETS - 1);
	return ldexp(1.0 + (double)part / LATENCY_SUB_BUCKETS, (int)(octave + LATENCY_MIN_SHIFT));
}

/* Where in the histogram the call of rank q * total lies, as if a bucket's calls were spread evenly. */
static double quantile(const uint64_t *buckets, uint64_t total, double q)
{
	double rank = q * (double)total;
	double below = 0;

	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++) {
		double count = (double)buckets[i];
		if (count > 0 && below + count >= rank) {
			double lower = latency_bucket_lower(i);
			double width = latency_bucket_lower(i + 1) - lower;
			return lower + width * (rank - below) / count;
		}
		below += count;
	}
	return 0;
}

void quantiles_compute(
	const uint64_t buckets[LATENCY_BUCKETS], double max_ns, struct quantiles *quantiles)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++)
		total += buckets[i];
	quantiles->p50 = fmin(quantile(buckets, total, 0.5), max_ns);
	quantiles->p90 = fmin(quantile(buckets, total, 0.9), max_ns);
	quantiles->p99 = fmin(quantile(buckets, total, 0.99), max_ns);
	quantiles->p999 = fmin(quantile(buckets, total, 0.999), max_ns);
}

double coarse_bucket_upper(uint32_t bucket)
{
	return ldexp(1.0, (int)(SECURE_FIRST_SHIFT + 2 * bucket));
}

/*
 * With a = alpha and x the true counts, the published ones are on average
 *	y[0] = sum a^j x[j] / (1 + a),  y[i] = (1 - a) / (1 + a) sum a^|i-j| x[j]
 * and the last as the first, because clamping gathers the tails there. Scaled, that is the matrix
 * a^|i-j|, whose inverse is tridiagonal: Kac, Murdock and Szego, 1953.
 */
void coarse_estimate(const uint64_t published[SECURE_BUCKETS], double estimate[SECURE_BUCKETS])
{
	const double alpha = 1.0 / SECURE_ALPHA_INVERSE;
	double scaled[SECURE_BUCKETS];

	for (int i = 0; i < SECURE_BUCKETS; i++) {
		bool edge = i == 0 || i == SECURE_BUCKETS - 1;
		scaled[i] = (double)published[i] * (1 + alpha) / (edge ? 1 : 1 - alpha);
	}
	for (int i = 0; i < SECURE_BUCKETS; i++) {
		bool edge = i == 0 || i == SECURE_BUCKETS - 1;
		double left = i == 0 ? 0 : scaled[i - 1];
		double right = i == SECURE_BUCKETS - 1 ? 0 : scaled[i + 1];
		double diagonal = edge ? 1 : 1 + alpha * alpha;
		double value = diagonal * scaled[i] - alpha * (left + right);
		estimate[i] = fmax(value / (1 - alpha * alpha), 0);
	}
}

int coarse_quantile(const double estimate[SECURE_BUCKETS], double q)
{
	double total = 0, below = 0;
	int last = -1;

	for (int i = 0; i < SECURE_BUCKETS; i++)
		total += estimate[i];
	for (int i = 0; i < SECURE_BUCKETS; i++) {
		if (estimate[i] <= 0)
			continue;
		below += estimate[i];
		last = i;
		if (below >= q * total)
			break;
	}
	return last;
}
