// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void sets_free(struct mesh_sets *sets)
{
	for (uint32_t i = 0; sets != NULL && i < sets->n; i++)
		free(sets->elements[i]);
	free(sets);
}

int sets_find(const struct mesh_sets *sets, const char *name)
{
	for (uint32_t i = 0; i < sets->n; i++)
		if (strncmp(sets->sets[i].name, name, MESH_SET_NAME_LEN) == 0)
			return (int)i;
	return -ENOENT;
}

uint32_t sets_count(const struct mesh_sets *sets)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < sets->n; i++)
		n += sets->sets[i].n + sets->sets[i].n_addresses;
	return n;
}

bool sets_name_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_";
	size_t length = strspn(name, allowed);

	return length > 0 && length < MESH_SET_NAME_LEN && name[length] == '\0';
}

static int check(const struct mesh_sets *sets, const struct mesh_set *set, int place,
	struct failure *failure)
{
	const struct mesh_set *old = place >= 0 ? &sets->sets[place] : NULL;
	uint64_t count = (uint64_t)sets_count(sets) + set->n + set->n_addresses;

	if (old == NULL && sets->n == MESH_SETS_MAX)
		return failure_set(failure, -ENOSPC, "All %d sets are in use", MESH_SETS_MAX);
	if (old != NULL && set->origin == MESH_ORIGIN_FEED && old->origin != MESH_ORIGIN_FEED)
		return failure_set(failure, -EEXIST,
			"The set @%s is the operator's: no feed changes it", set->name);
	if (old != NULL)
		count -= old->n + old->n_addresses;
	if (count <= MESH_ELEMENTS_MAX)
		return 0;
	failure_set(failure, -ENOSPC,
		"The set @%s has %u elements: with the other sets more than %d", set->name, set->n,
		MESH_ELEMENTS_MAX);
	return failure_remedy(failure, "Shorten it, or delete sets that no rule names");
}

int sets_put(struct mesh_sets *sets, const struct mesh_set *set, struct mesh_element *elements,
	struct failure *failure)
{
	int place = sets_find(sets, set->name);
	int error = check(sets, set, place, failure);

	if (error < 0) {
		free(elements);
		return error;
	}
	if (place < 0)
		place = (int)sets->n++;
	else
		free(sets->elements[place]);
	sets->sets[place] = *set;
	sets->elements[place] = elements;
	return 0;
}

void sets_remove(struct mesh_sets *sets, uint32_t place)
{
	uint32_t behind = --sets->n - place;

	free(sets->elements[place]);
	memmove(&sets->sets[place], &sets->sets[place + 1], behind * sizeof(sets->sets[0]));
	memmove(&sets->elements[place], &sets->elements[place + 1],
		behind * sizeof(sets->elements[0]));
}

struct mesh_elements sets_compiled_form(const struct mesh_sets *sets, uint32_t place)
{
	const struct mesh_set *set = &sets->sets[place];
	bool nodes = set->kind == MESH_SET_NODES;

	return (struct mesh_elements) {
		.kind = nodes ? MESH_SET_PREFIXES : set->kind,
		.n = nodes ? set->n_addresses : set->n,
		.elements = sets->elements[place] + (nodes ? set->n : 0),
	};
}
