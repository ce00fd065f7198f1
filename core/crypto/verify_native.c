// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/verify_native.h"

#include <errno.h>
#include <openssl/evp.h>

#include "crypto/request.h"
#include "mldsa/verify.bpf.h"

/* In place of the BPF maps of the kernel's verifier. */
static _Thread_local struct mldsa_scratch native_scratch;
static _Thread_local struct mldsa_request native_request;
static _Thread_local const struct mldsa_key *native_key;

static struct mldsa_scratch *mldsa_scratch_lookup(void)
{
	return &native_scratch;
}

static struct mldsa_request *mldsa_request_lookup(void)
{
	return &native_request;
}

static const struct mldsa_key *mldsa_key_lookup(__u32 slot)
{
	(void)slot;
	return native_key;
}

enum mldsa_verdict verify_native(const struct mldsa_key *key, const struct mldsa_request *request)
{
	native_key = key;
	native_request = *request;
	return (enum mldsa_verdict)mldsa_verify();
}

/* Writes mu, FIPS 204 Algorithms 3 and 8 line 7, as hash_message() does. Returns 0 or -ENOMEM. */
static int hash_mu(const struct mldsa_key *key, struct span context, struct span message,
	uint8_t mu[MLDSA_MU_BYTES])
{
	const uint8_t domain[] = { 0, (uint8_t)context.size };
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool done = hash != NULL && EVP_DigestInit_ex(hash, EVP_shake256(), NULL) &&
		    EVP_DigestUpdate(hash, key->tr, MLDSA_TR_BYTES) &&
		    EVP_DigestUpdate(hash, domain, sizeof(domain)) &&
		    EVP_DigestUpdate(hash, context.data, context.size) &&
		    EVP_DigestUpdate(hash, message.data, message.size) &&
		    EVP_DigestFinalXOF(hash, mu, MLDSA_MU_BYTES);

	EVP_MD_CTX_free(hash);
	return done ? 0 : -ENOMEM;
}

static int decide_native(const struct mldsa_key *key)
{
	for_set(key->set, MLDSA_NO_KEY, decide_mu, &native_scratch, &native_request);
}

int verify_native_message(const struct mldsa_key *key, struct span context, struct span message,
	struct span signature)
{
	int error = request_fill(&native_request, context, (struct span) { NULL, 0 }, signature);

	if (error < 0)
		return error;
	native_key = key;
	int verdict = mldsa_decode();
	if (verdict != MLDSA_VALID)
		return verdict;
	error = hash_mu(key, context, message, native_request.hash_input);
	return error < 0 ? error : decide_native(key);
}
