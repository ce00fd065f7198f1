/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts the runs of a program, and times one in TIMED_ONE_IN. */
#ifndef X0_RUN_STATS_BPF_H
#define X0_RUN_STATS_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "run_stats.h"

/*
 * Begins a run that is timed if its turn has come; run_end() ends it. Keeps the start of a timed run
 * in the map: in a register, it would make the verifier walk the program twice. A run that interrupts
 * a timed one on the same CPU replaces it; that is rare.
 */
static __always_inline void run_begin_uncounted(struct run_stats *stats)
{
	if (stats->until_timed) {
		stats->until_timed--;
		return;
	}
	stats->until_timed = TIMED_ONE_IN - 1;
	stats->began = bpf_ktime_get_ns();
}

static __always_inline void run_begin(struct run_stats *stats)
{
	stats->runs++;
	run_begin_uncounted(stats);
}

static __always_inline void run_end(struct run_stats *stats)
{
	if (!stats->began)
		return;
	stats->timed_runs++;
	stats->timed_ns += bpf_ktime_get_ns() - stats->began;
	stats->began = 0;
}

#endif
