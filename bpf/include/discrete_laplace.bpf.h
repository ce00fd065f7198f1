/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Discrete Laplace noise, the two-sided geometric distribution: P(k) is proportional to alpha^|k|,
 * alpha = 1/SECURE_ALPHA_INVERSE, truncated at +-SECURE_NOISE_MAX. Its test compiles it natively.
 */
#ifndef X0_DISCRETE_LAPLACE_BPF_H
#define X0_DISCRETE_LAPLACE_BPF_H

#include <linux/types.h>

#include "syscall_latency_secure.h"

/*
 * Thresholds for a uniform 32-bit number: cumulative weights of 0, +1, -1, +2, -2, ..., which are
 * 10^8, 10^7, 10^7, 10^6, 10^6, ..., scaled to 2^32. The last value, -8, takes the rest.
 */
#define NOISE_WEIGHT_ALL	122222222ull
#define NOISE_THRESHOLD(weight) ((__u32)(((weight)*1ull << 32) / NOISE_WEIGHT_ALL))

_Static_assert(SECURE_ALPHA_INVERSE == 10 && SECURE_NOISE_MAX == 8, "the table is for these");

static const __u32 noise_thresholds[2 * SECURE_NOISE_MAX] = {
	NOISE_THRESHOLD(100000000),
	NOISE_THRESHOLD(110000000),
	NOISE_THRESHOLD(120000000),
	NOISE_THRESHOLD(121000000),
	NOISE_THRESHOLD(122000000),
	NOISE_THRESHOLD(122100000),
	NOISE_THRESHOLD(122200000),
	NOISE_THRESHOLD(122210000),
	NOISE_THRESHOLD(122220000),
	NOISE_THRESHOLD(122221000),
	NOISE_THRESHOLD(122222000),
	NOISE_THRESHOLD(122222100),
	NOISE_THRESHOLD(122222200),
	NOISE_THRESHOLD(122222210),
	NOISE_THRESHOLD(122222220),
	NOISE_THRESHOLD(122222221),
};

/*
 * Returns the noise for a uniformly distributed `random`. The first comparison decides four times
 * in five, the second nearly all others. The rest has no branches, and keeps the compiler from making
 * any: the verifier would walk the following code once per outcome.
 */
static inline __attribute__((always_inline)) int discrete_laplace(__u32 random)
{
	__u64 below = (__u64)random - noise_thresholds[1];
	int i = 3;

	if (random < noise_thresholds[0])
		return 0;
	if (random < noise_thresholds[2])
		return 1 - 2 * (1 - (int)(below >> 63));
	for (int n = 3; n < 2 * SECURE_NOISE_MAX; n++) {
		below = (__u64)random - noise_thresholds[n]; /* wraps if it is */
		asm("" : "+r"(below));
		i += 1 - (int)(below >> 63);
	}
	return i & 1 ? (i + 1) / 2 : -(i / 2);
}

#endif
