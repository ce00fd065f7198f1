/* SPDX-License-Identifier: BSD-2-Clause */
/* State of a peer, shared by the files that are the peer: peer.h has what others use. */
#ifndef X0_PEER_PEER_STATE_H
#define X0_PEER_PEER_STATE_H

#include "peer/peer.h"
#include "peer/reassembly.h"
#include "xdp_pqc_verify.h"

struct remote {
	struct peer_remote_state state;
	struct mldsa_key key;
	uint64_t sequence; /* of the last good message */
	uint64_t
		address_ends_ns; /* CLOCK_BOOTTIME: the validity of the last one from its address */
	struct pqc_sources sources; /* address_hash() */
	struct pqc_path path; /* to its address, as of `path_ns` */
	uint64_t path_ns; /* 0: not known */
	struct reassembly reassembly;
	struct exchange exchange;
};

struct peer {
	struct peer_settings settings;
	struct peer_handlers handlers;
	uint64_t hash_key[2]; /* random, for address_hash() */
	uint64_t sequence; /* of the last message */
	uint64_t next_beacon_ns, next_data_ns;
	struct pqc_bucket bucket;
	uint64_t results[PQC_RESULTS];
	struct message message; /* the one being sent */
	uint32_t n_remotes;
	struct remote *remotes[PEER_REMOTES_MAX];
};

/* Sends an event; `remote` may be NULL. */
void peer_tell(
	struct peer *peer, enum peer_event_kind kind, const struct remote *remote, int detail);

/* Returns the trusted node of this id, or NULL. */
struct remote *peer_find(const struct peer *peer, const uint8_t node[PQC_NODE_LEN]);

/* Fills the stamp of a message to an address. Returns whether there is a way there. */
bool peer_make_stamp(struct peer *peer, const struct peer_address *to, const struct peer_time *now,
	struct stamp *stamp);

/* Sends a signed message to where its stamp was made for, in slices. */
void peer_send_message(struct peer *peer, const struct peer_address *to,
	const struct pqc_path *path, const struct message *message);

/*
 * Sends each address its own beacon: two may belong to one node, which would refuse the second copy
 * as a replay.
 */
void peer_send_beacons(struct peer *peer, const struct peer_time *now);

/* Begins an exchange with a node. */
void peer_send_hello(struct peer *peer, struct remote *remote, const struct peer_time *now);

/* Sends data by the current session, if there is one. An empty payload only confirms it. */
void peer_send_data(
	struct peer *peer, struct remote *remote, struct span payload, const struct peer_time *now);

#endif
