// SPDX-License-Identifier: BSD-2-Clause
/* Part of the view of MAPE-K: what was unusual, and since when. */
#include <math.h>
#include <stdio.h>

#include "cell.h"
#include "mapek_panel.h"
#include "model/format.h"

enum {
	NUMBER,
	BEGAN,
	LASTED,
	SERIES,
	WORST,
	USUAL,
	SCORE,
	POLICY,
	COLUMNS_N,
};

static const struct column columns[COLUMNS_N] = {
	[NUMBER] = { "ANOMALY", COLUMN_NUMBER, 7, 0, 0 },
	[BEGAN] = { "BEGAN", COLUMN_TEXT, 8, 0, 1 },
	[LASTED] = { "LASTED", COLUMN_NUMBER, 7, 0, 2 },
	[SERIES] = { "SERIES", COLUMN_TEXT, 15, 0, 10 },
	[WORST] = { "WORST", COLUMN_NUMBER, 7, 0, 4 },
	[USUAL] = { "USUAL", COLUMN_NUMBER, 15, 0, 4 },
	[SCORE] = { "SCORE", COLUMN_NUMBER, 5, 1, 2 },
	[POLICY] = { "POLICY", COLUMN_TEXT, 10, 2, 255 },
};

static const struct snapshot_mapek_anomaly *at(const struct snapshot *snapshot, uint32_t row)
{
	return &snapshot->mapek.anomalies[row];
}

static uint32_t count(const struct snapshot *snapshot)
{
	return snapshot->mapek.n_anomalies;
}

static void key_of(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%llu", (unsigned long long)at(snapshot, row)->number);
}

static void lasted_cell(const struct snapshot *snapshot,
	const struct snapshot_mapek_anomaly *anomaly, struct cell *cell)
{
	bool lasts = isnan(anomaly->end);
	double seconds = (lasts ? snapshot->time : anomaly->end) - anomaly->begin;
	char text[FORMAT_LEN];

	cell->value = seconds;
	cell->style = lasts ? STYLE_BAD : STYLE_DIM;
	format_ns(text, fmax(seconds, 0) * 1e9);
	snprintf(cell->text, sizeof(cell->text), "%s%s", text, lasts ? "+" : "");
}

static void fill(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_mapek_anomaly *anomaly = at(snapshot, row);

	if (!isnan(anomaly->end))
		cell->style = STYLE_DIM;
	switch (column) {
	case NUMBER:
		cell->value = (double)anomaly->number;
		key_of(snapshot, row, cell->text);
		break;
	case BEGAN:
		format_clock(cell->text, anomaly->begin);
		break;
	case LASTED:
		lasted_cell(snapshot, anomaly, cell);
		break;
	case WORST:
		cell->value = anomaly->value;
		mapek_value(cell->text, anomaly->value);
		break;
	case USUAL:
		cell->value = anomaly->high;
		mapek_usual(cell->text, anomaly->low, anomaly->high);
		break;
	case SCORE:
		cell->value = anomaly->score;
		snprintf(cell->text, sizeof(cell->text), "%.1f", anomaly->score);
		break;
	default:
		snprintf(cell->text, sizeof(cell->text), "%s",
			column == SERIES ? anomaly->series : anomaly->policy);
	}
}

static const struct table_type anomalies_table = {
	.columns = columns,
	.n_columns = COLUMNS_N,
	.sort = SORT_NONE,
	.empty = "Nothing was unusual yet.",
	.count = count,
	.key = key_of,
	.cell = fill,
};

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_mapek_anomaly *anomaly = at(snapshot, row);
	char text[FORMAT_LEN], usual[2 * FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "anomaly %llu", (unsigned long long)anomaly->number);
	details_add(d, STYLE_STRONG, "Series", "%s", anomaly->series);
	details_add(d, STYLE_TEXT, "Worst", "%s, usual %s", mapek_value(text, anomaly->value),
		mapek_usual(usual, anomaly->low, anomaly->high));
	details_add(d, STYLE_TEXT, "Score", "%.1f: by its past, one value in %s is so rare",
		anomaly->score, format_count(text, pow(10, anomaly->score)));
	details_add(d, STYLE_TEXT, "Policy", "%s", anomaly->policy);
	details_add(d, STYLE_TEXT, "Began", "%s", format_clock(text, anomaly->begin));
	if (!isnan(anomaly->end))
		details_add(d, STYLE_TEXT, "Ended", "%s", format_clock(text, anomaly->end));
	for (uint32_t i = 0; i < snapshot->mapek.n_actions; i++)
		if (snapshot->mapek.actions[i].anomaly == anomaly->number)
			details_add(d, STYLE_TEXT, "Action", "%llu: %s",
				(unsigned long long)snapshot->mapek.actions[i].number,
				snapshot->mapek.actions[i].action);
}

static void draw(struct ui *ui, struct area area)
{
	int row = table_selected(ui_table(ui));

	mapek_draw(ui, area, row < 0 ? NULL : at(ui->snapshot, (uint32_t)row)->series);
}

const struct view view_anomalies = {
	.name = "Anomalies",
	.part_of = VIEW_MAPEK,
	.table = &anomalies_table,
	.unmeasured = true,
	.draw = draw,
	.details = details,
};
