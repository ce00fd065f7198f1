// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/short_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_A_BUCKET 11
#define KICKS_MAX     2000
#define TRIES_MAX     2000000

/* Which keys are in which bucket, 1 + their number; 0: free. */
struct placing {
	__u64 multipliers[2]; /* the lines, with the head, move */
	const struct mesh_key *keys;
	uint32_t n, buckets, class_bits;
	uint32_t (*places)[MESH_SHORT_WAYS];
	__u32 *more; /* MESH_SHORT_MORE() of keys whose first choice this is, and that have gone to their second */
	uint64_t random;
};

static uint32_t prefix_of(const struct placing *p, uint32_t key)
{
	return (uint32_t)(p->keys[key].high >> 32);
}

static uint32_t hash_of(const struct placing *p, uint32_t key, uint32_t choice)
{
	return MESH_SHORT_HASH(p->multipliers, prefix_of(p, key), choice);
}

static uint32_t bucket_of(const struct placing *p, uint32_t key, uint32_t choice)
{
	return (uint32_t)MESH_BUCKET(p->buckets, hash_of(p, key, choice));
}

static uint32_t next_random(struct placing *p)
{
	p->random = p->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(p->random >> 32);
}

static bool put(const struct placing *p, uint32_t key, uint32_t most)
{
	for (uint32_t choice = 0; choice < 2; choice++) {
		uint32_t *place = p->places[bucket_of(p, key, choice)];
		for (uint32_t i = 0; i < most; i++)
			if (place[i] == 0) {
				place[i] = key + 1;
				return true;
			}
	}
	return false;
}

/* Puts a key in the place of another, which goes to its other bucket. */
static bool insert(struct placing *p, uint32_t key)
{
	const uint32_t most =
		MESH_SHORT_WAYS - 2; /* more of them are hardly ever in different words */

	for (int kicks = 0; kicks < KICKS_MAX; kicks++) {
		if (put(p, key, most))
			return true;
		uint32_t random = next_random(p);
		uint32_t *place = &p->places[bucket_of(p, key, random & 1)][(random >> 1) % most];
		uint32_t other = *place - 1;
		*place = key + 1;
		key = other;
	}
	return false;
}

/* Writes the keys of a bucket where this multiplier has them. Returns false if two want the same word. */
static bool order(const struct placing *p, uint32_t bucket, __u32 multiplier, __u32 *words)
{
	memset(words, 0, sizeof(struct mesh_bucket));
	words[0] = multiplier;
	for (uint32_t i = 0; i < MESH_SHORT_WAYS && p->places[bucket][i] != 0; i++) {
		uint32_t key = p->places[bucket][i] - 1;
		uint32_t choice = bucket_of(p, key, 0) != bucket;
		__u32 *word = &words[MESH_SHORT_WORD(multiplier, prefix_of(p, key))];
		if (*word != 0)
			return false;
		*word = MESH_SHORT_TAG(hash_of(p, key, choice), choice, p->class_bits) |
			p->keys[key].class;
	}
	return true;
}

static bool order_bucket(struct placing *p, uint32_t bucket, __u32 *words)
{
	for (int tries = 0; tries < TRIES_MAX; tries++)
		if (order(p, bucket, (next_random(p) & ~MESH_SHORT_MORES) | p->more[bucket] | 1,
			    words))
			return true;
	return false;
}

static bool place_all(struct placing *p)
{
	for (uint32_t key = 0; key < p->n; key++)
		if (!insert(p, key))
			return false;
	for (uint32_t bucket = 0; bucket < p->buckets; bucket++)
		for (uint32_t i = 0; i < MESH_SHORT_WAYS && p->places[bucket][i] != 0; i++) {
			uint32_t key = p->places[bucket][i] - 1, first = bucket_of(p, key, 0);
			if (first != bucket)
				p->more[first] |= MESH_SHORT_MORE(hash_of(p, key, 0));
		}
	return true;
}

/* Returns the bits that classes need. */
static uint32_t bits_of_classes(const struct mesh_key *keys, uint32_t n)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < n; i++)
		while (keys[i].class >> bits != 0)
			bits++;
	return bits;
}

/* Returns buckets of `compiled->shorts`, or NULL if there is no memory. */
static struct mesh_bucket *take_buckets(struct mesh_compiled *compiled, uint32_t n, uint32_t *first)
{
	if (compiled->shorts == NULL)
		compiled->shorts = calloc(MESH_SHORT_BUCKETS, sizeof(*compiled->shorts));
	if (compiled->shorts == NULL)
		return NULL;
	*first = compiled->n_shorts;
	compiled->n_shorts += n;
	return &compiled->shorts[*first];
}

/* Writes the table to buckets that are made for it. */
static int write_table(
	struct placing *p, struct mesh_compiled *compiled, uint32_t bank, struct mesh_node *node)
{
	uint32_t first = 0;
	struct mesh_bucket *buckets = take_buckets(compiled, p->buckets, &first);

	if (buckets == NULL)
		return -ENOMEM;
	for (uint32_t bucket = 0; bucket < p->buckets; bucket++)
		if (!order_bucket(p, bucket, buckets[bucket].words))
			goto unordered;
	node->first = bank % MESH_BANKS * MESH_SHORT_BUCKETS + first;
	node->class_bits = (__u8)p->class_bits;
	node->buckets = p->buckets;
	return 0;
unordered:
	memset(buckets, 0, p->buckets * sizeof(*buckets));
	compiled->n_shorts = first;
	compiled->grown = true;
	return 0;
}

int short_table_add(struct mesh_compiled *compiled, const struct mesh_key *keys, uint32_t n,
	struct mesh_node *node)
{
	const struct mesh_head *head = (const struct mesh_head *)compiled->lines;
	struct placing p = { .multipliers = { head->multipliers[0], head->multipliers[1] },
		.keys = keys,
		.n = n,
		.buckets = n / KEYS_A_BUCKET + 1,
		.class_bits = bits_of_classes(keys, n),
		.random = head->multipliers[0] };
	int error = 0;

	/* The bits of a tag are enough to tell apart what shares a bucket. */
	if (p.buckets < 1ULL << (32 - MESH_SHORT_TAG_BITS + p.class_bits))
		return 0;
	if (p.buckets > compiled->room_shorts - compiled->n_shorts)
		return 0;
	p.places = calloc(p.buckets, sizeof(*p.places));
	p.more = calloc(p.buckets, sizeof(*p.more));
	if (p.places == NULL || p.more == NULL)
		error = -ENOMEM;
	else if (place_all(&p))
		error = write_table(&p, compiled, head->bank, node);
	else
		compiled->grown = true;
	free(p.places);
	free(p.more);
	return error;
}
