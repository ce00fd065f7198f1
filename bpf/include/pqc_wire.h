/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The wire format between x0top's nodes, version 2, over UDP. Integers are big-endian; an IP address
 * has 16 bytes, IPv4 in its mapped form.
 *
 * Every packet begins with struct pqc_header. There are two types.
 *
 * Data: the header, `length` bytes of payload, and a tag of 16 bytes: SipHash-2-4 with 128 bits of
 * output over struct pqc_path, header and payload, with the key of the session and direction. So a
 * copy that goes elsewhere, or comes from elsewhere, has no good tag.
 *
 * A signed fragment: the header and a slice of a signed message. Slice i begins at i * PQC_SLICE;
 * all but the last have that length. The whole message is struct pqc_message, `body_length` bytes
 * of body, and an ML-DSA signature by the node's key, whose length depends on the parameter set.
 * The signature covers, with the context string PQC_CONTEXT, the header's node and sequence, and
 * the message before the signature.
 *
 * man/x0top-pqc.7 states the whole protocol.
 */
#ifndef X0_PQC_WIRE_H
#define X0_PQC_WIRE_H

#include <linux/types.h>

#define PQC_PORT	26970 /* unless configured */
#define PQC_MAGIC	0x58305051 /* "X0PQ" */
#define PQC_VERSION	2
#define PQC_CONTEXT	"x0top/2"
#define PQC_NODE_LEN	8 /* the first bytes of SHA3-256 of the node's raw public key */
#define PQC_ADDRESS_LEN 16
#define PQC_TAG_LEN	16
#define PQC_KEY_LEN	16 /* of SipHash */
#define PQC_DATA_MAX	1400 /* bytes of payload */
#define PQC_SLICE	1200 /* gives IPv6 packets of at most 1280 bytes, the minimum MTU */
#define PQC_BODY_MAX	1328
#define PQC_SLICES_MAX	5

/*
 * A message's sequence is the time at which it was made, in nanoseconds since 1970. Receivers refuse
 * one that is further ahead of their clock, and messages are valid this much earlier and longer: so
 * far may two nodes' clocks be apart.
 */
#define PQC_CLOCK_TOLERANCE_S  30
#define PQC_CLOCK_TOLERANCE_NS (PQC_CLOCK_TOLERANCE_S * 1000000000ULL)

enum pqc_type {
	PQC_TYPE_DATA = 1,
	PQC_TYPE_FRAGMENT = 2,
};

enum pqc_flag {
	PQC_TRANSLATED = 1, /* in data: the addresses are not under the tag */
};

struct pqc_header {
	__be32 magic;
	__u8 version;
	__u8 type; /* enum pqc_type */
	__u8 flags; /* enum pqc_flag */
	__u8 reserved; /* 0 */
	__u8 node[PQC_NODE_LEN]; /* the sender */
	__be64 sequence; /* of messages: see above; of data: 1, 2, ... in each session */
	union {
		struct {
			__be32 session;
			__be16 length; /* of the payload */
			__be16 reserved; /* 0 */
		} data;
		struct {
			__u8 index;
			__u8 count;
			__be16 offset; /* index * PQC_SLICE */
			__be16 total; /* length of the whole message */
			__be16 reserved; /* 0 */
		} fragment;
	};
};

_Static_assert(sizeof(struct pqc_header) == 32, "a header has 32 bytes");

/* The way of a data packet: a tag covers it before the header, but it is not sent. */
struct pqc_path {
	__u8 source[PQC_ADDRESS_LEN]; /* of the IP packet; with PQC_TRANSLATED 0 */
	__u8 destination[PQC_ADDRESS_LEN];
	__be16 source_port;
	__be16 destination_port;
	__u32 reserved; /* 0 */
};

_Static_assert(sizeof(struct pqc_path) == 40, "a path has 40 bytes");

enum pqc_kind {
	PQC_BEACON = 1,
	PQC_HELLO = 2, /* key exchange: an ML-KEM-768 encapsulation key */
	PQC_REPLY = 3, /* key exchange: the ciphertext */
};

struct pqc_message {
	__u8 kind; /* enum pqc_kind */
	__u8 set; /* enum mldsa_set: of the signature */
	__be16 body_length;
	/* Seconds since 1970; in halves, because the struct has no padding. */
	__be32 valid_from[2];
	__be32 valid_until[2];
	__u8 source[PQC_ADDRESS_LEN]; /* the address and port that the sender sends from */
	__be16 source_port;
	__be16 reserved; /* 0 */
};

_Static_assert(sizeof(struct pqc_message) == 40, "a message begins with 40 bytes");

/* --- bodies of messages ----------------------------------------------------------------------- */

/* A beacon's body is an array of these prefixes, reached through the node. It may be empty. */
struct pqc_prefix {
	__u8 family; /* 4 or 6 */
	__u8 length; /* in bits; later bits of the address are 0 */
	__u8 address[16]; /* IPv4 in the first four bytes, the others 0 */
};

#define PQC_PREFIXES_MAX 64

_Static_assert(sizeof(struct pqc_prefix) == 18, "a prefix has 18 bytes");

#define PQC_HASH_LEN	      32 /* of SHA3-256 */
#define PQC_ENCAPSULATION_LEN 1184 /* an ML-KEM-768 encapsulation key: FIPS 203 Table 3 */
#define PQC_CIPHERTEXT_LEN    1088

struct pqc_hello {
	__u8 responder[PQC_NODE_LEN]; /* the recipient */
	__u8 encapsulation_key[PQC_ENCAPSULATION_LEN];
};

struct pqc_reply {
	__u8 initiator[PQC_NODE_LEN]; /* the recipient */
	__u8 hello_hash[PQC_HASH_LEN]; /* of the answered hello: core/peer/exchange.h */
	__u8 ciphertext[PQC_CIPHERTEXT_LEN];
};

_Static_assert(sizeof(struct pqc_hello) <= PQC_BODY_MAX, "a hello fits");
_Static_assert(sizeof(struct pqc_reply) <= PQC_BODY_MAX, "a reply fits");
_Static_assert(PQC_PREFIXES_MAX * sizeof(struct pqc_prefix) <= PQC_BODY_MAX, "a beacon fits");

#endif
