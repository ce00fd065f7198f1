/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session: what an exchange of keys leaves to either side, and the data packets made with it. The
 * tag and the window are those of the program in the kernel, from the same source.
 */
#ifndef X0_PEER_DATA_SESSION_H
#define X0_PEER_DATA_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "peer/message.h"
#include "xdp_pqc_verify.h"

/* When keys are replaced, and when they are no longer used. */
struct session_limits {
	uint64_t rekey_after_ns;
	uint64_t rekey_after_packets; /* in one direction */
	uint64_t expires_after_ns;
	uint64_t expires_after_packets;
};

/*
 * Two minutes: forward secrecy reaches back no further than the keys are old, and an exchange costs
 * less than a millisecond of each side. Keys expire a minute later, which leaves time for dozens of
 * attempts to replace them.
 *
 * No number of packets that can be sent brings a forger of 128-bit tags closer. The limit by volume
 * is for what one leaked key is worth: 2^24 packets are 23 GB at most.
 */
#define SESSION_REKEY_AFTER_NS	      (120 * UINT64_C(1000000000))
#define SESSION_EXPIRES_AFTER_NS      (180 * UINT64_C(1000000000))
#define SESSION_REKEY_AFTER_PACKETS   (UINT64_C(1) << 24)
#define SESSION_EXPIRES_AFTER_PACKETS (UINT64_C(1) << 25)

extern const struct session_limits session_limits_default;

struct session {
	bool exists;
	bool initiator; /* whether this side's hello began it */
	uint32_t id; /* the same for both directions */
	uint64_t send_key[PQC_KEY_LEN / 8];
	uint64_t receive_key[PQC_KEY_LEN / 8];
	uint64_t began_ns; /* CLOCK_MONOTONIC */
	uint64_t sent; /* packets; the last one's sequence number */
	uint64_t received;
	uint64_t replayed;
	struct pqc_window window;
};

/*
 * Seals `payload` into `packet`, as the node `sender`. Returns its length, -EMSGSIZE for more than
 * PQC_DATA_MAX bytes, or -EKEYEXPIRED where there is no session or it has reached a limit.
 */
int session_seal(struct session *session, const struct session_limits *limits,
	const uint8_t sender[PQC_NODE_LEN], uint64_t now_ns, struct span payload,
	uint8_t packet[MESSAGE_PACKET_MAX]);

/* What a data packet says it is, before anything is checked of it. */
struct data_packet {
	uint32_t session;
	struct span payload; /* points into the packet */
	struct span covered; /* what the tag is over; the tag follows it */
	uint64_t sequence;
};

/* `bytes` is what packet_parse() took. Returns 0, or PQC_BAD_HEADER or PQC_BAD_LENGTH. */
int data_parse(struct span bytes, const struct packet *packet, struct data_packet *data);

/*
 * Checks a data packet of the session's other side, whose id it names: expiry, tag, window, in this
 * order. Returns PQC_DATA_GOOD or the refusal.
 */
int session_unseal(struct session *session, const struct session_limits *limits, uint64_t now_ns,
	const struct data_packet *data);

/*
 * From when on the keys are to be replaced (CLOCK_MONOTONIC): `grace_ns` after the limit says so; 0:
 * at once, for there is no session or its limit by volume is reached.
 */
uint64_t session_due_at(
	const struct session *session, const struct session_limits *limits, uint64_t grace_ns);

bool session_has_expired(
	const struct session *session, const struct session_limits *limits, uint64_t now_ns);

/*
 * What goes into the map `pqc_sessions`, so that the kernel checks what `sender`, the other side,
 * sends. `entry` holds a key: wipe it after use.
 */
void session_entry(const struct session *session, const struct session_limits *limits,
	const uint8_t sender[PQC_NODE_LEN], struct pqc_session_key *name,
	struct pqc_session *entry);

/* Wipes keys and all. */
void session_wipe(struct session *session);

#endif
