// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/buckets.h"

#include <string.h>

#define KICKS_MAX 2000

/* An entry of either width, as four words; a narrow one has one. */
struct entry {
	__u64 words[sizeof(struct mesh_wide) / sizeof(uint64_t)];
};

struct table {
	enum mesh_width width;
	__u64 *words;
	uint32_t mask, ways, size; /* size of an entry in words */
	const __u64 *multipliers;
	uint64_t random;
};

uint32_t buckets_wanted(enum mesh_width width, uint32_t n, uint32_t more)
{
	uint32_t ways = width == MESH_NARROW ? MESH_NARROW_WAYS : MESH_WIDE_WAYS, buckets = 1;

	/* Two choices of 8 take 98 % and of 2 take 90 %; below 80 % few keys have to move. */
	while ((uint64_t)buckets * ways * 4 < (uint64_t)n * 5)
		buckets *= 2;
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

	return table->words + (uint32_t)(hash & table->mask) * (MESH_LINE_WORDS / 2);
}

static bool is_free(const struct table *table, const __u64 *words)
{
	return table->width == MESH_WIDE ? words[2] == 0 : words[0] == 0;
}

static bool put(const struct table *table, const struct entry *entry)
{
	for (int choice = 0; choice < 2; choice++) {
		__u64 *words = bucket_of(table, entry, choice);
		for (uint32_t i = 0; i < table->ways; i++, words += table->size) {
			if (!is_free(table, words))
				continue;
			memcpy(words, entry, table->size * sizeof(*words));
			return true;
		}
	}
	return false;
}

static uint32_t next_random(struct table *table)
{
	table->random = table->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(table->random >> 40);
}

/* Puts an entry in the place of another, which goes to its other bucket. */
static bool insert(struct table *table, struct entry entry)
{
	for (int kicks = 0; kicks < KICKS_MAX; kicks++) {
		if (put(table, &entry))
			return true;
		uint32_t random = next_random(table);
		__u64 *words = bucket_of(table, &entry, random & 1) +
			       (random >> 1) % table->ways * table->size;
		struct entry other = { { 0 } };
		memcpy(&other, words, table->size * sizeof(*words));
		memcpy(words, &entry, table->size * sizeof(*words));
		entry = other;
	}
	return false;
}

bool buckets_fill(enum mesh_width width, struct mesh_line *lines, uint32_t buckets,
	const __u64 *multipliers, const struct mesh_key *keys, uint32_t n)
{
	struct table table = {
		.width = width,
		.words = lines->words,
		.mask = buckets - 1,
		.ways = width == MESH_WIDE ? MESH_WIDE_WAYS : MESH_NARROW_WAYS,
		.size = width == MESH_WIDE ? sizeof(struct mesh_wide) / sizeof(uint64_t) : 1,
		.multipliers = multipliers,
	};

	for (uint32_t i = 0; i < n; i++)
		if (!insert(&table, make_entry(width, &keys[i])))
			return false;
	return true;
}
