/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Run counts and times that programs keep themselves. The kernel's run-time statistics would slow
 * every run of every BPF program of the host (by 93 ns in a virtual machine with 6.18) and need
 * CAP_SYS_ADMIN.
 */
#ifndef X0_RUN_STATS_H
#define X0_RUN_STATS_H

#include <linux/types.h>

/* A prime, so that programs that alternate, like entry and exit, are timed alike. */
#define TIMED_ONE_IN 1021

struct run_stats {
	__u64 runs;
	__u64 timed_runs;
	__u64 timed_ns;
	__u64 until_timed; /* runs left before one is timed */
	__u64 began; /* start of the timed run, CLOCK_MONOTONIC in ns; 0: none */
};

#endif
