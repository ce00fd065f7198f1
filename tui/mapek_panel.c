// SPDX-License-Identifier: BSD-2-Clause
#include "mapek_panel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mapek/switched.h"
#include "model/format.h"
#include "model/names.h"

enum {
	WIDE = 150, /* columns for details beside the graph */
	TALL = 14, /* rows for something below the table */
	GRAPH_LEAST = 5,
	TABLE_LEAST = 5,
};

const struct snapshot_mapek_anomaly *mapek_anomaly(const struct snapshot *snapshot, uint64_t number)
{
	for (uint32_t i = 0; i < snapshot->mapek.n_anomalies; i++)
		if (snapshot->mapek.anomalies[i].number == number)
			return &snapshot->mapek.anomalies[i];
	return NULL;
}

bool mapek_switch_back(const struct snapshot_mapek_action *action, struct action *back)
{
	struct failure ignored;
	char text[RULE_LEN];

	if (action->state != MAPEK_IN_FORCE)
		return false;
	if (!switched_back(action->action, text, sizeof(text))) {
		if (!switched_stays(action->action))
			return false;
		snprintf(text, sizeof(text), "mapek undo %llu", (unsigned long long)action->number);
	}
	if (action_parse(text, back, &ignored) < 0)
		return false;
	back->actor = ACTOR_KEY;
	return true;
}

const char *mapek_value(char text[FORMAT_LEN], double value)
{
	return isnan(value) ? strcpy(text, "-") : format_rate(text, value);
}

const char *mapek_usual(char text[2 * FORMAT_LEN], double low, double high)
{
	char one[FORMAT_LEN], other[FORMAT_LEN];

	if (isnan(low) || isnan(high))
		return strcpy(text, "-");
	snprintf(text, 2 * FORMAT_LEN, "%s to %s", format_rate(one, low), format_rate(other, high));
	return text;
}

/* --- histories of what is usual ------------------------------------------------------------------ */

static uint32_t series_count(const struct snapshot *snapshot)
{
	return snapshot->mapek.n_series;
}

static void series_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->mapek.series[row].name);
}

static double series_low(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->mapek.series[row].low;
}

static double series_high(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->mapek.series[row].high;
}

const struct table_type watched_low = {
	.count = series_count, .key = series_key, .rate = series_low
};
const struct table_type watched_high = {
	.count = series_count, .key = series_key, .rate = series_high
};

/* --- drawing ------------------------------------------------------------------------------------- */

static void draw_mode(const struct snapshot_mapek *mapek, int y)
{
	static const char *const does[MAPEK_MODES] = {
		[MAPEK_OFF] = "judges nothing",
		[MAPEK_ADVISE] = "shows what to do",
		[MAPEK_ACT] = "does what its policies say",
	};
	char badge[NAME_LEN], spared[NAME_LEN] = "";
	int x = 1;

	x += draw_text(y, x, 8, STYLE_TEXT, "MAPE-K ") + 1;
	if (!mapek->available) {
		draw_text(y, x, COLS - x, STYLE_DIM, "off: --mapek advise or act turns it on");
		return;
	}
	snprintf(badge, sizeof(badge), " %.20s ",
		mapek->braked		      ? "BRAKED"
		: mapek->mode == MAPEK_ACT    ? "ACTING"
		: mapek->mode == MAPEK_ADVISE ? "ADVISING"
					      : "OFF");
	x += draw_text(y, x, 16,
		mapek->braked		   ? STYLE_BADGE_BAD
		: mapek->mode == MAPEK_ACT ? STYLE_BADGE
					   : STYLE_TAB_ACTIVE,
		badge);
	if (mapek->n_spared > 0)
		snprintf(spared, sizeof(spared), "; %u spared", mapek->n_spared);
	draw_format(y, x + 1, COLS - x - 1, STYLE_DIM, "%s; %u %s, %u last; %u in force%s",
		mapek->braked		    ? "did too much, does nothing now"
		: mapek->mode < MAPEK_MODES ? does[mapek->mode]
					    : "?",
		mapek->n_anomalies, mapek->n_anomalies == 1 ? "anomaly" : "anomalies",
		mapek->lasting, mapek->in_force, spared);
}

static const struct snapshot_mapek_series *find_series(
	const struct snapshot_mapek *mapek, const char *name)
{
	for (uint32_t i = 0; i < mapek->n_series; i++)
		if (strcmp(mapek->series[i].name, name) == 0)
			return &mapek->series[i];
	return NULL;
}

static void draw_series(const struct ui *ui, struct area area, const char *name)
{
	const struct snapshot_mapek_series *series = find_series(&ui->snapshot->mapek, name);
	const struct history *history =
		row_history_find(&ui->rows, ui->views[VIEW_WATCHED]->table, name);
	char facts[64], value[FORMAT_LEN], usual[2 * FORMAT_LEN];

	if (series == NULL || history == NULL)
		return;
	snprintf(facts, sizeof(facts), "now %s, usual %s", mapek_value(value, series->value),
		mapek_usual(usual, series->low, series->high));
	draw_title(area.y, area.x, area.width, name, facts);
	area.y++;
	area.height--;
	graph_band(area, STYLE_GRAPH, STYLE_BAD, history,
		row_history_find(&ui->rows, &watched_low, name),
		row_history_find(&ui->rows, &watched_high, name), &ui->times);
}

/* Details and graph, beside each other or one above the other. */
static void draw_below(struct ui *ui, struct area area, const char *series)
{
	struct area details = area, graph = area;

	if (series == NULL || series[0] == '\0') {
		ui_draw_details(ui, area);
		return;
	}
	if (area.width >= WIDE) {
		details.width = area.width / 2 - 1;
		graph.width = area.width - area.width / 2;
		graph.x += area.width / 2;
		ui_draw_details(ui, details);
	} else if (area.height >= 2 * GRAPH_LEAST + 2) {
		details.height = area.height / 2;
		graph.y += details.height;
		graph.height -= details.height;
		ui_draw_details(ui, details);
	}
	draw_series(ui, graph, series);
}

void mapek_draw(struct ui *ui, struct area area, const char *series)
{
	struct area below = area;

	draw_mode(&ui->snapshot->mapek, area.y);
	ui_draw_parts(ui, area.y + 1, area);
	area.y += 2;
	area.height -= 2;
	if (area.height >= TALL && ui_table(ui)->n_rows > 0) {
		int rows = (int)ui_table(ui)->n_rows + 2;
		area.height = rows < TABLE_LEAST       ? TABLE_LEAST
			      : rows > area.height / 2 ? area.height / 2
						       : rows;
		below.height -= area.height + 2;
		below.y = area.y + area.height;
		draw_below(ui, below, series);
	}
	ui_draw_table(ui, ui_table(ui), area);
}
