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

/*
 * Adds a rule behind the last one, or at the highest free number if the last number is
 * taken. Sets *next to the number of the rule behind it, MESH_RULES_MAX without one. Returns the number, -EEXIST if a rule has the same key,
 * -ENOSPC if the table is full, or another negative errno; sets *failure.
 */
int rules_add(const struct map_registry *maps, const struct mesh_rule *rule, uint32_t *next,
	struct failure *failure);

struct rule_table;

/*
 * Several changes at one moment: rules_begin() reads the rules into memory, NULL with *failure set;
 * rules_add_to() adds to them, and returns as rules_add(); rules_commit() puts them in force and frees
 * them: 0, or a negative errno with *failure set and nothing changed. The kernel waits for its packets at
 * each change in force, 15 ms.
 */
struct rule_table *rules_begin(const struct map_registry *maps, struct failure *failure);
int rules_add_to(const struct map_registry *maps, struct rule_table *table,
	const struct mesh_rule *rule, uint32_t *next, struct failure *failure);
int rules_commit(
	const struct map_registry *maps, struct rule_table *table, struct failure *failure);

/* Inserts a rule at a number; rules from there to the next free number move up by one. Returns 0, or as
 * rules_add(). */
int rules_insert(const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule,
	struct failure *failure);

/* Gives a rule another form; it keeps its number and, but for a limit that is another, its counters. Returns
 * as rules_insert(), and -ENOENT if no rule has that number. */
int rules_change(const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule,
	struct failure *failure);

/* Moves a rule to another number, as rules_insert() does; it keeps its counters. Returns 0, or a negative
 * errno with *failure set. */
int rules_move(
	const struct map_registry *maps, uint32_t from, uint32_t to, struct failure *failure);

/* Removes a rule and its counters. Returns 0, or a negative errno with *failure set. */
int rules_remove(const struct map_registry *maps, uint32_t number, struct failure *failure);

/* Removes all rules. Returns as rules_remove(). */
int rules_flush(const struct map_registry *maps, struct failure *failure);

/* Turns a rule on or off; it keeps its number and counters. Returns as rules_remove(). */
int rules_switch(
	const struct map_registry *maps, uint32_t number, bool on, struct failure *failure);

/* Reads one rule. Returns 0, or -ENOENT if no rule has that number. */
int rules_get(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule);

/* Reads the whole table into `rules`, MESH_RULES_MAX of them, and the policy. Returns 0 or a negative
 * errno. */
int rules_read(const struct map_registry *maps, struct mesh_rule *rules, uint32_t *policy);

/* Returns the number of a rule that is on, does not expire earlier, and decides about all that rule `number`
 * matches before it does, or -ENOENT. `rules`: MESH_RULES_MAX. */
int rules_shadow(const struct mesh_rule *rules, uint32_t number);

/* Sets and reads whether drop rules drop. rules_set_enforce() returns 0 or a negative errno. */
int rules_set_enforce(const struct map_registry *maps, bool enforce);
bool rules_enforced(const struct map_registry *maps);

/*
 * Returns whether packets of a connection from `address` (IPv4 or IPv6 in text) to the local TCP
 * port `port` may match the rule. What is unknown here counts as matching: the sender's MAC address and
 * port, the interface, and the elements of sets.
 */
bool rules_match_connection(const struct mesh_rule *rule, const char *address, uint16_t port);

#endif
