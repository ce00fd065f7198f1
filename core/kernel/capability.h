/* SPDX-License-Identifier: BSD-2-Clause */
/* Which capabilities this process has, and giving up those that it does not need. */
#ifndef X0_KERNEL_CAPABILITY_H
#define X0_KERNEL_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if `capability` (CAP_BPF ...) is effective, or CAP_SYS_ADMIN where that includes it. */
bool capability_held(unsigned int capability);

/* Writes the names of those of `mask` (bits 1 << CAP_...) that are not held, "CAP_BPF, CAP_PERFMON";
 * empty if all are. Returns how many are missing. */
int capability_missing(uint64_t mask, char *names, size_t size);

/*
 * Keeps what x0top needs while it runs (CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN), and gives up the rest
 * for good; with `may_mount` keeps CAP_SYS_ADMIN too, to mount bpffs when something is to be pinned.
 * Returns 0 or a negative errno.
 */
int capability_drop(bool may_mount);

#endif
