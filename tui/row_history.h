/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps the history of a rate for each row of each table. */
#ifndef X0_TUI_ROW_HISTORY_H
#define X0_TUI_ROW_HISTORY_H

#include "table.h"

/* Hashed by table and key. Rows beyond this number have no graph. */
enum { ROW_HISTORIES_MAX = 1 << 11 };

struct row_history {
	uint64_t hash; /* 0: free */
	uint64_t sample; /* number of the last sample that contained the row */
	struct history history;
};

struct row_histories {
	struct row_history rows[ROW_HISTORIES_MAX];
};

/* Adds the rates of a table's rows in the sample with this number; numbers rise by one. */
void row_history_record(struct row_histories *histories, const struct table_type *type,
	const struct snapshot *snapshot, uint64_t sample);

/* Returns the history of a table's row, or NULL. */
const struct history *row_history_find(
	const struct row_histories *histories, const struct table_type *type, const char *key);

#endif
