/* SPDX-License-Identifier: BSD-2-Clause */
/* Events and drops, in the view of events and on the overview. */
#ifndef X0_TUI_EVENTS_PANEL_H
#define X0_TUI_EVENTS_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

enum style events_kind_style(uint32_t kind);

/* The newest events that fit, newest last, without a title. */
void events_draw_newest(const struct snapshot_net_events *net, struct area area);

/* The same of one kind alone. */
void events_draw_newest_of(
	const struct snapshot_net_events *net, enum event_kind kind, struct area area);

/* The reasons for which most packets are dropped, without a title. */
void events_draw_reasons(const struct snapshot_net_events *net, struct area area);

/* A title with the rates, and below it the reasons for which most packets are dropped. */
void events_draw_drops(const struct snapshot_net_events *net, struct area area);

#endif
