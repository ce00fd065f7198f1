/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of compiled rules while they are made: room, classes, lookup tables. */
#ifndef X0_MESH_LINES_H
#define X0_MESH_LINES_H

#include <stdint.h>

#include "mesh/buckets.h"
#include "mesh/compile.h"

/*
 * Adds `n` zeroed lines: few of them near, while there is room. Returns the number of the first, or a negative
 * errno.
 */
int64_t lines_add(struct mesh_compiled *compiled, uint32_t n);

/* Bit vectors over the rules, each once. */
struct mesh_classes {
	struct mesh_line *lines;
	uint32_t n, room;
	uint32_t *index; /* hashed: 1 + number, 0: free */
	uint32_t index_size;
};

/* Returns the number of a class, made if there is none of that line: -ENOMEM, or -E2BIG above
 * MESH_CLASSES_MAX. */
int64_t classes_find(struct mesh_classes *classes, const struct mesh_line *line);

void classes_free(struct mesh_classes *classes);

/* Adds a table of these different keys, and describes it in *table. Returns 0 or a negative errno. */
int lines_add_table(struct mesh_compiled *compiled, enum mesh_width width,
	const struct mesh_key *keys, uint32_t n, struct mesh_table *table);

void line_or(struct mesh_line *line, const struct mesh_line *other);
void line_set(struct mesh_line *line, uint32_t bit);

#endif
