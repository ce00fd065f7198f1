/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of many IPv4 prefixes of one length, in a word of 32 bits each: see mesh_tables.h. */
#ifndef X0_MESH_SHORT_TABLE_H
#define X0_MESH_SHORT_TABLE_H

#include "mesh/lines.h"

/*
 * Adds a table of these different prefixes of one length, and describes it in *node; leaves node->buckets 0
 * if their classes are too many for their number. Returns 0, -ENOMEM or -E2BIG.
 */
int short_table_add(struct mesh_compiled *compiled, const struct mesh_key *keys, uint32_t n,
	struct mesh_node *node);

#endif
