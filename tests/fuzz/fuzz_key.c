// SPDX-License-Identifier: BSD-2-Clause
/* Public keys of the trust store: PEM, DER and raw bytes, and what the verifier needs of them. */
#include "crypto/key.h"
#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Begins with a key, raw or in PEM: any bytes are one, if there are as many as a set has. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static const struct {
		uint32_t set, length;
	} sets[] = { { MLDSA_44, 1312 }, { MLDSA_65, 1952 }, { MLDSA_87, 2592 } };
	struct public_key key = { .set = sets[seed % 3].set, .length = sets[seed % 3].length };
	struct failure failure;
	char pem[KEY_PEM_LEN];

	if (size > 1 || max_size < sizeof(pem))
		return LLVMFuzzerMutate(data, size, max_size);
	memset(key.bytes, (int)(seed >> 8), key.length);
	if (seed / 3 % 2 == 0) {
		memcpy(data, key.bytes, key.length);
		return key.length;
	}
	int length = key_to_pem(&key, pem, &failure);
	expect(length > 0);
	memcpy(data, pem, (size_t)length);
	return (size_t)length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mldsa_key expanded;
	struct failure failure = { 0 };
	struct public_key key;
	uint8_t *copy = copy_exactly(data, size);
	int error = key_parse(copy, size, "key", &key, &failure);

	free(copy);
	if (error == 0) {
		expect(key.length <= sizeof(key.bytes));
		expect(key_expand(&key, &expanded, &failure) == 0 && expanded.set == key.set);
	} else {
		expect(failure.error == error && failure.what[0] != '\0');
	}
	return 0;
}
