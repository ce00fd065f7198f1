/* SPDX-License-Identifier: BSD-2-Clause */
/* Elements of two maps of which one is moved to the other, and the copies of them: for map_move.c alone. */
#ifndef X0_KERNEL_MAP_ELEMENTS_H
#define X0_KERNEL_MAP_ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/map_add.h"
#include "kernel/map_move.h"
#include "kernel/map_swap.h"

enum { MAP_KEY_MAX = 512 /* bytes; as many has the kernel's longest, of a hash */ };

struct map_move {
	int from, to; /* not owned */
	struct map_add add;
	bool adds; /* not where a lock is in the value, which no tracing program may have */
	const struct map_merging
		*merging; /* of a value with a lock; NULL: what it means is not known */
	struct map_swap swap;
	struct map_words stale;
	bool array;
	uint64_t flags; /* of a lookup and an update */
	uint32_t key_size, entries, cpus;
	uint32_t from_size, to_size,
		common; /* bytes of a value on one CPU, of per-CPU maps full words */
	uint32_t added; /* of these, those that the program may add to */
	uint32_t n, room;
	uint8_t *keys; /* of hashes; n of them */
	uint8_t *copies; /* `common` bytes for each CPU of each element */
	bool *seen; /* by element: it is still in a hash */
	uint32_t *index; /* by hash of a key: its element plus one; 0: free */
	uint32_t index_mask;
	uint8_t *value; /* of an element on all CPUs, of the larger map */
	uint8_t *now, *there; /* common bytes of an element */
};

/* Returns the bytes that are common to both values, on all CPUs. */
size_t map_element_size(const struct map_move *move);

/* Return the copy, or the key in a hash, of an element by its number; owned by `move`. */
uint8_t *map_element_copy(const struct map_move *move, uint32_t element);
uint8_t *map_element_key(const struct map_move *move, uint32_t element);

/* Read what is common of an element of one of both maps, of the first one from `value` if that has been read, or write
 * it to the second one, with flags of bpf_map_update_elem(). Return 0 or a negative errno. */
int map_element_read_from(
	struct map_move *move, const void *key, const uint8_t *value, uint8_t *common);
int map_element_read_to(struct map_move *move, const void *key, uint8_t *common);
int map_element_write(
	struct map_move *move, const void *key, const uint8_t *common, uint64_t flags);

/* Takes an element of the first hash; `value` is NULL if it is still to be read. Returns 0 or a negative errno. */
typedef int (*map_element_take)(struct map_move *move, const void *key, const uint8_t *value);

/* Walks the first hash: no further than it can have elements twice. Returns 0 or a negative errno, also of `take`. */
int map_elements_walk(struct map_move *move, map_element_take take);

/* Returns the place of a key in the index, or the free one where it belongs. */
uint32_t *map_element_place(const struct map_move *move, const void *key);

#endif
