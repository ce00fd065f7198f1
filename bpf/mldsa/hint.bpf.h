/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Hints: FIPS 204 Algorithms 21 (HintBitUnpack), 36 (Decompose), 37 (HighBits) and 40 (UseHint).
 *
 * A hint has omega ones at most, and where it has none, UseHint is HighBits. So h is not laid out as
 * polynomials, but kept as what its encoding is: a list of positions.
 */
#ifndef X0_MLDSA_HINT_BPF_H
#define X0_MLDSA_HINT_BPF_H

#include "mldsa/ntt.bpf.h"
#include "mldsa/parameters.bpf.h"

struct mldsa_hint {
	__u8 position[MLDSA_OMEGA_MAX]; /* of the ones, row after row */
	__u8 first[MLDSA_K_MAX + 1]; /* where each row begins in `position`; where the last ends */
};

/*
 * Where the walk through a hint stands. It depends on data, and so belongs in map memory, not in
 * registers: there the kernel's verifier would tell every value apart and walk the loop once for
 * each.
 */
struct hint_state {
	__u32 row; /* the standard's i */
	__u32 index; /* of the next byte of y, the standard's Index */
	__s32 previous; /* position before that one in the same row; -1 for the first */
};

/*
 * One step of Algorithm 21: takes the next position of a row, or the end of the row. Returns 1 when
 * all rows are done, 0 when not, and -1 for the standard's "bottom".
 */
static __always_inline int hint_unpack_step(const struct mldsa_parameters *p,
	volatile struct hint_state *state, const __u8 *y, struct mldsa_hint *h)
{
	__u32 row = state->row, index = state->index;

	opaque(row);
	opaque(index);
	if (row >= p->k)
		return 1;
	__u32 end = y[p->omega + row];
	if (end < index || end > p->omega)
		return -1;
	if (index == end) {
		h->first[row + 1] = end;
		state->row = row + 1;
		state->previous = -1;
		return 0;
	}
	if (index >= p->omega)
		return -1;
	__s32 position = y[index];
	if (position <= state->previous)
		return -1;
	h->position[index] = position;
	state->previous = position;
	state->index = index + 1;
	return 0;
}

/*
 * Algorithm 21, HintBitUnpack, of the omega + k bytes at `y`. The encoding is unique: positions rise
 * strictly within a row, the ends of the rows do not fall, and what is unused is 0; anything else
 * would give one message further signatures. Sets h, or returns -1 for the standard's "bottom".
 */
static __always_inline int hint_bit_unpack(const struct mldsa_parameters *p,
	volatile struct hint_state *state, const __u8 *y, struct mldsa_hint *h)
{
	__u64 padding = 0;

	state->row = 0;
	state->index = 0;
	state->previous = -1;
	h->first[0] = 0;
	ROLLED
	for (__u32 n = 0; n < p->omega + p->k; n++) {
		int done = hint_unpack_step(p, state, y, h);

		if (done < 0)
			return -1;
		if (done)
			break;
	}
	ROLLED
	for (__u32 n = 0; n < p->omega; n++)
		padding |= y[n] * is_negative((__s64)state->index - n - 1);
	return padding ? -1 : 0;
}

/* m, the number of values that high bits take, and 2 gamma2, how many r share one. */
static __always_inline __u32 high_values(const struct mldsa_parameters *p)
{
	return p->w1_max + 1;
}

static __always_inline __u32 high_step(const struct mldsa_parameters *p)
{
	return (MLDSA_Q - 1) / high_values(p);
}

/*
 * Algorithm 37, HighBits, for a canonical r, but for its last case: m, which stands for 0, is left as
 * it is. The division by 2 gamma2 is a multiplication, which a test compares for every r.
 */
static __always_inline __u64 high_bits_or_m(const struct mldsa_parameters *p, __u64 r)
{
	const __u64 step = high_step(p);
	const __u64 reciprocal = ((1ull << 48) + step - 1) / step;

	return (r + step / 2 - 1) * reciprocal >> 48;
}

/* Algorithm 37, HighBits, for a canonical r. */
static __always_inline __u64 high_bits(const struct mldsa_parameters *p, __u64 r)
{
	const __u32 m = high_values(p);
	__u64 r1 = high_bits_or_m(p, r);

	if (m == 16)
		return r1 & 15;
	return r1 - m * is_negative(m - 1 - (__s64)r1);
}

/* Algorithm 40, UseHint, for a canonical r where the hint is 1. r0 of m is not positive, as is 0's. */
static __always_inline __u64 use_hint(const struct mldsa_parameters *p, __u64 r)
{
	const __u32 m = high_values(p);
	__s64 r1 = high_bits_or_m(p, r);
	__u64 r0_positive = is_negative(r1 * high_step(p) - (__s64)r);

	r1 += 2 * r0_positive - 1;
	r1 -= m * is_negative(m - 1 - r1);
	return r1 + m * is_negative(r1);
}

/*
 * Applies the hints of a row to w, whose coefficients are below 2^32: each hinted one gets a value
 * whose high bits are what UseHint returns for it.
 */
static __always_inline void hint_apply(const struct mldsa_parameters *p,
	volatile struct hint_state *state, const struct mldsa_hint *h, __u32 row, __u32 *w)
{
	const __u32 end = h->first[row + 1];

	state->index = h->first[row];
	ROLLED
	for (__u32 n = 0; n < MLDSA_OMEGA_MAX; n++) {
		__u32 index = state->index;

		opaque(index);
		if (index >= end || index >= MLDSA_OMEGA_MAX)
			return;
		__u32 *coefficient = &w[h->position[index]];
		*coefficient = use_hint(p, reduce(*coefficient)) * high_step(p);
		state->index = index + 1;
	}
}

#endif
