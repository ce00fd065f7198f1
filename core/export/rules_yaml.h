/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes mesh rules in the form that the configuration file has. */
#ifndef X0_EXPORT_RULES_YAML_H
#define X0_EXPORT_RULES_YAML_H

#include <stdbool.h>
#include <stdio.h>

#include "mesh/rule_table.h"

/*
 * Writes the policy, the sets, and the rules, in order, but for those that have expired. A set of a file or a feed
 * says where its elements are, and one of too many elements for such a file names rules_file_of_set() of `path`,
 * which is absolute. Returns 0, -EIO, an error of that path, or -E2BIG: there is such a set, and `path` is NULL.
 */
int rules_write_yaml(
	const struct rule_table *table, const struct mesh_sets *sets, const char *path, FILE *file);

/* Returns whether the elements of a set need a file of their own. */
bool rules_need_file(const struct mesh_set *set, const struct mesh_element *elements);

/* Writes the path of the file for a set, beside the one of the rules. Returns 0, -ENAMETOOLONG, or -EINVAL if it
 * has a blank. */
int rules_file_of_set(const char *path, const struct mesh_set *set, char file[MESH_SET_SOURCE_LEN]);

/* Writes the elements of a set in the form of such a file. Returns 0 or -EIO. */
int rules_write_set(const struct mesh_set *set, const struct mesh_element *elements, FILE *file);

#endif
