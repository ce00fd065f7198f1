/* SPDX-License-Identifier: BSD-2-Clause */
/* The built-in programs: the one list of their names, and of what is fixed about each of them. */
#ifndef X0_KERNEL_PROGRAM_TABLE_H
#define X0_KERNEL_PROGRAM_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct program_description {
	const char *name; /* of the object file too, without .bpf.o */
	const char *kind; /* "XDP", "TC", "tracepoint", "system calls" */
	/* What loading and attaching it needs, as bits 1 << CAP_...; CAP_SYS_ADMIN stands in for
	 * CAP_BPF and CAP_PERFMON. */
	uint64_t capabilities;
	uint32_t stage; /* enum xdp_stage; 0 outside the XDP chain */
	bool enforcer; /* it can drop or shape, if told to */
	bool built; /* this version has it */
};

/* In the order in which they are shown; program_table_size of them. */
extern const struct program_description program_table[];
extern const uint32_t program_table_size;

/* Returns the program of that name, or NULL. */
const struct program_description *program_table_find(const char *name);

#endif
