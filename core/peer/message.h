/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packets of the protocol: signed messages, cut into slices, and data with a tag. See
 * pqc_wire.h. Parsers accept any input, and refuse by the same rules and with the same enum
 * pqc_result as the program in the kernel.
 */
#ifndef X0_PEER_MESSAGE_H
#define X0_PEER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/identity.h"
#include "crypto/request.h"
#include "pqc_wire.h"
#include "xdp_pqc_verify.h"

#define MESSAGE_MAX	   (sizeof(struct pqc_message) + PQC_BODY_MAX + MLDSA_SIGNATURE_MAX)
#define MESSAGE_PACKET_MAX (sizeof(struct pqc_header) + PQC_DATA_MAX + PQC_TAG_LEN)

struct message {
	uint8_t node[PQC_NODE_LEN];
	uint64_t sequence;
	size_t total;
	uint8_t bytes[MESSAGE_MAX];
};

/* The content of a message to sign. */
struct message_content {
	uint8_t kind; /* enum pqc_kind */
	uint64_t sequence;
	uint64_t valid_from; /* seconds since 1970 */
	uint64_t valid_until;
	const struct pqc_path *path; /* the message is sent from its source */
	struct span body; /* at most PQC_BODY_MAX bytes */
};

/*
 * Makes a message and signs it as `identity`. Returns 0, or with *failure set -EMSGSIZE if the body
 * is too long, or -ENOTSUP if OpenSSL could not sign.
 */
int message_sign(const struct identity *identity, const struct message_content *content,
	struct message *message, struct failure *failure);

/* Returns the number of slices, PQC_SLICES_MAX at most. */
unsigned message_slices(const struct message *message);

/* Writes the slice of this index as a packet. Returns its length. */
size_t message_slice(
	const struct message *message, unsigned index, uint8_t packet[MESSAGE_PACKET_MAX]);

/* The content of a data packet. */
struct data_content {
	uint64_t sequence;
	uint32_t session;
	uint8_t flags; /* enum pqc_flag */
	const uint64_t *key; /* PQC_KEY_LEN bytes */
	const struct pqc_path *path; /* that it will take */
	struct span payload;
};

/* Writes a data packet with its tag. Returns its length; 0 if the payload is too long. */
size_t message_data(const uint8_t node[PQC_NODE_LEN], const struct data_content *content,
	uint8_t packet[MESSAGE_PACKET_MAX]);

/*
 * Computes the tag of a data packet, of which `covered` is all but the tag. Returns 0, or -1 if that is
 * longer than any.
 */
int data_tag(const uint64_t key[PQC_KEY_LEN / 8], const struct pqc_path *path, uint8_t flags,
	struct span covered, uint64_t tag[PQC_TAG_LEN / 8]);

/* A packet with a good header. `content` is the rest and points into the packet. */
struct packet {
	struct pqc_header header;
	uint64_t sequence;
	struct span content;
};

/* Parses the payload of a UDP packet, of any type. Returns 0 or PQC_BAD_HEADER. */
int packet_parse(struct span bytes, struct packet *packet);

/* A slice of a message; `bytes` points into the packet. */
struct slice {
	uint64_t sequence;
	uint32_t index, count; /* count is at most PQC_SLICES_MAX, index below it */
	uint32_t total; /* bytes of the whole message */
	struct span bytes;
};

/* Parses a slice. Returns 0, PQC_BAD_HEADER or PQC_BAD_LENGTH. */
int packet_parse_slice(const struct packet *packet, struct slice *slice);

/* A parsed message; the spans point into it. */
struct message_parts {
	uint8_t kind; /* enum pqc_kind */
	uint8_t set;
	uint64_t valid_from; /* seconds since 1970 */
	uint64_t valid_until;
	struct span body;
	const uint8_t *source; /* PQC_ADDRESS_LEN bytes, and the port: from where it was sent */
	__be16 source_port;
	struct span before_signature; /* the signed part of the message */
	struct span signature; /* of any length */
};

/*
 * Parses a message, without judging time, set or signature. Returns 0, PQC_BAD_HEADER or
 * PQC_BAD_LENGTH.
 */
int message_parse(struct span message, struct message_parts *parts);

/* Returns whether the message came from the address that it is signed with. */
bool message_comes_from(const struct message_parts *parts, const struct pqc_path *path);

/*
 * Verifies the signature by the kernel's code. `node` and `sequence` come from the packets'
 * headers. Returns PQC_MESSAGE_ACCEPTED or the refusal.
 */
int message_verify(const uint8_t node[PQC_NODE_LEN], uint64_t sequence,
	const struct message_parts *parts, const struct mldsa_key *key);

#endif
