/* SPDX-License-Identifier: BSD-2-Clause */
/* Converts between names and numbers of this architecture's system calls, with the tables of
 * libseccomp, which follow the kernel's. */
#ifndef X0_KERNEL_SYSCALL_TABLE_H
#define X0_KERNEL_SYSCALL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "syscall_latency.h"

/* The calls to trace; the index in the list is the slot in the programs' maps. */
struct traced_calls {
	bool chosen; /* by the operator; otherwise they are the defaults */
	uint32_t n;
	uint32_t numbers[SYSCALLS_MAX];
	char names[SYSCALLS_MAX][NAME_LEN];
	bool absent[SYSCALLS_MAX]; /* a default that turned out not to be on this kernel */
	char left_out[CALL_LIST_LEN]; /* the defaults that this machine lacks: "epoll_wait, poll" */
};

/*
 * Looks up `n` names and leaves out duplicates, and defaults that this machine lacks. Returns 0, or
 * -EINVAL with *failure naming the call: unknown, one that cannot be measured, or one too many.
 */
int traced_calls_resolve(struct traced_calls *calls, const char (*names)[NAME_LEN], uint32_t n,
	bool chosen, struct failure *failure);

/* Adds a name to calls->left_out. */
void traced_calls_leave_out(struct traced_calls *calls, const char *name);

/*
 * Fills the programs' table by number (see syscall_latency.h), for programs of this machine's own width
 * and for 32-bit ones.
 */
void traced_calls_table(const struct traced_calls *calls, uint16_t table[SYSCALL_NUMBERS_MAX]);

#endif
