/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kprobe_syscall_latency_secure: layouts shared by kernel and user space.
 *
 * Puts a call's latency into one of a few coarse buckets (powers of four), shifts the index by
 * discrete Laplace noise, and only then stores it. Publishes counts in steps of SECURE_STEP;
 * smaller counts stay in a map that user space cannot read.
 */
#ifndef X0_SYSCALL_LATENCY_SECURE_H
#define X0_SYSCALL_LATENCY_SECURE_H

#include <linux/types.h>

#include "syscall_latency.h"

/* Bucket b holds latencies below 4^(b+5) ns: 1 us, 4 us, 16 us, ... 17 s; the last one is open. */
#define SECURE_BUCKETS	   14
#define SECURE_FIRST_SHIFT 10

/*
 * Noise: P(k) is proportional to SECURE_ALPHA^|k|, the two-sided geometric distribution with
 * alpha = 1/10, cut at +-SECURE_NOISE_MAX.
 */
#define SECURE_ALPHA_INVERSE 10
#define SECURE_NOISE_MAX     8

/* Withholds counts until a bucket has this many on one CPU. */
#define SECURE_STEP 16

/* Map `secure_published`: per-CPU array by slot; read-only for user space. Multiples of SECURE_STEP. */
struct secure_stats {
	__u64 errors;
	__u64 buckets[SECURE_BUCKETS];
};

#endif
