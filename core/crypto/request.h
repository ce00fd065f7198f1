/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to the verifier, in the kernel and natively: a signature, its message and context. */
#ifndef X0_CRYPTO_REQUEST_H
#define X0_CRYPTO_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mldsa.h"

/*
 * Fills a request for the key in slot 0. The verifier refuses signatures of a wrong length, so any
 * is taken. Returns 0, -EINVAL for a context over MLDSA_CONTEXT_MAX, or -EFBIG for a message over
 * MLDSA_MESSAGE_MAX bytes.
 */
int request_fill(struct mldsa_request *request, struct span context, struct span message,
	struct span signature);

/* Names of enum mldsa_verdict. */
extern const char *const request_verdict_names[MLDSA_VERDICTS];

#endif
