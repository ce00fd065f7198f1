/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets that mesh rules name, in memory. */
#ifndef X0_MESH_SETS_H
#define X0_MESH_SETS_H

#include <stdbool.h>

#include "base/failure.h"
#include "mesh/elements.h"

/* Sets by place, with their elements: in order, merged, and owned. */
struct mesh_sets {
	uint32_t n;
	struct mesh_set sets[MESH_SETS_MAX];
	/* sets[i].n of them; of nodes, sets[i].n_addresses prefixes follow. */
	struct mesh_element *elements[MESH_SETS_MAX];
};

/* Frees the sets and what they own. Accepts NULL. */
void sets_free(struct mesh_sets *sets);

/* Returns the place of a set, or -ENOENT. */
int sets_find(const struct mesh_sets *sets, const char *name);

/* Returns the number of elements of all sets. */
uint32_t sets_count(const struct mesh_sets *sets);

/* Returns whether a text can be the name of a set: letters, digits, "-" and "_". */
bool sets_name_valid(const char *name);

/*
 * Adds a set, or replaces the one of its name, and takes `elements` over, also if it fails. Returns 0, or
 * with *failure set -ENOSPC: too many sets or elements; -EEXIST: a feed would replace a set that is not a
 * feed's, while the operator may replace any. A set of another kind than rules look for is put here all the
 * same: rule_table_put() refuses it with -EINVAL.
 */
int sets_put(struct mesh_sets *sets, const struct mesh_set *set, struct mesh_element *elements,
	struct failure *failure);

/* Removes the set at a place. */
void sets_remove(struct mesh_sets *sets, uint32_t place);

/* Writes a set's elements in the form that rules are compiled from. */
struct mesh_elements sets_compiled_form(const struct mesh_sets *sets, uint32_t place);

#endif
