/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws events and drops, in their view and on the overview. */
#ifndef X0_TUI_EVENTS_PANEL_H
#define X0_TUI_EVENTS_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

enum style events_kind_style(uint32_t kind);

#define EVENTS_NONE "no events yet"

/* Draws the newest events that fit, newest last, of one kind, or of all if `kind` is EVENT_KINDS; without a
 * title. `none` is said without events. */
void events_draw_newest(const struct snapshot_net_events *net, enum event_kind kind,
	const char *none, struct area area);

/* Draws the top drop reasons by rate, without a title. */
void events_draw_reasons(const struct snapshot_net_events *net, struct area area);

/* Draws a title with drop, retransmit and reset rates, and the top drop reasons below it. */
void events_draw_drops(const struct snapshot_net_events *net, struct area area);

#endif
