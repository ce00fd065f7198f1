/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorts, filters, searches, scrolls and draws rows of the snapshot. struct table_type describes the
 * columns; struct table holds the operator's choices. The selection follows the thing, by its key,
 * not the row number.
 */
#ifndef X0_TUI_TABLE_H
#define X0_TUI_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "draw.h"
#include "graph.h"
#include "model/snapshot.h"

enum {
	TABLE_ROWS_MAX = MESH_RULES_MAX, /* of a snapshot's */
	TABLE_COLUMNS_MAX = 16,
	TABLE_KEY_LEN = NAME_LEN * 4,
	TABLE_FILTER_LEN = 48,
	CELL_LEN = REASON_LEN,
};

enum column_kind {
	COLUMN_TEXT, /* left-aligned, sorts by text */
	COLUMN_NUMBER, /* right-aligned, sorts by value, largest first */
	COLUMN_BAR, /* value 0 to 1 */
	COLUMN_GRAPH, /* recent values of table_type.rate */
};

struct column {
	const char *title;
	uint8_t kind; /* enum column_kind */
	uint8_t width; /* in columns of the screen; the minimum if it stretches */
	uint8_t drop; /* order of hiding on a narrow screen, highest first; 0: never hidden */
	uint8_t stretch; /* takes up to this many spare columns; 255: all of them */
};

struct cell {
	enum style style;
	double value;
	char text[CELL_LEN];
	char brief[NAME_LEN * 2]; /* instead of a text that does not fit; may be empty */
};

/* Sorts by no column: rows keep the snapshot's order. */
#define SORT_NONE (-1)

struct table_type {
	const struct column *columns;
	int n_columns;
	int sort; /* initial sort column, or SORT_NONE */
	uint32_t n_pinned; /* rows that stay on top */
	const char *empty; /* shown without rows */
	uint32_t (*count)(const struct snapshot *snapshot); /* NULL: subject() tells */
	/* NULL, or for a table that shows one of several subjects, each with columns of its own: writes these, whose
	 * titles last as long as the snapshot, and the rows of the snapshot from *first to before *end that belong
	 * to number `subject`. Returns the number of columns. */
	int (*subject)(const struct snapshot *snapshot, uint32_t subject, struct column *columns,
		uint32_t *first, uint32_t *end);
	/* Writes the row's identity, a name or number, whatever its place. */
	void (*key)(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN]);
	/* Fills a cell, which is empty and has STYLE_TEXT. */
	void (*cell)(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell);
	/* Returns the value for COLUMN_GRAPH; NULL without such a column. */
	double (*rate)(const struct snapshot *snapshot, uint32_t row);
	const char *rate_title; /* of its graph beside the details, "Runs/s"; NULL: none is drawn */
};

struct table {
	const struct table_type *type;
	const struct column *columns; /* the type's, or `own` */
	int n_columns;
	struct column own[TABLE_COLUMNS_MAX]; /* of the subject */
	uint32_t subject; /* where type->subject is */
	int sort;
	bool inverted;
	bool follow; /* keeps the last row selected */
	const char *empty; /* shown without rows; NULL: what the type says */
	char filter[TABLE_FILTER_LEN];
	char selected[TABLE_KEY_LEN];
	uint32_t at; /* index of the selection in rows[] */
	uint32_t top; /* the first row on the screen */
	uint32_t page; /* rows on the screen at the last drawing */
	uint32_t n_rows;
	uint32_t room; /* at most UINT16_MAX; further rows are not shown */
	uint16_t *rows; /* snapshot rows in the order shown; the owner's */
};

/* Uses `room` elements of `rows`, which stay the caller's. */
void table_open(struct table *table, const struct table_type *type, uint16_t *rows, uint32_t room);

/* Filters and sorts a new snapshot, and finds the selected thing again. */
void table_update(struct table *table, const struct snapshot *snapshot);

/* Returns the highlighted row of the snapshot, or -1 if there is none. */
int table_selected(const struct table *table);

/* Moves the highlight by `rows`, or to an end with TABLE_FIRST and TABLE_LAST. */
#define TABLE_FIRST (-UINT16_MAX)
#define TABLE_LAST  UINT16_MAX
void table_move(struct table *table, const struct snapshot *snapshot, int rows);

/* Sorts by a column (or SORT_NONE); inverts the order if it is the sort column already. */
void table_sort(struct table *table, const struct snapshot *snapshot, int column);

/* Returns the sortable column after (`step` 1) or before (-1) the present one. */
int table_next_sort(const struct table *table, int step);

/*
 * Highlights the first row that contains `text`, starting at the present row (`step` 0), after it
 * (1) or before it (-1), and wrapping around. Returns whether a row matches.
 */
bool table_search(struct table *table, const struct snapshot *snapshot, const char *text, int step);

/* Returns the history of a row's rate, or NULL. */
typedef const struct history *table_history(const void *context, const char *key);

/* Returns the lines that it takes: titles, and rows or the sentence that stands for them; `most` if those are more, but
 * never less than titles and one line. */
int table_height(const struct table *table, int most);

/* Draws column titles and rows; `focus` shows the highlight. */
void table_draw(struct table *table, const struct snapshot *snapshot, struct area area, bool focus,
	table_history *history, const void *context);

#endif
