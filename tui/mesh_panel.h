/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the mesh view have in common. */
#ifndef X0_TUI_MESH_PANEL_H
#define X0_TUI_MESH_PANEL_H

#include "ui_state.h"

/* Draws the filter's mode and the names of the parts. Returns the area below them. */
struct area mesh_draw_head(const struct ui *ui, struct area area);

/* Writes the live sources of neighbours with their numbers, "kernel 3, babel 2 lost". */
void neighbours_write_facts(const struct snapshot_neighbours *part, char *text, size_t size);

/* Names the rule that an action is for: as it is shown, wherever others move it meanwhile. */
void mesh_mean_rule(struct action *action, const struct snapshot_rule *rule);

/* Adds a text to a hash that begins as 0: for keys of rows that are longer than a key. */
uint64_t mesh_hash_text(uint64_t hash, const char *text);

#endif
