/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and changes the rules of xdp_mesh_filter: each change is in force at one moment, or not at all. */
#ifndef X0_MESH_RULES_H
#define X0_MESH_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_registry.h"
#include "xdp_mesh_filter.h"

/* All functions take the maps from the registry; -ENOENT if the filter was never loaded. */

struct rule_table;
struct rule_edit;

/* Makes a change, and puts it in force at one moment. Returns as rule_edit(), or another negative errno with
 * *failure set and nothing changed. The kernel waits for its packets, 15 ms, but to turn a rule on or off. */
int rules_change(const struct map_registry *maps, struct rule_edit *edit, struct failure *failure);

/* The same from a table as rules_begin() has read it, which it frees. */
int rules_change_read(const struct map_registry *maps, struct rule_table *table,
	struct rule_edit *edit, struct failure *failure);

/*
 * Several changes at one moment: rules_begin() reads the rules into memory, NULL with *failure set;
 * rule_edit() changes them; rules_commit() puts them in force and frees them: 0, or a negative errno with
 * *failure set and nothing changed.
 */
struct rule_table *rules_begin(const struct map_registry *maps, struct failure *failure);
int rules_commit(
	const struct map_registry *maps, struct rule_table *table, struct failure *failure);

/* Reads the whole table into `rules`, MESH_RULES_MAX of them, and the policy. Returns 0 or a negative
 * errno. */
int rules_read(const struct map_registry *maps, struct mesh_rule *rules, uint32_t *policy);

/* Sets and reads whether drop rules drop. rules_set_enforce() returns 0 or a negative errno. */
int rules_set_enforce(const struct map_registry *maps, bool enforce);
bool rules_enforced(const struct map_registry *maps);

#endif
