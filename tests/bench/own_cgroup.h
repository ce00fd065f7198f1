/* SPDX-License-Identifier: BSD-2-Clause */
/* A control group of this process's own, as deep as those of services. */
#ifndef X0_BENCH_OWN_CGROUP_H
#define X0_BENCH_OWN_CGROUP_H

#include <stddef.h>

/* Moves this process into a new group, and writes its path below the root. Returns 0 or a negative errno. */
int own_cgroup_enter(char *path, size_t size);

/* Moves it back, and removes the group. */
void own_cgroup_leave(void);

#endif
