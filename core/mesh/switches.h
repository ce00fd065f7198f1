/* SPDX-License-Identifier: BSD-2-Clause */
/* Which rules are on: in the kernel, beside the compiled ones. See `mesh_disabled` in xdp_mesh_filter.h. */
#ifndef X0_MESH_SWITCHES_H
#define X0_MESH_SWITCHES_H

#include "kernel/map_registry.h"
#include "xdp_mesh_filter.h"

/* Returns how often rules were turned on or off in both banks, modulo 2^31. */
uint32_t switches_sum(const struct map_registry *maps);

/* Sets `enabled` of a bank's rules, MESH_RULES_MAX. Returns 0 or a negative errno. */
int switches_read(const struct map_registry *maps, uint32_t bank, struct mesh_rule *rules);

/* Write which rules of a bank are on: of one that is about to be put in force, and of the one in force, at
 * one moment. Return 0 or a negative errno. */
int switches_begin(const struct map_registry *maps, uint32_t bank, const struct mesh_rule *rules);
int switches_write(const struct map_registry *maps, uint32_t bank, const struct mesh_rule *rules);

/* Sets whether drop rules drop, and leaves the rest of the control. Returns 0 or a negative errno. */
int switches_set_enforce(const struct map_registry *maps, bool enforce);

#endif
