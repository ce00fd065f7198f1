/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A node's identity: its long-term ML-DSA private key. The key stays inside OpenSSL's object;
 * buffers that carry it to and from the file are wiped.
 */
#ifndef X0_CRYPTO_IDENTITY_H
#define X0_CRYPTO_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/file.h"
#include "base/span.h"
#include "crypto/key.h"

/* How a private key is opened: see identity_open(). */
#define IDENTITY_FLAGS (FILE_FLAGS | O_NOFOLLOW)

struct identity;

/*
 * Makes a new key pair in memory; `set` is an enum mldsa_set. Returns 0 with *identity to be closed
 * by the caller, or with *failure set -EINVAL for an unknown set, or another negative errno.
 */
int identity_new(uint32_t set, struct identity **identity, struct failure *failure);

/*
 * Makes a new key pair in files: NAME.key.pem, which only its owner can read, and NAME.pub.pem, for
 * the trust stores of others. `name` may include folders; `set` is an enum mldsa_set. Returns 0;
 * or, with *failure set and nothing left behind, -EINVAL for an unknown set, -EEXIST if a file
 * exists, or another negative errno.
 */
int identity_generate(const char *name, uint32_t set, struct failure *failure);

/*
 * Reads a private key from a PEM or DER file. Returns 0 with *identity to be closed by the caller;
 * or, with *failure set, -EACCES if others can read the file or own it, -ELOOP for a symbolic link,
 * -EBADMSG without a private key, -ENOTSUP for another kind of key, or another negative errno.
 */
int identity_open(const char *path, struct identity **identity, struct failure *failure);

/*
 * Makes an identity of OpenSSL's private key and takes ownership of it, even on failure. `name`
 * stands for the key in sentences. Returns 0 with *identity to be closed by the caller, or
 * -ENOTSUP, -EBADMSG or -ENOMEM with *failure set.
 */
int identity_take(
	EVP_PKEY *key, const char *name, struct identity **identity, struct failure *failure);

/* Wipes the private key. Accepts NULL. */
void identity_close(struct identity *identity);

/*
 * Returns the public half, or its fingerprint (key_fingerprint()). Both live as long as the
 * identity.
 */
const struct public_key *identity_public_key(const struct identity *identity);
const uint8_t *identity_fingerprint(const struct identity *identity);

/*
 * Signs a message under a context string (pure ML-DSA, hedged). Returns the length of the
 * signature, or -ENOTSUP if OpenSSL could not.
 */
int identity_sign(const struct identity *identity, struct span context, struct span message,
	uint8_t signature[MLDSA_SIGNATURE_MAX]);

#endif
