/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rights borrowed from the program file: capabilities that setcap gave it, or its owner's by setuid.
 * Whoever may run such a file chooses its command line and environment, and must not get by them what
 * the file was not meant to give: files of others, or BPF programs of their own in the kernel.
 */
#ifndef X0_KERNEL_PRIVILEGE_H
#define X0_KERNEL_PRIVILEGE_H

#include <stdbool.h>

#include "base/failure.h"

/* True if this process has rights from its file that its real user lacks. */
bool privilege_borrowed(void);

/*
 * Keeps of borrowed rights the capabilities that x0top works by; does nothing where none are borrowed.
 * The process becomes its real user for good: it opens files with that user's rights, in one step with
 * no check before it to race with. Environment variables that libraries read files by are removed.
 * Call it first in main(). Returns 0, or a negative errno with *failure set: do not go on then.
 */
int privilege_confine(struct failure *failure);

#endif
