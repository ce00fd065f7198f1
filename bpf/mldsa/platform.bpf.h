/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The differences between the library's BPF and native builds.
 *
 * A STAGE is a step of the computation as a function of its own. For BPF it is global, so that the
 * verifier checks it once by itself, whoever calls it: as static functions they would be walked
 * again at every call, beyond the million instructions that a program may take. A global function
 * takes and returns scalars only (pointers came after 5.10), so each stage looks its data up.
 */
#ifndef X0_MLDSA_PLATFORM_BPF_H
#define X0_MLDSA_PLATFORM_BPF_H

#include <linux/types.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "FIPS 202 and 204 pack little-endian; a big-endian machine would have to swap on every load"
#endif

#ifdef __bpf__

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define STAGE __noinline

/* One instruction: the kernel allows unaligned access to map values where the CPU does. */
static __always_inline __u64 load64(const __u8 *from)
{
	return *(const __u64 *)from;
}

static __always_inline void store64(__u8 *to, __u64 value)
{
	*(__u64 *)to = value;
}

/*
 * A packet pointer `bytes` further on, for less than 4,096 of them. The bound is put on where it is
 * of use: verifiers before 6.3 forget that of a number that was on the stack meanwhile.
 */
static __always_inline const __u8 *advance(const __u8 *at, __u64 bytes)
{
	asm volatile("%1 &= 4095\n\t%0 += %1" : "+r"(at), "+r"(bytes));
	return at;
}

/*
 * The same number, of which the verifier knows nothing: where one copy is branched on, the other stays the
 * same on both paths. (To the verifier, an unknown number minus itself is unknown.)
 */
static __always_inline __u64 unknown(__u64 number)
{
	__u64 zero;

	asm volatile("%0 = %1\n\t%0 -= %1" : "=&r"(zero) : "r"(number));
	return number + zero;
}

/*
 * Has the verifier keep its state where paths meet before a long way without jumps, so that it walks the way
 * once. It keeps a state only after two jumps and eight instructions since the last (is_state_visited() in
 * kernel/bpf/verifier.c). When it is done it takes jumps out that lead nowhere, since 5.1.
 */
static __always_inline void paths_meet(void)
{
	asm volatile("goto +0\n\tgoto +0\n\tgoto +0\n\tgoto +0\n\t"
		     "goto +0\n\tgoto +0\n\tgoto +0\n\tgoto +0\n\tgoto +0");
}

#else

#include <string.h>

#define STAGE static
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

static __always_inline __u64 load64(const __u8 *from)
{
	__u64 value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static __always_inline void store64(__u8 *to, __u64 value)
{
	memcpy(to, &value, sizeof(value));
}

static __always_inline const __u8 *advance(const __u8 *at, __u64 bytes)
{
	return at + bytes;
}

static __always_inline __u64 unknown(__u64 number)
{
	return number;
}

static __always_inline void paths_meet(void)
{
}

#endif

/* Unrolls, or not, the loop that follows, for the kernel's verifier. */
#ifdef __clang__
#define UNROLLED   _Pragma("clang loop unroll(full)")
#define UNROLLED_3 _Pragma("clang loop unroll_count(3)")
#define ROLLED	   _Pragma("clang loop unroll(disable)")
#else
#define UNROLLED
#define UNROLLED_3
#define ROLLED
#endif

/*
 * Hides a value's properties from the compiler. Without it, clang removes bounds checks that the
 * kernel's verifier needs, and turns masks back into branches, each of which doubles the verifier's
 * paths.
 */
#define opaque(value) asm volatile("" : "+r"(value))

/*
 * 1 for a negative value, 0 for others. To be multiplied with, not made a mask: where a mask of all
 * ones or none meets a constant, verifiers from 6.18 on walk on with each of the two.
 */
static __always_inline __u64 is_negative(__s64 value)
{
	opaque(value); /* or clang compares instead, and branches */
	__u64 sign = (__u64)value >> 63;

	opaque(sign);
	return sign;
}

/* Sets `count` words to 0. Volatile, or clang would call memset(), which BPF does not have. */
static __always_inline void clear64(volatile __u64 *words, __u32 count)
{
	ROLLED
	for (__u32 i = 0; i < count; i++)
		words[i] = 0;
}

#endif
