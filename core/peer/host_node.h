/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This host as a node of the protocol, where xdp_pqc_verify runs: it announces itself to the nodes
 * that it hears, exchanges keys with them by the messages that the kernel has verified, and writes
 * the keys of its sessions into the kernel, so that xdp_pqc_verify lets their data pass.
 */
#ifndef X0_PEER_HOST_NODE_H
#define X0_PEER_HOST_NODE_H

#include <stdint.h>

#include "base/failure.h"
#include "crypto/trust.h"
#include "peer/peer.h"

struct host_node_settings {
	const char *identity; /* file of the private key */
	uint16_t port; /* UDP, its own */
	int messages,
		sessions; /* maps pqc_messages and pqc_sessions; stay open longer than the node */
	const char (*translated)[PEER_NAME_LEN]; /* names: see struct peer_settings */
	uint32_t n_translated;
};

struct host_node;

/*
 * Opens the node. Returns 0 with *node to be closed by the caller, or with *failure set the errno
 * of endpoint_open(), or -ENOENT if a map is not there (negative).
 */
int host_node_open(const struct host_node_settings *settings, struct host_node **node,
	struct failure *failure);

/* Wipes all keys, and removes all sessions from the kernel. Accepts NULL. */
void host_node_close(struct host_node *node);

/* Goes on with another map pqc_sessions, which has taken the place of that one with all that was in it. */
void host_node_use_sessions(struct host_node *node, int map);

/* Trusts exactly the nodes of a trust store: see peer_follow_trust(). */
int host_node_follow_trust(
	struct host_node *node, const struct trust *trust, struct failure *failure);

/* Returns the i-th trusted node; NULL after the last. Owned by the node. */
const struct peer_remote_state *host_node_remote(const struct host_node *node, uint32_t i);

/* Readable when host_node_handle() is to be called. Owned by the node. */
int host_node_fd(const struct host_node *node);
void host_node_handle(struct host_node *node);

#endif
