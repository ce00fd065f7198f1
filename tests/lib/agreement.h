/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier in the kernel, its native twin and OpenSSL must agree on every signature, good or
 * spoilt; where they do not, the test fails.
 */
#ifndef X0_TESTS_AGREEMENT_H
#define X0_TESTS_AGREEMENT_H

#include "crypto/verify_kernel.h"
#include "tests/lib/signatures.h"

/* What both of ours say; they must say the same. Returns an enum mldsa_verdict. */
int agreement_verdict(struct verify_kernel *kernel, const struct mldsa_key *key,
	const struct mldsa_request *request);

#define AGREEMENT_SPOILT_BY_GOOD 10

/*
 * Makes `good` signatures, by a new key for every few, over messages of no bytes to the longest, and
 * spoils each of them AGREEMENT_SPOILT_BY_GOOD times, in every way that there is.
 */
void agreement_check(struct verify_kernel *kernel, uint32_t set, unsigned good);

#endif
