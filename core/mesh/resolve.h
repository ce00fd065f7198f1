/* SPDX-License-Identifier: BSD-2-Clause */
/* Prepares rules for the compiler: all of them are compiled, whether on or off, with the sets they name. */
#ifndef X0_MESH_RESOLVE_H
#define X0_MESH_RESOLVE_H

#include "mesh/sets.h"

/* Makes `sets` of each rule 1 + the place of the set, and the rule on. Returns 0, or with *failure set
 * -ENOENT if there is no such set, -EINVAL if it is of another kind. `rules`: MESH_RULES_MAX. */
int resolve_sets(struct mesh_rule *rules, const struct mesh_sets *sets, struct failure *failure);

/* Tells whether the sets of a rule are there. Returns as resolve_sets(). */
int resolve_check(
	const struct mesh_rule *rule, const struct mesh_sets *sets, struct failure *failure);

/* Returns the name of the set that a rule names in a dimension, or NULL. */
const char *resolve_name(const struct mesh_rule *rule, uint32_t dimension);

/* Returns the place of a rule that names a set, or -ENOENT. */
int resolve_user(const struct mesh_rule *rules, const char *name);

/* Returns whether rules take sets of a kind (enum mesh_set_kind) in a dimension. */
bool resolve_takes(uint32_t dimension, uint32_t kind);

#endif
