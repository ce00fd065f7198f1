/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures the messages of libbpf and the verifier. Keeps those of the current operation,
 * separately for each thread, as the cause of a failure; prints none by default. */
#ifndef X0_KERNEL_MESSAGES_H
#define X0_KERNEL_MESSAGES_H

#include <stdbool.h>

/* Captures libbpf's messages from now on; with `verbose`, prints them to stderr as well. */
void messages_capture(bool verbose);

/* Clears the messages of this thread. Call it where an operation begins. */
void messages_clear(void);

/* Returns this thread's messages since messages_clear(), or the end of long ones. Never NULL. */
const char *messages_text(void);

#endif
