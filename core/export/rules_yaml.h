/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes mesh rules in the form that the configuration file has. */
#ifndef X0_EXPORT_RULES_YAML_H
#define X0_EXPORT_RULES_YAML_H

#include <stdio.h>

#include "mesh/rule_table.h"

/* Writes the policy, the sets, and the rules, in order, but for those that have expired. A set of a file or a feed
 * says where its elements are. Returns 0, -EIO, or -E2BIG: a set
 * has more elements than such a file may hold. */
int rules_write_yaml(const struct rule_table *table, const struct mesh_sets *sets, FILE *file);

#endif
