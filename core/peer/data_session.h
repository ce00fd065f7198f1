/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session: the keys that an exchange gives both sides, and the data packets made with them. Tag
 * and window are compiled from the same source as the program in the kernel.
 */
#ifndef X0_PEER_DATA_SESSION_H
#define X0_PEER_DATA_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "peer/message.h"
#include "xdp_pqc_verify.h"

/* When keys are replaced, and when they expire. */
struct session_limits {
	uint64_t rekey_after_ns;
	uint64_t rekey_after_packets; /* in one direction */
	uint64_t expires_after_ns;
	uint64_t expires_after_packets;
};

/*
 * Two minutes: forward secrecy reaches back as far as the keys are old, and an exchange costs each
 * side under a millisecond. Keys expire a minute later, after dozens of attempts to replace them.
 *
 * No feasible number of packets helps a forger of 128-bit tags. The limit by volume bounds the
 * worth of a leaked key: 2^24 packets are 23 GB at most.
 */
#define SESSION_REKEY_AFTER_NS	      (120 * UINT64_C(1000000000))
#define SESSION_EXPIRES_AFTER_NS      (180 * UINT64_C(1000000000))
#define SESSION_REKEY_AFTER_PACKETS   (UINT64_C(1) << 24)
#define SESSION_EXPIRES_AFTER_PACKETS (UINT64_C(1) << 25)

extern const struct session_limits session_limits_default;

struct session {
	bool exists;
	bool initiator; /* this side's hello began it */
	bool translated; /* addresses change on the way to the other side: see PQC_TRANSLATED */
	uint32_t id; /* the same for both directions */
	uint64_t send_key[PQC_KEY_LEN / 8];
	uint64_t receive_key[PQC_KEY_LEN / 8];
	uint64_t began_ns; /* CLOCK_BOOTTIME */
	uint64_t sent; /* packets, and so the last sequence number */
	uint64_t received;
	uint64_t replayed;
	struct pqc_window window;
};

/*
 * Seals `payload` into `packet` as the node `sender`, to be sent on `path`. Returns the packet's length, -EMSGSIZE for
 * over PQC_DATA_MAX bytes, or -EKEYEXPIRED without a session or at one of its limits.
 */
int session_seal(struct session *session, const struct session_limits *limits,
	const uint8_t sender[PQC_NODE_LEN], uint64_t now_ns, const struct pqc_path *path,
	struct span payload, uint8_t packet[MESSAGE_PACKET_MAX]);

/* The claims of a data packet, unchecked. */
struct data_packet {
	uint32_t session;
	uint8_t flags; /* enum pqc_flag */
	const struct pqc_path *path; /* that it came on */
	struct span payload; /* points into the packet */
	struct span covered; /* by the tag, which follows */
	uint64_t sequence;
};

/*
 * Parses data; `bytes` is the input of packet_parse(), and came on `path`, which lives longer. Returns 0, PQC_BAD_HEADER or PQC_BAD_LENGTH.
 */
int data_parse(struct span bytes, const struct packet *packet, const struct pqc_path *path,
	struct data_packet *data);

/*
 * Checks a data packet that names this session: expiry, flags, tag, window, in this order. Returns
 * PQC_DATA_ACCEPTED or the refusal.
 */
int session_unseal(struct session *session, const struct session_limits *limits, uint64_t now_ns,
	const struct data_packet *data);

/*
 * Returns when to replace the keys (CLOCK_BOOTTIME): `grace_ns` after the limit by time; 0, at
 * once, without a session or at the limit by volume.
 */
uint64_t session_due_at(
	const struct session *session, const struct session_limits *limits, uint64_t grace_ns);

bool session_has_expired(
	const struct session *session, const struct session_limits *limits, uint64_t now_ns);

/*
 * Fills an element of the map `pqc_sessions`, by which the kernel checks data from `sender`, the
 * other side. `entry` holds a key: wipe it after use.
 */
void session_entry(const struct session *session, const struct session_limits *limits,
	const uint8_t sender[PQC_NODE_LEN], struct pqc_session_key *name,
	struct pqc_session *entry);

/* Wipes all of a session. */
void session_wipe(struct session *session);

#endif
