/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes signatures for tests of verifiers: OpenSSL signs and judges them; tests spoil them. */
#ifndef X0_TESTS_SIGNATURES_H
#define X0_TESTS_SIGNATURES_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/identity.h"
#include "crypto/key.h"
#include "crypto/request.h"
#include "mldsa.h"

/* Has room for signatures of a wrong length. */
#define SIGNATURE_ROOM (MLDSA_SIGNATURE_MAX + 64)

struct signing_key {
	EVP_PKEY *openssl;
	struct public_key public;
	struct mldsa_key expanded;
	struct identity *identity; /* of the same key */
};

/* A signature with its message and context. Does not own `key`. */
struct signed_message {
	const struct signing_key *key;
	size_t context_length, message_length, signature_length;
	uint8_t context[MLDSA_CONTEXT_MAX];
	uint8_t message[MLDSA_MESSAGE_MAX];
	uint8_t signature[SIGNATURE_ROOM];
};

/* The parameter sets, for loops. */
extern const uint32_t signature_sets[3];

/* Returns random numbers, the same in every run, so that failures repeat. */
uint32_t random_below(uint32_t bound);
void random_fill(void *data, size_t size);

/* Makes a new key; fails the test if OpenSSL cannot. */
void signing_key_generate(uint32_t set, struct signing_key *key);
void signing_key_free(struct signing_key *key);

/* Signs a random message and context of these lengths. */
void signed_message_make(const struct signing_key *key, size_t context_length,
	size_t message_length, struct signed_message *message);

/* Returns OpenSSL's verdict. */
bool signed_message_accepted(const struct signed_message *message);

void signed_message_request(const struct signed_message *message, struct mldsa_request *request);

/*
 * Ways to spoil a signature, a table that ends with a NULL name. `spoil` changes the message and
 * returns true, or returns false if it does not apply. `verdict` is the required verdict, or
 * SPOILT_ANYHOW if that depends on chance; it is never valid.
 */
#define SPOILT_ANYHOW (-1)

struct spoiler {
	const char *name;
	int verdict;
	bool (*spoil)(struct signed_message *message);
};

extern const struct spoiler spoilers[];

#endif
