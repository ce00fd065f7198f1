/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab's nodes of the post-quantum protocol: their keys and their peers. */
#ifndef X0_LAB_PEERS_H
#define X0_LAB_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/identity.h"
#include "lab/topology.h"

/* In the lab's own bpffs, where no other process has files: see lab_keys_make(). */
#define LAB_KEYS     "/sys/fs/bpf/lab"
#define LAB_IDENTITY LAB_KEYS "/x0.key.pem"
#define LAB_TRUST    LAB_KEYS "/trust"

/* An attacker sets its clock an hour ahead, right, an hour back, and right again. */
#define STEPPED_NODE NODE_DOGWOOD

struct lab_identity {
	uint8_t node; /* enum lab_node */
	uint8_t version; /* of IP, towards this host; 0: it has no peer */
	uint16_t data_per_second;
	uint32_t set; /* enum mldsa_set */
};

extern const struct lab_identity lab_identities[];
extern const size_t n_lab_identities;

/*
 * Makes a key pair for each node in lab_identities[], and this host's trust store of their public
 * keys, in memory (ramfs) that is never swapped and ends with the mount namespace. Returns 0, or a
 * negative errno with *failure set.
 */
int lab_keys_make(struct failure *failure);

/*
 * Opens a node's identity and removes its file. Call it in the node. Returns 0, or a negative errno
 * with *failure set.
 */
int lab_identity_take(enum lab_node node, struct identity **identity, struct failure *failure);

struct traffic_node;

/* Opens the peer of a node, if it has one. Returns 0, or a negative errno with *failure set. */
int lab_peer_open(struct traffic_node *node, struct failure *failure);

struct flow_state;

/* Sets the clock of a node's peer: a flow of kind FLOW_CLOCK_STEP. */
void lab_peer_step_clock(struct traffic_node *node, struct flow_state *state);

#endif
