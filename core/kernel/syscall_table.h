/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls by name and number, of this machine's own architecture. libseccomp keeps the tables:
 * it follows the kernel's, and every distribution ships it.
 */
#ifndef X0_KERNEL_SYSCALL_TABLE_H
#define X0_KERNEL_SYSCALL_TABLE_H

#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "syscall_latency.h"

/* The calls to trace; the place in the list is the slot in the programs' maps. */
struct traced_calls {
	uint32_t n;
	uint32_t numbers[SYSCALLS_MAX];
	char names[SYSCALLS_MAX][NAME_LEN];
};

/*
 * Looks up `n` names, and leaves out those that are there twice. Returns 0, or -EINVAL with *failure
 * naming the one that this machine does not have.
 */
int traced_calls_resolve(struct traced_calls *calls, const char (*names)[NAME_LEN], uint32_t n,
	struct failure *failure);

/* The name of a traced call by its number, or NULL. */
const char *traced_calls_name(const struct traced_calls *calls, uint32_t number);

#endif
