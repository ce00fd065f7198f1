/* SPDX-License-Identifier: BSD-2-Clause */
/* Control groups of version 2: how BPF programs tell them apart. */
#ifndef X0_KERNEL_CGROUP_H
#define X0_KERNEL_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* Finds the kernel's number of a cgroup by its path below the root, "system.slice/ssh.service". Returns 0, or -ENOENT:
 * there is none, or no cgroups of version 2 where they are mounted as a rule. */
int cgroup_id(const char *path, uint64_t *id);

/* Returns whether this kernel tells TC programs the cgroup of a packet; looks once. */
bool cgroup_known(void);

#endif
