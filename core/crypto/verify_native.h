/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifies natively: the library of the kernel's verifier, compiled for user space. */
#ifndef X0_CRYPTO_VERIFY_NATIVE_H
#define X0_CRYPTO_VERIFY_NATIVE_H

#include "mldsa.h"

/* Verifies `request` with `key`, whatever its slot. Any thread may call it. */
enum mldsa_verdict verify_native(const struct mldsa_key *key, const struct mldsa_request *request);

#endif
