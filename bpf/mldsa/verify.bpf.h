/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ML-DSA.Verify: FIPS 204 Algorithms 3 and 8. Lines are those of Algorithm 8.
 *
 * Nothing here is secret: the verifier may branch on what it reads.
 */
#ifndef X0_MLDSA_VERIFY_BPF_H
#define X0_MLDSA_VERIFY_BPF_H

#include <stdbool.h>

#include "mldsa/stages.bpf.h"

/* Lines 6 and 7: mu, which takes the place of what it is the hash of. */
static __always_inline void hash_message(
	const struct mldsa_scratch *s, struct mldsa_request *request, const struct mldsa_key *key)
{
	__u32 context_length = request->hash_input[MLDSA_CONTEXT_LENGTH_AT];

	__builtin_memcpy(request->hash_input, key->tr, MLDSA_TR_BYTES);
	request->hash_input[MLDSA_TR_BYTES] = 0; /* pure ML-DSA, Algorithm 3 */
	stage_shake256(MLDSA_CONTEXT_AT + context_length + request->message_length);
	__builtin_memcpy(request->hash_input, s->lanes, MLDSA_MU_BYTES);
}

/* Lines 12 and 13: whether H(mu || w1Encode(w'_1)), in the state, begins with c~. */
static __always_inline bool c_tilde_matches(const struct mldsa_parameters *p,
	const struct mldsa_scratch *s, const struct mldsa_request *request)
{
	__u64 difference = 0;

	UNROLLED
	for (__u32 i = 0; i < p->c_tilde_bytes / 8; i++)
		difference |= s->lanes[i] ^ load64(request->signature + 8 * i);
	return difference == 0;
}

/*
 * Line 2, and of line 13 the bound of z: what costs little, and comes first. That changes no verdict.
 */
static __always_inline int decode(
	const struct mldsa_parameters *p, const struct mldsa_request *request)
{
	if (request->signature_length != p->signature_bytes ||
		request->message_length > MLDSA_MESSAGE_MAX)
		return MLDSA_BAD_LENGTH;
	if (stage_unpack_hint(p->set))
		return MLDSA_BAD_HINT;
	ROLLED
	for (__u32 i = 0; i < p->l; i++)
		if (stage_unpack_z(p->set, i))
			return MLDSA_BAD_NORM;
	return MLDSA_VALID;
}

/*
 * The other lines, with mu in the request. But for the challenge, a stage fails only where a lookup of a
 * map's only element does, which the kernel never lets happen; were it otherwise, the comparison would fail.
 */
static __always_inline int decide_mu(const struct mldsa_parameters *p,
	const struct mldsa_scratch *s, const struct mldsa_request *request)
{
	if (stage_sample_in_ball(p->set))
		return MLDSA_MISMATCH;
	ROLLED
	for (__u32 i = 0; i <= p->l; i++)
		stage_ntt(i);
	ROLLED
	for (__u32 row = 0; row < p->k; row++) {
		stage_multiply(p->set, request->key, row, 0);
		stage_multiply(p->set, request->key, row, 1);
		stage_inverse_ntt();
		stage_apply_hint(p->set, row);
		stage_encode_w1(p->set, row, 0);
		stage_encode_w1(p->set, row, 1);
	}
	stage_shake256(MLDSA_MU_BYTES + p->k * mldsa_w1_bytes(p));
	return c_tilde_matches(p, s, request) ? MLDSA_VALID : MLDSA_MISMATCH;
}

static __always_inline int decide(const struct mldsa_parameters *p, struct mldsa_scratch *s,
	struct mldsa_request *request, const struct mldsa_key *key)
{
	hash_message(s, request, key);
	return decide_mu(p, s, request);
}

/*
 * The first half of a verification of this CPU's request: MLDSA_VALID when there is a key and the
 * signature is well-formed, else the verdict. It costs a fiftieth of the second.
 */
STAGE int mldsa_decode(void)
{
	const struct mldsa_request *request = mldsa_request_lookup();

	if (!request)
		return MLDSA_NO_KEY;
	const struct mldsa_key *key = mldsa_key_lookup(request->key);
	if (!key)
		return MLDSA_NO_KEY;
	for_set(key->set, MLDSA_NO_KEY, decode, request);
}

/* The second half, after mldsa_decode() returned MLDSA_VALID. Returns the verdict. */
STAGE int mldsa_decide(void)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();
	struct mldsa_request *request = mldsa_request_lookup();

	if (!s || !request)
		return MLDSA_NO_KEY;
	const struct mldsa_key *key = mldsa_key_lookup(request->key);
	if (!key)
		return MLDSA_NO_KEY;
	for_set(key->set, MLDSA_NO_KEY, decide, s, request, key);
}

/* Verifies this CPU's request. Returns an enum mldsa_verdict. */
static __always_inline int mldsa_verify(void)
{
	int verdict = mldsa_decode();

	return verdict == MLDSA_VALID ? mldsa_decide() : verdict;
}

#endif
