/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probes programs: runs each alone for a moment, in each way of attaching it, to learn which
 * work here. Does so in a child process with its own network namespace and bpffs, and touches no
 * interface, pin or lock of the host. Without CAP_SYS_ADMIN for these, tries only the tracing programs.
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
	uint32_t state; /* enum probe_state: whether it runs that way */
	char attached[NAME_LEN]; /* "TCX"; empty if it was not attached */
	char reason[REASON_LEN]; /* why it does not run, or why that is unknown; empty if it runs */
	char remedy[REASON_LEN];
};

#define PROGRAM_PROBES_MAX (2 * PROGRAMS_MAX)

struct program_probes {
	uint32_t n;
	struct program_probe list[PROGRAM_PROBES_MAX];
};

/*
 * Probes the programs of these names, ended by NULL; without any, all. Returns 0, or a negative errno with
 * *failure set.
 */
int probe_programs(
	const char *const *names, struct program_probes *probes, struct failure *failure);

#endif
