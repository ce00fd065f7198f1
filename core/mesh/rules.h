/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of xdp_mesh_filter, as they are in the kernel: they live in its maps, and are changed
 * one at a time. How the maps work together is described in bpf/include/xdp_mesh_filter.h.
 */
#ifndef X0_MESH_RULES_H
#define X0_MESH_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_registry.h"
#include "xdp_mesh_filter.h"

/* All functions take the maps from the registry: -ENOENT while the filter was never loaded. */

/*
 * Adds a rule in the first free place. Returns its number, -EEXIST when a rule with the same key is
 * there already, -ENOSPC when the table is full, or another negative errno; *failure says which.
 */
int rules_add(
	const struct map_registry *maps, const struct mesh_rule *rule, struct failure *failure);

/* Forgets a rule and its counts. Returns 0, or a negative errno with *failure set. */
int rules_remove(const struct map_registry *maps, uint32_t number, struct failure *failure);

/* Switches a rule on or off; it keeps its place and counts. Returns as above. */
int rules_switch(
	const struct map_registry *maps, uint32_t number, bool on, struct failure *failure);

/* Reads one rule. Returns 0, or -ENOENT if there is none of that number. */
int rules_get(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule);

/* Reads the whole table into `rules`, MESH_RULES_MAX of them. Returns 0 or a negative errno. */
int rules_read(const struct map_registry *maps, struct mesh_rule *rules);

/*
 * Puts right what a change left that did not come to its end, or somebody else did: rules that are
 * unsettled are settled, entries of an index that lead to no rule are removed, and rules that are on
 * are led to. Returns how many it was, or a negative errno.
 */
int rules_repair(const struct map_registry *maps);

/* Whether what a rule drops is dropped. */
int rules_set_enforce(const struct map_registry *maps, bool enforce);
bool rules_enforced(const struct map_registry *maps);

/* True if the packets of a connection from `address` (IPv4 or IPv6 in text) to the local TCP port
 * `port` would match the rule. A MAC rule is taken to match: the sender's is not known here. */
bool rules_match_connection(const struct mesh_rule *rule, const char *address, uint16_t port);

#endif
