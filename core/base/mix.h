/* SPDX-License-Identifier: BSD-2-Clause */
/* Spreads the bits of a number: a hash for tables that no attacker fills. */
#ifndef X0_BASE_MIX_H
#define X0_BASE_MIX_H

#include <stdint.h>

/* The finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014, figure 16): one to one. */
static inline uint64_t mix64(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
