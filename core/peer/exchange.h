/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The key exchange of this node with one other, and the resulting sessions. A state machine without
 * input and output: messages, packets and the time go in, messages and packets come out.
 *
 * The exchange
 *
 *	initiator -> responder	hello: responder's id, a new ML-KEM-768 encapsulation key
 *	responder -> initiator	reply: initiator's id, hash of the hello, ciphertext
 *	initiator -> responder	data, perhaps without payload: confirms
 *
 * Hello and reply are signed messages (pqc_wire.h). With || for concatenation, SHA3 for SHA3-256,
 * F(x) for the fingerprint of x's public key (all 32 bytes), "message" for a whole message with its
 * signature, and I and R for initiator and responder:
 *
 *	hello hash = SHA3(F(I) || F(R) || sequence of the hello || hello message)
 *	transcript = SHA3(hello hash || sequence of the reply || reply message)
 *	output	   = HKDF-SHA3-256(secret = ML-KEM's shared secret, salt = transcript,
 *				   info = "x0top/2 session", 36 bytes)
 *
 * The output is the key for what I sends (16), the key for what R sends (16), and the session id
 * (4). All fields of a hash but the last have a fixed length, so no two exchanges hash the same
 * bytes.
 *
 * Provided that ML-DSA cannot be forged, ML-KEM is IND-CCA2 and the hash is collision resistant:
 *
 * - The reply proves to the initiator that the responder answered this very hello: it signs the
 * hello's hash, and the encapsulation key in the hello was never used before.
 * - The hello proves to the responder who made it, and that nobody else can have the keys; not that
 * the initiator is there now, for the hello may be a replay. So the new session receives but does
 * not send, and replaces no other, until its first good packet confirms it. A replayed hello costs
 * one encapsulation and one signature; its sender can do nothing with the reply.
 * - Both signatures cover both ids, and the keys depend on both full fingerprints: nobody can make
 * one side believe that it talks to a third (unknown key share).
 * - Forward secrecy: a decapsulation key belongs to one hello and is wiped with its reply, with the
 * next hello, or when given up; session keys are wiped when they expire. A thief of a private
 * ML-DSA key learns no key of an earlier session. He can take part in new ones as that node, but
 * cannot play another node towards it (key compromise impersonation) without the other's key.
 * - Nothing is negotiated, so nothing can be downgraded: one version, one KEM, and for each node
 * the one parameter set of its trusted key.
 *
 * Not provided: ids travel in the clear, and a signature proves to everybody that the node took
 * part. Data is not encrypted. An attacker on the path can suppress any packet.
 *
 * An unanswered hello is not repeated: the next attempt is a new one, with a new key. When both
 * sides begin at once, the hello of the node with the lower id counts, and the other's is dropped.
 */
#ifndef X0_PEER_EXCHANGE_H
#define X0_PEER_EXCHANGE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/identity.h"
#include "peer/data_session.h"
#include "peer/message.h"

/*
 * Between two hellos: several round trips of the slowest link, and little work for the other side.
 */
#define EXCHANGE_RETRY_NS UINT64_C(1000000000)

/* The side that answered last waits this much longer before it begins the next exchange. */
#define EXCHANGE_GRACE_NS (5 * EXCHANGE_RETRY_NS)

/* The time, and what it implies for the header and content of a new message. */
struct stamp {
	uint64_t now_ns; /* CLOCK_BOOTTIME */
	uint64_t sequence; /* above all earlier ones of this node's messages */
	uint64_t valid_from; /* seconds since 1970 */
	uint64_t valid_until;
	struct pqc_path path; /* that it will take */
};

struct exchange {
	const struct identity *identity; /* not owned */
	uint8_t node[PQC_NODE_LEN]; /* the other side */
	uint8_t fingerprint[KEY_FINGERPRINT_LEN];
	bool translated; /* addresses change on the way: set it before the first exchange */
	struct session_limits limits;

	EVP_PKEY *decapsulation_key; /* of the open hello; NULL: none */
	uint8_t hello_hash[PQC_HASH_LEN];
	uint64_t hello_ns; /* time of the last hello; 0: none yet */
	uint64_t heard; /* highest sequence of the other's messages */

	struct session current; /* confirmed: sends and receives */
	struct session next; /* answered, not yet confirmed: receives */
	struct session previous; /* replaced: receives packets that were under way */
};

/* The outcome of a received message. */
enum exchange_outcome {
	EXCHANGE_ANSWERED, /* a hello: `next` is new; send the reply */
	EXCHANGE_ESTABLISHED, /* a reply: `current` is new; send a packet to confirm it */
	EXCHANGE_OLD, /* replayed or overtaken: its sequence is not above the last one's */
	EXCHANGE_NOT_FOR_US, /* it names another node */
	EXCHANGE_STALE, /* a reply to a hello that is no longer open */
	EXCHANGE_OURS_COUNTS, /* a hello, but ours is open and has the lower name */
	EXCHANGE_MALFORMED, /* a body that does not match its kind, or no valid key or ciphertext */
	EXCHANGE_FAILED, /* OpenSSL failed */
	EXCHANGE_OUTCOMES,
};

extern const char *const exchange_outcome_names[EXCHANGE_OUTCOMES];

/*
 * Opens an exchange without a session. `identity` must live longer; `remote` is the other side's
 * key. Returns 0 or a negative errno. exchange_close() wipes all keys.
 */
int exchange_open(struct exchange *exchange, const struct identity *identity,
	const struct public_key *remote, const struct session_limits *limits);
void exchange_close(struct exchange *exchange);

/*
 * Returns when to begin an exchange (CLOCK_BOOTTIME): without a session or with old keys, and not
 * too soon after the last hello. 0: at once.
 */
uint64_t exchange_due_at(const struct exchange *exchange);

/*
 * Makes a hello with a new key; it replaces an open one. Returns 0, or a negative errno with
 * *failure set.
 */
int exchange_begin(struct exchange *exchange, const struct stamp *stamp, struct message *hello,
	struct failure *failure);

/* A message of the other side whose signature and validity are checked. */
struct verified_message {
	uint8_t kind; /* PQC_HELLO or PQC_REPLY */
	uint64_t sequence;
	struct span message; /* the whole, with its signature */
	struct span body; /* in it */
};

/*
 * Takes a hello or a reply, from packets or from the kernel's ring buffer `pqc_messages`. Fills
 * *reply if it returns EXCHANGE_ANSWERED.
 */
enum exchange_outcome exchange_receive(struct exchange *exchange,
	const struct verified_message *received, const struct stamp *stamp, struct message *reply);

/* Seals data for the other side by the current session. Returns as session_seal(). */
int exchange_seal(struct exchange *exchange, uint64_t now_ns, const struct pqc_path *path,
	struct span payload, uint8_t packet[MESSAGE_PACKET_MAX]);

/*
 * Checks data of the other side. Returns PQC_DATA_ACCEPTED or the refusal. Sets *confirmed if the
 * packet made `next` the current session.
 */
int exchange_unseal(struct exchange *exchange, uint64_t now_ns, const struct data_packet *data,
	bool *confirmed);

/*
 * Takes the kernel's count of good packets for a session, struct pqc_session.good, where the kernel
 * checks them. Returns whether it made `next` the current session.
 */
bool exchange_count(struct exchange *exchange, uint32_t session, uint64_t good);

/* Finds a session by its id; NULL if there is none. Owned by `exchange`. */
struct session *exchange_session(struct exchange *exchange, uint32_t id);

/* Wipes expired sessions, and the key of a hello whose reply is overdue. */
void exchange_expire(struct exchange *exchange, uint64_t now_ns);

/* Returns when exchange_expire() has something to wipe next; UINT64_MAX: never. */
uint64_t exchange_expires_at(const struct exchange *exchange);

#endif
