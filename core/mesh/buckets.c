// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/buckets.h"

#include <string.h>

#define KICKS_MAX 2000
#define TRIES_MAX 20000

/* An entry of either width, as four words; a narrow one has one. */
struct entry {
	__u64 words[sizeof(struct mesh_wide) / sizeof(uint64_t)];
};

struct table {
	enum mesh_width width;
	__u64 *words;
	uint32_t buckets, ways, size; /* size of an entry in words */
	uint32_t first; /* word of a bucket that is an entry */
	const __u64 *multipliers;
	uint64_t random;
};

uint32_t buckets_wanted(enum mesh_width width, uint32_t n, uint32_t more)
{
	/* Two choices of 7 take 97 %; half as much, and few keys go to the second. Two of 2 take 90 %. */
	uint32_t buckets = width == MESH_NARROW ? n / 4 + 1 : n * 5 / 8 + 1;

	return buckets << more;
}

static struct entry make_entry(enum mesh_width width, const struct mesh_key *key)
{
	if (width == MESH_WIDE)
		return (struct entry) { { key->high, key->low, key->length, key->class } };
	uint64_t narrow = key->length > 0 ? MESH_KEY4(key->high >> 32, key->length) : key->high;
	return (struct entry) { { narrow << 16 | key->class } };
}

static __u64 *bucket_of(const struct table *table, const struct entry *entry, int choice)
{
	const __u64 *w = entry->words, *m = table->multipliers;
	uint64_t hash = table->width == MESH_WIDE ? MESH_WIDE_HASH(m, w[0], w[1], w[2], choice)
						  : MESH_NARROW_HASH(m, w[0] >> 16, choice);

	return table->words + MESH_BUCKET(table->buckets, hash) * (MESH_LINE_WORDS / 2);
}

static bool is_free(const struct table *table, const __u64 *words)
{
	return table->width == MESH_WIDE ? words[2] == 0 : words[0] == 0;
}

static bool put(const struct table *table, const struct entry *entry)
{
	for (int choice = 0; choice < 2; choice++) {
		__u64 *words = bucket_of(table, entry, choice) + table->first;
		for (uint32_t i = 0; i < table->ways; i++, words += table->size) {
			if (!is_free(table, words))
				continue;
			memcpy(words, entry, table->size * sizeof(*words));
			return true;
		}
	}
	return false;
}

static uint64_t next_random(struct table *table)
{
	table->random = table->random * 6364136223846793005u + 1442695040888963407u;
	return table->random ^ table->random >> 32;
}

/* Puts an entry in the place of another, which goes to its other bucket. */
static bool insert(struct table *table, struct entry entry)
{
	for (int kicks = 0; kicks < KICKS_MAX; kicks++) {
		if (put(table, &entry))
			return true;
		uint32_t random = (uint32_t)next_random(table);
		__u64 *words = bucket_of(table, &entry, random & 1) + table->first +
			       (random >> 1) % table->ways * table->size;
		struct entry other = { { 0 } };
		memcpy(&other, words, table->size * sizeof(*words));
		memcpy(words, &entry, table->size * sizeof(*words));
		entry = other;
	}
	return false;
}

/* --- narrow buckets: each key in the word that the multiplier says ------------------------------- */

/* Orders the keys of a bucket by a multiplier. Returns false if two want the same word. */
static bool order(__u64 *bucket, const __u64 *keys, __u64 multiplier)
{
	bucket[0] = multiplier;
	memset(bucket + 1, 0, MESH_NARROW_WAYS * sizeof(*bucket));
	for (int i = 0; i < MESH_NARROW_WAYS; i++) {
		__u64 *word = bucket + MESH_NARROW_WORD(multiplier, keys[i] >> 16);
		if (keys[i] != 0 && *word != 0)
			return false;
		*word |= keys[i];
	}
	return true;
}

/* Finds a multiplier for a bucket, and keeps the bit of it that is set. */
static bool order_bucket(struct table *table, __u64 *bucket)
{
	__u64 keys[MESH_NARROW_WAYS], more = bucket[0];

	memcpy(keys, bucket + 1, sizeof(keys));
	for (int tries = 0; tries < TRIES_MAX; tries++)
		if (order(bucket, keys, (next_random(table) & ~MESH_NARROW_MORE) | more | 1))
			return true;
	return false;
}

/* Marks the buckets whose keys have gone to their second choice. */
static void mark_more(const struct table *table, const struct mesh_key *keys, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct entry entry = make_entry(table->width, &keys[i]);
		__u64 *bucket = bucket_of(table, &entry, 0);
		bool there = false;
		for (uint32_t way = 0; way < table->ways; way++)
			there |= bucket[table->first + way] == entry.words[0];
		if (!there)
			bucket[0] = MESH_NARROW_MORE;
	}
}

static bool order_all(struct table *table, const struct mesh_key *keys, uint32_t n)
{
	mark_more(table, keys, n);
	for (uint32_t i = 0; i < table->buckets; i++)
		if (!order_bucket(table, table->words + i * (MESH_LINE_WORDS / 2)))
			return false;
	return true;
}

bool buckets_fill(enum mesh_width width, struct mesh_line *lines, uint32_t buckets,
	const __u64 *multipliers, const struct mesh_key *keys, uint32_t n)
{
	bool narrow = width == MESH_NARROW;
	struct table table = {
		.width = width,
		.words = lines->words,
		.buckets = buckets,
		.ways = narrow ? MESH_NARROW_WAYS : MESH_WIDE_WAYS,
		.size = narrow ? 1 : sizeof(struct mesh_wide) / sizeof(uint64_t),
		.first = narrow ? 1 : 0,
		.multipliers = multipliers,
		.random = multipliers[0],
	};

	for (uint32_t i = 0; i < n; i++)
		if (!insert(&table, make_entry(width, &keys[i])))
			return false;
	return !narrow || order_all(&table, keys, n);
}
