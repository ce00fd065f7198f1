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

static double octave_bucket_lower(uint32_t bucket)
{
	return ldexp(1.0, (int)bucket);
}

double octave_bucket_upper(uint32_t bucket)
{
	return octave_bucket_lower(bucket + 1);
}

/* Bucket i begins at lower_of(i) and ends at lower_of(i + 1). */
struct histogram {
	const uint64_t *buckets;
	uint32_t n;
	double (*lower_of)(uint32_t bucket);
};

/* Finds the call of rank q * total, as if the calls of a bucket were spread evenly. */
static double quantile(const struct histogram *histogram, uint64_t total, double q)
{
	double rank = q * (double)total;
	double below = 0;

	for (uint32_t i = 0; i < histogram->n; i++) {
		double count = (double)histogram->buckets[i];
		if (count > 0 && below + count >= rank) {
			double lower = histogram->lower_of(i);
			double width = histogram->lower_of(i + 1) - lower;
			return lower + width * (rank - below) / count;
		}
		below += count;
	}
	return NAN;
}

static void compute(const struct histogram *histogram, struct quantiles *quantiles)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < histogram->n; i++)
		total += histogram->buckets[i];
	quantiles->p50 = quantile(histogram, total, 0.5);
	quantiles->p90 = quantile(histogram, total, 0.9);
	quantiles->p99 = quantile(histogram, total, 0.99);
	quantiles->p999 = quantile(histogram, total, 0.999);
}

void quantiles_of_octaves(const uint64_t *buckets, uint32_t n, struct quantiles *quantiles)
{
	compute(&(struct histogram) { buckets, n, octave_bucket_lower }, quantiles);
}

/* An unknown value stays so, as it would not with fmin(). */
static double at_most(double value, double most)
{
	return value > most ? most : value;
}

void quantiles_compute(
	const uint64_t buckets[LATENCY_BUCKETS], double max_ns, struct quantiles *quantiles)
{
	compute(&(struct histogram) { buckets, LATENCY_BUCKETS, latency_bucket_lower }, quantiles);
	quantiles->p50 = at_most(quantiles->p50, max_ns);
	quantiles->p90 = at_most(quantiles->p90, max_ns);
	quantiles->p99 = at_most(quantiles->p99, max_ns);
	quantiles->p999 = at_most(quantiles->p999, max_ns);
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
	double scaled[SECURE_BUCKETS + 2] = { 0 }; /* with a bucket without calls at either side */

	for (int i = 0; i < SECURE_BUCKETS; i++) {
		bool edge = i == 0 || i == SECURE_BUCKETS - 1;
		scaled[i + 1] = (double)published[i] * (1 + alpha) / (edge ? 1 : 1 - alpha);
	}
	for (int i = 0; i < SECURE_BUCKETS; i++) {
		bool edge = i == 0 || i == SECURE_BUCKETS - 1;
		double diagonal = edge ? 1 : 1 + alpha * alpha;
		double value = diagonal * scaled[i + 1] - alpha * (scaled[i] + scaled[i + 2]);
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
