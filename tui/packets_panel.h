/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws packets of one or all interfaces by verdict, protocol and frame size, with bars. */
#ifndef X0_TUI_PACKETS_PANEL_H
#define X0_TUI_PACKETS_PANEL_H

#include "draw.h"
#include "history.h"
#include "model/snapshot.h"

/* Draws verdicts, protocols and frame sizes side by side. */
void packets_draw_breakdown(const struct snapshot_packets_interface *interface, struct area area);

/* Draws graphs of what was received and of what was sent side by side, each with its name; leaves one
 * out that is NULL. */
void packets_draw_graphs(const struct history *received, const struct history *sent,
	const struct history_times *times, struct area area);

/* Draws the protocols seen, one per row, as many as fit. */
void packets_draw_protocols(const struct snapshot_packets_interface *interface, struct area area);

#endif
