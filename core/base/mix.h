/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes for tables that no attacker fills, and to tell one state from another: of a number, and of bytes. */
#ifndef X0_BASE_MIX_H
#define X0_BASE_MIX_H

#include <stddef.h>
#include <stdint.h>

/* The finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014, figure 16): one to one. */
static inline uint64_t mix64(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#define MIX_BEGIN UINT64_C(0xcbf29ce484222325)

/* FNV-1a of 64 bits: the hash of bytes behind those that `hash` is of, MIX_BEGIN of none. */
static inline uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
