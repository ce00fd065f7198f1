// SPDX-License-Identifier: BSD-2-Clause
/* The policer of the BPF programs, by a clock of the test: what passes is within 2 % of what was asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "mesh/limit.h"

#define NS_PER_S 1000000000u

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

static uint64_t clock_ns;

static uint64_t bpf_ktime_get_ns(void)
{
	return clock_ns;
}

static void bpf_spin_lock(struct bpf_spin_lock *lock)
{
	lock->val++;
}

static void bpf_spin_unlock(struct bpf_spin_lock *lock)
{
	lock->val--;
}

#include "gcra.bpf.h"

static uint32_t random_number(void)
{
	static uint64_t x = 20261127;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (uint32_t)((x * 0x2545f4914f6cdd1dULL) >> 32);
}

/* Offers packets at random times, `load` times the rate, and gaps. Returns units that pass a second. */
static double passing(struct gcra *gcra, uint64_t bytes, double packets_a_second, double load)
{
	double gap = NS_PER_S / (packets_a_second * load), time = 0;
	uint64_t passed = 0, offered = 0;

	clock_ns = 5000 * (uint64_t)NS_PER_S;
	for (; offered < 300000; offered++) {
		time += gap * 2 * random_number() / UINT32_MAX;
		clock_ns = 5000 * (uint64_t)NS_PER_S + (uint64_t)time;
		passed += gcra_conforms(gcra, bytes);
	}
	return (double)passed / time * NS_PER_S;
}

static void rates_of_packets(void **state)
{
	static const uint64_t rates[] = { 1, 100, 1000, 12345, 100000, 1000000, 10000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct gcra gcra;
		limit_set(&gcra, false, rates[i], 20);
		double found = passing(&gcra, 64, (double)rates[i], 20);
		if (found > (double)rates[i] * 1.02 || found < (double)rates[i] * 0.98)
			fail_msg("%.1f of %llu", found, (unsigned long long)rates[i]);
	}
}

static void rates_of_bits(void **state)
{
	static const uint64_t rates[] = { 8000, 1000000, 100000000, 10000000000, 100000000000 };
	static const uint64_t sizes[] = { 64, 590, 1514 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			struct gcra gcra;
			double packets = (double)rates[i] / 8 / (double)sizes[j];
			limit_set(&gcra, true, rates[i], 2000);
			double found = passing(&gcra, sizes[j], packets, 20);
			if (found > packets * 1.02 || found < packets * 0.98)
				fail_msg("%.1f of %.1f packets a second", found, packets);
		}
	}
}

static void a_burst_passes_once(void **state)
{
	struct gcra gcra;
	int passed = 0;

	(void)state;
	clock_ns = NS_PER_S;
	limit_set(&gcra, false, 10, 7);
	for (int i = 0; i < 100; i++)
		passed += gcra_conforms(&gcra, 64);
	assert_int_equal(passed, 7);
	clock_ns += NS_PER_S / 10; /* one more */
	assert_true(gcra_conforms(&gcra, 64));
	assert_false(gcra_conforms(&gcra, 64));
	assert_int_equal(gcra.lock.val, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_of_packets),
		cmocka_unit_test(rates_of_bits),
		cmocka_unit_test(a_burst_passes_once),
	};

	return cmocka_run_group_tests_name("policer", tests, NULL, NULL);
}
