/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rehearsal: each built-in program is run for real for a moment, alone, in each way of attaching
 * it, to learn which of them work here. It takes place in a process of its own with its own network
 * namespace and bpffs, so that no interface, pin or lock of the host is touched; without
 * CAP_SYS_ADMIN for these, only the tracing programs are tried.
 */
#ifndef X0_CONTROL_REHEARSAL_H
#define X0_CONTROL_REHEARSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/probe.h"
#include "model/snapshot.h"

struct rehearsal {
	char program[NAME_LEN];
	char way[NAME_LEN]; /* "kprobe", "tracepoint", "native XDP", "TC" */
	bool built; /* this version has the program */
	uint32_t state; /* enum probe_state: does it run that way? */
	char attached[NAME_LEN]; /* how it was: "TCX"; empty if it was not */
	char reason[REASON_LEN]; /* why not, or why that is unknown; empty if it runs */
	char remedy[REASON_LEN];
};

#define REHEARSALS_MAX (2 * PROGRAMS_MAX)

struct rehearsals {
	uint32_t n;
	struct rehearsal list[REHEARSALS_MAX];
};

/* Rehearses everything. Returns 0, or a negative errno with *failure set. */
int rehearse(struct rehearsals *rehearsals, struct failure *failure);

#endif
