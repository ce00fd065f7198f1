/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A node of the protocol: announces itself, keeps sessions with the nodes that it trusts and hears,
 * and sends and receives data. It has no socket, no clock and no output: packets and the time go in
 * by calls, packets and events come out by handlers.
 *
 * A node's address is the source of its last good message, which is signed with it.
 */
#ifndef X0_PEER_PEER_H
#define X0_PEER_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/identity.h"
#include "crypto/trust.h"
#include "peer/address.h"
#include "peer/exchange.h"
#include "xdp_pqc_verify.h"

#define PEER_REMOTES_MAX PQC_NODES_DEFAULT
#define PEER_TARGETS_MAX 64
#define PEER_NAME_LEN	 64 /* with its 0 */
#define PEER_PAYLOAD_LEN 64 /* bytes of each data packet: a count, and zeros */

/* Messages are valid for this many beacon intervals: two beacons may be lost. */
#define PEER_VALID_BEACONS 3

struct peer_settings {
	const struct identity *identity; /* not owned; lives longer */
	struct session_limits limits;
	uint64_t beacon_ns; /* between two beacons */
	uint32_t data_per_second; /* packets to each session; 0: none */
	uint32_t n_prefixes, n_targets;
	struct pqc_prefix prefixes[PQC_PREFIXES_MAX];
	struct peer_address targets[PEER_TARGETS_MAX]; /* get beacons, trusted or not */
	/* Names of the nodes on the way to which addresses are translated. */
	uint32_t n_translated;
	char translated[PEER_REMOTES_MAX][PEER_NAME_LEN];
};

struct peer_time {
	uint64_t monotonic_ns; /* CLOCK_BOOTTIME */
	uint64_t realtime_ns;
};

/* The visible state of another node. */
struct peer_remote_state {
	char name[PEER_NAME_LEN];
	uint8_t node[PQC_NODE_LEN];
	uint32_t set; /* enum mldsa_set */
	struct peer_address address;
	uint64_t authenticated_until; /* seconds since 1970; 0: not */
	uint32_t session; /* id of the current one */
	bool has_session;
	uint64_t sessions; /* since it is trusted */
	uint64_t data_sent, data_received; /* packets with a payload */
	uint32_t n_prefixes;
	struct pqc_prefix prefixes[PQC_PREFIXES_MAX];
};

enum peer_event_kind {
	PEER_AUTHENTICATED, /* by a good message, after a time without */
	PEER_BEACON, /* received */
	PEER_LOST, /* its validity has ended */
	PEER_EXCHANGE, /* `detail` is an enum exchange_outcome */
	PEER_SESSION, /* a new session is the current one */
	PEER_SESSION_EXPIRED,
	PEER_REFUSED, /* `detail` is an enum pqc_result; `remote` may be NULL */
	PEER_FAILED, /* OpenSSL could not make a key or sign */
};

struct peer_event {
	enum peer_event_kind kind;
	int detail;
	const struct peer_remote_state *remote;
};

struct peer_handlers {
	void *context;
	/* Fills the path of packets to an address. Returns whether there is a way there. */
	bool (*path)(void *context, const struct peer_address *to, struct pqc_path *path);
	/* Sends a packet from the source of this path. */
	void (*send)(void *context, const struct peer_address *to, const struct pqc_path *path,
		struct span packet);
	void (*event)(void *context, const struct peer_event *event);
};

struct peer;

/*
 * Opens a peer that trusts nobody. Returns 0 with *peer to be closed by the caller, which wipes all
 * keys; or -ENOMEM with *failure set.
 */
int peer_open(const struct peer_settings *settings, const struct peer_handlers *handlers,
	struct peer **peer, struct failure *failure);
void peer_close(struct peer *peer);

/*
 * Trusts a key under a name. Returns 0, or a negative errno with *failure set: -EEXIST if the node
 * is trusted already or this one, -ENOSPC beyond PEER_REMOTES_MAX.
 */
int peer_trust(
	struct peer *peer, const char *name, const struct public_key *key, struct failure *failure);

/* Ends the trust in a node and wipes its keys. Ignores a node that is not trusted. */
void peer_forget(struct peer *peer, const uint8_t node[PQC_NODE_LEN]);

/*
 * Trusts exactly the nodes of a trust store, which may include this one. Returns 0, or as
 * peer_trust() with *failure set.
 */
int peer_follow_trust(struct peer *peer, const struct trust *trust, struct failure *failure);

/* Receives the payload of a UDP packet, which came on this path. */
void peer_receive(struct peer *peer, const struct peer_address *from, const struct pqc_path *path,
	struct span packet, const struct peer_time *now);

/* Receives a message that the kernel has verified. With `from` NULL the node's address stays. */
void peer_deliver(struct peer *peer, const struct peer_address *from,
	const struct pqc_delivery *delivery, const struct peer_time *now);

/* Sends and expires what is due. Returns when to call again (CLOCK_BOOTTIME). */
uint64_t peer_work(struct peer *peer, const struct peer_time *now);

/* Returns the i-th trusted node; NULL after the last. Owned by `peer`. */
const struct peer_remote_state *peer_remote(const struct peer *peer, uint32_t i);

/* Returns the i-th node's exchange, for a user that puts its sessions into the kernel. */
struct exchange *peer_exchange(struct peer *peer, uint32_t i);

/* Returns the packets of each enum pqc_result, PQC_RESULTS counts. */
const uint64_t *peer_results(const struct peer *peer);

#endif
