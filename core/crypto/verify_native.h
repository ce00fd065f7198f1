/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifies natively: the library of the kernel's verifier, compiled for user space. */
#ifndef X0_CRYPTO_VERIFY_NATIVE_H
#define X0_CRYPTO_VERIFY_NATIVE_H

#include "base/span.h"
#include "mldsa.h"

/* Verifies `request` with `key`, whatever its slot. Any thread may call it. */
enum mldsa_verdict verify_native(const struct mldsa_key *key, const struct mldsa_request *request);

/*
 * Verifies a signature of a message of any length: libcrypto hashes the message, the rest is as above.
 * Returns an enum mldsa_verdict, -EINVAL for a context over MLDSA_CONTEXT_MAX, or -ENOMEM. Any thread may
 * call it.
 */
int verify_native_message(const struct mldsa_key *key, struct span context, struct span message,
	struct span signature);

#endif
