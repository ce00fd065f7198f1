/* SPDX-License-Identifier: BSD-2-Clause */
/* A signature to verify, in the form that the verifier takes, in the kernel and natively. */
#ifndef X0_CRYPTO_REQUEST_H
#define X0_CRYPTO_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mldsa.h"

/*
 * Fills a request for the key in slot 0. A signature of a wrong length is for the verifier to refuse.
 * Returns 0, -EINVAL if the context is longer than MLDSA_CONTEXT_MAX, or -EFBIG if the message is
 * longer than MLDSA_MESSAGE_MAX.
 */
int request_fill(struct mldsa_request *request, struct span context, struct span message,
	struct span signature);

/* The words for enum mldsa_verdict: "valid", "malformed hint", ... */
extern const char *const request_verdict_names[MLDSA_VERDICTS];

#endif
