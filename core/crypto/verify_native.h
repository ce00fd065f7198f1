/* SPDX-License-Identifier: BSD-2-Clause */
/* The library of the kernel's verifier, compiled for user space. */
#ifndef X0_CRYPTO_VERIFY_NATIVE_H
#define X0_CRYPTO_VERIFY_NATIVE_H

#include "mldsa.h"

/* Verifies `request` with `key`, whatever slot it names. May be called by any thread. */
enum mldsa_verdict verify_native(const struct mldsa_key *key, const struct mldsa_request *request);

#endif
