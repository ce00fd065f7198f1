// SPDX-License-Identifier: BSD-2-Clause
/* The programs of kprobe_syscall_latency_secure, compiled for this machine: what is published, and when. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/kprobe_syscall_latency_secure.bpf.c"

#include "tests/lib/bpf_fake.h"

#include <math.h>
#include <stdlib.h>

#include "programs/kprobe_syscall_latency_secure_sample.h"

enum {
	NUMBER = 7,
	SLOT = 4,
};

static struct task_struct___x0 task;
static struct pt_regs___x0 registers;

static int setup(void **state)
{
	(void)state;
	host_reset();
	host.task = (uintptr_t)&task;
	host.ktime_ns = 1000000;
	host_write(&syscall_slots[NUMBER], &(__u16) { SLOT + 1 }, sizeof(__u16));
	return 0;
}

static void call(__u64 latency, __s64 result)
{
	__u64 context[2] = { (uintptr_t)&registers, NUMBER };

	enter_tracepoint(context);
	host.ktime_ns += latency;
	registers.SYSCALL_FIELD = NUMBER;
	context[1] = (__u64)result;
	exit_tracepoint(context);
}

static struct secure_stats *published(void)
{
	return host_element(&secure_published, SLOT);
}

static struct secure_stats *residues(void)
{
	return host_element(&secure_residues, SLOT);
}

/* The least random number whose noise is not the one of the number before. */
static __u32 threshold(__u64 weight)
{
	return (__u32)((weight << 32) / NOISE_WEIGHT_ALL);
}

static void test_coarse_buckets(void **state)
{
	(void)state;
	assert_int_equal(coarse_bucket(0), 0);
	assert_int_equal(coarse_bucket(1023), 0);
	for (__u32 bucket = 1; bucket < SECURE_BUCKETS; bucket++) {
		__u64 first = 1024ull << 2 * (bucket - 1);

		assert_int_equal(coarse_bucket(first), bucket);
		assert_int_equal(coarse_bucket(first - 1), bucket - 1);
	}
	assert_int_equal(coarse_bucket(1ull << 36), SECURE_BUCKETS - 1);
	assert_int_equal(coarse_bucket(1ull << 63), SECURE_BUCKETS - 1);
}

/* Each noise from its first random number on: 0, 1, -1, 2, -2, ... */
static void test_noise(void **state)
{
	__u64 weight = 100000000, sum = weight;

	(void)state;
	assert_int_equal(discrete_laplace(0), 0);
	for (int k = 1; k <= SECURE_NOISE_MAX; k++) {
		weight /= 10;
		for (int sign = 1; sign >= -1; sign -= 2) {
			assert_int_not_equal(discrete_laplace(threshold(sum) - 1), sign * k);
			assert_int_equal(discrete_laplace(threshold(sum)), sign * k);
			sum += weight;
		}
	}
	assert_int_equal(discrete_laplace(UINT32_MAX), -SECURE_NOISE_MAX);
}

static void test_noisy_bucket(void **state)
{
	(void)state;
	assert_int_equal(noisy_bucket(4096), 2);
	host.random = threshold(100000000);
	assert_int_equal(noisy_bucket(4096), 3);
	assert_int_equal(noisy_bucket(1ull << 40), SECURE_BUCKETS - 1);
	assert_int_equal(noisy_bucket(1ull << 31), SECURE_BUCKETS - 2);
	host.random = threshold(110000000);
	assert_int_equal(noisy_bucket(4096), 1);
	assert_int_equal(noisy_bucket(1024), 0);
	assert_int_equal(noisy_bucket(0), 0);
}

/* Nothing is published before there are SECURE_STEP of it, and then that many at once. */
static void test_steps(void **state)
{
	(void)state;
	for (int i = 1; i < SECURE_STEP; i++)
		call(4096, 0);
	assert_int_equal(published()->buckets[2], 0);
	assert_int_equal(residues()->buckets[2], SECURE_STEP - 1);
	call(1024, 0);
	assert_int_equal(published()->buckets[2], 0);
	call(4096, 0);
	assert_int_equal(published()->buckets[2], SECURE_STEP);
	assert_int_equal(residues()->buckets[2], 0);
	assert_int_equal(published()->buckets[1], 0);
	for (int i = 0; i < SECURE_STEP; i++)
		call(4096, 0);
	assert_int_equal(published()->buckets[2], 2 * SECURE_STEP);
	assert_int_equal(published()->errors, 0);
	assert_int_equal(residues()->errors, 0);
}

static void test_errors(void **state)
{
	(void)state;
	call(1, -ERRNO_MAX - 1);
	call(1, 0);
	call(1, 1);
	assert_int_equal(residues()->errors, 0);
	for (int i = 1; i < SECURE_STEP; i++)
		call(1, i & 1 ? -1 : -ERRNO_MAX);
	assert_int_equal(residues()->errors, SECURE_STEP - 1);
	assert_int_equal(published()->errors, 0);
	call(1, -1);
	assert_int_equal(published()->errors, SECURE_STEP);
	assert_int_equal(residues()->errors, 0);
	assert_int_equal(host.records, 0);
}

/* What the leader has recorded counts as if this tracer had. */
static void test_follows(void **state)
{
	__u64 context[2] = { 0 };

	(void)state;
	*host_element(&syscall_ended, 0) =
		(struct syscall_ended) { .slot = SLOT, .latency = 4096, .result = -1 };
	for (int i = 1; i < SECURE_STEP; i++)
		assert_int_equal(follow_tracepoint(context), 0);
	assert_int_equal(residues()->buckets[2], SECURE_STEP - 1);
	assert_int_equal(residues()->errors, SECURE_STEP - 1);
	follow_tracepoint(context);
	assert_int_equal(published()->buckets[2], SECURE_STEP);
	assert_int_equal(published()->errors, SECURE_STEP);
	assert_int_equal(host_element(&tracer_stats, 0)->runs.timed_runs, 1);
	assert_int_equal(host.tail_calls, 0);
}

static void enter_at(__u64 number)
{
	__u64 context[2] = { (uintptr_t)&registers, number };

	enter_tracepoint(context);
}

static void leave_at(__u64 number, __s64 result)
{
	__u64 context[2] = { (uintptr_t)&registers, (__u64)result };

	registers.SYSCALL_FIELD = number;
	exit_tracepoint(context);
}

/* Attached again, it does not end calls that were in flight when it was detached. */
static void test_attached_again(void **state)
{
	(void)state;
	enter_at(NUMBER);
	host.ktime_ns += 5000;
	attached_since = host.ktime_ns;
	leave_at(NUMBER, 0);
	assert_int_equal(residues()->buckets[2], 0);
	attached_since = 0;
	enter_at(NUMBER);
	attached_since = ++host.ktime_ns;
	enter_at(NUMBER); /* the call of before is no loss */
	assert_int_equal(host_element(&tracer_stats, 0)->no_exit, 0);
	host.ktime_ns += 4096;
	leave_at(NUMBER, -ERESTARTSYS);
	attached_since = host.ktime_ns;
	leave_at(NUMBER_NONE, -EINTR); /* it was interrupted before */
	assert_int_equal(residues()->errors, 0);
	call(4096, 0);
	assert_int_equal(residues()->buckets[2], 1);
	attached_since = 0;
}

/* Runs are two a published call, or one while it follows. */
static void test_runs(void **state)
{
	static const struct traced_calls calls = { .n = SLOT + 1,
		.names = { "a", "b", "c", "d", "read" } };
	struct snapshot *now = calloc(1, sizeof(*now));
	struct syscalls_secure_collector collector;

	(void)state;
	fake_object_add(secure_published);
	fake_object_add(tracer_stats);
	assert_int_equal(syscalls_secure_open(&collector, fake_object(), &calls, false), 0);
	for (int round = 0; round < 4; round++) {
		collector.follows = round == 1 || round == 2;
		for (int i = 0; i < SECURE_STEP; i++)
			call(4096, 0);
		snapshot_clear(now);
		assert_int_equal(collect_syscalls_secure(&collector, NULL, now), 0);
	}
	assert_int_equal(collector.runs.runs, (2 + 1 + 1 + 2) * SECURE_STEP);
	syscalls_secure_close(&collector);
	free(now);
}

/* Samples have what is published, of all CPUs, and no more. */
static void test_samples(void **state)
{
	static const struct traced_calls calls = { .n = SLOT + 1,
		.names = { "a", "b", "c", "d", "read" },
		.absent = { false, true, false, true, false },
		.left_out = "poll" };
	struct snapshot *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	const struct snapshot_syscall_secure *row = &second->syscalls_secure.calls[2];
	struct syscalls_secure_collector collector;

	(void)state;
	fake_object_add(secure_published);
	fake_object_add(tracer_stats);
	assert_int_equal(syscalls_secure_open(&collector, fake_object(), &calls, true), 0);
	for (int i = 0; i < SECURE_STEP + 3; i++)
		call(4096, -1);
	assert_int_equal(collect_syscalls_secure(&collector, NULL, first), 0);
	assert_int_equal(first->syscalls_secure.calls[2].calls.total, SECURE_STEP);
	for (int i = 0; i < 2 * SECURE_STEP - 6; i++)
		call(1024, 0);
	published()[1].buckets[3] = SECURE_STEP; /* of the other CPU */
	second->interval = 4;
	host_element(&tracer_stats, 0)->no_state = 6;
	assert_int_equal(collect_syscalls_secure(&collector, first, second), 0);
	assert_true(second->syscalls_secure.available);
	assert_int_equal(second->syscalls_secure.n_calls, 3);
	assert_int_equal(second->syscalls_secure.step, SECURE_STEP);
	assert_true(fabs(second->syscalls_secure.epsilon - 2.302585) < 1e-6);
	assert_string_equal(second->syscalls_secure.attached, "kprobe");
	assert_string_equal(second->syscalls_secure.left_out, "poll");
	assert_string_equal(row->name, "read");
	assert_int_equal(row->calls.total, 3 * SECURE_STEP);
	assert_true(row->calls.rate == 2.0 * SECURE_STEP / 4);
	assert_int_equal(row->errors.total, SECURE_STEP);
	assert_int_equal(row->buckets[1], SECURE_STEP);
	assert_int_equal(row->buckets[2], SECURE_STEP);
	assert_int_equal(row->buckets[3], SECURE_STEP);
	assert_true(row->p50 == 16384);
	assert_int_equal(collector.runs.runs, 2 * 3 * SECURE_STEP);
	assert_string_equal(second->self.losses[0].what, "secure: no state");
	assert_int_equal(second->self.losses[0].count.total, 6);
	syscalls_secure_close(&collector);
	free(first);
	free(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_coarse_buckets, setup),
		cmocka_unit_test_setup(test_noise, setup),
		cmocka_unit_test_setup(test_noisy_bucket, setup),
		cmocka_unit_test_setup(test_steps, setup),
		cmocka_unit_test_setup(test_errors, setup),
		cmocka_unit_test_setup(test_follows, setup),
		cmocka_unit_test_setup(test_attached_again, setup),
		cmocka_unit_test_setup(test_runs, setup),
		cmocka_unit_test_setup(test_samples, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
