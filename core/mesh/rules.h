/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads and changes the rules in xdp_mesh_filter's maps, one at a time.
 * bpf/include/xdp_mesh_filter.h describes the maps.
 */
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

/* Removes a rule and its counters. Returns 0, or a negative errno with *failure set. */
int rules_remove(const struct map_registry *maps, uint32_t number, struct failure *failure);

/* Turns a rule on or off; it keeps its number and counters. Returns as rules_remove(). */
int rules_switch(
	const struct map_registry *maps, uint32_t number, bool on, struct failure *failure);

/* Reads one rule. Returns 0, or -ENOENT if no rule has that number. */
int rules_get(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule);

/* Reads the whole table into `rules`, MESH_RULES_MAX of them. Returns 0 or a negative errno. */
int rules_read(const struct map_registry *maps, struct mesh_rule *rules);

/*
 * Repairs the maps after an interrupted or foreign change: settles unsettled rules, removes index
 * entries without a rule, and adds missing entries of rules that are on. Returns the number of
 * repairs, or a negative errno.
 */
int rules_repair(const struct map_registry *maps);

/* Sets and reads whether drop rules drop. rules_set_enforce() returns 0 or a negative errno. */
int rules_set_enforce(const struct map_registry *maps, bool enforce);
bool rules_enforced(const struct map_registry *maps);

/*
 * Returns whether packets of a connection from `address` (IPv4 or IPv6 in text) to the local TCP
 * port `port` match the rule. A MAC rule counts as matching: the sender's MAC address is unknown
 * here.
 */
bool rules_match_connection(const struct mesh_rule *rule, const char *address, uint16_t port);

#endif
