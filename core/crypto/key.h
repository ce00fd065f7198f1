/* SPDX-License-Identifier: BSD-2-Clause */
/* ML-DSA public keys: reading them, and computing what verification needs of them. */
#ifndef X0_CRYPTO_KEY_H
#define X0_CRYPTO_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "mldsa.h"

struct public_key {
	uint32_t set; /* enum mldsa_set */
	uint32_t length; /* of `bytes`: 1312, 1952 or 2592 */
	uint8_t bytes[MLDSA_PUBLIC_MAX]; /* as FIPS 204 Algorithm 22, pkEncode, writes them */
};

/*
 * Reads a key of `size` bytes: PEM or DER SubjectPublicKeyInfo, or the raw bytes, whose number names
 * the parameter set unless there is PEM's "-----BEGIN " among them. `name` stands for the key in messages. Returns 0, or with *failure set -EBADMSG
 * for what cannot be read and -ENOTSUP for a key of another kind.
 */
int key_parse(const void *data, size_t size, const char *name, struct public_key *key,
	struct failure *failure);

/* The same from a file; besides a negative errno of open(2) and read(2). */
int key_read(const char *path, struct public_key *key, struct failure *failure);

/* Room for a key as PEM. */
#define KEY_PEM_LEN 4096

/*
 * Writes a key as PEM SubjectPublicKeyInfo. Returns the number of bytes, which no 0 ends, or a
 * negative errno with *failure set.
 */
int key_to_pem(const struct public_key *key, char pem[KEY_PEM_LEN], struct failure *failure);

/*
 * Computes what the verifier needs of a key: the matrix A and the transform of -t1 2^d, scaled as
 * struct mldsa_key says, and tr. Returns 0, or a negative errno with *failure set.
 */
int key_expand(const struct public_key *key, struct mldsa_key *expanded, struct failure *failure);

#define KEY_FINGERPRINT_LEN 32

/*
 * SHA3-256 of the raw key, of which the wire's name for a node is the beginning. Returns 0, or
 * -ENOTSUP if OpenSSL has no SHA3-256.
 */
int key_fingerprint(const struct public_key *key, uint8_t fingerprint[KEY_FINGERPRINT_LEN]);

#endif
