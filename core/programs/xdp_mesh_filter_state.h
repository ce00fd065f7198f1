/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of xdp_mesh_filter's module share. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_STATE_H
#define X0_PROGRAMS_XDP_MESH_FILTER_STATE_H

#include <stdbool.h>

#include "mesh/rules.h"
#include "programs/connection.h"

struct mesh_filter {
	struct mesh_rule rules[MESH_RULES_MAX]; /* buffer for the kernel's table */
	struct rule_table *loading; /* rules of the settings, not yet in force; NULL: none */
};

/* Returns whether a rule that is on and drops matches the operator's own connection. */
bool mesh_filter_cuts(const struct mesh_rule *rule, const struct connection *connection);

#endif
