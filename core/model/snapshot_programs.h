/* SPDX-License-Identifier: BSD-2-Clause */
/* The programs of x0top in a snapshot: their state, attachment and cost. */
#ifndef X0_MODEL_SNAPSHOT_PROGRAMS_H
#define X0_MODEL_SNAPSHOT_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/counter.h"

enum program_state {
	PROGRAM_NOT_BUILT, /* this version has no such program yet */
	PROGRAM_OFF, /* switched off by the operator, or not asked for */
	PROGRAM_ON, /* loaded and attached */
	PROGRAM_PARTLY, /* attached to a part of what was asked for; `reason` tells the first failure */
	PROGRAM_FAILED, /* `reason` and `remedy` say why */
	PROGRAM_STATES,
};

/* x0top's own, with plugins. */
#define PROGRAMS_MAX 64

struct snapshot_program {
	char name[NAME_LEN];
	char kind[NAME_LEN]; /* "XDP", "TC", "tracepoint", "system calls" */
	char attached[TEXT_LEN]; /* "eth0 native, wg0 generic"; empty if nowhere */
	uint32_t state; /* enum program_state */
	bool enforcer; /* can drop, mark or shape */
	bool enforcing; /* does so now */
	bool pinned; /* outlives x0top */
	bool adopted; /* was running when x0top started */
	char replaced_by[REASON_LEN]; /* the file that took its place; empty: the built-in object */
	char tag[NAME_LEN]; /* the kernel's, of its first program, in hexadecimal; empty: not known */
	double canary_left; /* seconds that it is still on trial; 0: it is not */
	struct counter runs;
	double timed_runs; /* that ns_per_run rests on; older ones weigh less */
	double ns_per_run; /* mean; NAN: too few were timed */
	double cpu_percent; /* of one core; NAN while its rate or its time is not known */
	double load_ms; /* to open, verify and load the object; NAN while it does not run */
	uint64_t map_bytes; /* memory of its maps as the kernel accounts it */
	uint64_t
		verified_instructions; /* COUNT_UNKNOWN where the kernel does not tell (before 5.16) */
	char reason[REASON_LEN];
	char remedy[REASON_LEN];
};

extern const struct field program_fields[];

#endif
