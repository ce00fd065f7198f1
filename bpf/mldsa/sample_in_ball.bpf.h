/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SampleInBall: FIPS 204 Algorithm 29. */
#ifndef X0_MLDSA_SAMPLE_IN_BALL_BPF_H
#define X0_MLDSA_SAMPLE_IN_BALL_BPF_H

#include "mldsa/keccak.bpf.h"
#include "mldsa/parameters.bpf.h"

/* The output of SHAKE256 begins with the bits of the signs: line 4. */
#define SAMPLE_SIGN_BYTES 8

/* State of a sampling, in map memory for the same reason as struct hint_state. */
struct sample_state {
	__u64 signs; /* unused ones, the next in bit 0 */
	__u32 index; /* of the next coefficient, the standard's i */
	__u32 output; /* index of the next byte of output */
};

/* Line 2: an input of `c_tilde_bytes`, shorter than a block, in a state of zeros. */
static __always_inline void sample_add_c_tilde(
	const struct mldsa_parameters *p, __u64 *lanes, const __u8 *c_tilde)
{
	UNROLLED
	for (__u32 i = 0; i < p->c_tilde_bytes / 8; i++)
		lanes[i] = load64(c_tilde + 8 * i);
	lanes[p->c_tilde_bytes / 8] = SHAKE256_SUFFIX;
	shake256_add_last_bit(lanes);
}

/*
 * Lines 6 to 13 with what is left of a block of output. When all coefficients are set,
 * state->index is MLDSA_N; else more output is needed.
 */
static __always_inline void sample_block(
	volatile struct sample_state *state, const volatile __u8 *output, __u32 *c)
{
	ROLLED
	for (__u32 n = 0; n < SHAKE256_RATE; n++) {
		__u32 i = state->index, at = state->output, j;

		opaque(i);
		opaque(at);
		if (i >= MLDSA_N || at >= SHAKE256_RATE)
			return;
		state->output = at + 1;
		j = output[at];
		if (j > i) /* lines 7 to 9: reject */
			continue;
		c[i] = c[j];
		c[j] = 1 + (state->signs & 1) * (MLDSA_Q - 2); /* 1 or -1 */
		state->signs >>= 1;
		state->index = i + 1;
	}
}

#endif
