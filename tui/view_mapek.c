// SPDX-License-Identifier: BSD-2-Clause
/* View of MAPE-K: what it does or advises, why, for how long, and with what effect. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "cell.h"
#include "mapek/policy.h"
#include "mapek_panel.h"
#include "model/format.h"
#include "model/names.h"

enum {
	ACTION_NUMBER,
	ACTION_STATE,
	ACTION_TEXT,
	ACTION_LEFT,
	ACTION_DROPPED,
	ACTION_GONE,
	ACTION_POLICY,
	ACTION_REASON,
	ACTION_COLUMNS,
};

static const struct column columns[ACTION_COLUMNS] = {
	[ACTION_NUMBER] = { "ACTION", COLUMN_NUMBER, 6, 0, 0 },
	[ACTION_STATE] = { "STATE", COLUMN_TEXT, 10, 0, 0 },
	[ACTION_TEXT] = { "WHAT", COLUMN_TEXT, 36, 0, 30 },
	[ACTION_LEFT] = { "LEFT", COLUMN_NUMBER, 6, 0, 2 },
	[ACTION_DROPPED] = { "DROPPED", COLUMN_NUMBER, 8, 0, 2 },
	[ACTION_GONE] = { "GONE", COLUMN_NUMBER, 4, 0, 3 },
	[ACTION_POLICY] = { "POLICY", COLUMN_TEXT, 14, 1, 10 },
	[ACTION_REASON] = { "WHY", COLUMN_TEXT, 40, 2, 255 },
};

static const struct snapshot_mapek_action *action_at(const struct snapshot *snapshot, uint32_t row)
{
	return &snapshot->mapek.actions[row];
}

static uint32_t action_count(const struct snapshot *snapshot)
{
	return snapshot->mapek.n_actions;
}

static void action_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%llu", (unsigned long long)action_at(snapshot, row)->number);
}

static enum style state_style(uint32_t state)
{
	static const enum style styles[MAPEK_ACTION_STATES] = {
		[MAPEK_ADVISED] = STYLE_WARN,
		[MAPEK_IN_FORCE] = STYLE_BAD,
		[MAPEK_REFUSED] = STYLE_WARN,
		[MAPEK_OVER] = STYLE_DIM,
		[MAPEK_UNDONE] = STYLE_DIM,
	};

	return state < MAPEK_ACTION_STATES ? styles[state] : STYLE_TEXT;
}

/* Without the time and the comment, which other columns have. */
static void write_what(const struct snapshot_mapek_action *action, char *text, size_t size)
{
	const char *comment = strstr(action->action, " comment \"" MAPEK_COMMENT);
	size_t length =
		comment != NULL ? (size_t)(comment - action->action) : strlen(action->action);

	snprintf(text, size, "%.*s", (int)length, action->action);
}

static void what_cell(const struct snapshot_mapek_action *action, struct cell *cell)
{
	static const char verb[] = "rule add ";

	write_what(action, cell->text, sizeof(cell->text));
	/* Most actions are that; where room is short, the source matters more. */
	if (strncmp(cell->text, verb, sizeof(verb) - 1) == 0)
		snprintf(cell->brief, sizeof(cell->brief), "%.60s", cell->text + sizeof(verb) - 1);
}

static void left_cell(double seconds, struct cell *cell)
{
	char text[FORMAT_LEN];

	cell->value = isnan(seconds) ? NAN : -seconds; /* the shortest first */
	snprintf(cell->text, sizeof(cell->text), "%s",
		isnan(seconds) ? "-" : format_ns(text, fmax(seconds, 0) * 1e9));
}

/* Of what was unusual. */
static void gone_cell(double relief, struct cell *cell)
{
	cell->value = relief;
	if (isnan(relief))
		snprintf(cell->text, sizeof(cell->text), "-");
	else
		snprintf(cell->text, sizeof(cell->text), "%.0f%%", 100 * relief);
}

static void action_cell(
	const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_mapek_action *action = action_at(snapshot, row);

	cell->style = action->state == MAPEK_OVER || action->state == MAPEK_UNDONE ? STYLE_DIM
										   : STYLE_TEXT;
	if (column == ACTION_NUMBER) {
		cell->value = (double)action->number;
		action_key(snapshot, row, cell->text);
	} else if (column == ACTION_STATE) {
		cell->style = state_style(action->state);
		snprintf(cell->text, sizeof(cell->text), "%s",
			action->state < MAPEK_ACTION_STATES
				? mapek_action_state_names[action->state]
				: "?");
	} else if (column == ACTION_TEXT) {
		what_cell(action, cell);
	} else if (column == ACTION_LEFT) {
		left_cell(action->time_left, cell);
	} else if (column == ACTION_DROPPED) {
		cell_count(cell, action->dropped);
	} else if (column == ACTION_GONE) {
		gone_cell(action->relief, cell);
	} else {
		snprintf(cell->text, sizeof(cell->text), "%s",
			column == ACTION_POLICY ? action->policy : action->reason);
	}
}

static const struct table_type actions_table = {
	.columns = columns,
	.n_columns = ACTION_COLUMNS,
	.sort = SORT_NONE,
	.empty = "Nothing was unusual enough to do something about.",
	.count = action_count,
	.key = action_key,
	.cell = action_cell,
};

static void add_effect(const struct snapshot *snapshot, const struct snapshot_mapek_action *action,
	struct details *d)
{
	const struct snapshot_mapek *mapek = &snapshot->mapek;
	const int spared = spared_find(mapek->spared, mapek->n_spared, action->target);
	char text[REASON_LEN];

	if (mapek_effect(action, text, sizeof(text))[0] != '\0')
		details_add(
			d, STYLE_TEXT, isnan(action->time_left) ? "Effect" : "So far", "%s", text);
	if (action->ended[0] != '\0')
		details_add(d, STYLE_TEXT, "Hook", "%s", action->ended);
	if (action->output[0] != '\0')
		details_add(d, STYLE_TEXT, "It said", "%s", action->output);
	if (spared >= 0)
		details_add(d, STYLE_WARN, "Spared", "%s, since %s", mapek->spared[spared].target,
			format_clock(text, mapek->spared[spared].since));
}

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_mapek_action *action = action_at(snapshot, row);
	char text[RULE_LEN], number[DURATION_LEN];

	snprintf(d->title, sizeof(d->title), "action %llu", (unsigned long long)action->number);
	write_what(action, text, sizeof(text));
	details_add(d, STYLE_STRONG, "What", "%s", text);
	details_add(d, state_style(action->state), "State", "%s",
		action->state < MAPEK_ACTION_STATES ? mapek_action_state_names[action->state]
						    : "?");
	add_effect(snapshot, action, d);
	details_add(d, STYLE_TEXT, "Why", "%s", action->reason);
	details_add(d, STYLE_TEXT, "Policy", "%s", action->policy);
	details_add(d, STYLE_TEXT, "Anomaly", "%llu", (unsigned long long)action->anomaly);
	details_add(d, STYLE_TEXT, "Began", "%s", format_clock(number, action->begin));
	if (!isnan(action->time_left))
		details_add(d, STYLE_TEXT, "Ends in", "%s unless it is renewed",
			duration_format(number, (uint64_t)action->time_left));
}

static void draw(struct ui *ui, struct area area)
{
	int row = table_selected(ui_table(ui));
	const struct snapshot_mapek_anomaly *anomaly =
		row < 0 ? NULL
			: mapek_anomaly(
				  ui->snapshot, action_at(ui->snapshot, (uint32_t)row)->anomaly);

	mapek_draw(ui, area, anomaly != NULL ? anomaly->series : NULL);
}

const struct view view_mapek = {
	.name = "MAPEK",
	.first_part = "Actions",
	.table = &actions_table,
	.unmeasured = true,
	.draw = draw,
	.details = details,
};
