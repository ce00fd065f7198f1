/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists alerts: those that last, then the past. */
#ifndef X0_TUI_ALERTS_PAGE_H
#define X0_TUI_ALERTS_PAGE_H

#include "details.h"

/* Returns the style of enum severity. */
enum style alerts_style(uint32_t severity);

/* Fills a page with all alerts of a snapshot: sentence, time and count, remedy. */
void alerts_page(const struct snapshot *snapshot, struct details *page);

#endif
