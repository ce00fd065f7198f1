/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exchange of keys between this node and one other, and the sessions that come of it. A state
 * machine without input and output: messages, packets and the time go in, the same come out.
 *
 * The exchange
 *
 *	initiator -> responder	hello: responder's name, a new ML-KEM-768 encapsulation key
 *	responder -> initiator	reply: initiator's name, hash of the hello, ciphertext
 *	initiator -> responder	data, perhaps without payload: confirms
 *
 * hello and reply are signed messages (pqc_wire.h). With || for concatenation, SHA3 for SHA3-256,
 * F(x) for the fingerprint of x's public key (all 32 bytes), "message" for the whole of it with its
 * signature, and I and R for initiator and responder:
 *
 *	hello hash = SHA3(F(I) || F(R) || sequence of the hello || hello message)
 *	transcript = SHA3(hello hash || sequence of the reply || reply message)
 *	output	   = HKDF-SHA3-256(secret = ML-KEM's shared secret, salt = transcript,
 *				   info = "x0top/1 session", 36 bytes)
 *
 * and the output is the key for what I sends (16), the key for what R sends (16), and the number of
 * the session (4). All fields but the last of each hash have a fixed length, so no two exchanges
 * hash the same bytes.
 *
 * What it gives, if ML-DSA cannot be forged, ML-KEM is IND-CCA2, and the hash is collision resistant:
 *
 * - The initiator knows, when the reply comes, that the responder answered this very hello: the
 *   reply's signature is over the hash of it, and the encapsulation key in it was never used before.
 * - The responder knows who made the hello, and from then on that nobody else can have the keys; not
 *   yet that the initiator is there now, for the hello may be a replay. So its new session receives
 *   but does not send, and replaces no other, until the first good packet confirms it. A replayed
 *   hello costs one encapsulation and one signature; whoever sent it can do nothing with the reply.
 * - Both names stand under both signatures and, as full fingerprints, in the keys: nobody can make one
 *   side believe that it talks to a third (unknown key share).
 * - Forward secrecy: the decapsulation key is made for one hello and wiped with the reply, with the
 *   next hello, or when given up; session keys are wiped when they expire. Who steals a private
 *   ML-DSA key later learns no key of an earlier session. He can take part in new ones as that node,
 *   but cannot play another node towards it (key compromise impersonation): that takes the other's
 *   signature.
 * - There is nothing to negotiate and so nothing to downgrade: one version, one KEM, and of each node
 *   the one parameter set that its trusted key has.
 *
 * What it does not give: the names travel in the clear, and a signature is proof for everybody that the
 * node took part. The data is not encrypted. An attacker on the path can suppress any packet.
 *
 * A hello that is not answered is not repeated: the next attempt is a new one, with a new key. When
 * both begin at once, the hello of the node with the lower name counts, and the other's is dropped.
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

/* Between two hellos: several round trips of the slowest link, and no burden for the other side. */
#define EXCHANGE_RETRY_NS UINT64_C(1000000000)

/* Who answered the last exchange leaves the next to the other, for so much longer. */
#define EXCHANGE_GRACE_NS (5 * EXCHANGE_RETRY_NS)

/* For what is made now: the time, and what the header and the message say. */
struct stamp {
	uint64_t now_ns; /* CLOCK_MONOTONIC */
	uint64_t sequence; /* of the node's messages: more than any before */
	uint64_t valid_from; /* seconds since 1970 */
	uint64_t valid_until;
};

struct exchange {
	const struct identity *identity; /* not owned */
	uint8_t node[PQC_NODE_LEN]; /* the other side */
	uint8_t fingerprint[KEY_FINGERPRINT_LEN];
	struct session_limits limits;

	EVP_PKEY *decapsulation_key; /* of the hello that waits for its reply; or NULL */
	uint8_t hello_hash[PQC_HASH_LEN];
	uint64_t hello_ns; /* when the last hello was made; 0: none yet */
	uint64_t heard; /* highest sequence of the other's messages */

	struct session current; /* packets are sent by this one; confirmed */
	struct session next; /* we answered, and wait for the first packet */
	struct session previous; /* for packets that were under way */
};

/* What became of a message. */
enum exchange_outcome {
	EXCHANGE_ANSWERED, /* a hello; the reply is to be sent, and `next` is new */
	EXCHANGE_ESTABLISHED, /* a reply; `current` is new, and a packet is to be sent to confirm */
	EXCHANGE_OLD, /* its sequence is not above the last one's: a replay, or overtaken */
	EXCHANGE_NOT_FOR_US, /* another node's name is in it */
	EXCHANGE_STALE, /* a reply to a hello that is no longer open */
	EXCHANGE_OURS_COUNTS, /* a hello while ours is open, and ours has the lower name */
	EXCHANGE_MALFORMED, /* the body is not what its kind says, or no key or ciphertext */
	EXCHANGE_FAILED, /* OpenSSL failed us */
	EXCHANGE_OUTCOMES,
};

extern const char *const exchange_outcome_names[EXCHANGE_OUTCOMES];

/*
 * Begins with no session. `identity` must live longer; `remote` is the other's key. Returns 0 or a
 * negative errno. exchange_close() wipes all keys.
 */
int exchange_open(struct exchange *exchange, const struct identity *identity,
	const struct public_key *remote, const struct session_limits *limits);
void exchange_close(struct exchange *exchange);

/*
 * From when on an exchange is to begin (CLOCK_MONOTONIC): there is no session or its keys are old, and
 * the last hello was made long enough ago. 0: at once.
 */
uint64_t exchange_due_at(const struct exchange *exchange);

/*
 * Makes a hello with a new key, which takes the place of one that is open. Returns 0, or a negative
 * errno with *failure set.
 */
int exchange_begin(struct exchange *exchange, const struct stamp *stamp, struct message *hello,
	struct failure *failure);

/* A message of the other side: the signature is good, and it is valid now. */
struct verified_message {
	uint8_t kind; /* PQC_HELLO or PQC_REPLY */
	uint64_t sequence;
	struct span message; /* the whole, with its signature */
	struct span body; /* in it */
};

/*
 * Takes a hello or a reply, which may come from a packet or from the kernel's ring buffer
 * `pqc_messages`. Fills in *reply if it returns EXCHANGE_ANSWERED.
 */
enum exchange_outcome exchange_receive(struct exchange *exchange,
	const struct verified_message *received, const struct stamp *stamp, struct message *reply);

/* Seals data for the other side. Returns the packet's length, or as session_seal(). */
int exchange_seal(struct exchange *exchange, uint64_t now_ns, struct span payload,
	uint8_t packet[MESSAGE_PACKET_MAX]);

/*
 * Checks data of the other side. Returns PQC_DATA_GOOD or the refusal; *confirmed is set when the
 * packet made `next` the current session.
 */
int exchange_unseal(struct exchange *exchange, uint64_t now_ns, const struct data_packet *data,
	bool *confirmed);

/*
 * The same where the kernel checks packets: what it counted for a session, struct pqc_session.good.
 * Returns whether that made `next` the current session.
 */
bool exchange_count(struct exchange *exchange, uint32_t session, uint64_t good);

/* The session of this id; NULL if there is none. Owned by `exchange`. */
struct session *exchange_session(struct exchange *exchange, uint32_t id);

/* Wipes the sessions that have expired, and a hello's key that waited too long for its reply. */
void exchange_expire(struct exchange *exchange, uint64_t now_ns);

/* When exchange_expire() has something to wipe next; UINT64_MAX: nothing. */
uint64_t exchange_expires_at(const struct exchange *exchange);

#endif
