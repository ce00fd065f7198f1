/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's lockdown: what it forbids even to root. See kernel_lockdown.7. */
#ifndef X0_KERNEL_LOCKDOWN_H
#define X0_KERNEL_LOCKDOWN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes what the kernel says of its lockdown, with its state in brackets: "none [integrity]
 * confidentiality". False, and an empty text, where it cannot be read: there is none, or securityfs is
 * not mounted.
 */
bool lockdown_read(char *text, size_t size);

/* True if it is known to be at "confidentiality", which keeps BPF programs and kprobes from reading
 * the kernel's memory. */
bool lockdown_is_confidential(void);

#endif
