/* SPDX-License-Identifier: BSD-2-Clause */
/* Describes a program of a snapshot: its state, and all its details. */
#ifndef X0_TUI_PROGRAM_DETAILS_H
#define X0_TUI_PROGRAM_DETAILS_H

#include "details.h"
#include "model/format.h"

struct state_look {
	enum glyph glyph;
	enum style style;
};

const struct state_look *program_state_look(const struct snapshot_program *program);

/* Returns the state in a word; an enforcer that is on is "enforcing" or "observing". */
const char *program_state_word(const struct snapshot_program *program);

/* Formats the share of one core that the program takes, with the digits that are known of it. */
char *program_cost(char text[FORMAT_LEN], const struct snapshot_program *program);

/* Adds all details of the program in this row of snapshot->programs. */
void program_details(const struct snapshot *snapshot, uint32_t row, struct details *details);

/* Returns the plugin that a program is, by its name; NULL: it is x0top's own. */
const struct snapshot_plugin_program *program_plugin(
	const struct snapshot *snapshot, const char *name);

#endif
