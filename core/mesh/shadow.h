/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds rules that never decide, because an earlier one matches all that they do. */
#ifndef X0_MESH_SHADOW_H
#define X0_MESH_SHADOW_H

#include "mesh/sets.h"

/*
 * Returns the number of a rule that is on, does not expire earlier, and decides about all that rule `number`
 * matches before it does, or -ENOENT. `rules`: MESH_RULES_MAX. `sets`: those that the rules name, whose
 * present elements are compared; NULL: sets are the same by their names only.
 */
int rules_shadow(const struct mesh_rule *rules, const struct mesh_sets *sets, uint32_t number);

/* Returns whether a rule names a set. */
bool rules_name_sets(const struct mesh_rule *rules);

#endif
