/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The number-theoretic transform and the product in its domain: FIPS 204 section 7.5 and 7.6.
 *
 * Coefficients are unsigned and not reduced between layers: in 64-bit arithmetic nothing overflows
 * before the end, as the bounds below show. Two layers are done in one pass, so that a coefficient
 * is loaded and stored four times, not eight.
 */
#ifndef X0_MLDSA_NTT_BPF_H
#define X0_MLDSA_NTT_BPF_H

#include "mldsa.h"
#include "mldsa/platform.bpf.h"
#include "mldsa_constants.h"

/*
 * a * zeta modulo q, for a < 2^32; the result is below 2q (Shoup: with the quotient of the constant
 * known, the quotient of the product is off by one at most).
 */
static __always_inline __u64 multiply_zeta(__u64 a, const struct mldsa_zeta *zeta)
{
	return a * zeta->value - (a * zeta->quotient >> 32) * MLDSA_Q;
}

/*
 * Algorithm 41, two layers, len = 2 * quarter and len = quarter: in turn blocks of 4 * quarter
 * coefficients, and in a block the coefficients of its four quarters. Each layer adds at most 2q to
 * a coefficient: what comes in below 2q goes out of the eight layers below 18q.
 */
static __always_inline void ntt_two_layers(__u32 *w, const __u32 quarter)
{
	ROLLED
	for (__u32 block = 0; block < MLDSA_N / 4 / quarter; block++) {
		const struct mldsa_zeta *zeta = mldsa_zetas[MLDSA_N / 4 / quarter + block];
		__u32 *a = w + 4 * quarter * block;

		ROLLED
		for (__u32 j = 0; j < quarter; j++, a++) {
			__u64 a0 = a[0], a1 = a[quarter], t;

			t = multiply_zeta(a[2 * quarter], &zeta[0]);
			__u64 a2 = a0 + 2 * MLDSA_Q - t;
			a0 += t;
			t = multiply_zeta(a[3 * quarter], &zeta[0]);
			__u64 a3 = a1 + 2 * MLDSA_Q - t;
			a1 += t;
			t = multiply_zeta(a1, &zeta[1]);
			a[0] = a0 + t;
			a[quarter] = a0 + 2 * MLDSA_Q - t;
			t = multiply_zeta(a3, &zeta[2]);
			a[2 * quarter] = a2 + t;
			a[3 * quarter] = a2 + 2 * MLDSA_Q - t;
		}
	}
}

/* Algorithm 41, NTT, in place: coefficients below 2q become coefficients below 18q. */
static __always_inline void ntt(__u32 *w)
{
	ntt_two_layers(w, 64);
	ntt_two_layers(w, 16);
	ntt_two_layers(w, 4);
	ntt_two_layers(w, 1);
}

/*
 * Algorithm 42, two layers, len = quarter and len = 2 * quarter. Each layer doubles the bound, from
 * 2q to 2^9 q, which is still below 2^32. What is multiplied is the negated difference, with zetas
 * where the standard has their negatives.
 */
static __always_inline void inverse_ntt_two_layers(__u32 *w, const __u32 quarter)
{
	const __u64 bound = 2 * MLDSA_Q * (__u64)quarter; /* quarter is 2^(layers done) */

	ROLLED
	for (__u32 block = 0; block < MLDSA_N / 4 / quarter; block++) {
		__u32 m = MLDSA_N / 2 / quarter - 1 - block;
		/* Or clang would count down from the table's address, which verifiers refuse. */
		opaque(m);
		const struct mldsa_zeta *zeta = mldsa_zetas[m];
		__u32 *a = w + 4 * quarter * block;

		ROLLED
		for (__u32 j = 0; j < quarter; j++, a++) {
			__u64 a0 = a[0], a1 = a[quarter], sum0 = a0 + a1;
			__u64 difference0 = multiply_zeta(a1 + bound - a0, &zeta[2]);
			__u64 a2 = a[2 * quarter], a3 = a[3 * quarter], sum1 = a2 + a3;
			__u64 difference1 = multiply_zeta(a3 + bound - a2, &zeta[1]);

			a[0] = sum0 + sum1;
			a[quarter] = difference0 + difference1;
			a[2 * quarter] = multiply_zeta(sum1 + 2 * bound - sum0, &zeta[0]);
			a[3 * quarter] =
				multiply_zeta(difference1 + 2 * bound - difference0, &zeta[0]);
		}
	}
}

/*
 * Algorithm 42 but for its last step, the division by 256, which the key's matrix has in it. In
 * place: coefficients below 2q become coefficients below 2^9 q.
 */
static __always_inline void inverse_ntt(__u32 *w)
{
	inverse_ntt_two_layers(w, 1);
	inverse_ntt_two_layers(w, 4);
	inverse_ntt_two_layers(w, 16);
	inverse_ntt_two_layers(w, 64);
}

/*
 * a / 2^32 modulo q (Montgomery). For the sum of eight products of a coefficient below q with one
 * below 18q, which is below 2^54: the result is below 2q.
 */
static __always_inline __u64 montgomery_reduce(__u64 a)
{
	__u64 t = (__u32)a * (__u64)MLDSA_MONTGOMERY & 0xffffffff;

	return (a + t * MLDSA_Q) >> 32;
}

/* The canonical representative of a coefficient below 2^32: 2^23 is 2^23 - q modulo q. */
static __always_inline __u64 reduce(__u64 a)
{
	__s64 r = a - (a >> 23) * MLDSA_Q - MLDSA_Q; /* from -q to below q */

	return r + is_negative(r) * MLDSA_Q;
}

/*
 * The first `count` coefficients of one row of the product of matrix and vector, both of polynomials
 * in the NTT domain: the sum of `length` products, section 7.6, of coefficients below q at `a` and
 * below 18q at `v`. What becomes `w` is below 2q.
 */
static __always_inline void multiply_row(
	const __u32 *a, const __u32 *v, const __u32 length, __u32 *w, const __u32 count)
{
	ROLLED
	for (__u32 n = 0; n < count; n++) {
		__u64 sum = 0;

		UNROLLED
		for (__u32 j = 0; j < length; j++)
			sum += (__u64)a[j * MLDSA_N + n] * v[j * MLDSA_N + n];
		w[n] = montgomery_reduce(sum);
	}
}

#endif
