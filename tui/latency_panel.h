/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws latency histograms. */
#ifndef X0_TUI_LATENCY_PANEL_H
#define X0_TUI_LATENCY_PANEL_H

#include "draw.h"
#include "model/snapshot.h"

/* Draws the histogram since start on a logarithmic axis, with quantiles marked below. */
void latency_draw_histogram(const struct snapshot_syscall *call, struct area area);

/* Draws the coarse buckets of the variant for shared hosts. */
void latency_draw_coarse(const struct snapshot_syscall_secure *call, struct area area);

#endif
