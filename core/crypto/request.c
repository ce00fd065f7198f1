// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/request.h"

#include <errno.h>
#include <string.h>

const char *const request_verdict_names[MLDSA_VERDICTS] = {
	[MLDSA_VALID] = "valid",
	[MLDSA_NO_KEY] = "no key",
	[MLDSA_BAD_LENGTH] = "not the length of a signature by this key",
	[MLDSA_BAD_HINT] = "malformed: the hint is not encoded as FIPS 204 requires",
	[MLDSA_BAD_NORM] = "malformed: a coefficient of z is out of bounds",
	[MLDSA_MISMATCH] = "not a signature of this message by this key",
};

/* The longest input leaves room for SHAKE256's padding, at least a byte. */
_Static_assert(MLDSA_CONTEXT_AT + MLDSA_CONTEXT_MAX + MLDSA_MESSAGE_MAX < MLDSA_HASH_INPUT_BYTES,
	"hash_input is too small");

int request_fill(struct mldsa_request *request, struct span context, struct span message,
	struct span signature)
{
	uint8_t *at = request->hash_input + MLDSA_CONTEXT_AT;
	size_t kept = signature.size;

	if (context.size > MLDSA_CONTEXT_MAX)
		return -EINVAL;
	if (message.size > MLDSA_MESSAGE_MAX)
		return -EFBIG;
	if (kept > sizeof(request->signature))
		kept = sizeof(request->signature);
	memset(request, 0, sizeof(*request));
	request->message_length = (uint32_t)message.size;
	request->signature_length =
		signature.size > UINT32_MAX ? UINT32_MAX : (uint32_t)signature.size;
	request->hash_input[MLDSA_CONTEXT_LENGTH_AT] = (uint8_t)context.size;
	if (context.size > 0)
		memcpy(at, context.data, context.size);
	if (message.size > 0)
		memcpy(at + context.size, message.data, message.size);
	if (kept > 0)
		memcpy(request->signature, signature.data, kept);
	return 0;
}
