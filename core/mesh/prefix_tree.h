/* SPDX-License-Identifier: BSD-2-Clause */
/* Classes of prefixes, and the entries by which a search over lengths finds them: see mesh_tables.h. */
#ifndef X0_MESH_PREFIX_TREE_H
#define X0_MESH_PREFIX_TREE_H

#include "mesh/items.h"
#include "mesh/lines.h"

/*
 * Adds table and tree of the sorted prefixes of one family. Returns 0 or a negative errno: -ENOMEM or
 * -E2BIG.
 */
int prefix_tree_add(struct mesh_compiled *compiled, const struct mesh_order *order,
	enum mesh_dimension dimension, enum mesh_width width, const struct mesh_items *items,
	struct mesh_classes *classes, struct mesh_table *table);

#endif
