/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stages of a verification: each looks up this CPU's request and working memory and runs one
 * algorithm on them. platform.bpf.h explains stages.
 */
#ifndef X0_MLDSA_STAGES_BPF_H
#define X0_MLDSA_STAGES_BPF_H

#include "mldsa/encode.bpf.h"
#include "mldsa/hint.bpf.h"
#include "mldsa/keccak.bpf.h"
#include "mldsa/ntt.bpf.h"
#include "mldsa/parameters.bpf.h"
#include "mldsa/sample_in_ball.bpf.h"
#include "mldsa/scratch.bpf.h"

/* Keccak-f[1600] on the state in scratch. */
STAGE int stage_keccak(void)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();

	if (!s)
		return -1;
	keccak_f1600(s->lanes, s->lanes2);
	return 0;
}

/* Pads the request's hash_input behind `length` bytes. */
STAGE int stage_shake256_pad(__u32 length)
{
	struct mldsa_request *request = mldsa_request_lookup();

	if (!request)
		return -1;
	shake256_pad(request->hash_input, MLDSA_HASH_INPUT_BYTES, length);
	return 0;
}

/*
 * SHAKE256 of the first `length` bytes of the request's hash_input. The first SHAKE256_RATE bytes of
 * output are in the state then.
 */
STAGE int stage_shake256(__u32 length)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();
	struct mldsa_request *request = mldsa_request_lookup();

	if (!s || !request || length >= MLDSA_HASH_INPUT_BYTES)
		return -1;
	clear64(s->lanes, KECCAK_LANES);
	stage_shake256_pad(length);
	ROLLED
	for (__u32 at = 0; at < MLDSA_HASH_INPUT_BYTES; at += SHAKE256_RATE) {
		shake256_add_block(s->lanes, request->hash_input + at);
		if (length < at + SHAKE256_RATE) {
			shake256_add_last_bit(s->lanes);
			stage_keccak();
			break;
		}
		stage_keccak();
	}
	return 0;
}

static __always_inline int unpack_hint(const struct mldsa_parameters *p)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();
	const struct mldsa_request *request = mldsa_request_lookup();

	if (!s || !request)
		return -1;
	return hint_bit_unpack(p, &s->hint_state,
		request->signature + p->signature_bytes - p->omega - p->k, &s->hint);
}

/* Decodes the hint at the end of the signature. Returns 0, or -1 if its encoding is wrong. */
STAGE int stage_unpack_hint(__u32 set)
{
	for_set(set, -1, unpack_hint);
}

static __always_inline int unpack_z_element(const struct mldsa_parameters *p, __u32 index)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();
	const struct mldsa_request *request = mldsa_request_lookup();

	if (!s || !request || index >= p->l)
		return -1;
	const __u8 *v = request->signature + p->c_tilde_bytes + index * mldsa_z_bytes(p);
	return unpack_z(p, v, s->vector[1 + index]) ? 0 : -1;
}

/* Decodes element `index` of z from the signature. Returns 0, or -1 if it is out of bounds. */
STAGE int stage_unpack_z(__u32 set, __u32 index)
{
	for_set(set, -1, unpack_z_element, index);
}

/* Takes output of SHAKE256 from the state for the challenge. */
STAGE int stage_sample_block(void)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();

	if (!s)
		return -1;
	sample_block(&s->sample_state, (const __u8 *)s->lanes, s->vector[0]);
	return 0;
}

static __always_inline int begin_sample(const struct mldsa_parameters *p, struct mldsa_scratch *s,
	const struct mldsa_request *request)
{
	sample_add_c_tilde(p, s->lanes, request->signature);
	s->sample_state.index = MLDSA_N - p->tau;
	return 0;
}

static __always_inline int begin_sample_set(
	__u32 set, struct mldsa_scratch *s, const struct mldsa_request *request)
{
	for_set(set, -1, begin_sample, s, request);
}

/*
 * The challenge c from c~, which begins the request's signature. Returns 0, or -1 if two blocks of
 * output do not suffice: they hold 272 bytes, FIPS 204 Appendix C lets an implementation give up
 * after 221, and that has a probability below 2^-256.
 */
STAGE int stage_sample_in_ball(__u32 set)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();
	const struct mldsa_request *request = mldsa_request_lookup();

	if (!s || !request)
		return -1;
	clear64((__u64 *)s->vector[0], MLDSA_N / 2);
	clear64(s->lanes, KECCAK_LANES);
	if (begin_sample_set(set, s, request))
		return -1;
	stage_keccak();
	s->sample_state.signs = s->lanes[0];
	s->sample_state.output = SAMPLE_SIGN_BYTES;
	stage_sample_block();
	if (s->sample_state.index < MLDSA_N) {
		stage_keccak();
		s->sample_state.output = 0;
		stage_sample_block();
	}
	return s->sample_state.index == MLDSA_N ? 0 : -1;
}

/* Element `index` of (c, z) into the NTT domain. */
STAGE int stage_ntt(__u32 index)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();

	if (!s || index > MLDSA_L_MAX)
		return -1;
	ntt(s->vector[index]);
	return 0;
}

/*
 * Stages that treat a row in halves: the kernel's verifier walks half the coefficients only, whoever
 * calls them and how often.
 */
#define ROW_HALF (MLDSA_N / 2)

static __always_inline int multiply(
	const struct mldsa_parameters *p, __u32 slot, __u32 row, __u32 half)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();
	const struct mldsa_key *key = mldsa_key_lookup(slot);

	opaque(half); /* a bound on what was on the stack meanwhile is forgotten before 6.3 */
	if (!s || !key || row >= p->k || half > 1)
		return -1;
	multiply_row(key->matrix[row * (p->l + 1)] + half * ROW_HALF,
		s->vector[0] + half * ROW_HALF, p->l + 1, s->w + half * ROW_HALF, ROW_HALF);
	return 0;
}

/* Half of w is that of one row of A z - c t1 2^d, in the NTT domain. */
STAGE int stage_multiply(__u32 set, __u32 slot, __u32 row, __u32 half)
{
	for_set(set, -1, multiply, slot, row, half);
}

/* w out of the NTT domain. */
STAGE int stage_inverse_ntt(void)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();

	if (!s)
		return -1;
	inverse_ntt(s->w);
	return 0;
}

static __always_inline int apply_hint(const struct mldsa_parameters *p, __u32 row)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();

	if (!s || row >= p->k)
		return -1;
	hint_apply(p, &s->hint_state, &s->hint, row, s->w);
	return 0;
}

/*
 * Changes w so that its high bits are the row w'_1. Here and in the next stage ML-DSA-65 is treated
 * as ML-DSA-87, which has the same gamma2, and more rows.
 */
STAGE int stage_apply_hint(__u32 set, __u32 row)
{
	if (set == MLDSA_44)
		if_set(MLDSA_HAS_44, -1, apply_hint(&mldsa_44, row));
	if_set(MLDSA_HAS_65 | MLDSA_HAS_87, -1, apply_hint(&mldsa_87, row));
}

static __always_inline int encode_half(const struct mldsa_parameters *p, __u32 row, __u32 half)
{
	struct mldsa_scratch *s = mldsa_scratch_lookup();
	struct mldsa_request *request = mldsa_request_lookup();

	if (!s || !request || row >= p->k || half > 1)
		return -1;
	encode_w1(p, s->w + half * ROW_HALF,
		request->hash_input + MLDSA_MU_BYTES + (2 * row + half) * mldsa_w1_bytes(p) / 2,
		ROW_HALF);
	return 0;
}

/* The high bits of half of w, encoded behind mu in the request's hash_input. */
STAGE int stage_encode_w1(__u32 set, __u32 row, __u32 half)
{
	if (set == MLDSA_44)
		if_set(MLDSA_HAS_44, -1, encode_half(&mldsa_44, row, half));
	if_set(MLDSA_HAS_65 | MLDSA_HAS_87, -1, encode_half(&mldsa_87, row, half));
}

#endif
