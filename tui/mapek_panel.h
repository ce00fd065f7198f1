/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the view of MAPE-K have in common. */
#ifndef X0_TUI_MAPEK_PANEL_H
#define X0_TUI_MAPEK_PANEL_H

#include "ui_state.h"

/* Like the table of view_watched, with the edges of what is usual as its rate. */
extern const struct table_type watched_low, watched_high;

/*
 * Draws the mode, the names of the parts, the view's table, and below it, where there is room, the details
 * of the highlighted row beside or above the graph of a series with the band of what is usual. `series`,
 * its name, may be NULL or empty: none.
 */
void mapek_draw(struct ui *ui, struct area area, const char *series);

/* Returns an anomaly of the snapshot by its number, or NULL. */
const struct snapshot_mapek_anomaly *mapek_anomaly(
	const struct snapshot *snapshot, uint64_t number);

/* Fills in the action that takes back what an action of MAPE-K has switched, or does to a class, in the operator's name.
 * Returns whether there is one. */
bool mapek_switch_back(const struct snapshot_mapek_action *action, struct action *back);

/* Writes a value of a series, "12.3K", or "-" for one that is unknown. Returns `text`. */
const char *mapek_value(char text[FORMAT_LEN], double value);

/* Writes what is usual, "90 to 240". Returns `text`. */
const char *mapek_usual(char text[2 * FORMAT_LEN], double low, double high);

#endif
