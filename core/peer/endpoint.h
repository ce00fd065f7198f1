/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer on a real network: its identity's file, its UDP socket, the clocks and a timer. Its user
 * waits for one descriptor, beside his own, and calls endpoint_handle() when it is readable.
 */
#ifndef X0_PEER_ENDPOINT_H
#define X0_PEER_ENDPOINT_H

#include <stdbool.h>

#include "base/failure.h"
#include "peer/address.h"
#include "peer/peer.h"

struct endpoint_settings {
	const char *identity; /* file of the private key */
	struct peer_address listen; /* of IPv6: IPv4 in its mapped form too */
	struct peer_settings peer; /* all but the identity */
};

/* All but `context` may be NULL. None may close the endpoint. */
struct endpoint_handlers {
	void *context;
	void (*event)(void *context, const struct peer_event *event);
	/* A packet was sent, or not: `error` is an errno or 0. What is not sent counts as lost. */
	void (*sent)(void *context, const struct peer_address *to, int error);
	/* Takes what the user's own descriptors bring, before packets are received. */
	void (*collect)(void *context);
};

struct endpoint;

/*
 * Opens the identity, makes the process undumpable, binds the socket and starts the timer, which is
 * due at once. Returns 0 with *endpoint to be closed by the caller, or with *failure set the errno
 * of identity_open(), socket(2) or bind(2): -EAFNOSUPPORT on a host without IPv6.
 */
int endpoint_open(const struct endpoint_settings *settings,
	const struct endpoint_handlers *handlers, struct endpoint **endpoint,
	struct failure *failure);

/* Wipes all keys. Accepts NULL. */
void endpoint_close(struct endpoint *endpoint);

/* Makes the endpoint take the time of day for so much later, like one whose clock was set. */
void endpoint_set_clock(struct endpoint *endpoint, int64_t offset_ns);

/* Makes endpoint_fd() readable while `fd` is. Returns 0 or a negative errno with *failure set. */
int endpoint_watch(struct endpoint *endpoint, int fd, struct failure *failure);

/* Readable when endpoint_handle() is to be called. Owned by the endpoint. */
int endpoint_fd(const struct endpoint *endpoint);

/*
 * Reads the clocks, collects, receives some packets, does what is due, and sets the timer. Never
 * blocks. Returns whether the timer had expired.
 */
bool endpoint_handle(struct endpoint *endpoint);

/* Return the peer, and the time that endpoint_handle() read last; both live as long as the
 * endpoint. */
struct peer *endpoint_peer(struct endpoint *endpoint);
const struct peer_time *endpoint_now(const struct endpoint *endpoint);

/* Returns the identity, which lives as long as the endpoint. */
const struct identity *endpoint_identity(const struct endpoint *endpoint);

#endif
