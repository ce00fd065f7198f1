/* SPDX-License-Identifier: BSD-2-Clause */
/* The neighbour table as a panel: neighbours, then routes, as far as there is room. */
#ifndef X0_TUI_NEIGHBOURS_PANEL_H
#define X0_TUI_NEIGHBOURS_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

/* Draws a title with the state of the sources, and a row each. */
void neighbours_draw(const struct snapshot *snapshot, struct area area);

#endif
