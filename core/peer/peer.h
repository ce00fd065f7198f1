/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A node of the protocol: it announces itself, keeps sessions with the nodes that it trusts and hears,
 * and sends and receives data. It has no socket, no clock and no output: who runs it gives it packets
 * and the time, sends what it wants sent, and is told what happens.
 *
 * A node's address is where its last good message came from.
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

/* How far the clocks of two nodes may be apart: messages are valid so much earlier and longer. */
#define PEER_CLOCK_TOLERANCE_S 30

/* Messages are valid for so many intervals of beacons: two may be lost. */
#define PEER_VALID_BEACONS 3

struct peer_settings {
	const struct identity *identity; /* not owned; lives longer */
	struct session_limits limits;
	uint64_t beacon_ns; /* between two beacons */
	uint32_t data_per_second; /* packets to each session; 0: none */
	uint32_t n_prefixes, n_targets;
	struct pqc_prefix prefixes[PQC_PREFIXES_MAX];
	struct peer_address targets[PEER_TARGETS_MAX]; /* beacons go there whoever that is */
};

struct peer_time {
	uint64_t monotonic_ns;
	uint64_t realtime_ns;
};

/* Another node, as it is shown. */
struct peer_remote_state {
	char name[PEER_NAME_LEN];
	uint8_t node[PQC_NODE_LEN];
	uint32_t set; /* enum mldsa_set */
	struct peer_address address;
	uint64_t authenticated_until; /* seconds since 1970; 0: not */
	uint32_t session; /* id of the current one */
	bool has_session;
	uint64_t sessions; /* so far */
	uint64_t data_sent, data_received; /* those with a payload */
	uint32_t n_prefixes;
	struct pqc_prefix prefixes[PQC_PREFIXES_MAX];
};

enum peer_event_kind {
	PEER_AUTHENTICATED, /* its message is good, and it was not authenticated before */
	PEER_BEACON, /* heard one */
	PEER_LOST, /* its validity has ended */
	PEER_EXCHANGE, /* `detail` is an enum exchange_outcome */
	PEER_SESSION, /* a new session sends from now on; the old one's keys are replaced */
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
	void (*send)(void *context, const struct peer_address *to, struct span packet);
	void (*event)(void *context, const struct peer_event *event);
};

struct peer;

/* Returns 0 with *peer to be closed by the caller, who wipes all keys; or -ENOMEM with *failure set. */
int peer_open(const struct peer_settings *settings, const struct peer_handlers *handlers,
	struct peer **peer, struct failure *failure);
void peer_close(struct peer *peer);

/*
 * Makes `key` trusted. Returns 0, or a negative errno with *failure set: -EEXIST for a node that is
 * there, or is this one; -ENOSPC for one more than PEER_REMOTES_MAX.
 */
int peer_trust(
	struct peer *peer, const char *name, const struct public_key *key, struct failure *failure);

/* Ends the trust in a node and wipes its keys. A node that is not trusted is none. */
void peer_forget(struct peer *peer, const uint8_t node[PQC_NODE_LEN]);

/*
 * Makes the nodes that are trusted those of a trust store; this node's own key may be among them.
 * Returns 0, or as peer_trust() with *failure set.
 */
int peer_follow_trust(struct peer *peer, const struct trust *trust, struct failure *failure);

/* Takes the payload of a UDP packet. */
void peer_receive(struct peer *peer, const struct peer_address *from, struct span packet,
	const struct peer_time *now);

/*
 * Takes a message that the kernel has put together and verified. `from` may be NULL: the address stays
 * what it was.
 */
void peer_deliver(struct peer *peer, const struct peer_address *from,
	const struct pqc_delivery *delivery, const struct peer_time *now);

/* Does what is due. Returns when there is more to do (CLOCK_MONOTONIC). */
uint64_t peer_work(struct peer *peer, const struct peer_time *now);

/* The i-th trusted node; NULL behind the last. Owned by `peer`. */
const struct peer_remote_state *peer_remote(const struct peer *peer, uint32_t i);

/* Its exchange, for whoever tells the kernel its sessions. */
struct exchange *peer_exchange(struct peer *peer, uint32_t i);

/* How many packets had each result. */
const uint64_t *peer_results(const struct peer *peer);

#endif
