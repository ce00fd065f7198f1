/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of signed packets, in the view of signatures and on the overview. */
#ifndef X0_TUI_SIGNATURES_PANEL_H
#define X0_TUI_SIGNATURES_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

/* Nodes that are authenticated at `time`. */
uint32_t signatures_authenticated(const struct snapshot_pqc *pqc, double time);

/* How a time lies ahead of `now` or behind it: "12m", or "-" for 0, which means never. */
char *signatures_format_span(char *text, double time, double now);

/* Panels with their titles. Refusals: a row for every reason, the busiest where there is less room. */
void signatures_draw_refusals(const struct snapshot_pqc *pqc, struct area area);
void signatures_draw_sessions(const struct snapshot *snapshot, struct area area);
void signatures_draw_times(const struct snapshot_pqc *pqc, struct area area);

#endif
