/* SPDX-License-Identifier: BSD-2-Clause */
/* Why interfaces are not counted, or not watched. */
#ifndef X0_TUI_PACKETS_REASONS_H
#define X0_TUI_PACKETS_REASONS_H

#include "draw.h"
#include "model/snapshot.h"

/* Draws what is not counted, and what is not watched, if there is any. Returns the lines used, at least one. */
int packets_draw_reasons(const struct snapshot_packets *packets, struct area area);

#endif
