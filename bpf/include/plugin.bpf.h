/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A wrapper runs a program of a plugin as a function of its own, and counts what it returns. It is compiled
 * with an empty function in that program's place, its last one: core/kernel/program_wrap.h exchanges it.
 */
#ifndef X0_PLUGIN_BPF_H
#define X0_PLUGIN_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "plugin_counts.h"
#include "run_stats.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct plugin_counts);
} plugin_counts SEC(".maps");

/* Stands for a plugin's program. The compiler must not see that it does nothing. */
static __attribute__((noinline)) int plugin_program(void *ctx)
{
	int verdict = 0;

	asm volatile("" : "+r"(verdict) : "r"(ctx));
	return verdict;
}

/* Begins a run. Returns NULL never, but the verifier wants a check. */
static __always_inline struct plugin_counts *plugin_begin(void)
{
	__u32 zero = 0;
	struct plugin_counts *counts = bpf_map_lookup_elem(&plugin_counts, &zero);

	if (counts)
		run_begin(&counts->runs);
	return counts;
}

static __always_inline void plugin_end(struct plugin_counts *counts)
{
	run_end(&counts->runs);
}

#endif
