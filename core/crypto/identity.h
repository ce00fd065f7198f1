/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A node's identity: its long-term ML-DSA private key. The key stays inside OpenSSL's object; what
 * passes through buffers of ours on the way to and from the file is wiped.
 */
#ifndef X0_CRYPTO_IDENTITY_H
#define X0_CRYPTO_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/key.h"
#include "peer/message.h"

struct identity;

/*
 * Makes a new key pair: NAME.key.pem, which only its owner can read, and NAME.pub.pem, for the trust
 * stores of others. `name` may have folders before it; `set` is an enum mldsa_set. Returns 0; or,
 * with *failure set and nothing left behind, -EINVAL for an unknown set, -EEXIST where one of the
 * files exists, or another negative errno.
 */
int identity_generate(const char *name, uint32_t set, struct failure *failure);

/*
 * Reads a private key from a PEM or DER file. Returns 0 with *identity to be closed by the caller; or,
 * with *failure set, -EACCES where others can read the file or it is not this user's, -ELOOP where it
 * is a symbolic link, -EBADMSG where it holds no private key, -ENOTSUP for another kind of key, or
 * another negative errno.
 */
int identity_open(const char *path, struct identity **identity, struct failure *failure);

/* Wipes the private key. NULL is nothing. */
void identity_close(struct identity *identity);

/* The public half, and its fingerprint (key_fingerprint()); both live as long as the identity. */
const struct public_key *identity_public_key(const struct identity *identity);
const uint8_t *identity_fingerprint(const struct identity *identity);

/*
 * Makes a message and signs it (pure ML-DSA, hedged). Returns 0, or a negative errno with *failure
 * set: see message_sign().
 */
int identity_sign(const struct identity *identity, const struct message_content *content,
	struct message *message, struct failure *failure);

#endif
