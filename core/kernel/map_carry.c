// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_carry.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_info.h"

enum {
	WORD = sizeof(uint64_t),
	VALUE_MAX = 16384, /* bytes: what an instruction's offset reaches, with the key before it */
	KEY_MAX = 256, /* bytes */
	TRIES = 8,
};

struct map_carry {
	int from, to; /* not owned */
	struct map_add add;
	bool array;
	uint32_t key_size, entries, words, from_words, to_words;
	struct map_words apart;
	int cpus;
	uint64_t *values; /* of an element on all CPUs, of the larger map */
	uint64_t *before, *after; /* `words` each */
};

static bool is_largest(const struct map_carry *carry, uint32_t word)
{
	return carry->apart.largest && map_words_have(carry->apart, word);
}

/* --- preparing ------------------------------------------------------------------------------- */

static uint32_t words_of(uint32_t bytes)
{
	return (bytes + WORD - 1) / WORD;
}

static bool is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static int compare_maps(struct map_carry *carry)
{
	struct bpf_map_info from, to;
	int error = map_info_read(carry->from, &from);

	if (error == 0)
		error = map_info_read(carry->to, &to);
	if (error < 0)
		return error;
	uint32_t size = from.value_size < to.value_size ? from.value_size : to.value_size;
	if (from.type != to.type || !is_per_cpu(from.type) || from.key_size != to.key_size ||
		from.key_size > KEY_MAX || size % WORD != 0 || size > VALUE_MAX)
		return -EOPNOTSUPP;
	carry->array = from.type == BPF_MAP_TYPE_PERCPU_ARRAY;
	carry->key_size = from.key_size;
	carry->entries = from.max_entries < to.max_entries ? from.max_entries : to.max_entries;
	carry->words = size / WORD;
	carry->from_words = words_of(from.value_size);
	carry->to_words = words_of(to.value_size);
	return 0;
}

static int make_room(struct map_carry *carry)
{
	uint32_t most = carry->from_words > carry->to_words ? carry->from_words : carry->to_words;

	carry->cpus = libbpf_num_possible_cpus();
	if (carry->cpus < 0)
		return carry->cpus;
	carry->values = calloc((size_t)carry->cpus * most, WORD);
	carry->before = calloc(carry->words, WORD);
	carry->after = calloc(carry->words, WORD);
	return carry->values == NULL || carry->before == NULL || carry->after == NULL ? -ENOMEM : 0;
}

int map_carry_open(int from, int to, struct map_words apart, struct map_carry **opened)
{
	struct map_carry *carry = calloc(1, sizeof(*carry));

	if (carry == NULL)
		return -ENOMEM;
	*carry = (struct map_carry) { .from = from, .to = to, .apart = apart, .add = MAP_ADD_NONE };
	int error = compare_maps(carry);
	if (error == 0)
		error = make_room(carry);
	if (error == 0)
		error = map_add_open(&carry->add, to, carry->key_size, carry->words * WORD, apart);
	if (error < 0) {
		map_carry_close(carry);
		return error;
	}
	*opened = carry;
	return 0;
}

void map_carry_close(struct map_carry *carry)
{
	if (carry == NULL)
		return;
	map_add_close(&carry->add);
	free(carry->values);
	free(carry->before);
	free(carry->after);
	free(carry);
}

/* --- carrying -------------------------------------------------------------------------------- */

/* Reads an element: sums over the CPUs, and the largest where that counts. */
static int read_element(
	struct map_carry *carry, int map, uint32_t words, const void *key, uint64_t *totals)
{
	memset(totals, 0, carry->words * WORD);
	if (bpf_map_lookup_elem(map, key, carry->values) < 0)
		return -errno;
	for (int cpu = 0; cpu < carry->cpus; cpu++)
		for (uint32_t i = 0; i < carry->words; i++) {
			uint64_t value = carry->values[(size_t)cpu * words + i];
			if (!is_largest(carry, i))
				totals[i] += value;
			else if (value > totals[i])
				totals[i] = value;
		}
	return 0;
}

/* Returns whether anything of what is wanted is missing, and forgets the rest: a program that was interrupted between
 * its reading and its writing of a word has written over what was added. Counts only grow. */
static bool any_missing(struct map_carry *carry)
{
	uint64_t *wanted = carry->add.words, any = 0;

	for (uint32_t i = 0; i < carry->words; i++) {
		uint64_t least = is_largest(carry, i) ? wanted[i] : carry->before[i] + wanted[i];
		if (wanted[i] == 0 || carry->after[i] >= least)
			wanted[i] = 0;
		any |= wanted[i];
	}
	return any != 0;
}

static int add_once(struct map_carry *carry, const void *key)
{
	int error = read_element(carry, carry->to, carry->to_words, key, carry->before);

	if (error == 0)
		error = map_add_run(&carry->add, key);
	return error < 0 ? error
			 : read_element(carry, carry->to, carry->to_words, key, carry->after);
}

static int carry_element(struct map_carry *carry, const void *key)
{
	uint64_t *wanted = carry->add.words, any = 0;
	int error = read_element(carry, carry->from, carry->from_words, key, wanted);

	for (uint32_t i = 0; error == 0 && i < carry->words; i++) {
		if (map_words_have(carry->apart, i) && !carry->apart.largest)
			wanted[i] = 0;
		any |= wanted[i];
	}
	if (error < 0 || any == 0)
		return error == -ENOENT ? 0 : error; /* removed meanwhile */
	if (!carry->array) {
		memset(carry->values, 0, (size_t)carry->cpus * carry->to_words * WORD);
		if (bpf_map_update_elem(carry->to, key, carry->values, BPF_NOEXIST) < 0 &&
			errno != EEXIST)
			return -errno;
	}
	for (int i = 0; i < TRIES; i++) {
		error = add_once(carry, key);
		if (error < 0 || !any_missing(carry))
			return error;
	}
	return -EAGAIN;
}

static int carry_array(struct map_carry *carry)
{
	int error = 0;

	for (uint32_t i = 0; i < carry->entries && error == 0; i++)
		error = carry_element(carry, &i);
	return error;
}

/* Bounds the walk: one that is deleted restarts it. */
static int carry_hash(struct map_carry *carry)
{
	uint8_t key[KEY_MAX], next[KEY_MAX];
	bool more = bpf_map_get_next_key(carry->from, NULL, key) == 0;
	int error = 0;

	for (uint32_t i = 0; more && i < carry->entries && error == 0; i++) {
		more = bpf_map_get_next_key(carry->from, key, next) == 0;
		error = carry_element(carry, key);
		memcpy(key, next, carry->key_size);
	}
	return error;
}

int map_carry_run(struct map_carry *carry)
{
	return carry->array ? carry_array(carry) : carry_hash(carry);
}
