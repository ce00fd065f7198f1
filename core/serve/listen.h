/* SPDX-License-Identifier: BSD-2-Clause */
/* Where `serve` listens: addresses and ports, and local sockets. */
#ifndef X0_SERVE_LISTEN_H
#define X0_SERVE_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "programs/settings.h"

#define LISTEN_UNIX "unix:"

struct listener {
	int fd; /* -1: not open */
	bool local; /* only this host reaches it */
	char address[LISTEN_ADDRESS_LEN];
};

/*
 * Reads "127.0.0.1:26970", "[::1]:26970", ":26970" (every address) or "unix:/run/x0top.http". Returns 0 with
 * *local telling whether only this host reaches it, or -EINVAL with *failure set.
 */
int listen_check(const char *address, bool *local, struct failure *failure);

/*
 * Opens a listening socket, non-blocking. Removes a local socket that nobody listens on any more. Returns 0,
 * then call listen_close(), or a negative errno with *failure set.
 */
int listen_open(struct listener *listener, const char *address, struct failure *failure);

/* Closes it; a local socket's name remains if this process may not remove it. Does nothing if it is not open. */
void listen_close(struct listener *listener);

/* Opens a local socket by its path, for `mode`, as listen_open() does. Returns the descriptor. */
int listen_open_local(const char *path, unsigned int mode, struct failure *failure);

#endif
