/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws events and drops, in their view and on the overview. */
#ifndef X0_TUI_EVENTS_PANEL_H
#define X0_TUI_EVENTS_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

enum style events_kind_style(uint32_t kind);

/* Draws the newest events that fit, newest last, without a title. */
void events_draw_newest(const struct snapshot_net_events *net, struct area area);

/* Like events_draw_newest(), of one kind only. */
void events_draw_newest_of(
	const struct snapshot_net_events *net, enum event_kind kind, struct area area);

/* Draws the top drop reasons by rate, without a title. */
void events_draw_reasons(const struct snapshot_net_events *net, struct area area);

/* Draws a title with drop, retransmit and reset rates, and the top drop reasons below it. */
void events_draw_drops(const struct snapshot_net_events *net, struct area area);

#endif
