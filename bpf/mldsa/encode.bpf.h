/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Between bytes and polynomials: FIPS 204 Algorithms 19 (BitUnpack) and 28 (w1Encode). */
#ifndef X0_MLDSA_ENCODE_BPF_H
#define X0_MLDSA_ENCODE_BPF_H

#include <stdbool.h>

#include "mldsa/hint.bpf.h"
#include "mldsa/ntt.bpf.h"
#include "mldsa/parameters.bpf.h"

/* Bytes of one polynomial of z in a signature: n coefficients of 1 + gamma1_bits bits. */
static __always_inline __u32 mldsa_z_bytes(const struct mldsa_parameters *p)
{
	return MLDSA_N / 8 * (1 + p->gamma1_bits);
}

/* Bytes of one row of w1 as w1Encode packs it. */
static __always_inline __u32 mldsa_w1_bytes(const struct mldsa_parameters *p)
{
	return MLDSA_N / 8 * p->w1_bits;
}

/*
 * A coefficient of z from its bits, gamma1 - `bits`, as an unsigned value below 2q. Adds to `beyond`,
 * as its sign, whether it is out of bounds: its absolute value must be below gamma1 - beta.
 */
static __always_inline __u32 unpack_coefficient(
	const struct mldsa_parameters *p, __u64 bits, __u64 *beyond)
{
	const __u64 gamma1 = 1ull << p->gamma1_bits;

	*beyond |= (bits - p->beta - 1) | (2 * gamma1 - p->beta - 1 - bits);
	return MLDSA_Q + gamma1 - bits;
}

/*
 * Algorithm 19, BitUnpack(v, gamma1 - 1, gamma1), for one polynomial of z: coefficients below 2q.
 * Returns whether all are in bounds.
 */
static __always_inline bool unpack_z(const struct mldsa_parameters *p, const __u8 *v, __u32 *z)
{
	const __u32 width = 1 + p->gamma1_bits; /* 18 or 20 bits */
	const __u64 mask = (1u << width) - 1;
	__u64 beyond = 0;

	ROLLED
	for (__u32 n = 0; n < MLDSA_N; n += 4) {
		const __u8 *at = v + n * width / 8;
		__u64 word = load64(at);

		z[n] = unpack_coefficient(p, word & mask, &beyond);
		z[n + 1] = unpack_coefficient(p, word >> width & mask, &beyond);
		z[n + 2] = unpack_coefficient(p, word >> 2 * width & mask, &beyond);
		/* Four coefficients are 72 or 80 bits: the last is at the end of the last word. */
		word = load64(at + width / 2 - 8);
		z[n + 3] = unpack_coefficient(p, word >> (64 - width), &beyond);
	}
	return beyond >> 63 == 0;
}

/*
 * HighBits and w1Encode, Algorithms 37 and 28, for `count` coefficients below 2^32.
 */
static __always_inline void encode_w1(
	const struct mldsa_parameters *p, const __u32 *w, __u8 *encoded, const __u32 count)
{
	ROLLED
	for (__u32 n = 0; n < count; n += 4) {
		__u8 *at = encoded + n * p->w1_bits / 8;
		__u32 packed = 0;

		UNROLLED
		for (__u32 i = 0; i < 4; i++)
			packed |= high_bits(p, reduce(w[n + i])) << (i * p->w1_bits);
		UNROLLED
		for (__u32 i = 0; i < p->w1_bits / 2; i++)
			at[i] = packed >> (8 * i);
	}
}

#endif
