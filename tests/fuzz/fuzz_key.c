// SPDX-License-Identifier: BSD-2-Clause
/* Public keys of the trust store: PEM, DER and raw bytes, and what the verifier needs of them. */
#include "fuzz.h"
#include "pqc/key.h"

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
