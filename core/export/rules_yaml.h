/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes mesh rules in the form that the configuration file has. */
#ifndef X0_EXPORT_RULES_YAML_H
#define X0_EXPORT_RULES_YAML_H

#include <stdio.h>

#include "mesh/rule_table.h"

/* Writes the policy and the rules, in order, but for those that have expired. Returns 0 or -EIO. */
int rules_write_yaml(const struct rule_table *table, FILE *file);

#endif
