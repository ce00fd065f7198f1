/* SPDX-License-Identifier: BSD-2-Clause */
/* Converts between names and numbers of this architecture's system calls, with the tables of
 * libseccomp, which follow the kernel's. */
#ifndef X0_KERNEL_SYSCALL_TABLE_H
#define X0_KERNEL_SYSCALL_TABLE_H

#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "syscall_latency.h"

/* The calls to trace; the index in the list is the slot in the programs' maps. */
struct traced_calls {
	uint32_t n;
	uint32_t numbers[SYSCALLS_MAX];
	char names[SYSCALLS_MAX][NAME_LEN];
};

/* Looks up `n` names and leaves out duplicates. Returns 0, or -EINVAL with *failure naming the
 * unknown call, or with more than SYSCALLS_MAX of them. */
int traced_calls_resolve(struct traced_calls *calls, const char (*names)[NAME_LEN], uint32_t n,
	struct failure *failure);

/* Returns the name of a traced call by its number, or NULL. */
const char *traced_calls_name(const struct traced_calls *calls, uint32_t number);

#endif
