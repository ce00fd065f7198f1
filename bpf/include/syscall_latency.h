/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* kprobe_syscall_latency: layouts shared by kernel and user space. */
#ifndef X0_SYSCALL_LATENCY_H
#define X0_SYSCALL_LATENCY_H

#include <linux/types.h>

#include "run_stats.h"

/* Maximum number of traced calls, and the highest system call number plus one. */
#define SYSCALLS_MAX	    32
#define SYSCALL_NUMBERS_MAX 512

/*
 * The table of numbers: in the low byte the slot plus one that a number means for programs of the
 * machine's own width, in the high byte the same for 32-bit programs. restart_syscall(), by which the
 * kernel goes on with an interrupted call, has SLOT_RESTART.
 */
#define SLOT_MASK	  0xff
#define SLOT_COMPAT_SHIFT 8
#define SLOT_RESTART	  0xff

/*
 * Log-linear histogram: divides each power of two from 2^LATENCY_MIN_SHIFT ns into
 * LATENCY_SUB_BUCKETS equal buckets. A bucket is at most 1/8 of its lower bound wide, so quantiles
 * are exact to 10 %. Bucket 0 holds everything below 64 ns; the last bucket is open.
 */
#define LATENCY_MIN_SHIFT   6
#define LATENCY_SUB_SHIFT   3
#define LATENCY_SUB_BUCKETS (1 << LATENCY_SUB_SHIFT)
#define LATENCY_OCTAVES	    30
#define LATENCY_BUCKETS	    (1 + LATENCY_OCTAVES * LATENCY_SUB_BUCKETS)

/* A call of at least this latency that is the slowest of its period and CPU becomes an event. */
#define SLOW_CALL_NS	  1000000
#define SLOW_PERIOD_SHIFT 30 /* 1.07 seconds */

/* Map `syscall_stats`: per-CPU array by slot, in the order of the chosen calls. */
struct syscall_stats {
	__u64 calls;
	__u64 errors;
	__u64 total_ns;
	__u64 max_ns;
	__u64 period; /* of the slowest call below: CLOCK_MONOTONIC >> SLOW_PERIOD_SHIFT */
	__u64 period_max_ns;
	__u64 buckets[LATENCY_BUCKETS];
};

/* Map `syscall_ended`: per-CPU array of one. A call that has ended. */
struct syscall_ended {
	__u64 latency; /* ns */
	__u64 now; /* its end, CLOCK_MONOTONIC in ns */
	__s64 result;
	__u64 slot;
};

/* Map `tracer_turn`: array of one. */
struct tracer_turn {
	__u32 generation; /* of the programs that begin calls */
	__u32 reserved;
};

/* Map `tracer_stats`: per-CPU array of one. */
struct tracer_stats {
	struct run_stats runs; /* timed ones that found a chosen call; .runs stays 0 */
	__u64 no_state; /* calls not timed: no room for the in-flight state */
	__u64 no_exit; /* calls not timed: exit not seen (return probes are bounded) */
	__u64 x32; /* calls of the x32 ABI, which are not measured */
};

#endif
