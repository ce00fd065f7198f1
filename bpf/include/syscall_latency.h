/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* kprobe_syscall_latency: what the kernel and user space share. */
#ifndef X0_SYSCALL_LATENCY_H
#define X0_SYSCALL_LATENCY_H

#include <linux/types.h>

#include "run_stats.h"

/* Calls that are traced at once at most, and the highest system call number plus one. */
#define SYSCALLS_MAX	    32
#define SYSCALL_NUMBERS_MAX 512

/*
 * Log-linear histogram: each power of two from 2^LATENCY_MIN_SHIFT ns is cut into LATENCY_SUB_BUCKETS
 * equal parts, so a bucket is at most 1/8 of its lower bound wide, and a quantile read from it is
 * within 10 % of the truth. Below 64 ns everything is bucket 0; the last bucket is open.
 */
#define LATENCY_MIN_SHIFT   6
#define LATENCY_SUB_SHIFT   3
#define LATENCY_SUB_BUCKETS (1 << LATENCY_SUB_SHIFT)
#define LATENCY_OCTAVES	    30
#define LATENCY_BUCKETS	    (1 + LATENCY_OCTAVES * LATENCY_SUB_BUCKETS)

/* A call is told as an event when it takes this long, and is the slowest of its period and CPU. */
#define SLOW_CALL_NS	  1000000
#define SLOW_PERIOD_SHIFT 30 /* 1.07 seconds */

/* Map `syscall_stats`: per-CPU array by slot, in the order in which the calls were chosen. */
struct syscall_stats {
	__u64 calls;
	__u64 errors;
	__u64 total_ns;
	__u64 max_ns;
	__u64 period; /* of the slowest call below: CLOCK_MONOTONIC >> SLOW_PERIOD_SHIFT */
	__u64 period_max_ns;
	__u64 buckets[LATENCY_BUCKETS];
};

/* Map `tracer_stats`: per-CPU array of one. */
struct tracer_stats {
	struct run_stats runs; /* of the programs at entry and exit together */
	__u64 no_state; /* calls not timed because the in-flight state could not be stored */
	__u64 no_exit; /* calls not timed because their exit was not seen (return probes are bounded) */
};

#endif
