// SPDX-License-Identifier: BSD-2-Clause
/* Part of the view of MAPE-K: what is watched, and what is usual. */
#include <math.h>
#include <stdio.h>

#include "cell.h"
#include "mapek_panel.h"
#include "model/format.h"

enum {
	NAME,
	VALUE,
	TREND,
	LOW,
	HIGH,
	SCORE,
	COLUMNS_N,
};

static const struct column columns[COLUMNS_N] = {
	[NAME] = { "SERIES", COLUMN_TEXT, 16, 0, 10 },
	[VALUE] = { "NOW", COLUMN_NUMBER, 9, 0, 4 },
	[TREND] = { "TREND", COLUMN_GRAPH, 16, 0, 60 },
	[LOW] = { "USUAL FROM", COLUMN_NUMBER, 10, 0, 4 },
	[HIGH] = { "TO", COLUMN_NUMBER, 9, 0, 4 },
	[SCORE] = { "SCORE", COLUMN_NUMBER, 6, 0, 4 },
};

static const struct snapshot_mapek_series *at(const struct snapshot *snapshot, uint32_t row)
{
	return &snapshot->mapek.series[row];
}

static uint32_t count(const struct snapshot *snapshot)
{
	return snapshot->mapek.n_series;
}

static void key_of(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", at(snapshot, row)->name);
}

static double value_of(const struct snapshot *snapshot, uint32_t row)
{
	return at(snapshot, row)->value;
}

static void fill(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_mapek_series *series = at(snapshot, row);
	bool unusual = series->value < series->low || series->value > series->high;

	if (column == NAME) {
		snprintf(cell->text, sizeof(cell->text), "%s", series->name);
		return;
	}
	cell->value = column == VALUE  ? series->value
		      : column == LOW  ? series->low
		      : column == HIGH ? series->high
				       : series->score;
	if (column == SCORE && !isnan(series->score))
		snprintf(cell->text, sizeof(cell->text), "%.1f", series->score);
	else
		mapek_value(cell->text, cell->value);
	cell->style = column == VALUE ? (unusual ? STYLE_BAD : STYLE_STRONG) : STYLE_DIM;
}

static const struct table_type watched_table = {
	.columns = columns,
	.n_columns = COLUMNS_N,
	.sort = SORT_NONE,
	.empty = "No policy watches anything.",
	.count = count,
	.key = key_of,
	.cell = fill,
	.rate = value_of,
};

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_mapek_series *series = at(snapshot, row);
	char text[FORMAT_LEN], usual[2 * FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "%s", series->name);
	details_add(d, STYLE_STRONG, "Now", "%s", mapek_value(text, series->value));
	details_add(d, STYLE_TEXT, "Usual", "%s", mapek_usual(usual, series->low, series->high));
	if (!isnan(series->score))
		details_add(d, STYLE_TEXT, "Score", "%.1f", series->score);
}

static void draw(struct ui *ui, struct area area)
{
	int row = table_selected(ui_table(ui));

	mapek_draw(ui, area, row < 0 ? NULL : at(ui->snapshot, (uint32_t)row)->name);
}

const struct view view_watched = {
	.name = "Watched",
	.part_of = VIEW_MAPEK,
	.table = &watched_table,
	.unmeasured = true,
	.draw = draw,
	.details = details,
};
