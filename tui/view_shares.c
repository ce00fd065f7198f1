// SPDX-License-Identifier: BSD-2-Clause
/* Part of the view of classes: which share of the bytes each class had, over time. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph.h"
#include "model/format.h"
#include "row_history.h"
#include "ui_state.h"

enum {
	GRAPH_LEAST = 6, /* rows */
	LEGEND_WIDTH = 38, /* columns of a class in the legend */
	BAR_WIDTH = 10,
};

/* Neighbours differ, and the letters tell all apart. */
static const enum style styles[] = { STYLE_GRAPH, STYLE_ACCENT, STYLE_TEXT, STYLE_DIM };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEF"

_Static_assert(sizeof(LETTERS) - 1 >= CLASSES_MAX, "a letter for each class");

/* Finds the histories of the classes, in their order. Returns how many there are. */
static int find_parts(const struct ui *ui, struct graph_share parts[CLASSES_MAX])
{
	const struct table_type *type = view_classes.table;
	uint32_t n = type->count(ui->snapshot);
	char key[TABLE_KEY_LEN];

	for (uint32_t i = 0; i < n && i < CLASSES_MAX; i++) {
		type->key(ui->snapshot, i, key);
		parts[i] = (struct graph_share) {
			.history = row_history_find(&ui->rows, type, key),
			.style = styles[i % (sizeof(styles) / sizeof(styles[0]))],
			.letter = LETTERS[i],
		};
	}
	return (int)n;
}

/* Returns the sum of the last values of a part, of those that are known; NAN: none is. */
static double sum_of(const struct history *history, uint32_t samples)
{
	double sum = NAN;

	for (uint32_t age = 0; history != NULL && age < samples && age < history->count; age++)
		if (!isnan(history_value(history, age)))
			sum = (isnan(sum) ? 0 : sum) + history_value(history, age);
	return sum;
}

/* Returns the share of a part in all that are known, NAN without any. */
static double share_of(const struct graph_share *parts, int n, int at, uint32_t samples)
{
	double all = NAN;

	for (int i = 0; i < n; i++) {
		const double sum = sum_of(parts[i].history, samples);
		if (!isnan(sum))
			all = (isnan(all) ? 0 : all) + sum;
	}
	return all > 0 ? sum_of(parts[at].history, samples) / all : isnan(all) ? NAN : 0;
}

/* Writes a share now and on average over what the graph shows. */
static void draw_class(const struct ui *ui, const struct graph_share *parts, int n, int at,
	uint32_t samples, int y, int x)
{
	const double now = share_of(parts, n, at, 1), mean = share_of(parts, n, at, samples);
	char share[FORMAT_LEN], usual[FORMAT_LEN];

	draw_cell(y, x, parts[at].style, (wchar_t)parts[at].letter);
	draw_text(y, x + 2, 12, STYLE_ACCENT, ui->snapshot->tc.classes[at].name);
	draw_right(y, x + 14, 5, STYLE_STRONG, format_percent(share, now));
	graph_bar(y, x + 20, BAR_WIDTH, parts[at].style, now);
	draw_right(y, x + 31, 5, STYLE_DIM, format_percent(usual, mean));
}

/* Draws the legend in as many columns as there is room for. Returns its rows. */
static int draw_legend(
	const struct ui *ui, const struct graph_share *parts, int n, struct area area)
{
	int columns = area.width / LEGEND_WIDTH > 0 ? area.width / LEGEND_WIDTH : 1;
	int rows = (n + columns - 1) / columns;

	for (int i = 0; i < n; i++) {
		int row = i % rows;
		if (row < area.height)
			draw_class(ui, parts, n, i, (uint32_t)area.width, area.y + row,
				area.x + 1 + i / rows * LEGEND_WIDTH);
	}
	return rows < area.height ? rows : area.height;
}

static void draw(struct ui *ui, struct area area)
{
	struct graph_share parts[CLASSES_MAX];
	int n = find_parts(ui, parts);
	struct area legend;

	ui_draw_parts(ui, area.y, area);
	area.y++;
	area.height--;
	if (n == 0) {
		draw_text(area.y, area.x + 1, area.width - 2, STYLE_DIM, view_classes.table->empty);
		return;
	}
	legend = area;
	legend.height = area.height - GRAPH_LEAST - 1;
	int used = legend.height > 0 ? draw_legend(ui, parts, n, legend) : 0;
	draw_title(area.y + used, area.x, area.width, "Shares of bytes, in and out",
		"now, and on average");
	area.y += used + 1;
	area.height -= used + 1;
	graph_shares(area, parts, n, &ui->times);
}

const struct view view_shares = {
	.name = "Shares",
	.part_of = VIEW_CLASSES,
	.program = &program_tc_classifier,
	.draw = draw,
};
