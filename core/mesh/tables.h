/* SPDX-License-Identifier: BSD-2-Clause */
/* Hands compiled rules to the kernel. */
#ifndef X0_MESH_TABLES_MAP_H
#define X0_MESH_TABLES_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mesh/compile.h"

/* Descriptors of the maps mesh_near, mesh_lines, mesh_shorts and mesh_filter_control. */
struct tables_maps {
	int near, lines, shorts, control;
};

/* Copies compiled rules into their bank, which no packet meets. Waits for packets only if rules or their sets do not
 * lie near. Returns 0 or a negative errno. */
int tables_write(const struct mesh_compiled *compiled, const struct tables_maps *maps);

/* Puts the rules of a number in force, whose last bit is the bank that has them. Returns 0 or a negative errno. */
int tables_put(int control, uint32_t set);

/* Returns the number of the rules in force, 0 without, or a negative errno. */
int64_t tables_in_force(int control);

/* Waits until no packet meets a bank that is not in force any longer, and gives back most of its memory. Returns 0
 * or a negative errno. */
int tables_retire(const struct tables_maps *maps, uint32_t bank);

/* Returns whether rules that lie near can be written to a retired bank without waiting: not to one that never had any. */
bool tables_retired(const struct tables_maps *maps, uint32_t bank);

/* For a program whose set in force is the one map in a map, `outer`: copies lines to their bank of `lines`, and what is
 * near to a map of its own, which one update of `outer` puts in force. Waits for packets twice. Returns 0 or a negative
 * errno. */
int tables_put_map(const struct mesh_compiled *compiled, int lines, int outer);

/* Stores a word of struct mesh_filter_control as a whole. Returns 0 or a negative errno. */
int tables_store(int control, size_t offset, uint32_t value);

#endif
