/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts the runs of a program, and times one in TIMED_ONE_IN. */
#ifndef X0_RUN_STATS_BPF_H
#define X0_RUN_STATS_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "run_stats.h"

/* Begins a run. Returns when it began if it is timed, else 0. */
static __always_inline __u64 run_begin(struct run_stats *stats)
{
	stats->runs++;
	if (stats->until_timed) {
		stats->until_timed--;
		return 0;
	}
	stats->until_timed = TIMED_ONE_IN - 1;
	return bpf_ktime_get_ns();
}

/* Ends the run that began at `began`. */
static __always_inline void run_end(struct run_stats *stats, __u64 began)
{
	if (!began)
		return;
	stats->timed_runs++;
	stats->timed_ns += bpf_ktime_get_ns() - began;
}

#endif
