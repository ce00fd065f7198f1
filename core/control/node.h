/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This host as a node of the post-quantum protocol, where it has an identity: it announces itself to
 * the nodes that it hears, exchanges keys with them by the messages that the kernel has verified, and
 * tells the kernel the keys of its sessions, so that xdp_pqc_verify lets their data pass.
 */
#ifndef X0_CONTROL_NODE_H
#define X0_CONTROL_NODE_H

#include "base/failure.h"
#include "control/settings.h"
#include "crypto/trust.h"
#include "kernel/map_registry.h"

struct node;

/*
 * Opens the identity that `settings` name, which must not be empty, and the first protected port.
 * `maps` must live longer, and have those of xdp_pqc_verify. Returns 0 with *node to be closed by the
 * caller, or a negative errno with *failure set.
 */
int node_open(const struct settings *settings, const struct map_registry *maps, struct node **node,
	struct failure *failure);

/* Wipes all keys, also those of its sessions in the kernel. Accepts NULL. */
void node_close(struct node *node);

/* As peer_follow_trust(). */
int node_follow_trust(struct node *node, const struct trust *trust, struct failure *failure);

/* Readable when node_handle() is to be called: messages, packets or the time have come. */
int node_fd(const struct node *node);
void node_handle(struct node *node);

#endif
