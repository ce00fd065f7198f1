// SPDX-License-Identifier: BSD-2-Clause
/* What sets of rules take from the neighbour table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "neighbours/table.h"

static bool is_whole(const struct neighbour_key *key)
{
	return key->family != 0 && key->bits == 8 * neighbour_address_len(key->family);
}

/* A node whose last good message is too old is known by its signature no more. */
static bool is_expired(uint32_t source, const struct neighbour *neighbour)
{
	return source == NEIGHBOURS_SIGNED && strcmp(neighbour->state, NEIGHBOUR_EXPIRED) == 0;
}

static bool has_address(uint32_t source, const struct neighbour *neighbour)
{
	if (!is_whole(&neighbour->key) || is_expired(source, neighbour))
		return false;
	return neighbour->key.kind == NEIGHBOUR_NODE || source == NEIGHBOURS_WIREGUARD;
}

static void take_address(const struct neighbour_key *key, struct neighbour_element *element)
{
	element->family = key->family;
	element->bits = key->bits;
	memcpy(element->address, key->address, sizeof(element->address));
}

/* Each writes the elements of a neighbour, two at most, and returns their number. */

static uint32_t list_address(
	uint32_t source, const struct neighbour *neighbour, struct neighbour_element *elements)
{
	if (!has_address(source, neighbour))
		return 0;
	take_address(&neighbour->key, elements);
	return 1;
}

/* A default route would make a set of everything. */
static uint32_t list_prefix(
	uint32_t source, const struct neighbour *neighbour, struct neighbour_element *elements)
{
	(void)source;
	if (neighbour->key.kind != NEIGHBOUR_ROUTE || neighbour->key.bits == 0 ||
		strcmp(neighbour->state, "alternative") == 0)
		return 0;
	take_address(&neighbour->key, elements);
	return 1;
}

static uint32_t list_macs(
	uint32_t source, const struct neighbour *neighbour, struct neighbour_element *elements)
{
	uint32_t n = 0;

	(void)source;
	if (neighbour->has_mac)
		memcpy(elements[n++].mac, neighbour->mac, MAC_LEN);
	if (neighbour->has_via_mac)
		memcpy(elements[n++].mac, neighbour->via_mac, MAC_LEN);
	return n;
}

static uint32_t list_ids(
	uint32_t source, const struct neighbour *neighbour, struct neighbour_element *elements)
{
	if (source != NEIGHBOURS_SIGNED || !has_address(source, neighbour))
		return 0;
	take_address(&neighbour->key, elements);
	elements->id = neighbour->key.id;
	return 1;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct neighbour_element));
}

static uint32_t sort_unique(struct neighbour_element *list, uint32_t n)
{
	uint32_t kept = 0;

	qsort(list, n, sizeof(*list), compare);
	for (uint32_t i = 0; i < n; i++)
		if (kept == 0 || compare(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	return kept;
}

int neighbours_elements(struct neighbours *neighbours, uint32_t sources,
	enum neighbour_elements kind, struct neighbour_element **list)
{
	static uint32_t (*const listers[])(uint32_t source, const struct neighbour *neighbour,
		struct neighbour_element *elements) = {
		[NEIGHBOUR_ADDRESSES] = list_address,
		[NEIGHBOUR_PREFIXES] = list_prefix,
		[NEIGHBOUR_MACS] = list_macs,
		[NEIGHBOUR_IDS] = list_ids,
	};
	uint32_t room = 1, n = 0;

	neighbours_ask(neighbours);
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++)
		room += 2 * neighbours->sources[name].set.n;
	*list = calloc(room, sizeof(**list));
	if (*list == NULL)
		return -ENOMEM;
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++) {
		const struct neighbour_set *set = &neighbours->sources[name].set;
		for (uint32_t i = 0; i < set->n && sources >> name & 1; i++)
			n += listers[kind](name, &set->list[i], &(*list)[n]);
	}
	return (int)sort_unique(*list, n);
}
