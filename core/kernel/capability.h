/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads this process's capabilities, and drops those that x0top does not need. */
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

/* Keeps CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, and with `may_mount` CAP_SYS_ADMIN, to mount bpffs
 * for pins. Drops the rest for good. Returns 0 or a negative errno. */
int capability_drop(bool may_mount);

#endif
