/* SPDX-License-Identifier: BSD-2-Clause */
/* The keeper's own side: what it grants, and the messages between it and x0top. */
#ifndef X0_KERNEL_KEEPER_SERVE_H
#define X0_KERNEL_KEEPER_SERVE_H

#include <stddef.h>
#include <sys/types.h>

#include "kernel/keeper.h"
#include "kernel/kept_call.h"

/* Sends `size` bytes with descriptors, those that are negative left out. Returns 0 or a negative errno. */
int keeper_send(int socket, const void *data, size_t size, const int *fds, size_t n);

/* Receives a message of exactly `size` bytes, and up to `n` descriptors, -1 for the rest. Returns 0,
 * -EOWNERDEAD at the end of the connection, or another negative errno. */
int keeper_receive(int socket, void *data, size_t size, int *fds, size_t n);

/* Serves requests until the other side ends. Never returns. */
void keeper_serve(int socket, const struct kept_path *paths, size_t n) __attribute__((noreturn));

#endif
