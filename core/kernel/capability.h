/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads this process's capabilities. kernel/rights.h drops them. */
#ifndef X0_KERNEL_CAPABILITY_H
#define X0_KERNEL_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Returns whether `capability` (CAP_BPF ...) is effective, or CAP_SYS_ADMIN where that includes it.
 */
bool capability_held(unsigned int capability);

/* Writes the missing capabilities of `mask` (bits 1 << CAP_...), like "CAP_BPF, CAP_PERFMON".
 * Returns their number. */
int capability_missing(uint64_t mask, char *names, size_t size);

#endif
