/* SPDX-License-Identifier: BSD-2-Clause */
/* ML-DSA public keys: reads and writes them, and precomputes their part of a verification. */
#ifndef X0_CRYPTO_KEY_H
#define X0_CRYPTO_KEY_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "mldsa.h"
#include "pqc_wire.h"

struct public_key {
	uint32_t set; /* enum mldsa_set */
	uint32_t length; /* of `bytes`: 1312, 1952 or 2592 */
	uint8_t bytes[MLDSA_PUBLIC_MAX]; /* as FIPS 204 Algorithm 22, pkEncode, writes them */
};

/* OpenSSL's name of an enum mldsa_set, "ML-DSA-65"; NULL if there is no such set. */
const char *key_algorithm(uint32_t set);

/*
 * Reads a key of `size` bytes: PEM or DER SubjectPublicKeyInfo, or the raw bytes, whose number
 * names the parameter set unless PEM's "-----BEGIN " is among them. `name` stands for the key in
 * sentences. Returns 0, or with *failure set -EBADMSG if it cannot be read and -ENOTSUP if it is
 * not ML-DSA.
 */
int key_parse(const void *data, size_t size, const char *name, struct public_key *key,
	struct failure *failure);

/* Takes the public half of OpenSSL's key. Returns 0, or -ENOTSUP as key_parse(). */
int key_from_openssl(
	const EVP_PKEY *pkey, const char *name, struct public_key *key, struct failure *failure);

/* Reads a key from a file. Returns as key_parse(), or a negative errno of open(2) or read(2). */
int key_read(const char *path, struct public_key *key, struct failure *failure);

/* Enough for any key as PEM. */
#define KEY_PEM_LEN 4096

/*
 * Writes a key as PEM SubjectPublicKeyInfo, without a terminating 0. Returns the number of bytes,
 * or a negative errno with *failure set.
 */
int key_to_pem(const struct public_key *key, char pem[KEY_PEM_LEN], struct failure *failure);

/*
 * Precomputes the verifier's part of a key: the matrix A and the transform of -t1 2^d, scaled as
 * struct mldsa_key says, and tr. Returns 0, or a negative errno with *failure set.
 */
int key_expand(const struct public_key *key, struct mldsa_key *expanded, struct failure *failure);

#define KEY_FINGERPRINT_LEN 32

/* Computes SHA3-256 of the raw key. Returns 0, or -ENOTSUP if OpenSSL has no SHA3-256. */
int key_fingerprint(const struct public_key *key, uint8_t fingerprint[KEY_FINGERPRINT_LEN]);

/*
 * Computes the node's id, the first bytes of its key's fingerprint. Returns as key_fingerprint().
 */
int key_node(const struct public_key *key, uint8_t node[PQC_NODE_LEN]);

#endif
