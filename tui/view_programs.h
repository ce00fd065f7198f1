/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of programs; the overview shows it, too. */
#ifndef X0_TUI_VIEW_PROGRAMS_H
#define X0_TUI_VIEW_PROGRAMS_H

#include "ui_state.h"

extern const struct table_type programs_table;

/* Implements view.toggle. */
const char *programs_toggle(const struct snapshot *snapshot, uint32_t row, struct action *action);

#endif
