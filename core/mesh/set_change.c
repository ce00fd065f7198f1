// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/set_change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "mesh/resolve.h"
#include "mesh/rules.h"

int set_change_begin(
	const struct map_registry *maps, struct set_change *change, struct failure *failure)
{
	int error;

	*change = (struct set_change) { .table = rules_begin(maps, failure) };
	if (change->table == NULL)
		return failure->error;
	change->sets = rule_table_sets(maps, change->table, &error);
	if (change->sets != NULL) {
		change->table->sets = change->sets;
		return 0;
	}
	free(change->table);
	change->table = NULL;
	return failure_set(
		failure, error, "Cannot read the sets of the mesh filter: %s", strerror(-error));
}

void set_change_abandon(struct set_change *change)
{
	free(change->table);
	sets_free(change->sets);
}

int set_change_commit(
	const struct map_registry *maps, struct set_change *change, struct failure *failure)
{
	int error = rule_table_put(maps, change->table, failure);

	set_change_abandon(change);
	return error;
}

int set_change_take(struct set_change *change, const struct mesh_set *set,
	const struct set_elements *elements, struct failure *failure)
{
	struct set_elements merged = *elements;
	struct mesh_set put = *set;

	merged.list = calloc((size_t)elements->n + 1, sizeof(*merged.list));
	if (merged.list == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for the set");
	if (elements->n > 0)
		memcpy(merged.list, elements->list, elements->n * sizeof(*merged.list));
	if (merged.kind == MESH_SET_KINDS)
		merged.kind = MESH_SET_PREFIXES; /* an empty file */
	set_merge(&merged);
	put.kind = merged.kind;
	put.n = merged.n;
	put.n_addresses = 0;
	put.changed = (__u64)clock_realtime_seconds();
	return sets_put(change->sets, &put, merged.list, failure);
}

/* Ends a change: commits it if there was no error. */
static int end(const struct map_registry *maps, struct set_change *change, int error,
	struct failure *failure)
{
	if (error == 0)
		return set_change_commit(maps, change, failure);
	set_change_abandon(change);
	return error;
}

int set_change_put(const struct map_registry *maps, const struct mesh_set *set,
	const struct set_elements *elements, struct failure *failure)
{
	struct set_change change;
	int error = set_change_begin(maps, &change, failure);

	return error < 0 ? error
			 : end(maps, &change, set_change_take(&change, set, elements, failure),
				   failure);
}

static int find(const struct set_change *change, const char *name, struct failure *failure)
{
	int place = sets_find(change->sets, name);

	if (place >= 0)
		return place;
	failure_set(failure, -ENOENT, "There is no set @%.*s", MESH_SET_NAME_LEN - 1, name);
	return failure_remedy(failure, "x0top sets list shows the sets");
}

/* Removes the elements of `less` from `elements`. Returns whether all were there. */
static bool subtract(struct set_elements *elements, const struct set_elements *less)
{
	for (uint32_t i = 0; i < less->n; i++) {
		const struct mesh_element *found =
			set_find(elements->kind, elements->list, elements->n, &less->list[i]);
		if (found == NULL || memcmp(found, &less->list[i], sizeof(*found)) != 0)
			return false;
		uint32_t place = (uint32_t)(found - elements->list);
		memmove(&elements->list[place], &elements->list[place + 1],
			(--elements->n - place) * sizeof(*elements->list));
	}
	return true;
}

static int change_elements(struct set_change *change, uint32_t place, bool add, const char *text,
	struct failure *failure)
{
	const struct mesh_set *set = &change->sets->sets[place];
	struct set_elements elements = { .kind = set->kind }, other = { .kind = set->kind };
	int error = 0;

	if (set->origin == MESH_ORIGIN_FEED)
		return failure_set(failure, -EEXIST,
			"The set @%s follows %s: nobody else changes it", set->name, set->source);
	for (uint32_t i = 0; i < set->n && error == 0; i++)
		error = set_add(&elements, &change->sets->elements[place][i]);
	if (error < 0)
		failure_set(failure, error, "Not enough memory for the set");
	else
		error = set_add_text(add ? &elements : &other, text, strlen(text), failure);
	if (error == 0 && !subtract(&elements, &other))
		error = failure_set(
			failure, -ENOENT, "The set @%s has no element %s", set->name, text);
	struct mesh_set edited = *set;
	if (edited.source[0] == '/') /* it is no longer what the file says */
		snprintf(edited.source, sizeof(edited.source), "edited");
	if (error == 0)
		error = set_change_take(change, &edited, &elements, failure);
	free(elements.list);
	free(other.list);
	return error;
}

int set_change_edit(struct set_change *change, const char *name, bool add, const char *text,
	struct failure *failure)
{
	int place = find(change, name, failure);

	return place < 0 ? place : change_elements(change, (uint32_t)place, add, text, failure);
}

int set_change_forget(struct set_change *change, const char *name, struct failure *failure)
{
	int place = find(change, name, failure), user = resolve_user(change->table->rules, name);

	if (place < 0)
		return place;
	if (user >= 0) {
		failure_set(failure, -EBUSY, "Mesh rule %d names the set @%s", user, name);
		return failure_remedy(
			failure, "Delete the rule first: x0top rules delete %u", (uint32_t)user);
	}
	sets_remove(change->sets, (uint32_t)place);
	return 0;
}

/* Puts the present addresses of a set of nodes behind its elements. */
static int take_addresses(struct set_change *change, uint32_t place,
	const struct set_elements *addresses, struct failure *failure)
{
	struct mesh_set put = change->sets->sets[place];
	struct mesh_element *list = calloc((size_t)put.n + addresses->n + 1, sizeof(*list));

	if (list == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for the set");
	memcpy(list, change->sets->elements[place], put.n * sizeof(*list));
	if (addresses->n > 0)
		memcpy(list + put.n, addresses->list, addresses->n * sizeof(*list));
	put.n_addresses = addresses->n;
	return sets_put(change->sets, &put, list, failure);
}

static int follow(struct set_change *change, const struct mesh_set *set,
	const struct set_elements *elements, struct failure *failure)
{
	int place = find(change, set->name, failure);

	if (place < 0)
		return place;
	struct mesh_set *found = &change->sets->sets[place];
	if (found->kind == MESH_SET_NODES)
		return take_addresses(change, (uint32_t)place, elements, failure);
	if (found->feed != set->feed || found->origin != MESH_ORIGIN_FEED)
		return failure_set(
			failure, -ENOENT, "The set @%s has changed meanwhile", set->name);
	found->live = set->live;
	found->stale = set->stale;
	return set_change_take(change, found, elements, failure);
}

int set_change_follow(const struct map_registry *maps, const struct mesh_set *set,
	const struct set_elements *elements, struct failure *failure)
{
	struct set_change change;
	int error = set_change_begin(maps, &change, failure);

	return error < 0 ? error
			 : end(maps, &change, follow(&change, set, elements, failure), failure);
}
