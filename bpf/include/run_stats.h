/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a program says of itself. The kernel's own run-time statistics would say the same, but they
 * make every run of every BPF program of the host dearer (93 ns in a virtual machine with 6.18), and
 * take CAP_SYS_ADMIN.
 */
#ifndef X0_RUN_STATS_H
#define X0_RUN_STATS_H

#include <linux/types.h>

/* A prime: programs that run in turn, entry and exit, are timed alike. */
#define TIMED_ONE_IN 1021

struct run_stats {
	__u64 runs;
	__u64 timed_runs;
	__u64 timed_ns;
	__u64 until_timed; /* runs that are still to come before one is timed */
	__u64 began; /* CLOCK_MONOTONIC of the run that is being timed; 0: none */
};

#endif
