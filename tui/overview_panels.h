/* SPDX-License-Identifier: BSD-2-Clause */
/* Panels of the overview, with the top of each other view. */
#ifndef X0_TUI_OVERVIEW_PANELS_H
#define X0_TUI_OVERVIEW_PANELS_H

#include "ui_state.h"

struct panel {
	const char *title;
	/* Writes the facts of the title line: visible even where no other line fits. */
	void (*facts)(const struct snapshot *snapshot, char *text, size_t size);
	void (*draw)(struct ui *ui, struct area area);
};

extern const struct panel panel_packets, panel_protocols, panel_interfaces, panel_mesh,
	panel_classes, panel_syscalls, panel_events, panel_drops, panel_signatures, panel_costs;

#endif
