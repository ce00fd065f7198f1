/* SPDX-License-Identifier: BSD-2-Clause */
/* Hands compiled rules to the kernel. */
#ifndef X0_MESH_TABLES_MAP_H
#define X0_MESH_TABLES_MAP_H

#include <stdint.h>

#include "mesh/compile.h"

/*
 * Copies compiled rules into maps that are not yet in force: their lines into `lines`, the map `mesh_lines`, and
 * their short tables into `shorts`, the map `mesh_shorts`, in place of those of their bank, which must not be in
 * force, nor in use any more since tables_put() of the other. That waits until no program uses these, unless this
 * process made the lines there, and few more are needed. Returns the descriptor of what is near, to be closed by the
 * caller, with its identifier in *id; or a negative errno.
 */
int tables_create(const struct mesh_compiled *compiled, int lines, int shorts, uint32_t *id);

/* Puts a map of tables_create() in force by one update of `outer`, the map `mesh_set`. Returns 0 or a
 * negative errno. */
int tables_put(int outer, int tables);

/* Returns the identifier of the map in force, 0 without one. */
uint32_t tables_in_force(int outer);

#endif
