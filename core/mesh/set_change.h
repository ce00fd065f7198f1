/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of sets: read with the rules, changed in memory, and put in force by one update, or not at all. */
#ifndef X0_MESH_SET_CHANGE_H
#define X0_MESH_SET_CHANGE_H

#include "mesh/rule_table.h"
#include "mesh/set_text.h"

struct set_change {
	struct rule_table *table;
	struct mesh_sets *sets;
};

/* Reads rules and sets. Returns 0, or a negative errno with *failure set and nothing to end: -ENOENT if the
 * filter was never loaded. */
int set_change_begin(
	const struct map_registry *maps, struct set_change *change, struct failure *failure);

/* Puts the change in force, and ends it. Returns 0, or a negative errno with *failure set and nothing
 * changed. */
int set_change_commit(
	const struct map_registry *maps, struct set_change *change, struct failure *failure);

/* Ends a change without effect. */
void set_change_abandon(struct set_change *change);

/* Makes or replaces the set that `set` describes, with these elements in any order, which stay the caller's.
 * Returns as set_change_commit(). */
int set_change_put(const struct map_registry *maps, const struct mesh_set *set,
	const struct set_elements *elements, struct failure *failure);

/* Brings the set of a feed, or the addresses of one of nodes, up to date: -ENOENT if there is no set of that
 * name and feed. `set`: its name, feed, live and stale; the rest is as it was. */
int set_change_follow(const struct map_registry *maps, const struct mesh_set *set,
	const struct set_elements *elements, struct failure *failure);

/*
 * Parts of a change; return 0, or a negative errno with *failure set. set_change_take() puts a set with a copy
 * of these elements into it, as sets_put(). set_change_edit() adds elements to a set, or removes what is
 * exactly them: -ENOENT if the set lacks one. set_change_forget() forgets a set: -EBUSY if a rule names it.
 */
int set_change_take(struct set_change *change, const struct mesh_set *set,
	const struct set_elements *elements, struct failure *failure);
int set_change_edit(struct set_change *change, const char *name, bool add, const char *text,
	struct failure *failure);
int set_change_forget(struct set_change *change, const char *name, struct failure *failure);

#endif
