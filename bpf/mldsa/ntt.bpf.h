/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The number-theoretic transform and the product in its domain: FIPS 204 section 7.5 and 7.6.
 *
 * Coefficients are stored unsigned and not reduced between layers: in 64-bit arithmetic nothing
 * overflows before the end, as the bounds below show. Two layers are done in one pass, so that a
 * coefficient is loaded and stored four times, not eight.
 */
#ifndef X0_MLDSA_NTT_BPF_H
#define X0_MLDSA_NTT_BPF_H

#include "mldsa.h"
#include "mldsa/platform.bpf.h"
#include "mldsa_constants.h"

/*
 * a * zeta modulo q, for an `a` from -2^32 to 2^32 and `factor` = (-2^64 zeta mod q) / q modulo 2^64;
 * the result is from 0 to q. Two multiplications (Plantard, Efficient Word Size Modular Arithmetic,
 * 2021): with p = a * (-2^64 zeta mod q) and u = p / q modulo 2^64, what is wanted is
 * k = (u q - p) / 2^64. The high half of u, plus 2, times q / 2^32 is
 * k + (p + (2 * 2^32 - u mod 2^32) q) / 2^64, and that fraction is at least 0 and below 1, for p is
 * not below -2^32 q.
 */
static __always_inline __u64 multiply_zeta(__u64 a, __u64 factor)
{
	return ((a * factor >> 32) + 2) * MLDSA_Q >> 32;
}

/* Coefficients per iteration of a loop, so that the loop itself costs little. */
#define NTT_AT_ONCE 4

/* Four coefficients, a quarter of their block apart, through two layers of Algorithm 41. */
static __always_inline void ntt_butterflies(__u32 *a, const __u32 quarter, const __u64 *zeta)
{
	__u64 a0 = a[0] + 2 * MLDSA_Q, a1 = a[quarter];
	__u64 t0 = multiply_zeta(a[2 * quarter], zeta[0]);
	__u64 t1 = multiply_zeta(a[3 * quarter], zeta[0]);
	__u64 t2 = multiply_zeta(a1 + t1, zeta[1]);
	__u64 t3 = multiply_zeta(a1 - t1, zeta[2]);

	a[0] = a0 + t0 + t2;
	a[quarter] = a0 + t0 - t2;
	a[2 * quarter] = a0 - t0 + t3;
	a[3 * quarter] = a0 - t0 - t3;
}

/*
 * Algorithm 41, two layers, len = 2 * quarter and len = quarter: in turn blocks of 4 * quarter
 * coefficients, and in a block the coefficients of its four quarters. 2q on top keeps from falling
 * below 0 what two products are subtracted from: both layers together add at most 4q to a
 * coefficient, and what comes in below 2q goes out of the eight layers below 18q.
 */
static __always_inline void ntt_two_layers(__u32 *w, const __u32 quarter)
{
	ROLLED
	for (__u32 block = 0; block < MLDSA_N / 4 / quarter; block++) {
		const __u64 *zeta = mldsa_zetas[MLDSA_N / 4 / quarter + block];
		__u32 *a = w + 4 * quarter * block;

		ROLLED
		for (__u32 j = 0; j < quarter; j += NTT_AT_ONCE, a += NTT_AT_ONCE) {
			UNROLLED
			for (__u32 i = 0; i < NTT_AT_ONCE && i < quarter; i++)
				ntt_butterflies(a + i, quarter, zeta);
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
 * Four coefficients through two layers of Algorithm 42. What is multiplied is the negated difference,
 * with zetas where the standard has their negatives.
 */
static __always_inline void inverse_ntt_butterflies(
	__u32 *a, const __u32 quarter, const __u64 *zeta)
{
	__u64 a0 = a[0], a1 = a[quarter], a2 = a[2 * quarter], a3 = a[3 * quarter];
	__u64 sum0 = a0 + a1, difference0 = multiply_zeta(a1 - a0, zeta[2]);
	__u64 sum1 = a2 + a3, difference1 = multiply_zeta(a3 - a2, zeta[1]);

	a[0] = sum0 + sum1;
	a[quarter] = difference0 + difference1;
	a[2 * quarter] = multiply_zeta(sum1 - sum0, zeta[0]);
	a[3 * quarter] = multiply_zeta(difference1 - difference0, zeta[0]);
}

/*
 * Algorithm 42, two layers, len = quarter and len = 2 * quarter. Each layer doubles the bound, from
 * 2q to 2^9 q, which is still below 2^32.
 */
static __always_inline void inverse_ntt_two_layers(__u32 *w, const __u32 quarter)
{
	ROLLED
	for (__u32 block = 0; block < MLDSA_N / 4 / quarter; block++) {
		__u32 m = MLDSA_N / 2 / quarter - 1 - block;
		/* Or clang would count down from the table's address, which verifiers refuse. */
		opaque(m);
		__u32 *a = w + 4 * quarter * block;

		ROLLED
		for (__u32 j = 0; j < quarter; j += NTT_AT_ONCE, a += NTT_AT_ONCE) {
			UNROLLED
			for (__u32 i = 0; i < NTT_AT_ONCE && i < quarter; i++)
				inverse_ntt_butterflies(a + i, quarter, mldsa_zetas[m]);
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

/*
 * a modulo q, for a < 2^32. Multiplying with the reciprocal, rounded up, gives the exact quotient:
 * what is rounded makes it too large by less than 1/q.
 */
#define Q_RECIPROCAL_BITS 53
#define Q_RECIPROCAL	  ((1ull << Q_RECIPROCAL_BITS) / MLDSA_Q + 1)
_Static_assert(
	(MLDSA_Q * Q_RECIPROCAL) - (1ull << Q_RECIPROCAL_BITS) < 1ull << (Q_RECIPROCAL_BITS - 32),
	"the quotient of 32 bits is exact");

static __always_inline __u64 reduce(__u64 a)
{
	return a - (a * Q_RECIPROCAL >> Q_RECIPROCAL_BITS) * MLDSA_Q;
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
	for (__u32 n = 0; n < count; n += NTT_AT_ONCE, a += NTT_AT_ONCE, v += NTT_AT_ONCE) {
		UNROLLED
		for (__u32 i = 0; i < NTT_AT_ONCE; i++) {
			__u64 sum = 0;

			UNROLLED
			for (__u32 j = 0; j < length; j++)
				sum += (__u64)a[j * MLDSA_N + i] * v[j * MLDSA_N + i];
			w[n + i] = montgomery_reduce(sum);
		}
	}
}

#endif
