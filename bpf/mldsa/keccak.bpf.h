/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Keccak-f[1600] and SHAKE256: FIPS 202. */
#ifndef X0_MLDSA_KECCAK_BPF_H
#define X0_MLDSA_KECCAK_BPF_H

#include "mldsa/platform.bpf.h"
#include "mldsa_constants.h"

#define KECCAK_LANES	  25
#define KECCAK_ROUNDS	  24
#define SHAKE256_RATE	  136 /* bytes; FIPS 202 section 6.2: 1600 - 2 * 256 bits */
#define SHAKE256_SUFFIX	  0x1f /* 1111, then the first 1 of pad10*1 */
#define SHAKE256_LAST_BIT 0x80 /* the last 1 of pad10*1, in the last byte of the block */

static __always_inline __u64 rotate_left(__u64 lane, __u32 bits)
{
	return bits ? lane << bits | lane >> (64 - bits) : lane;
}

/*
 * One round, Rnd(a, round), from `a` into `e`; lane (x, y) is element x + 5 y. The lanes are
 * volatile to stay in memory: there are ten registers, and what clang makes of 25 lanes in
 * variables takes twice the time.
 */
static __always_inline void keccak_round(const volatile __u64 *a, volatile __u64 *e, __u64 iota)
{
	__u64 b[5], c[5], d[5];

	/* theta, section 3.2.1 */
	UNROLLED
	for (int x = 0; x < 5; x++)
		c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	UNROLLED
	for (int x = 0; x < 5; x++)
		d[x] = c[(x + 4) % 5] ^ rotate_left(c[(x + 1) % 5], 1);
	UNROLLED
	for (int y = 0; y < 5; y++) {
		/* rho and pi, sections 3.2.2 and 3.2.3: b(x, y) comes from lane ((x + 3 y), x) */
		UNROLLED
		for (int x = 0; x < 5; x++) {
			const int from = (x + 3 * y) % 5;

			b[x] = rotate_left(a[from + 5 * x] ^ d[from], keccak_rho[from + 5 * x]);
		}
		/* chi, section 3.2.4, and iota, section 3.2.5 */
		UNROLLED
		for (int x = 0; x < 5; x++) {
			__u64 lane = b[x] ^ (~b[(x + 1) % 5] & b[(x + 2) % 5]);

			e[x + 5 * y] = x + y == 0 ? lane ^ iota : lane;
		}
	}
}

/*
 * Keccak-f[1600], section 3.4, on the 25 lanes at `a`; `e` is room for as many. Two rounds at a
 * time: there and back.
 */
static __always_inline void keccak_f1600(volatile __u64 *a, volatile __u64 *e)
{
	ROLLED
	for (__u32 round = 0; round < KECCAK_ROUNDS; round += 2) {
		keccak_round(a, e, keccak_iota[round]);
		keccak_round(e, a, keccak_iota[round + 1]);
	}
}

/* Adds a block of SHAKE256_RATE bytes to the state. */
static __always_inline void shake256_add_block(__u64 *lanes, const __u8 *block)
{
	ROLLED
	for (__u32 i = 0; i < SHAKE256_RATE / 8; i++)
		lanes[i] ^= load64(block + 8 * i);
}

/* Adds the last bit of the padding, for an input that ends in this block. */
static __always_inline void shake256_add_last_bit(__u64 *lanes)
{
	lanes[SHAKE256_RATE / 8 - 1] ^= (__u64)SHAKE256_LAST_BIT << 56;
}

/*
 * Pads an input of `length` bytes in a buffer of `size`, a multiple of the rate, up to the end of
 * its last block, but for the last bit.
 */
static __always_inline void shake256_pad(__u8 *buffer, __u32 size, __u32 length)
{
	__u32 end = (length / SHAKE256_RATE + 1) * SHAKE256_RATE;

	ROLLED
	for (__u32 i = 0; i < SHAKE256_RATE; i++) {
		__u32 at = length + i;

		opaque(at);
		if (at >= end || at >= size)
			break;
		buffer[at] = i ? 0 : SHAKE256_SUFFIX;
	}
}

#endif
