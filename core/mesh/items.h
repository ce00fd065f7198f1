/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rules name in one dimension: literals, and the elements of sets, with the rules they are for. */
#ifndef X0_MESH_ITEMS_H
#define X0_MESH_ITEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "mesh/compile.h"
#include "mesh/lines.h"

/* The enabled rules by bit, and the lines of rules that name each set in the present dimension. */
struct mesh_order {
	const struct mesh_source *source;
	uint32_t n;
	const struct mesh_rule *rules[MESH_RULES_MAX];
	struct mesh_line *sets; /* source->n_sets */
};

struct mesh_item {
	uint64_t high, low; /* as in struct mesh_key; of a range: from, to */
	uint32_t length; /* of a prefix */
	uint32_t rules; /* a bit, or MESH_RULES_MAX plus the number of a set */
};

struct mesh_items {
	struct mesh_item *items;
	uint32_t n;
};

/* Returns the line of the rules that do not look at a dimension. */
struct mesh_line items_base(const struct mesh_order *order, enum mesh_dimension dimension);

/* Adds the rules of an item to a line. */
void items_add_rules(
	const struct mesh_order *order, const struct mesh_item *item, struct mesh_line *line);

/* Collects prefixes of a family (4 or 6), or in other dimensions keys or ranges (family 0), in order.
 * Returns 0 with items->items to be freed, or -ENOMEM. */
int items_collect(struct mesh_order *order, enum mesh_dimension dimension, int family,
	struct mesh_items *items);

#endif
