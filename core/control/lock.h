/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock that lets one x0top at a time change things on a host. */
#ifndef X0_CONTROL_LOCK_H
#define X0_CONTROL_LOCK_H

#include <stddef.h>

/*
 * Takes the lock. Returns a file descriptor that holds it until it is closed, at the latest when the
 * process ends; -EWOULDBLOCK if another x0top has it, with its process id in *holder (0 if unknown);
 * or another negative errno.
 */
int lock_take(unsigned int *holder);

#endif
