/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds rules that never decide, because earlier ones match all that they do, alone or together. What hosts
 * cannot do without, and unreadable packets, pass by rules that are not for them: see rule_is_for_kind().
 */
#ifndef X0_MESH_SHADOW_H
#define X0_MESH_SHADOW_H

#include <stddef.h>

#include "mesh/sets.h"

enum { SHADOW_RULES_MAX = 8 };

struct shadow {
	uint16_t
		n; /* earlier rules that match what the rule does, none of them in vain; 0: it is in no shadow */
	uint16_t rules[SHADOW_RULES_MAX]; /* the first of them */
	uint32_t still; /* bits 1 << enum mesh_kind: what it decides about all the same */
};

/*
 * Fills in the shadow of each rule, MESH_RULES_MAX of them: of rules that are on and do not expire earlier. What
 * cannot be known within a bounded time is no shadow. `sets`: those that the rules name, whose present
 * elements are compared; NULL: sets are the same by their names only. Returns 0 or -ENOMEM.
 */
int rules_shadows(
	const struct mesh_rule *rules, const struct mesh_sets *sets, struct shadow *shadows);

/* Writes "never decides: rule 0 matches all that it does", or about what it still does; empty without a shadow. */
void shadow_format(const struct shadow *shadow, char *text, size_t size);

/* Returns whether a rule names a set. */
bool rules_name_sets(const struct mesh_rule *rules);

#endif
