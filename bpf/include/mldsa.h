/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ML-DSA (FIPS 204): layouts shared by the verifier in the kernel and user space. The library in
 * bpf/mldsa/ is the verifier and compiles for both.
 */
#ifndef X0_MLDSA_H
#define X0_MLDSA_H

#include <linux/types.h>

/* FIPS 204 section 4 and Table 2; the maxima are over the three sets. */
#define MLDSA_N		    256
#define MLDSA_Q		    8380417
#define MLDSA_D		    13
#define MLDSA_K_MAX	    8
#define MLDSA_L_MAX	    7
#define MLDSA_TR_BYTES	    64
#define MLDSA_OMEGA_MAX	    80
#define MLDSA_MU_BYTES	    64
#define MLDSA_PUBLIC_MAX    2592
#define MLDSA_SIGNATURE_MAX 4627
#define MLDSA_CONTEXT_MAX   255

/* Maximum length of a message in bytes. */
#define MLDSA_MESSAGE_MAX 2048

/* A parameter set is named as the standard names it: 44, 65 or 87. */
enum mldsa_set {
	MLDSA_44 = 44,
	MLDSA_65 = 65,
	MLDSA_87 = 87,
};

/* Sets of parameter sets, for the constant `mldsa_sets` of a verifier. */
#define MLDSA_HAS_44  1u
#define MLDSA_HAS_65  2u
#define MLDSA_HAS_87  4u
#define MLDSA_HAS_ALL (MLDSA_HAS_44 | MLDSA_HAS_65 | MLDSA_HAS_87)

/*
 * Values that depend on the public key only; key_expand() computes them when a key is loaded. Row i
 * of the matrix (-t1 * 2^d | A), in the NTT domain, are the l + 1 polynomials from i * (l + 1) on,
 * so that w = A z - c t1 2^d (Algorithm 8, line 9) is the product of that matrix with the vector
 * (c, z). Every coefficient carries the factor 2^32 / 256 modulo q: the inverse of the Montgomery
 * reduction that follows the product, and the scaling that ends the inverse NTT.
 */
struct mldsa_key {
	__u32 set; /* enum mldsa_set; 0: the slot is empty */
	__u32 reserved;
	__u8 tr[MLDSA_TR_BYTES];
	__u32 matrix[MLDSA_K_MAX * (MLDSA_L_MAX + 1)][MLDSA_N];
};

/*
 * A signature to verify. mu is the hash of `hash_input` (Algorithm 7, line 6):
 *
 *	tr (64 bytes) || 0 || length of the context || context || message
 *
 * The caller fills it from the third part on. The verifier adds tr and the 0 of pure ML-DSA, and
 * then uses it as scratch memory: a request serves one verification.
 */
#define MLDSA_CONTEXT_LENGTH_AT (MLDSA_TR_BYTES + 1)
#define MLDSA_CONTEXT_AT	(MLDSA_TR_BYTES + 2)
#define MLDSA_HASH_INPUT_BYTES	(18 * 136) /* whole SHAKE256 blocks; has room for the padding */

struct mldsa_request {
	__u32 key; /* slot of the key */
	__u32 message_length; /* at most MLDSA_MESSAGE_MAX */
	__u32 signature_length;
	__u32 reserved;
	__u8 hash_input[MLDSA_HASH_INPUT_BYTES];
	__u8 signature[(MLDSA_SIGNATURE_MAX + 7) / 8 * 8];
};

enum mldsa_verdict {
	MLDSA_VALID,
	MLDSA_NO_KEY, /* no key in that slot */
	MLDSA_BAD_LENGTH, /* not the length of a signature of this set; message too long */
	MLDSA_BAD_HINT, /* the hint is not encoded as HintBitPack would (Algorithm 21) */
	MLDSA_BAD_NORM, /* a coefficient of z is out of bounds (Algorithm 8, line 13) */
	MLDSA_MISMATCH, /* well-formed, and not a signature of this message by this key */
	MLDSA_VERDICTS,
};

#endif
