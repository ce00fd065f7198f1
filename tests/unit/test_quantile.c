// SPDX-License-Identifier: BSD-2-Clause
/* Quantiles from histograms, beside the exact ones of the same values. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log2.bpf.h"
#include "model/quantile.h"
#include "model/snapshot_syscalls_secure.h"

#define VALUES 200000

static double values[VALUES];

/* Uniform in (0, 1), the same sequence in every run: xorshift64*. */
static double uniform(void)
{
	static uint64_t seed = 88172645463325252ull;

	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return ((double)(seed * 2685821657736338717ull >> 11) + 0.5) / 9007199254740992.0;
}

static double uniform_latency(void)
{
	return 1000 + 99000 * uniform();
}

static double exponential_latency(void)
{
	return 200 - 50000 * log(uniform());
}

/* Heavy tail: Pareto, exponent 1.2. */
static double heavy_latency(void)
{
	return 300 / pow(uniform(), 1 / 1.2);
}

/* Two peaks: cache hits and disk reads. */
static double bimodal_latency(void)
{
	return uniform() < 0.95 ? 400 + 200 * uniform() : 8e6 + 4e6 * uniform();
}

static double (*const distributions[])(
	void) = { uniform_latency, exponential_latency, heavy_latency, bimodal_latency };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static uint32_t bucket_of(uint64_t ns)
{
	uint32_t bucket = 0;

	while (bucket + 1 < LATENCY_BUCKETS && latency_bucket_lower(bucket + 1) <= (double)ns)
		bucket++;
	return bucket;
}

static void assert_within(double got, double q)
{
	double exact = values[(size_t)(q * VALUES)];

	if (fabs(got - exact) > exact * 0.1)
		fail_msg("quantile %g is %g, not within 10 %% of %g", q, got, exact);
}

static void quantiles_are_within_ten_percent(void **state)
{
	(void)state;
	for (size_t d = 0; d < sizeof(distributions) / sizeof(distributions[0]); d++) {
		uint64_t buckets[LATENCY_BUCKETS] = { 0 };
		struct quantiles q;
		for (size_t i = 0; i < VALUES; i++) {
			values[i] = distributions[d]();
			buckets[bucket_of((uint64_t)values[i])]++;
		}
		qsort(values, VALUES, sizeof(values[0]), compare);
		quantiles_compute(buckets, INFINITY, &q);
		assert_within(q.p50, 0.5);
		assert_within(q.p90, 0.9);
		assert_within(q.p99, 0.99);
		assert_within(q.p999, 0.999);
	}
}

static void no_calls_have_no_quantiles(void **state)
{
	uint64_t buckets[LATENCY_BUCKETS] = { 0 };
	struct quantiles q = { 1, 1, 1, 1 };

	(void)state;
	quantiles_compute(buckets, INFINITY, &q);
	assert_true(isnan(q.p50) && isnan(q.p90) && isnan(q.p99) && isnan(q.p999));
	quantiles_compute(buckets, 5000, &q);
	assert_true(isnan(q.p50) && isnan(q.p999));
}

static void one_call_is_every_quantile(void **state)
{
	uint64_t buckets[LATENCY_BUCKETS] = { 0 };
	struct quantiles q;

	(void)state;
	buckets[bucket_of(5000)] = 1;
	quantiles_compute(buckets, INFINITY, &q);
	assert_true(q.p50 >= 4500 && q.p999 <= 5500 && q.p50 <= q.p999);
	quantiles_compute(buckets, 5000, &q);
	assert_true(q.p999 <= 5000);
}

static void buckets_follow_each_other(void **state)
{
	(void)state;
	assert_true(latency_bucket_lower(0) == 0);
	assert_true(latency_bucket_lower(1) == 64);
	assert_true(latency_bucket_lower(2) == 72);
	assert_true(latency_bucket_lower(9) == 128);
	for (uint32_t i = 1; i < LATENCY_BUCKETS; i++) {
		double lower = latency_bucket_lower(i), upper = latency_bucket_lower(i + 1);
		assert_true(upper > lower && upper - lower <= lower / LATENCY_SUB_BUCKETS);
	}
	assert_true(coarse_bucket_upper(0) == 1024);
	assert_true(coarse_bucket_upper(12) == 17179869184.0);
}

static void log2_is_the_highest_bit(void **state)
{
	(void)state;
	assert_int_equal(log2_floor(0), 0);
	for (uint32_t bit = 0; bit < 64; bit++) {
		uint64_t lowest = UINT64_C(1) << bit;
		assert_int_equal(log2_floor(lowest), bit);
		assert_int_equal(log2_floor(lowest | (lowest - 1)), bit);
		assert_int_equal(log2_floor(lowest | (lowest >> 1)), bit);
	}
}

/* What clamped noise makes of true counts, on average. */
static void add_noise(const double truth[SECURE_BUCKETS], uint64_t published[SECURE_BUCKETS])
{
	const double alpha = 1.0 / SECURE_ALPHA_INVERSE;

	for (int i = 0; i < SECURE_BUCKETS; i++) {
		double sum = 0;
		for (int j = 0; j < SECURE_BUCKETS; j++) {
			bool edge = i == 0 || i == SECURE_BUCKETS - 1;
			sum += truth[j] * pow(alpha, abs(i - j)) * (edge ? 1 : 1 - alpha) /
			       (1 + alpha);
		}
		published[i] = (uint64_t)llround(sum);
	}
}

static void estimate_takes_the_noise_out(void **state)
{
	static const double truths[][SECURE_BUCKETS] = {
		{ 1e6 },
		{ [SECURE_BUCKETS - 1] = 1e6 },
		{ 0, 7e5, 2e5, 0, 0, 0, 5e4, 5e4 },
		{ 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5, 1e5 },
	};

	(void)state;
	for (size_t t = 0; t < sizeof(truths) / sizeof(truths[0]); t++) {
		uint64_t published[SECURE_BUCKETS];
		double estimate[SECURE_BUCKETS];
		add_noise(truths[t], published);
		coarse_estimate(published, estimate);
		for (int i = 0; i < SECURE_BUCKETS; i++)
			assert_true(fabs(estimate[i] - truths[t][i]) < 2);
		assert_int_equal(coarse_quantile(estimate, 0.5), coarse_quantile(truths[t], 0.5));
	}
}

/* The matrix by which noise mixes the buckets, times the estimate, is what was published. */
static void estimate_is_exact_in_each_bucket(void **state)
{
	(void)state;
	for (int only = 0; only < SECURE_BUCKETS; only++) {
		double truth[SECURE_BUCKETS] = { 0 }, estimate[SECURE_BUCKETS];
		uint64_t published[SECURE_BUCKETS];

		truth[only] = 1e15;
		add_noise(truth, published);
		coarse_estimate(published, estimate);
		for (int i = 0; i < SECURE_BUCKETS; i++)
			if (fabs(estimate[i] - truth[i]) > 10)
				fail_msg("bucket %d, all in %d: %.1f", i, only, estimate[i]);
	}
}

/* It reads the published buckets alone, and writes the estimate's. */
static void estimate_ends_with_the_buckets(void **state)
{
	const struct {
		uint64_t before, buckets[SECURE_BUCKETS], behind;
	} published = { 1u << 20, { 0 }, 1u << 20 };
	struct {
		double before, buckets[SECURE_BUCKETS], behind;
	} estimate = { 17, { 0 }, 17 };

	(void)state;
	coarse_estimate(published.buckets, estimate.buckets);
	for (int i = 0; i < SECURE_BUCKETS; i++)
		assert_true(estimate.buckets[i] == 0);
	assert_true(estimate.before == 17 && estimate.behind == 17);
}

static void coarse_quantiles(void **state)
{
	const double estimate[SECURE_BUCKETS] = { 0, 50, 0, 40, 0, 9, 0, 1 };
	const double empty[SECURE_BUCKETS] = { 0 };

	(void)state;
	assert_int_equal(coarse_quantile(estimate, 0.5), 1);
	assert_int_equal(coarse_quantile(estimate, 0.51), 3);
	assert_int_equal(coarse_quantile(estimate, 0.99), 5);
	assert_int_equal(coarse_quantile(estimate, 1), 7);
	assert_int_equal(coarse_quantile(empty, 0.5), -1);
}

/* The upper bounds of the buckets of the estimate; of no call, none is known. */
static void secure_quantiles(void **state)
{
	struct snapshot_syscall_secure call = { .buckets = { 0, 500000, 90000, 300000, 40000, 95000,
							9000, 12000, 2000 } };
	double estimate[SECURE_BUCKETS];

	(void)state;
	coarse_estimate(call.buckets, estimate);
	const int half = coarse_quantile(estimate, 0.5), most = coarse_quantile(estimate, 0.9),
		  nearly_all = coarse_quantile(estimate, 0.99);
	assert_true(half < most && most < nearly_all);
	syscall_secure_quantiles(&call);
	assert_true(call.p50 == coarse_bucket_upper((uint32_t)half));
	assert_true(call.p90 == coarse_bucket_upper((uint32_t)most));
	assert_true(call.p99 == coarse_bucket_upper((uint32_t)nearly_all));
	memset(call.buckets, 0, sizeof(call.buckets));
	syscall_secure_quantiles(&call);
	assert_true(isnan(call.p50) && isnan(call.p90) && isnan(call.p99));
}

/* 2^n to 2^(n + 1): what log2 puts there. */
static void octaves(void **state)
{
	uint64_t buckets[PQC_TIME_BUCKETS] = { [14] = 98, [15] = 2 };
	struct quantiles quantiles;

	(void)state;
	assert_true(octave_bucket_upper(14) == 32768);
	quantiles_of_octaves(buckets, PQC_TIME_BUCKETS, &quantiles);
	assert_true(quantiles.p50 > 16384 && quantiles.p50 < 32768);
	assert_true(quantiles.p99 > 32768 && quantiles.p99 < 65536);
	memset(buckets, 0, sizeof(buckets));
	quantiles_of_octaves(buckets, PQC_TIME_BUCKETS, &quantiles);
	assert_true(isnan(quantiles.p50) && isnan(quantiles.p999));
	buckets[PQC_TIME_BUCKETS - 1] = 1;
	quantiles_of_octaves(buckets, PQC_TIME_BUCKETS, &quantiles);
	assert_true(quantiles.p999 <= octave_bucket_upper(PQC_TIME_BUCKETS - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_within_ten_percent),
		cmocka_unit_test(no_calls_have_no_quantiles),
		cmocka_unit_test(one_call_is_every_quantile),
		cmocka_unit_test(buckets_follow_each_other),
		cmocka_unit_test(log2_is_the_highest_bit),
		cmocka_unit_test(estimate_takes_the_noise_out),
		cmocka_unit_test(estimate_is_exact_in_each_bucket),
		cmocka_unit_test(estimate_ends_with_the_buckets),
		cmocka_unit_test(coarse_quantiles),
		cmocka_unit_test(secure_quantiles),
		cmocka_unit_test(octaves),
	};

	return cmocka_run_group_tests_name("quantile", tests, NULL, NULL);
}
