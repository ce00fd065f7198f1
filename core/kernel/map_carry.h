/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Carries counts from a per-CPU map into another one, whose values are larger, while a program counts in that. The
 * kernel adds them: no count is lost that comes between a reading and a writing of user space. They go to one CPU,
 * for it is the sum over the CPUs that is read.
 */
#ifndef X0_KERNEL_MAP_CARRY_H
#define X0_KERNEL_MAP_CARRY_H

#include "kernel/map_add.h"

struct map_carry;

/*
 * Prepares to carry all that both maps have room for, of 64-bit words. Keeps both descriptors, which stay the
 * caller's. Returns 0 with *carry to be closed, or a negative errno: -EOPNOTSUPP if a map is not per-CPU, or its
 * values cannot be carried over.
 */
int map_carry_open(int from, int to, struct map_words apart, struct map_carry **carry);

/* Carries them, once nothing counts in the first map any more. Returns 0 or a negative errno. */
int map_carry_run(struct map_carry *carry);

/* Accepts NULL. */
void map_carry_close(struct map_carry *carry);

#endif
