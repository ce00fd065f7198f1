// SPDX-License-Identifier: BSD-2-Clause
/* Detached signatures of plugins: none but the right one verifies, whatever its length. */
#include "crypto/identity.h"
#include "crypto/verify_native.h"
#include "fuzz.h"
#include "plugins/plugin_sign.h"

static struct mldsa_key key;
static uint8_t right[MLDSA_SIGNATURE_MAX];
static size_t length;
static const struct span context = { (const uint8_t *)PLUGIN_SIGN_CONTEXT,
	sizeof(PLUGIN_SIGN_CONTEXT) - 1 };
static const struct span message = { (const uint8_t *)"an object", 9 };

static void sign(void)
{
	struct identity *identity;
	struct failure failure;

	expect(identity_new(MLDSA_44, &identity, &failure) == 0);
	expect(key_expand(identity_public_key(identity), &key, &failure) == 0);
	int signed_bytes = identity_sign(identity, context, message, right);
	expect(signed_bytes > 0);
	length = (size_t)signed_bytes;
	identity_close(identity);
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Begins with the right one, which no chance would find. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	if (length == 0)
		sign();
	if (seed % 4 == 0 && max_size >= length) {
		memcpy(data, right, length);
		size = length;
	}
	return seed % 8 == 0 ? size : LLVMFuzzerMutate(data, size, max_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (length == 0)
		sign();
	uint8_t *copy = copy_exactly(data, size);
	const bool is_right = size == length && memcmp(data, right, length) == 0;
	int verdict = verify_native_message(&key, context, message, (struct span) { copy, size });

	free(copy);
	expect((verdict == MLDSA_VALID) == is_right);
	return 0;
}
