/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the state of the kernel's lockdown, which restricts even root. See kernel_lockdown(7). */
#ifndef X0_KERNEL_LOCKDOWN_H
#define X0_KERNEL_LOCKDOWN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads the modes of lockdown, with the current one in brackets: "none [integrity]
 * confidentiality". Returns false with an empty text if the kernel has no lockdown or securityfs is
 * not mounted.
 */
bool lockdown_read(char *text, size_t size);

/* Returns whether lockdown is known to be "confidentiality", which keeps BPF programs and kprobes
 * from reading the kernel's memory. */
bool lockdown_is_confidential(void);

#endif
