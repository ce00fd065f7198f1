/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Binary logarithm; BPF has no instruction that counts leading zeros. */
#ifndef X0_LOG2_BPF_H
#define X0_LOG2_BPF_H

#include <linux/types.h>

/* Returns the position of the highest set bit, by bisection; 0 for 0. */
static inline __attribute__((always_inline)) __u32 log2_floor(__u64 value)
{
	__u32 position = 0;

	if (value >> 32) {
		value >>= 32;
		position = 32;
	}
	if (value >> 16) {
		value >>= 16;
		position += 16;
	}
	if (value >> 8) {
		value >>= 8;
		position += 8;
	}
	if (value >> 4) {
		value >>= 4;
		position += 4;
	}
	if (value >> 2) {
		value >>= 2;
		position += 2;
	}
	return position + (__u32)(value >> 1);
}

#endif
