/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of things in the snapshot that can be sorted, filtered, searched and scrolled. What it
 * shows is data (struct table_type); what the operator did to it is its state (struct table). The
 * selection belongs to the thing, known by its key, not to the row where it happens to stand.
 */
#ifndef X0_TUI_TABLE_H
#define X0_TUI_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "draw.h"
#include "graph.h"
#include "model/snapshot.h"

enum {
	TABLE_ROWS_MAX = MESH_RULES_MAX,
	TABLE_COLUMNS_MAX = 16,
	TABLE_KEY_LEN = NAME_LEN * 2,
	TABLE_FILTER_LEN = 48,
	CELL_LEN = REASON_LEN,
};

enum column_kind {
	COLUMN_TEXT, /* from the left, sorts by text */
	COLUMN_NUMBER, /* from the right, sorts by value, largest first */
	COLUMN_BAR, /* value 0 to 1 */
	COLUMN_GRAPH, /* the recent values of table_type.rate */
};

struct column {
	const char *title;
	uint8_t kind; /* enum column_kind */
	uint8_t width; /* in characters; the least, for one that stretches */
	uint8_t drop; /* goes when the screen is narrow: the highest first, 0 never */
	uint8_t stretch; /* takes up to this many columns of what is left over; 255: all of it */
};

struct cell {
	enum style style;
	double value;
	char text[CELL_LEN];
};

/* Why a column has no order of its own: rows stay as the snapshot has them. */
#define SORT_NONE (-1)

struct table_type {
	const struct column *columns;
	int n_columns;
	int sort; /* at start: a column, or SORT_NONE */
	uint32_t n_pinned; /* this many rows stay on top */
	const char *empty; /* said when there are no rows */
	uint32_t (*count)(const struct snapshot *snapshot);
	/* What the row is, whatever its place: a name or a number. */
	void (*key)(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN]);
	/* Fills a cell that comes empty, in STYLE_TEXT. */
	void (*cell)(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell);
	/* What COLUMN_GRAPH shows; NULL if there is none. */
	double (*rate)(const struct snapshot *snapshot, uint32_t row);
};

struct table {
	const struct table_type *type;
	int sort;
	bool inverted;
	bool follow; /* the selection stays on the last row */
	char filter[TABLE_FILTER_LEN];
	char selected[TABLE_KEY_LEN];
	uint32_t at; /* where the selection stands in rows[] */
	uint32_t top; /* the first row on the screen */
	uint32_t page; /* rows on the screen when it was last drawn */
	uint32_t n_rows;
	uint16_t rows[TABLE_ROWS_MAX]; /* rows of the snapshot, in the order shown */
};

void table_open(struct table *table, const struct table_type *type);

/* Filters and sorts anew, and finds the selected thing again. */
void table_update(struct table *table, const struct snapshot *snapshot);

/* The row of the snapshot that is highlighted, or -1 if there is none. */
int table_selected(const struct table *table);

/* Moves the highlight by `rows`, or to an end with TABLE_FIRST and TABLE_LAST. */
#define TABLE_FIRST (-(int)TABLE_ROWS_MAX)
#define TABLE_LAST  ((int)TABLE_ROWS_MAX)
void table_move(struct table *table, const struct snapshot *snapshot, int rows);

/* Sorts by a column (or SORT_NONE); by the one that sorts already: the other way round. */
void table_sort(struct table *table, const struct snapshot *snapshot, int column);

/* The next column that can sort, after (`step` 1) or before (-1) the present one. */
int table_next_sort(const struct table *table, int step);

/*
 * Highlights the first row that contains `text`, from the present one on (`step` 0), after it (1)
 * or before it (-1), going round. Returns whether there is one.
 */
bool table_search(struct table *table, const struct snapshot *snapshot, const char *text, int step);

/* The history of a row's rate, or NULL. */
typedef const struct history *table_history(const void *context, const char *key);

/* Draws heads and rows. `focus`: show the highlight. */
void table_draw(struct table *table, const struct snapshot *snapshot, struct area area, bool focus,
	table_history *history, const void *context);

#endif
