/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws a histogram by powers of two, of a plugin's map. */
#ifndef X0_TUI_BUCKET_PANEL_H
#define X0_TUI_BUCKET_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

/* Draws the first histogram of a row under its column's name. Returns false if the row has none. */
bool bucket_draw(const struct snapshot_plugins *plugins, uint32_t row, struct area area);

#endif
