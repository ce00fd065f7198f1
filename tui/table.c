// SPDX-License-Identifier: BSD-2-Clause
#include "table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/rate.h"

void table_open(struct table *table, const struct table_type *type, uint16_t *rows, uint32_t room)
{
	*table = (struct table) {
		.type = type,
		.columns = type->columns,
		.n_columns = type->n_columns,
		.sort = type->sort,
		.rows = rows,
		.room = room,
	};
}

static void get_cell(const struct table *table, const struct snapshot *snapshot, uint32_t row,
	int column, struct cell *cell)
{
	cell->style = STYLE_TEXT;
	cell->value = 0;
	cell->text[0] = cell->brief[0] = '\0';
	table->type->cell(snapshot, row, column, cell);
}

static bool row_contains(
	const struct table *table, const struct snapshot *snapshot, uint32_t row, const char *text)
{
	struct cell cell;

	for (int column = 0; column < table->n_columns; column++) {
		get_cell(table, snapshot, row, column, &cell);
		if (strcasestr(cell.text, text) != NULL)
			return true;
	}
	return false;
}

/* --- order ------------------------------------------------------------------------------------ */

/* The rows of a table while it is sorted, and what they are sorted by. */
struct sorting {
	const struct table *table;
	const struct snapshot *snapshot;
	bool by_text;
	struct cell cell; /* of the row that is put in its place, by text */
	double *values; /* by row of the snapshot, else: each cell is made once */
};

/* Returns whether a row, whose text is in sorting->cell, sorts before another; equal ones keep the snapshot's order. */
static bool comes_before(const struct sorting *sorting, uint32_t row, uint32_t other_row)
{
	const struct table *table = sorting->table;
	struct cell other;
	int order;

	if (sorting->by_text) {
		get_cell(table, sorting->snapshot, other_row, table->sort, &other);
		order = strcmp(sorting->cell.text, other.text);
	} else {
		order = rate_compare(sorting->values[other_row], sorting->values[row]);
	}
	return table->inverted ? order > 0 : order < 0;
}

/* Returns the place among the rows before `at` of the row there. Most stay: rows are nearly sorted. */
static uint32_t place_of(struct sorting *sorting, uint32_t at)
{
	const struct table *table = sorting->table;
	const uint16_t row = table->rows[at];
	uint32_t low = table->type->n_pinned, high = at;

	if (sorting->by_text)
		get_cell(table, sorting->snapshot, row, table->sort, &sorting->cell);
	if (!comes_before(sorting, row, table->rows[at - 1]))
		return at;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (comes_before(sorting, row, table->rows[middle]))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void read_values(struct sorting *sorting)
{
	const struct table *table = sorting->table;

	for (uint32_t i = table->type->n_pinned; i < table->n_rows; i++) {
		get_cell(table, sorting->snapshot, table->rows[i], table->sort, &sorting->cell);
		sorting->values[table->rows[i]] = sorting->cell.value;
	}
}

/* Insertion sort: stable, allocates nothing, fast on nearly sorted rows. */
static void sort_rows(struct table *table, const struct snapshot *snapshot)
{
	static double values[UINT16_MAX + 1];
	struct sorting sorting = { .table = table, .snapshot = snapshot, .values = values };

	if (table->sort == SORT_NONE)
		return;
	sorting.by_text = table->columns[table->sort].kind == COLUMN_TEXT;
	if (!sorting.by_text)
		read_values(&sorting);
	for (uint32_t i = table->type->n_pinned + 1; i < table->n_rows; i++) {
		const uint16_t row = table->rows[i];
		const uint32_t place = place_of(&sorting, i);

		memmove(&table->rows[place + 1], &table->rows[place],
			(i - place) * sizeof(table->rows[0]));
		table->rows[place] = row;
	}
}

static void reverse_rows(struct table *table)
{
	uint32_t first = table->type->n_pinned, last = table->n_rows;

	while (first + 1 < last) {
		uint16_t row = table->rows[first];

		table->rows[first++] = table->rows[--last];
		table->rows[last] = row;
	}
}

/* --- selection -------------------------------------------------------------------------------- */

static void select_at(struct table *table, const struct snapshot *snapshot, uint32_t at)
{
	table->at = at;
	table->selected[0] = '\0';
	if (at < table->n_rows)
		table->type->key(snapshot, table->rows[at], table->selected);
}

/* Finds the selected thing. If it is gone, selects the row that took its place. */
static void find_selected(struct table *table, const struct snapshot *snapshot)
{
	char key[TABLE_KEY_LEN];

	if (table->n_rows == 0) {
		table->at = 0;
		return;
	}
	if (table->follow) {
		select_at(table, snapshot, table->n_rows - 1);
		return;
	}
	for (uint32_t at = 0; at < table->n_rows; at++) {
		table->type->key(snapshot, table->rows[at], key);
		if (strcmp(key, table->selected) == 0) {
			table->at = at;
			return;
		}
	}
	select_at(table, snapshot, table->at < table->n_rows ? table->at : table->n_rows - 1);
}

/* Columns and rows of the subject. Returns the first row, and sets *end behind the last. */
static uint32_t find_subject(struct table *table, const struct snapshot *snapshot, uint32_t *end)
{
	uint32_t first = 0;

	*end = 0;
	if (table->type->subject == NULL) {
		*end = table->type->count(snapshot);
	} else {
		table->columns = table->own;
		table->n_columns =
			table->type->subject(snapshot, table->subject, table->own, &first, end);
	}
	if (table->sort >= table->n_columns)
		table->sort = SORT_NONE;
	if (*end > first + table->room)
		*end = first + table->room;
	return first;
}

void table_update(struct table *table, const struct snapshot *snapshot)
{
	uint32_t end, row = find_subject(table, snapshot, &end);

	table->n_rows = 0;
	for (; row < end; row++)
		if (row < table->type->n_pinned || table->filter[0] == '\0' ||
			row_contains(table, snapshot, row, table->filter))
			table->rows[table->n_rows++] = (uint16_t)row;
	if (table->sort != SORT_NONE)
		sort_rows(table, snapshot);
	else if (table->inverted)
		reverse_rows(table);
	find_selected(table, snapshot);
}

int table_selected(const struct table *table)
{
	return table->at < table->n_rows ? table->rows[table->at] : -1;
}

void table_move(struct table *table, const struct snapshot *snapshot, int rows)
{
	int at = (int)table->at + rows;

	if (table->n_rows == 0)
		return;
	if (at >= (int)table->n_rows)
		at = (int)table->n_rows - 1;
	select_at(table, snapshot, at < 0 ? 0 : (uint32_t)at);
}

void table_sort(struct table *table, const struct snapshot *snapshot, int column)
{
	table->inverted = column == table->sort ? !table->inverted : false;
	table->sort = column;
	table_update(table, snapshot);
}

int table_next_sort(const struct table *table, int step)
{
	int n = table->n_columns + 1; /* plus SORT_NONE, the last */
	int column = table->sort == SORT_NONE ? n - 1 : table->sort;

	do {
		column = (column + step + n) % n;
	} while (column < n - 1 && table->columns[column].kind == COLUMN_GRAPH);
	return column == n - 1 ? SORT_NONE : column;
}

bool table_search(struct table *table, const struct snapshot *snapshot, const char *text, int step)
{
	uint32_t at;

	if (text[0] == '\0')
		return false;
	for (uint32_t i = 0; i < table->n_rows; i++) {
		uint32_t offset = step == 0 ? i : i + 1;

		if (step >= 0)
			at = (table->at + offset) % table->n_rows;
		else
			at = (table->at + table->n_rows - offset % table->n_rows) % table->n_rows;
		if (row_contains(table, snapshot, table->rows[at], text)) {
			table->follow = false;
			select_at(table, snapshot, at);
			return true;
		}
	}
	return false;
}

/* --- drawing ---------------------------------------------------------------------------------- */

/* Computes column widths; 0 for a hidden column. */
static void fit_columns(const struct table *table, int width, int widths[TABLE_COLUMNS_MAX])
{
	int used = -1, left;

	for (int i = 0; i < table->n_columns; i++) {
		widths[i] = table->columns[i].width;
		used += widths[i] + 1;
	}
	while (used > width) {
		int drop = -1;

		for (int i = 0; i < table->n_columns; i++)
			if (widths[i] > 0 && table->columns[i].drop > 0 &&
				(drop < 0 || table->columns[i].drop > table->columns[drop].drop))
				drop = i;
		if (drop < 0)
			return;
		used -= widths[drop] + 1;
		widths[drop] = 0;
	}
	left = width - used;
	for (int i = 0; i < table->n_columns && left > 0; i++) {
		int more = table->columns[i].stretch < left ? table->columns[i].stretch : left;

		if (widths[i] > 0) {
			widths[i] += more;
			left -= more;
		}
	}
}

static void draw_heads(const struct table *table, struct area area, const int *widths)
{
	int x = area.x;

	for (int i = 0; i < table->n_columns; i++) {
		const struct column *column = &table->columns[i];
		bool sorts = i == table->sort;
		enum style style = sorts ? STYLE_SORTED : STYLE_HEAD;
		bool rising = (column->kind == COLUMN_TEXT) != table->inverted;
		bool right = column->kind == COLUMN_NUMBER;
		int columns = text_columns(column->title);

		if (widths[i] == 0)
			continue;
		if (right)
			draw_right(area.y, x, widths[i], style, column->title);
		else
			draw_text(area.y, x, widths[i], style, column->title);
		if (sorts && columns < widths[i])
			draw_glyph(area.y, right ? x + widths[i] - columns - 1 : x + columns, style,
				rising ? GLYPH_ASCENDING : GLYPH_DESCENDING);
		x += widths[i] + 1;
	}
}

struct row_drawing {
	const struct table *table;
	const struct snapshot *snapshot;
	const int *widths;
	table_history *history;
	const void *context;
};

static void draw_table_cell(
	const struct row_drawing *d, int y, int x, uint32_t row, int column, bool highlight)
{
	const struct table_type *type = d->table->type;
	int width = d->widths[column];
	char key[TABLE_KEY_LEN];
	struct cell cell;

	get_cell(d->table, d->snapshot, row, column, &cell);
	if (highlight)
		cell.style = STYLE_SELECTED;
	switch (d->table->columns[column].kind) {
	case COLUMN_NUMBER:
		draw_right(y, x, width, cell.style, cell.text);
		break;
	case COLUMN_BAR:
		graph_bar(y, x, width, cell.style, cell.value);
		break;
	case COLUMN_GRAPH:
		type->key(d->snapshot, row, key);
		const struct history *history = d->history(d->context, key);
		if (history != NULL)
			graph_sparkline(
				y, x, width, highlight ? STYLE_SELECTED : STYLE_GRAPH, history);
		break;
	default:
		draw_text(y, x, width, cell.style,
			cell.brief[0] != '\0' && text_columns(cell.text) > width ? cell.brief
										 : cell.text);
	}
}

static void draw_row(const struct row_drawing *d, struct area area, uint32_t row, bool highlight)
{
	int x = area.x;

	if (highlight)
		draw_fill(area.y, area.x, area.width, STYLE_SELECTED, L' ');
	for (int column = 0; column < d->table->n_columns; column++) {
		if (d->widths[column] == 0)
			continue;
		draw_table_cell(d, area.y, x, row, column, highlight);
		x += d->widths[column] + 1;
	}
}

static void scroll_to_selected(struct table *table, uint32_t page)
{
	table->page = page;
	if (table->at < table->top)
		table->top = table->at;
	if (table->at >= table->top + page)
		table->top = table->at - page + 1;
	if (table->top + page > table->n_rows)
		table->top = table->n_rows > page ? table->n_rows - page : 0;
}

int table_height(const struct table *table, int most)
{
	const int rows = (int)table->n_rows + 1;

	return rows < 2 || most < 2 ? 2 : rows < most ? rows : most;
}

void table_draw(struct table *table, const struct snapshot *snapshot, struct area area, bool focus,
	table_history *history, const void *context)
{
	int widths[TABLE_COLUMNS_MAX];
	const struct row_drawing d = { table, snapshot, widths, history, context };

	if (area.height < 2)
		return;
	fit_columns(table, area.width, widths);
	draw_heads(table, area, widths);
	area.y++;
	area.height--;
	scroll_to_selected(table, (uint32_t)area.height);
	for (int i = 0; i < area.height && table->top + (uint32_t)i < table->n_rows; i++) {
		uint32_t at = table->top + (uint32_t)i;
		struct area line = { area.y + i, area.x, 1, area.width };

		draw_row(&d, line, table->rows[at], focus && at == table->at);
	}
	if (table->n_rows == 0)
		draw_text(area.y, area.x, area.width, STYLE_DIM,
			table->filter[0] != '\0' ? "No row matches the filter."
			: table->empty != NULL	 ? table->empty
						 : table->type->empty);
}
