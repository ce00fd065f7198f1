// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_elements.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

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

/* Reads what is common of an element of a map, whose values on a CPU take `size` bytes. */
static int read_common(
	struct map_move *move, int map, uint32_t size, const void *key, uint8_t *common)
{
	if (bpf_map_lookup_elem_flags(map, key, move->value, move->flags) < 0)
		return -errno;
	for (uint32_t cpu = 0; cpu < move->cpus; cpu++)
		memcpy(common + (size_t)cpu * move->common, move->value + (size_t)cpu * size,
			move->common);
	return 0;
}

int map_element_read_from(struct map_move *move, const void *key, uint8_t *common)
{
	return read_common(move, move->from, move->from_size, key, common);
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

int map_elements_walk(struct map_move *move, int (*each)(struct map_move *move, const void *key))
{
	uint8_t key[MAP_KEY_MAX], next[MAP_KEY_MAX];
	int more = next_key(move, NULL, key);

	for (uint64_t i = 0; more > 0 && i < 2 * (uint64_t)move->entries; i++) {
		more = next_key(move, key, next);
		int error = each(move, key);
		if (error < 0)
			return error;
		memcpy(key, next, move->key_size);
	}
	return more < 0 ? more : 0;
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
