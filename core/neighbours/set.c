// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/set.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

enum { FIRST_ROOM = 64 };

/* --- neighbours ------------------------------------------------------------------------------ */

void neighbour_init(struct neighbour *neighbour, uint8_t kind)
{
	memset(neighbour, 0, sizeof(*neighbour));
	neighbour->key.kind = kind;
	neighbour->state = "";
	neighbour->quality = neighbour->metric = neighbour->throughput = NAN;
	neighbour->last_seen = neighbour->received_bytes = neighbour->sent_bytes = NAN;
}

size_t neighbour_address_len(uint8_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? ADDRESS_LEN : 0;
}

void neighbour_set_address(struct neighbour *neighbour, uint8_t family, const void *address)
{
	size_t length = neighbour_address_len(family);

	neighbour->key.family = family;
	neighbour->key.bits = (uint8_t)(8 * length);
	memcpy(neighbour->key.address, address, length);
}

/* --- the index: open addressing, half full at most ------------------------------------------- */

static uint32_t first_slot(const struct neighbour_set *set, const struct neighbour_key *key)
{
	uint64_t words[sizeof(*key) / sizeof(uint64_t)], hash = set->seed;

	_Static_assert(sizeof(*key) % sizeof(uint64_t) == 0, "a key of whole words");
	memcpy(words, key, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
		hash += set->seed;
	}
	return (uint32_t)(hash >> 16) & (set->index_size - 1);
}

/* Returns the slot of a key, or the empty one where it belongs. */
static uint32_t find_slot(const struct neighbour_set *set, const struct neighbour_key *key)
{
	uint32_t slot = first_slot(set, key);

	while (set->index[slot] != 0 &&
		memcmp(&set->list[set->index[slot] - 1].key, key, sizeof(*key)) != 0)
		slot = (slot + 1) & (set->index_size - 1);
	return slot;
}

/* Empties a slot, and moves those behind it that it stood in the way of. */
static void empty_slot(struct neighbour_set *set, uint32_t slot)
{
	uint32_t mask = set->index_size - 1, hole = slot;

	for (uint32_t at = (slot + 1) & mask; set->index[at] != 0; at = (at + 1) & mask) {
		uint32_t wanted = first_slot(set, &set->list[set->index[at] - 1].key);
		if (((at - wanted) & mask) < ((at - hole) & mask))
			continue;
		set->index[hole] = set->index[at];
		hole = at;
	}
	set->index[hole] = 0;
}

static int grow(struct neighbour_set *set)
{
	uint32_t room = set->room > 0 ? 2 * set->room : FIRST_ROOM;
	struct neighbour *list = realloc(set->list, room * sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	set->list = list;
	uint32_t *index = calloc(2 * room, sizeof(*index));
	if (index == NULL)
		return -ENOMEM;
	if (set->seed == 0 && getrandom(&set->seed, sizeof(set->seed), GRND_NONBLOCK) < 0)
		set->seed = (uintptr_t)list;
	free(set->index);
	set->index = index;
	set->index_size = 2 * room;
	set->room = room;
	for (uint32_t i = 0; i < set->n; i++)
		set->index[find_slot(set, &set->list[i].key)] = i + 1;
	return 0;
}

/* --- the set --------------------------------------------------------------------------------- */

struct neighbour *neighbour_set_find(
	const struct neighbour_set *set, const struct neighbour_key *key)
{
	uint32_t at = set->n == 0 ? 0 : set->index[find_slot(set, key)];

	return at == 0 ? NULL : &set->list[at - 1];
}

/* Makes room for what was known, by removing the last element that was not. */
static int make_room(struct neighbour_set *set, const struct neighbour_key *key)
{
	if (set->known == NULL || neighbour_set_find(set->known, key) == NULL)
		return -ENOSPC;
	for (; set->n_spared < set->n; set->n_spared++) {
		const struct neighbour *last = &set->list[set->n - 1 - set->n_spared];
		const struct neighbour_key gone = last->key;
		if (neighbour_set_find(set->known, &gone) != NULL)
			continue;
		neighbour_set_remove(set, &gone);
		set->left_out++;
		return 0;
	}
	return -ENOSPC;
}

int neighbour_set_put(struct neighbour_set *set, const struct neighbour *neighbour)
{
	struct neighbour *there = neighbour_set_find(set, &neighbour->key);

	if (there != NULL) {
		*there = *neighbour;
		return 0;
	}
	int error = set->n == NEIGHBOURS_MAX ? make_room(set, &neighbour->key) : 0;
	if (error == 0 && set->n == set->room)
		error = grow(set);
	if (error < 0) {
		set->left_out++;
		return error;
	}
	set->list[set->n] = *neighbour;
	uint32_t slot = find_slot(set, &neighbour->key);
	set->index[slot] = ++set->n;
	return 0;
}

void neighbour_set_remove(struct neighbour_set *set, const struct neighbour_key *key)
{
	uint32_t slot = set->n == 0 ? 0 : find_slot(set, key);

	if (set->n == 0 || set->index[slot] == 0)
		return;
	uint32_t at = set->index[slot] - 1, last = set->n - 1;
	empty_slot(set, slot);
	if (at != last) {
		set->index[find_slot(set, &set->list[last].key)] = at + 1;
		set->list[at] = set->list[last];
	}
	set->n--;
}

void neighbour_set_clear(struct neighbour_set *set)
{
	free(set->list);
	free(set->index);
	*set = (struct neighbour_set) { 0 };
}

void neighbour_set_replace(struct neighbour_set *set, struct neighbour_set *next)
{
	neighbour_set_clear(set);
	*set = *next;
	set->known = NULL;
	set->n_spared = 0;
	*next = (struct neighbour_set) { 0 };
}
