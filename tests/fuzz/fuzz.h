/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzers of `make fuzz`, a file each: libFuzzer calls LLVMFuzzerTestOneInput() with bytes that
 * it found to take new paths. Built with AddressSanitizer and UndefinedBehaviorSanitizer, which end
 * it at the first wrong access; expect() does at the first wrong result.
 */
#ifndef X0_FUZZ_H
#define X0_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define expect(condition)                                                                       \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

/* A copy that ends where the bytes end: a byte read too much is seen. To be freed. */
static inline uint8_t *copy_exactly(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);

	expect(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

#endif
