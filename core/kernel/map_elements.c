// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_elements.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 1024 /* elements of a hash */ };

size_t map_element_size(const struct map_move *move)
{
	return (size_t)move->common * move->cpus;
}

uint8_t *map_element_copy(const struct map_move *move, uint32_t element)
{
	return move->copies + element * map_element_size(move);
}

uint8_t *map_element_key(const struct map_move *move, uint32_t element)
{
	return move->keys + (size_t)element * move->key_size;
}

/* Takes what is common from a value of a map, of `size` bytes on a CPU. */
static void take_common(
	const struct map_move *move, const uint8_t *value, uint32_t size, uint8_t *common)
{
	for (uint32_t cpu = 0; cpu < move->cpus; cpu++)
		memcpy(common + (size_t)cpu * move->common, value + (size_t)cpu * size,
			move->common);
}

static int read_common(
	struct map_move *move, int map, uint32_t size, const void *key, uint8_t *common)
{
	if (bpf_map_lookup_elem_flags(map, key, move->value, move->flags) < 0)
		return -errno;
	take_common(move, move->value, size, common);
	return 0;
}

int map_element_read_from(
	struct map_move *move, const void *key, const uint8_t *value, uint8_t *common)
{
	if (value == NULL)
		return read_common(move, move->from, move->from_size, key, common);
	take_common(move, value, move->from_size, common);
	return 0;
}

int map_element_read_to(struct map_move *move, const void *key, uint8_t *common)
{
	return read_common(move, move->to, move->to_size, key, common);
}

int map_element_write(struct map_move *move, const void *key, const uint8_t *common, uint64_t flags)
{
	memset(move->value, 0, (size_t)move->cpus * move->to_size);
	for (uint32_t cpu = 0; cpu < move->cpus; cpu++)
		memcpy(move->value + (size_t)cpu * move->to_size,
			common + (size_t)cpu * move->common, move->common);
	if (bpf_map_update_elem(move->to, key, move->value, flags | move->flags) < 0)
		return -errno;
	return 0;
}

/* Reads the key behind one; NULL: the first. Returns 1, 0 if there is none, or a negative errno. */
static int next_key(const struct map_move *move, const void *key, void *next)
{
	if (bpf_map_get_next_key(move->from, key, next) == 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

static int walk_singly(struct map_move *move, map_element_take take)
{
	uint8_t key[MAP_KEY_MAX], next[MAP_KEY_MAX];
	int more = next_key(move, NULL, key);

	for (uint64_t i = 0; more > 0 && i < 2 * (uint64_t)move->entries; i++) {
		more = next_key(move, key, next);
		int error = take(move, key, NULL);
		if (error < 0)
			return error;
		memcpy(key, next, move->key_size);
	}
	return more < 0 ? more : 0;
}

struct batch {
	uint8_t at[MAP_KEY_MAX]; /* where the next one begins */
	uint8_t *keys, *values;
};

/* Walks by few system calls. Returns -EAGAIN, before it takes any, if this map has no batches, or those are too small
 * for what lies together. */
static int walk_batches(struct map_move *move, struct batch *batch, map_element_take take)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options, .elem_flags = move->flags);
	const size_t size = (size_t)move->cpus * move->from_size;
	bool first = true, last = false;

	while (!last) {
		uint32_t n = BATCH;
		last = bpf_map_lookup_batch(move->from, first ? NULL : batch->at, batch->at,
			       batch->keys, batch->values, &n, &options) < 0;
		if (last && errno != ENOENT) /* that says that the map ends here */
			return first ? -EAGAIN : -errno;
		first = false;
		for (uint32_t i = 0; i < n; i++) {
			int error = take(move, batch->keys + (size_t)i * move->key_size,
				batch->values + i * size);
			if (error < 0)
				return error;
		}
	}
	return 0;
}

int map_elements_walk(struct map_move *move, map_element_take take)
{
	const size_t size = BATCH * (size_t)move->cpus * move->from_size;
	struct batch batch = {
		.keys = malloc((size_t)BATCH * move->key_size),
		.values = malloc(size),
	};
	int error = batch.keys == NULL || batch.values == NULL ? -EAGAIN
							       : walk_batches(move, &batch, take);

	if (batch.values != NULL && move->merging != NULL)
		explicit_bzero(batch.values, size);
	free(batch.keys);
	free(batch.values);
	return error == -EAGAIN ? walk_singly(move, take) : error;
}

uint32_t *map_element_place(const struct map_move *move, const void *key)
{
	const uint8_t *bytes = key;
	uint32_t hash = 2166136261; /* FNV-1a */

	for (uint32_t i = 0; i < move->key_size; i++)
		hash = (hash ^ bytes[i]) * 16777619;
	for (;; hash++) {
		uint32_t *place = &move->index[hash & move->index_mask];
		if (*place == 0 ||
			memcmp(map_element_key(move, *place - 1), key, move->key_size) == 0)
			return place;
	}
}
