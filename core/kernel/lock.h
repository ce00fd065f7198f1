/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two operators at once: one x0top owns the XDP chain of a host for as long as it runs, and every
 * single change, by whichever x0top, excludes all others while it is made.
 */
#ifndef X0_KERNEL_LOCK_H
#define X0_KERNEL_LOCK_H

#include "base/failure.h"

/*
 * Takes the ownership. Returns a file descriptor that holds it until it is closed, at the latest
 * when the process ends; or a negative errno with *failure set: -EBUSY if another x0top has it, whose
 * process id is in the sentence.
 */
int lock_own(struct failure *failure);

/* Waits for its turn to change something. Returns a file descriptor to be closed after the change,
 * or a negative errno with *failure set. */
int lock_change(struct failure *failure);

#endif
