/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parameter sets, FIPS 204 Table 1. Functions that take one are inlined with it, so that its
 * members are constants in each instance: for_set() makes the instances.
 */
#ifndef X0_MLDSA_PARAMETERS_BPF_H
#define X0_MLDSA_PARAMETERS_BPF_H

#include "mldsa.h"
#include "mldsa/platform.bpf.h"

struct mldsa_parameters {
	__u32 set; /* enum mldsa_set */
	__u32 k, l; /* dimensions of A */
	__u32 tau; /* number of +-1 in the challenge c */
	__u32 c_tilde_bytes; /* lambda / 4 */
	__u32 gamma1_bits; /* gamma1 = 2^gamma1_bits: coefficient range of y, and so of z */
	__u32 beta; /* tau * eta */
	__u32 w1_max; /* (q - 1) / (2 * gamma2) - 1: the greatest coefficient of w1 */
	__u32 w1_bits; /* bitlen w1_max */
	__u32 omega; /* number of 1 in the hint h at most */
	__u32 public_bytes;
	__u32 signature_bytes;
};

static const struct mldsa_parameters mldsa_44 = { .set = MLDSA_44,
	.k = 4,
	.l = 4,
	.tau = 39,
	.c_tilde_bytes = 32,
	.gamma1_bits = 17,
	.beta = 78,
	.w1_max = 43,
	.w1_bits = 6,
	.omega = 80,
	.public_bytes = 1312,
	.signature_bytes = 2420 };

static const struct mldsa_parameters mldsa_65 = { .set = MLDSA_65,
	.k = 6,
	.l = 5,
	.tau = 49,
	.c_tilde_bytes = 48,
	.gamma1_bits = 19,
	.beta = 196,
	.w1_max = 15,
	.w1_bits = 4,
	.omega = 55,
	.public_bytes = 1952,
	.signature_bytes = 3309 };

static const struct mldsa_parameters mldsa_87 = { .set = MLDSA_87,
	.k = 8,
	.l = 7,
	.tau = 60,
	.c_tilde_bytes = 64,
	.gamma1_bits = 19,
	.beta = 120,
	.w1_max = 15,
	.w1_bits = 4,
	.omega = 75,
	.public_bytes = 2592,
	.signature_bytes = 4627 };

/*
 * The parameter sets of the keys that there are, MLDSA_HAS_*, set before loading. The code of the others
 * is dead, which the kernel's verifier does not walk: each set takes it 25 ms.
 */
#ifdef __bpf__
const volatile __u32 mldsa_sets = MLDSA_HAS_ALL;
#else
#define mldsa_sets MLDSA_HAS_ALL
#endif

/* Returns `call` where one of `sets` is there, else `otherwise`. */
#define if_set(sets, otherwise, call) return mldsa_sets & (sets) ? call : otherwise

/* Returns function(&parameters of `set`, ...), or, for one that is not there, `otherwise`. */
#define for_set(set, otherwise, function, ...)                                       \
	switch (set) {                                                               \
	case MLDSA_44:                                                               \
		if_set(MLDSA_HAS_44, otherwise, function(&mldsa_44, ##__VA_ARGS__)); \
	case MLDSA_65:                                                               \
		if_set(MLDSA_HAS_65, otherwise, function(&mldsa_65, ##__VA_ARGS__)); \
	case MLDSA_87:                                                               \
		if_set(MLDSA_HAS_87, otherwise, function(&mldsa_87, ##__VA_ARGS__)); \
	default:                                                                     \
		return otherwise;                                                    \
	}

#endif
