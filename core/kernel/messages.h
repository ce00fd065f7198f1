/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libbpf and, through it, the verifier say. By default nothing reaches the terminal: the
 * messages of the operation under way are kept, each thread's apart, and become the cause of a failure
 * if it fails.
 */
#ifndef X0_KERNEL_MESSAGES_H
#define X0_KERNEL_MESSAGES_H

#include <stdbool.h>

/* Takes over libbpf's messages; with `verbose`, they go to stderr as well. */
void messages_capture(bool verbose);

/* Forgets what was said so far. To be called where an operation begins. */
void messages_clear(void);

/* What was said since messages_clear(): its end, if it was long. Never NULL. */
const char *messages_text(void);

#endif
