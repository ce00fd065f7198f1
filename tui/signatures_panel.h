/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws refusals, sessions and verification times of signed packets. */
#ifndef X0_TUI_SIGNATURES_PANEL_H
#define X0_TUI_SIGNATURES_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

/* Counts the nodes that are authenticated at `time`. */
uint32_t signatures_authenticated(const struct snapshot_pqc *pqc, double time);

/* Formats the distance between `time` and `now`, like "12m"; "-" for a `time` of 0 (never). */
char *signatures_format_span(char *text, double time, double now);

/* Draw a panel with its title. Refusals: a row per reason, the busiest ones if room is short. */
void signatures_draw_refusals(const struct snapshot_pqc *pqc, struct area area);
void signatures_draw_sessions(const struct snapshot *snapshot, struct area area);
void signatures_draw_times(const struct snapshot_pqc *pqc, struct area area);

#endif
