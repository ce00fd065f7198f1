/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab's nodes of the post-quantum protocol: their keys, and what they say to this host. */
#ifndef X0_LAB_PEERS_H
#define X0_LAB_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/identity.h"
#include "lab/topology.h"

/* In the lab's own bpffs, because that is a folder which is nobody else's: see lab_keys_make(). */
#define LAB_KEYS     "/sys/fs/bpf/lab"
#define LAB_IDENTITY LAB_KEYS "/x0.key.pem"
#define LAB_TRUST    LAB_KEYS "/trust"

struct lab_identity {
	uint8_t node; /* enum lab_node */
	uint8_t version; /* of IP, by which it speaks to this host; 0: it only attacks */
	uint16_t data_per_second;
	uint32_t set; /* enum mldsa_set */
};

extern const struct lab_identity lab_identities[];
extern const size_t n_lab_identities;

/*
 * Makes a key pair for each node that has one, and this host's trust store of their public keys, in
 * memory that is not swapped and goes with the mount namespace. Returns 0, or a negative errno with
 * *failure set.
 */
int lab_keys_make(struct failure *failure);

/*
 * In a node: its identity, whose file is removed; NULL if it has none. Returns 0, or a negative
 * errno with *failure set.
 */
int lab_identity_take(enum lab_node node, struct identity **identity, struct failure *failure);

struct traffic_node;

/* Opens the peer of a node, if it is one. Returns 0, or a negative errno with *failure set. */
int lab_peer_open(struct traffic_node *node, struct failure *failure);

#endif
