// SPDX-License-Identifier: BSD-2-Clause
/*
 * The secure latency tracer: the noise has the distribution that it claims, what is small stays
 * hidden, and quantiles are right to one coarse bucket.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "discrete_laplace.bpf.h"
#include "kernel/object.h"
#include "model/quantile.h"
#include "programs/kprobe_syscall_latency_sample.h"
#include "programs/kprobe_syscall_latency_secure_sample.h"
#include "tests/lib/interrupt.h"
#include "tests/lib/syscall_fixture.h"

#define CALLS 100000

static const char *const names[] = { "sched_get_priority_max", "getrandom", "tee", NULL };

enum {
	SLOT_PRIORITY,
	SLOT_RANDOM,
	SLOT_TEE,
};

static struct syscall_fixture secure, exact;
static struct syscalls_secure_collector secure_collector;
static struct syscalls_collector exact_collector;
static struct snapshot now;

/* --- the noise, natively: the very function that the program is made of ------------------------- */

/*
 * All 2^32 inputs, 4096 apart: a deterministic sweep, so the share of each value is its probability
 * to within one step a threshold (2 * 2^-20), and no sample is ever unlucky.
 */
static void noise_has_the_claimed_distribution(void **state)
{
	const double alpha = 1.0 / SECURE_ALPHA_INVERSE;
	uint64_t counts[2 * SECURE_NOISE_MAX + 1] = { 0 };
	uint64_t n = 0;

	(void)state;
	for (uint64_t random = 0; random < 1ull << 32; random += 4096, n++) {
		int noise = discrete_laplace((uint32_t)random);
		assert_in_range(noise + SECURE_NOISE_MAX, 0, 2 * SECURE_NOISE_MAX);
		counts[noise + SECURE_NOISE_MAX]++;
	}
	for (int k = -SECURE_NOISE_MAX; k <= SECURE_NOISE_MAX; k++) {
		double expected = (1 - alpha) / (1 + alpha) * pow(alpha, abs(k));
		double share = (double)counts[k + SECURE_NOISE_MAX] / (double)n;
		if (fabs(share - expected) > 2.0 / (1 << 20))
			fail_msg("P(%d) is %.9f instead of %.9f", k, share, expected);
	}
}

/* The tails, value by value: where one noise ends and the next begins. */
static void noise_tails_are_as_long_as_claimed(void **state)
{
	uint64_t counts[2 * SECURE_NOISE_MAX + 1] = { 0 };

	(void)state;
	for (uint64_t random = UINT32_MAX; random > UINT32_MAX - 100000; random--)
		counts[discrete_laplace((uint32_t)random) + SECURE_NOISE_MAX]++;
	/* P(8) * 2^32 = 35.1, P(7) * 2^32 = 351.4, P(6) * 2^32 = 3514.2 */
	for (int side = -1; side <= 1; side += 2) {
		assert_in_range(counts[SECURE_NOISE_MAX + side * 8], 34, 37);
		assert_in_range(counts[SECURE_NOISE_MAX + side * 7], 350, 353);
		assert_in_range(counts[SECURE_NOISE_MAX + side * 6], 3513, 3516);
	}
	assert_int_equal(discrete_laplace(0), 0);
}

/* --- the program -------------------------------------------------------------------------------- */

static int set_up(void **state)
{
	(void)state;
	int error = syscall_fixture_open(
		&secure, "kprobe_syscall_latency_secure", names, SYSCALLS_WANT_AUTO);
	if (error < 0) {
		print_message("%s. %s.\n%s\n", secure.failure.what, secure.failure.remedy,
			secure.failure.cause);
		return error;
	}
	return syscalls_secure_open(
		&secure_collector, secure.object, &secure.calls, secure.kprobes);
}

static int tear_down(void **state)
{
	(void)state;
	syscalls_secure_close(&secure_collector);
	syscall_fixture_close(&secure);
	return 0;
}

static const struct snapshot_syscall_secure *sample(int slot)
{
	snapshot_clear(&now);
	assert_int_equal(collect_syscalls_secure(&secure_collector, NULL, &now), 0);
	assert_true(now.syscalls_secure.available);
	for (uint32_t i = 0; i < now.self.n_losses; i++)
		assert_int_equal(now.self.losses[i].count.total, 0);
	return &now.syscalls_secure.calls[slot];
}

static void make_calls(int good, int bad)
{
	for (int i = 0; i < good; i++)
		syscall(SYS_sched_get_priority_max, SCHED_OTHER);
	for (int i = 0; i < bad; i++)
		syscall(SYS_sched_get_priority_max, 12345);
}

/* On one CPU, STEP - 1 calls cannot fill any bucket up. */
static void small_counts_are_withheld(void **state)
{
	cpu_set_t all, one;

	(void)state;
	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	make_calls(0, SECURE_STEP - 1);
	const struct snapshot_syscall_secure *call = sample(SLOT_PRIORITY);
	assert_int_equal(call->calls.total, 0);
	assert_int_equal(call->errors.total, 0);
	assert_true(isnan(call->p50) && isnan(call->p99));

	/* One more error is a step of errors, whatever the buckets. */
	make_calls(0, 1);
	assert_int_equal(sample(SLOT_PRIORITY)->errors.total, SECURE_STEP);
	sched_setaffinity(0, sizeof(all), &all);
}

/* The handler's calls alone are published: the kernel's internal results are no errors of the one call. */
static void restarted_call_is_one(void **state)
{
	enum { SIGNALS = 64 };
	uint64_t hidden = (uint64_t)secure_collector.percpu.cpus * (SECURE_STEP - 1);

	(void)state;
	interrupt_tee(SIGNALS, SA_RESTART);
	const struct snapshot_syscall_secure *call = sample(SLOT_TEE);
	assert_true(call->errors.total <= SIGNALS && call->errors.total + hidden >= SIGNALS);
	assert_true(call->calls.total <= SIGNALS + 1);
	assert_int_equal(secure_collector.runs.runs % (2 * SECURE_STEP), 0);
}

/* What is published are multiples of a step, and all but less than a step a bucket and CPU. */
static void counts_are_published_in_steps(void **state)
{
	uint64_t hidden =
		(uint64_t)secure_collector.percpu.cpus * SECURE_BUCKETS * (SECURE_STEP - 1);

	(void)state;
	make_calls(20000, 5000);
	const struct snapshot_syscall_secure *call = sample(SLOT_PRIORITY);
	for (int i = 0; i < SECURE_BUCKETS; i++)
		assert_int_equal(call->buckets[i] % SECURE_STEP, 0);
	assert_int_equal(call->errors.total % SECURE_STEP, 0);
	assert_in_range(call->calls.total, 25000 - hidden, 25000);
	assert_in_range(call->errors.total,
		5000 - (uint64_t)secure_collector.percpu.cpus * (SECURE_STEP - 1), 5000);
	assert_int_equal(now.syscalls_secure.step, SECURE_STEP);
	assert_true(fabs(now.syscalls_secure.epsilon - log(10)) < 1e-12);
}

static void only_published_counts_are_readable(void **state)
{
	static const char *const hidden[] = { "secure_residues", "in_flight_lru", "syscall_ended" };
	size_t size = (size_t)secure_collector.percpu.cpus * sizeof(struct secure_stats);
	uint64_t key = 0;
	void *value = calloc(1, size);

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		int fd = object_map_fd(secure.object, hidden[i]);
		assert_true(fd >= 0);
		assert_true(bpf_map_lookup_elem(fd, &key, value) < 0);
		assert_int_equal(errno, EPERM);
		assert_true(bpf_map_get_next_key(fd, NULL, &key) < 0);
		assert_int_equal(errno, EPERM);
	}
	int published = object_map_fd(secure.object, "secure_published");
	key = 0;
	assert_int_equal(bpf_map_lookup_elem(published, &key, value), 0);
	assert_true(bpf_map_update_elem(published, &key, value, BPF_ANY) < 0);
	assert_int_equal(errno, EPERM);
	free(value);
}

/* No ring buffer, no pid, no command: the object has none of the maps that could carry them. Its .bss has when it was
 * attached. */
static void nothing_tells_who_called(void **state)
{
	static const char *const known[] = { "tracer_stats", "in_flight_lru", "secure_residues",
		"secure_published", "syscall_ended", "tracer_turn" };
	struct bpf_map *map;

	(void)state;
	bpf_object__for_each_map (map, secure.object) {
		bool found = strstr(bpf_map__name(map), ".rodata") != NULL ||
			     strstr(bpf_map__name(map), ".bss") != NULL;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			found = found || strcmp(known[i], bpf_map__name(map)) == 0;
		if (!found)
			fail_msg("%s has a map %s", bpf_object__name(secure.object),
				bpf_map__name(map));
	}
}

/* --- beside the exact tracer --------------------------------------------------------------------- */

static uint32_t coarse_bucket_of(double ns)
{
	uint32_t bucket = 0;

	while (bucket + 1 < SECURE_BUCKETS && coarse_bucket_upper(bucket) <= ns)
		bucket++;
	return bucket;
}

/* Calls of about the same length; how long depends on the size. */
static void draw(size_t size)
{
	static uint8_t bytes[1 << 16];

	for (int i = 0; i < CALLS; i++)
		/* Not by the C library, which has it without a system call since glibc 2.41. */
		assert_int_equal(syscall(SYS_getrandom, bytes, size, 0), (ssize_t)size);
}

/* The coarse bucket that holds the quantile `q` of the exact histogram. */
static int true_bucket(const struct snapshot_syscall *truth, double q)
{
	double below = 0;

	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++) {
		below += (double)truth->buckets[i];
		if (below >= q * (double)truth->calls.total)
			return (int)coarse_bucket_of(latency_bucket_lower(i));
	}
	return SECURE_BUCKETS - 1;
}

/*
 * Within one bucket of the truth; the rank may be off by 0.3 %, which is 6 sigma of what noise and
 * the counts withheld make of 100,000 calls.
 */
static void assert_near(const struct snapshot_syscall *truth, double q, double upper)
{
	int got = (int)coarse_bucket_of(upper / 2);
	int lowest = true_bucket(truth, q - 0.003) - 1;
	int highest = true_bucket(truth, q + 0.003) + 1;

	if (got < lowest || got > highest)
		fail_msg("p%g is in bucket %d, not in %d to %d", q * 100, got, lowest, highest);
}

/*
 * The noise in the kernel: where nearly all calls lie well within one coarse bucket, the buckets
 * beside it show the noise. The tolerance, 1 % plus the calls that were not within, is beyond 9
 * sigma, and alpha = 1/20 or 1/5 would be off by more than 3 %. Returns false if the calls of this
 * run are too scattered, or in the first or last bucket, to tell.
 */
static bool assert_noise_around(
	const struct snapshot_syscall *truth, const struct snapshot_syscall_secure *noisy)
{
	const double alpha = 1.0 / SECURE_ALPHA_INVERSE;
	const double zero = (1 - alpha) / (1 + alpha);
	uint32_t bucket = coarse_bucket_of(truth->overall.p50);
	double within = 0, published = 0;

	if (bucket == 0 || bucket == SECURE_BUCKETS - 1)
		return false;
	for (uint32_t i = 0; i < LATENCY_BUCKETS - 1; i++)
		if (latency_bucket_lower(i) >= coarse_bucket_upper(bucket - 1) * 1.3 &&
			latency_bucket_lower(i + 1) <= coarse_bucket_upper(bucket) / 1.3)
			within += (double)truth->buckets[i];
	double outside = 1 - within / (double)truth->calls.total;
	if (outside > 0.02)
		return false;
	for (int i = 0; i < SECURE_BUCKETS; i++)
		published += (double)noisy->buckets[i];
	double tolerance = outside + 0.01;
	/* What would fall below the first bucket is clamped into it. */
	double left = bucket == 1 ? alpha / (1 + alpha) : zero * alpha;
	assert_true(fabs((double)noisy->buckets[bucket] / published - zero) < tolerance);
	assert_true(fabs((double)noisy->buckets[bucket - 1] / published - left) < tolerance);
	assert_true(
		fabs((double)noisy->buckets[bucket + 1] / published - zero * alpha) < tolerance);
	return true;
}

static void quantiles_are_within_one_bucket(void **state)
{
	/* The first are always drawn; how long each takes, and so what it shows, is the machine's. */
	static const size_t sizes[] = { 1, 1024, 4096, 16384, 3072, 2048, 6144, 12288, 512 };
	enum { ALWAYS = 4 };
	bool noise_seen = false;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (i >= ALWAYS && noise_seen)
			break;
		assert_int_equal(set_up(NULL), 0);
		assert_int_equal(syscall_fixture_open(&exact, "kprobe_syscall_latency", names,
					 SYSCALLS_WANT_AUTO),
			0);
		assert_int_equal(
			syscalls_open(&exact_collector, exact.object, &exact.calls, exact.kprobes),
			0);
		draw(sizes[i]);
		const struct snapshot_syscall_secure *noisy = sample(SLOT_RANDOM);
		assert_int_equal(collect_syscalls(&exact_collector, NULL, &now), 0);
		const struct snapshot_syscall *truth = &now.syscalls.calls[SLOT_RANDOM];
		assert_true(truth->calls.total >= CALLS);
		assert_near(truth, 0.5, noisy->p50);
		assert_near(truth, 0.9, noisy->p90);
		assert_near(truth, 0.99, noisy->p99);
		noise_seen = assert_noise_around(truth, noisy) || noise_seen;
		syscalls_close(&exact_collector);
		syscall_fixture_close(&exact);
		tear_down(NULL);
	}
	if (!noise_seen) {
		print_message("latencies were too scattered to see the noise in the kernel\n");
		skip();
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_has_the_claimed_distribution),
		cmocka_unit_test(noise_tails_are_as_long_as_claimed),
		TEST(small_counts_are_withheld),
		TEST(restarted_call_is_one),
		TEST(counts_are_published_in_steps),
		TEST(only_published_counts_are_readable),
		TEST(nothing_tells_who_called),
		cmocka_unit_test(quantiles_are_within_one_bucket),
	};

	return cmocka_run_group_tests_name("syscall_latency_secure", tests, NULL, NULL);
}
