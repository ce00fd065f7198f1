/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012; the longer output is theirs). */
#ifndef X0_PQC_SIPHASH_BPF_H
#define X0_PQC_SIPHASH_BPF_H

#include "mldsa/platform.bpf.h"

struct siphash {
	__u64 v0, v1, v2, v3;
};

static __always_inline __u64 siphash_rotate(__u64 value, const __u32 bits)
{
	return value << bits | value >> (64 - bits);
}

static __always_inline void siphash_round(struct siphash *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = siphash_rotate(s->v1, 13) ^ s->v0;
	s->v3 = siphash_rotate(s->v3, 16) ^ s->v2;
	s->v0 = siphash_rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = siphash_rotate(s->v1, 17) ^ s->v2;
	s->v3 = siphash_rotate(s->v3, 21) ^ s->v0;
	s->v2 = siphash_rotate(s->v2, 32);
}

static __always_inline void siphash_begin(struct siphash *s, const __u64 *key)
{
	/* "somepseudorandomlygeneratedbytes", as the paper has it; 0xee asks for 128 bits. */
	s->v0 = key[0] ^ 0x736f6d6570736575;
	s->v1 = key[1] ^ 0x646f72616e646f6d ^ 0xee;
	s->v2 = key[0] ^ 0x6c7967656e657261;
	s->v3 = key[1] ^ 0x7465646279746573;
}

static __always_inline void siphash_word(struct siphash *s, __u64 word)
{
	s->v3 ^= word;
	siphash_round(s);
	siphash_round(s);
	s->v0 ^= word;
}

static __always_inline void siphash_end(struct siphash *s, __u64 *tag)
{
	s->v2 ^= 0xee;
	for (int i = 0; i < 4; i++)
		siphash_round(s);
	tag[0] = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
	s->v1 ^= 0xdd;
	for (int i = 0; i < 4; i++)
		siphash_round(s);
	tag[1] = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/*
 * The last word: the bytes behind the whole words, and the length. Returns 0, or -1 when they do not
 * lie before `end`.
 */
static __always_inline int siphash_last(const __u8 *at, const void *end, __u32 length, __u64 *last)
{
	*last = (__u64)length << 56;
	at = advance(at, length & ~7u);
	ROLLED
	for (__u32 n = 0; n < 7; n++) {
		if (n >= (length & 7))
			break;
		opaque(at); /* or clang would compute with `end`, which verifiers refuse */
		if ((const void *)(at + 1) > end)
			return -1;
		*last |= (__u64)*at++ << (8 * n);
	}
	return 0;
}

/* Hashes a few words. */
static __always_inline __u64 siphash_words(const __u64 *key, const __u64 *words, const __u32 n)
{
	struct siphash s;
	__u64 tag[2];

	siphash_begin(&s, key);
	UNROLLED
	for (__u32 i = 0; i < n; i++)
		siphash_word(&s, words[i]);
	siphash_word(&s, (__u64)(n * 8) << 56);
	siphash_end(&s, tag);
	return tag[0];
}

/* Adds both halves of a word to a sum of 16-bit words in ones' complement (RFC 1071). */
static __always_inline void sum_word(__u64 *sum, __u64 word)
{
	*sum += word & 0xffffffff;
	*sum += word >> 32;
}

/* What a checksum adds of hashed words: of whole ones modulo 2^64, and of their upper halves. */
struct siphash_sums {
	__u64 words, upper;
};

#define SIPHASH_BLOCK 4 /* words that are hashed at one check of the packet's end */

/*
 * Hash the word at `at`, or SIPHASH_BLOCK of them, and add them to the sums. For BPF without clang's
 * copies and spills, and in an order that was found by trying: a rotation takes four instructions, and a
 * word 71, to which a loop of single words added 10.
 */
#ifdef __bpf__
#define ROUND                                                  \
	"%[v0] += %[v1]\n\t%[a] = %[v1]\n\t%[v2] += %[v3]\n\t" \
	"%[v1] <<= 13\n\t%[a] >>= 51\n\t%[v1] |= %[a]\n\t"     \
	"%[a] = %[v3]\n\t%[v3] <<= 16\n\t%[v1] ^= %[v0]\n\t"   \
	"%[a] >>= 48\n\t%[v3] |= %[a]\n\t%[a] = %[v0]\n\t"     \
	"%[a] >>= 32\n\t%[v3] ^= %[v2]\n\t%[v0] <<= 32\n\t"    \
	"%[v0] |= %[a]\n\t%[a] = %[v1]\n\t%[a] >>= 47\n\t"     \
	"%[v2] += %[v1]\n\t%[v1] <<= 17\n\t%[v1] |= %[a]\n\t"  \
	"%[v1] ^= %[v2]\n\t%[v0] += %[v3]\n\t%[b] = %[v3]\n\t" \
	"%[b] >>= 43\n\t%[v3] <<= 21\n\t%[v3] |= %[b]\n\t"     \
	"%[v3] ^= %[v0]\n\t%[a] = %[v2]\n\t%[a] >>= 32\n\t"    \
	"%[v2] <<= 32\n\t%[v2] |= %[a]\n\t"

#define WORD(offset, upper_offset)                                              \
	"%[a] = *(u64 *)(%[at] + " #offset ")\n\t%[v3] ^= %[a]\n\t" ROUND ROUND \
	"%[a] = *(u64 *)(%[at] + " #offset ")\n\t%[v0] ^= %[a]\n\t"             \
	"%[b] = *(u32 *)(%[at] + " #upper_offset ")\n\t"                        \
	"%[words] += %[a]\n\t%[upper] += %[b]\n\t"

#define HASH(words_of_it)                                                                        \
	__u64 a, b;                                                                              \
	asm volatile(                                                                            \
		words_of_it                                                                      \
		: [v0] "+r"(s->v0), [v1] "+r"(s->v1), [v2] "+r"(s->v2), [v3] "+r"(s->v3),        \
		[words] "+r"(sums->words), [upper] "+r"(sums->upper), [a] "=&r"(a), [b] "=&r"(b) \
		: [at] "r"(at))

static __always_inline void siphash_load(
	struct siphash *s, const __u8 *at, struct siphash_sums *sums)
{
	HASH(WORD(0, 4));
}

static __always_inline void siphash_load_block(
	struct siphash *s, const __u8 *at, struct siphash_sums *sums)
{
	HASH(WORD(0, 4) WORD(8, 12) WORD(16, 20) WORD(24, 28));
}
#else
static __always_inline void siphash_load(
	struct siphash *s, const __u8 *at, struct siphash_sums *sums)
{
	__u64 word = load64(at);

	siphash_word(s, word);
	sums->words += word;
	sums->upper += word >> 32;
}

static __always_inline void siphash_load_block(
	struct siphash *s, const __u8 *at, struct siphash_sums *sums)
{
	for (int i = 0; i < SIPHASH_BLOCK; i++)
		siphash_load(s, at + 8 * i, sums);
}
#endif

static __always_inline __u32 sum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* The bytes of whole words that are before the first whole block: a multiple of 8 below that of a block. */
#define SIPHASH_ODD_MASK (8 * (SIPHASH_BLOCK - 1))

/*
 * The tag of `before` words and `length` bytes at `at`, at most `length_max`, a constant. Adds the bytes
 * to *sum unless it is NULL. Returns 0, or -1 when they do not all lie before `end`. Goes through
 * the words that make no block first: behind a loop in which the packet pointer moves, the verifier walks
 * once for each length what still uses it.
 */
static __always_inline int siphash_of_packet(const __u64 *key, const __u64 *before,
	const __u32 words, const __u8 *at, const void *end, __u32 length, const __u32 length_max,
	__u64 *tag, __u64 *sum)
{
	struct siphash_sums sums = { 0, 0 };
	struct siphash s;
	const __u8 *block;
	__u64 last;

	if (siphash_last(at, end, length, &last))
		return -1;
	block = advance(at, unknown(length) & SIPHASH_ODD_MASK);
	siphash_begin(&s, key);
	UNROLLED
	for (__u32 n = 0; n < words; n++)
		siphash_word(&s, before[n]);
	ROLLED
	for (__u32 n = 8; n < 8 * SIPHASH_BLOCK; n += 8) {
		if (n > (length & SIPHASH_ODD_MASK))
			break;
		opaque(at);
		if ((const void *)(at + 8) > end)
			return -1;
		siphash_load(&s, at, &sums);
		at += 8;
	}
	ROLLED
	for (__u32 n = 8 * SIPHASH_BLOCK; n <= length_max; n += 8 * SIPHASH_BLOCK) {
		if (n > length)
			break;
		opaque(block);
		if ((const void *)(block + 8 * SIPHASH_BLOCK) > end)
			return -1;
		siphash_load_block(&s, block, &sums);
		block += 8 * SIPHASH_BLOCK;
	}
	paths_meet();
	if (sum) {
		*sum += sums.words - (sums.upper << 32) + sums.upper;
		sum_word(sum, last << 8 >> 8);
	}
	siphash_word(&s, last + ((__u64)(words * 8) << 56));
	siphash_end(&s, tag);
	return 0;
}

/* The tag of `length` bytes alone. */
static __always_inline int siphash_128(const __u64 *key, const __u8 *at, const void *end,
	__u32 length, const __u32 length_max, __u64 *tag)
{
	return siphash_of_packet(key, 0, 0, at, end, length, length_max, tag, 0);
}

#endif
