/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks that the verifier in the kernel, its native build and OpenSSL agree on signatures, good
 * and spoilt. Fails the test if they do not.
 */
#ifndef X0_TESTS_AGREEMENT_H
#define X0_TESTS_AGREEMENT_H

#include "crypto/verify_kernel.h"
#include "tests/lib/signatures.h"

/* Runs both of our verifiers, which must agree. Returns their enum mldsa_verdict. */
int agreement_verdict(struct verify_kernel *kernel, const struct mldsa_key *key,
	const struct mldsa_request *request);

#define AGREEMENT_SPOILT_BY_GOOD 10

/*
 * Checks `good` signatures over messages of every length, with a new key for every few, and spoils
 * each AGREEMENT_SPOILT_BY_GOOD times, in every way.
 */
void agreement_check(struct verify_kernel *kernel, uint32_t set, unsigned good);

#endif
