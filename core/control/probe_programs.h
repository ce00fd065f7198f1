/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probing programs: each built-in one is run for real for a moment, alone, in each way of attaching
 * it, to learn which of them work here. It takes place in a process of its own with its own network
 * namespace and bpffs, so that no interface, pin or lock of the host is touched; without
 * CAP_SYS_ADMIN for these, only the tracing programs are tried.
 */
#ifndef X0_CONTROL_PROBE_PROGRAMS_H
#define X0_CONTROL_PROBE_PROGRAMS_H

#include <stdint.h>

#include "base/failure.h"
#include "kernel/probe.h"
#include "model/snapshot.h"

struct program_probe {
	char program[NAME_LEN];
	char way[NAME_LEN]; /* "kprobe", "tracepoint", "native XDP", "TC" */
	uint32_t state; /* enum probe_state: does it run that way? */
	char attached[NAME_LEN]; /* how it was: "TCX"; empty if it was not */
	char reason[REASON_LEN]; /* why not, or why that is unknown; empty if it runs */
	char remedy[REASON_LEN];
};

#define PROGRAM_PROBES_MAX (2 * PROGRAMS_MAX)

struct program_probes {
	uint32_t n;
	struct program_probe list[PROGRAM_PROBES_MAX];
};

/* Probes everything. Returns 0, or a negative errno with *failure set. */
int probe_programs(struct program_probes *probes, struct failure *failure);

#endif
