// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_move.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_elements.h"
#include "kernel/map_info.h"

enum {
	WORD = sizeof(uint64_t),
	ADDED_MAX =
		16384, /* bytes of a value: what an instruction's offset reaches, behind the key */
	FIRST_ROOM = 1024, /* elements of a hash */
	TRIES = 10000, /* to merge, while a program changes the same element; it takes some microseconds */
};

/* --- preparing ------------------------------------------------------------------------------- */

static bool is_array(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static bool is_hash(uint32_t type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH ||
	       type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LPM_TRIE;
}

static bool is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static uint32_t whole_words(uint32_t bytes)
{
	return (bytes + WORD - 1) / WORD * WORD;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static int compare_maps(struct map_move *move)
{
	struct bpf_map_info from, to;
	int cpus = libbpf_num_possible_cpus(), error = map_info_read(move->from, &from);

	if (error == 0)
		error = map_info_read(move->to, &to);
	if (error < 0 || cpus < 0)
		return error < 0 ? error : cpus;
	if (from.type != to.type || (!is_array(from.type) && !is_hash(from.type)) ||
		from.key_size != to.key_size || from.key_size > MAP_KEY_MAX)
		return -EOPNOTSUPP;
	const bool per_cpu = is_per_cpu(from.type);
	move->array = is_array(from.type);
	move->key_size = from.key_size;
	move->entries = smaller(from.max_entries, to.max_entries);
	move->cpus = per_cpu ? (uint32_t)cpus : 1;
	move->from_size = per_cpu ? whole_words(from.value_size) : from.value_size;
	move->to_size = per_cpu ? whole_words(to.value_size) : to.value_size;
	move->common = smaller(move->from_size, move->to_size);
	move->added = smaller(smaller(from.value_size, to.value_size), ADDED_MAX);
	return 0;
}

/* Makes room for more elements: those of a hash are not known before. */
static int make_room(struct map_move *move, uint32_t elements)
{
	if (elements > MAP_MOVE_MEMORY_MAX / (map_element_size(move) + move->key_size))
		return -E2BIG;
	uint8_t *copies = realloc(move->copies, elements * map_element_size(move));
	if (copies == NULL)
		return -ENOMEM;
	move->copies = copies;
	if (!move->array) {
		uint8_t *keys = realloc(move->keys, (size_t)elements * move->key_size);
		if (keys == NULL)
			return -ENOMEM;
		move->keys = keys;
	}
	move->room = elements;
	return 0;
}

static uint32_t larger_size(const struct map_move *move)
{
	return move->from_size > move->to_size ? move->from_size : move->to_size;
}

static int make_buffers(struct map_move *move)
{
	move->value = calloc(move->cpus, larger_size(move));
	move->now = calloc(move->cpus, move->common);
	move->there = calloc(move->cpus, move->common);
	return move->value == NULL || move->now == NULL || move->there == NULL ? -ENOMEM : 0;
}

/* A value with a lock is read and written under that: the kernel refuses the flag for others. */
static void find_lock(struct map_move *move)
{
	uint8_t key[MAP_KEY_MAX] = { 0 };

	if (move->flags != 0 || move->cpus > 1 ||
		(!move->array && bpf_map_get_next_key(move->from, NULL, key) < 0))
		return;
	if (bpf_map_lookup_elem_flags(move->from, key, move->value, BPF_F_LOCK) == 0 ||
		errno == ENOENT)
		move->flags = BPF_F_LOCK;
}

/* --- elements --------------------------------------------------------------------------------- */

static void clear_stale(const struct map_move *move, uint8_t *common)
{
	for (uint32_t cpu = 0; cpu < move->cpus; cpu++)
		memset(common + (size_t)cpu * move->common + (size_t)move->stale.first * WORD, 0,
			(size_t)move->stale.n * WORD);
}

/* Copies an element, and remembers the copy. */
static int copy_element(struct map_move *move, const void *key, const uint8_t *value)
{
	uint8_t *copy = map_element_copy(move, move->n);
	int error = map_element_read_from(move, key, value, copy);

	if (error == -ENOENT)
		return 0; /* removed meanwhile */
	if (error < 0)
		return error;
	clear_stale(move, copy);
	error = map_element_write(move, key, copy, move->array ? BPF_ANY : BPF_NOEXIST);
	if (error == -EEXIST)
		return 0; /* a hash that changes is walked anew */
	if (error < 0)
		return error;
	if (!move->array)
		memcpy(map_element_key(move, move->n), key, move->key_size);
	move->n++;
	return 0;
}

static int copy_array(struct map_move *move)
{
	int error = make_room(move, move->entries);

	for (uint32_t i = 0; i < move->entries && error == 0; i++)
		error = copy_element(move, &i, NULL);
	return error;
}

static int copy_next(struct map_move *move, const void *key, const uint8_t *value)
{
	int error = 0;

	if (move->n == move->room)
		error = make_room(move, move->room == 0 ? FIRST_ROOM : 2 * move->room);
	return error < 0 ? error : copy_element(move, key, value);
}

static int make_index(struct map_move *move)
{
	uint32_t places = 2;

	while (places < 2 * move->n)
		places *= 2;
	move->index_mask = places - 1;
	move->index = calloc(places, sizeof(*move->index));
	move->seen = calloc(move->n + 1, sizeof(*move->seen));
	if (move->index == NULL || move->seen == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < move->n; i++)
		*map_element_place(move, map_element_key(move, i)) = i + 1;
	return 0;
}

static int copy(struct map_move *move)
{
	int error = compare_maps(move);

	if (error == 0)
		error = make_buffers(move);
	if (error < 0)
		return error;
	find_lock(move);
	if (move->array)
		return copy_array(move);
	error = map_elements_walk(move, copy_next);
	return error < 0 ? error : make_index(move);
}

static void begin(struct map_move *move, int from, int to)
{
	*move = (struct map_move) {
		.from = from, .to = to, .add = MAP_ADD_NONE, .swap = MAP_SWAP_NONE
	};
}

int map_move_open(int from, int to, struct map_move **opened)
{
	struct map_move *move = calloc(1, sizeof(*move));

	if (move == NULL)
		return -ENOMEM;
	begin(move, from, to);
	int error = copy(move);
	if (error == 0 && move->flags == 0) {
		error = map_add_open(
			&move->add, to, move->key_size, move->added, (struct map_words) { 0 });
		move->adds = error == 0;
		if (error == -EACCES) /* no program may write to it */
			error = 0;
	}
	if (error < 0)
		map_move_close(move);
	else
		*opened = move;
	return error;
}

int map_move_locked(int from, int to, const struct map_merging *merging, struct map_move **opened)
{
	struct map_move *move = calloc(1, sizeof(*move));

	if (move == NULL)
		return -ENOMEM;
	begin(move, from, to);
	move->merging = merging;
	move->flags = BPF_F_LOCK;
	int error = copy(move);
	if (error == 0 && (move->cpus > 1 || move->common < merging->words * WORD))
		error = -EOPNOTSUPP;
	if (error == 0)
		error = map_swap_open(
			&move->swap, to, move->key_size, merging->words, merging->added);
	if (error < 0)
		map_move_close(move);
	else
		*opened = move;
	return error;
}

int map_move_flows(int from, int to, struct map_words stale)
{
	struct map_move *move = calloc(1, sizeof(*move));

	if (move == NULL)
		return -ENOMEM;
	begin(move, from, to);
	move->stale = stale;
	int error = copy(move);
	map_move_close(move);
	return error;
}

/* Values with a lock may be keys of sessions. */
static void wipe(struct map_move *move)
{
	if (move->copies != NULL)
		explicit_bzero(move->copies, move->room * map_element_size(move));
	if (move->now != NULL)
		explicit_bzero(move->now, map_element_size(move));
	if (move->there != NULL)
		explicit_bzero(move->there, map_element_size(move));
	if (move->value != NULL)
		explicit_bzero(move->value, (size_t)move->cpus * larger_size(move));
}

void map_move_close(struct map_move *move)
{
	if (move == NULL)
		return;
	map_add_close(&move->add);
	map_swap_close(&move->swap);
	if (move->merging != NULL)
		wipe(move);
	free(move->keys);
	free(move->copies);
	free(move->seen);
	free(move->index);
	free(move->value);
	free(move->now);
	free(move->there);
	free(move);
}

/* --- what has changed since ------------------------------------------------------------------ */

static uint64_t word_at(const struct map_move *move, const uint8_t *common, uint32_t word)
{
	uint64_t value = 0;

	memcpy(&value, common + (size_t)word * WORD, smaller(move->added - word * WORD, WORD));
	return value;
}

/* Sums up what has been added to an element on all CPUs since it was copied; NULL: since it was zero. Returns whether
 * it is anything. */
static bool sum_changes(struct map_move *move, const uint8_t *copied)
{
	uint64_t any = 0;

	for (uint32_t i = 0; i < move->add.n; i++) {
		uint64_t sum = 0;
		for (uint32_t cpu = 0; cpu < move->cpus; cpu++) {
			const size_t at = (size_t)cpu * move->common;
			sum += word_at(move, move->now + at, i);
			sum -= copied == NULL ? 0 : word_at(move, copied + at, i);
		}
		move->add.words[i] = sum;
		any |= sum;
	}
	return any != 0;
}

/* Writes what an element has become, unless the next program has changed it: there is none that adds. */
static int overwrite(struct map_move *move, const void *key, const uint8_t *copied)
{
	int error = map_element_read_to(move, key, move->there);

	if (error == 0 && memcmp(copied, move->there, map_element_size(move)) == 0)
		error = map_element_write(move, key, move->now, BPF_EXIST);
	return error == -ENOENT ? 0 : error;
}

/* Puts together what both programs have made of an element. */
static int merge(struct map_move *move, const void *key, const uint8_t *copied)
{
	const struct map_merging *merging = move->merging;
	struct map_swap *swap = &move->swap;
	const size_t size = (size_t)swap->n * WORD;

	for (int i = 0; i < TRIES; i++) {
		int error = map_element_read_to(move, key, move->there);
		if (error < 0)
			return error == -ENOENT ? 0 : error;
		memcpy(swap->expected, move->there, size);
		merging->merge(move->there, copied, move->now);
		memcpy(swap->wanted, move->there, size);
		for (uint32_t word = merging->added; word < swap->n; word++)
			swap->wanted[word] =
				word_at(move, move->now, word) - word_at(move, copied, word);
		error = map_swap_run(swap, key);
		if (error != 0)
			return error < 0 ? error : 0;
	}
	return -EAGAIN;
}

static int settle_element(struct map_move *move, const void *key, const uint8_t *copied)
{
	if (memcmp(copied, move->now, map_element_size(move)) == 0)
		return 0;
	if (move->merging != NULL)
		return merge(move, key, copied);
	if (!move->adds)
		return overwrite(move, key, copied);
	return sum_changes(move, copied) ? map_add_run(&move->add, key) : 0;
}

static int settle_array(struct map_move *move)
{
	int error = 0;

	for (uint32_t i = 0; i < move->n && error == 0; i++) {
		error = map_element_read_from(move, &i, NULL, move->now);
		if (error == 0)
			error = settle_element(move, &i, map_element_copy(move, i));
	}
	return error;
}

/* Inserts what is new, or adds it to what the next program has begun with the same key. */
static int settle_new(struct map_move *move, const void *key)
{
	int error = map_element_write(move, key, move->now, BPF_NOEXIST);

	if (error != -EEXIST)
		return error;
	return move->adds && sum_changes(move, NULL) ? map_add_run(&move->add, key) : 0;
}

static int settle_next(struct map_move *move, const void *key, const uint8_t *value)
{
	int error = map_element_read_from(move, key, value, move->now);

	if (error < 0)
		return error == -ENOENT ? 0 : error;
	const uint32_t place = *map_element_place(move, key);
	if (place == 0)
		return settle_new(move, key);
	if (move->seen[place - 1])
		return 0;
	move->seen[place - 1] = true;
	return settle_element(move, key, map_element_copy(move, place - 1));
}

/* Removes what the old program has removed, unless the next one has used it. */
static int settle_removed(struct map_move *move, uint32_t element)
{
	const uint8_t *key = map_element_key(move, element);
	int error = map_element_read_to(move, key, move->there);

	if (error == 0 &&
		memcmp(move->there, map_element_copy(move, element), map_element_size(move)) == 0 &&
		bpf_map_delete_elem(move->to, key) < 0)
		error = -errno;
	return error == -ENOENT ? 0 : error;
}

static int settle_hash(struct map_move *move)
{
	int error = map_elements_walk(move, settle_next);

	for (uint32_t i = 0; i < move->n && error == 0; i++)
		if (!move->seen[i])
			error = settle_removed(move, i);
	return error;
}

int map_move_settle(struct map_move *move)
{
	return move->array ? settle_array(move) : settle_hash(move);
}
