/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Confines rights that come from the program file: capabilities by setcap, or its owner's by
 * setuid. A user who runs such a file chooses its command line and environment, and must not reach
 * through them the files of others or load BPF programs of their own.
 */
#ifndef X0_KERNEL_PRIVILEGE_H
#define X0_KERNEL_PRIVILEGE_H

#include <stdbool.h>

#include "base/failure.h"

/* Returns whether this process has rights from its file that its real user lacks. */
bool privilege_borrowed(void);

/*
 * Reduces borrowed rights to the capabilities that x0top needs; does nothing without borrowed
 * rights. Makes the process its real user for good, so that opening a file checks that user's
 * rights without a race. Removes environment variables through which libraries read files. Call it
 * first in main(). Returns 0, or a negative errno with *failure set: exit then.
 */
int privilege_confine(struct failure *failure);

#endif
