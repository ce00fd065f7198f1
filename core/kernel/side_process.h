/* SPDX-License-Identifier: BSD-2-Clause */
/* A process beside x0top for what it may not do itself, or not wait for. Fork it before rights are given up. */
#ifndef X0_KERNEL_SIDE_PROCESS_H
#define X0_KERNEL_SIDE_PROCESS_H

#include <sys/types.h>

/*
 * Forks a process of this name (at most 15 characters) that calls `run` with its end of a socket
 * (SOCK_SEQPACKET) and nothing else open but 0 to 2. Signals of the terminal are not for it: it ends once the
 * caller's end is closed. Returns the caller's end with *pid set, to be closed and waited for by the caller,
 * or a negative errno.
 */
int side_process_start(
	const char *name, void (*run)(int socket, const void *data), const void *data, pid_t *pid);

#endif
