// SPDX-License-Identifier: BSD-2-Clause
/* View of programs: state, attachment and cost, or the reason why one does not run. */
#include <stdio.h>
#include <string.h>

#include "model/format.h"
#include "program_details.h"
#include "ui_state.h"
#include "view_programs.h"

enum {
	PROGRAM_NAME,
	PROGRAM_STATE,
	PROGRAM_ATTACHED,
	PROGRAM_KIND,
	PROGRAM_RUNS,
	PROGRAM_TREND,
	PROGRAM_TIME,
	PROGRAM_CPU,
	PROGRAM_LOAD,
	PROGRAM_MAPS,
	PROGRAM_COLUMNS,
};

static const struct column columns[PROGRAM_COLUMNS] = {
	[PROGRAM_NAME] = { "PROGRAM", COLUMN_TEXT, 29, 0, 0 },
	[PROGRAM_STATE] = { "STATE", COLUMN_TEXT, 11, 0, 0 },
	[PROGRAM_ATTACHED] = { "ATTACHED", COLUMN_TEXT, 20, 1, 20 },
	[PROGRAM_KIND] = { "KIND", COLUMN_TEXT, 12, 9, 0 },
	[PROGRAM_RUNS] = { "RUNS/s", COLUMN_NUMBER, 7, 0, 1 },
	[PROGRAM_TREND] = { "TREND", COLUMN_GRAPH, 10, 6, 30 },
	[PROGRAM_TIME] = { "TIME/RUN", COLUMN_NUMBER, 8, 0, 0 },
	[PROGRAM_CPU] = { "%CORE", COLUMN_NUMBER, 7, 5, 1 },
	[PROGRAM_LOAD] = { "LOAD", COLUMN_NUMBER, 7, 7, 1 },
	[PROGRAM_MAPS] = { "MAPS", COLUMN_NUMBER, 7, 8, 1 },
};

static uint32_t program_count(const struct snapshot *snapshot)
{
	return snapshot->n_programs;
}

static void program_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->programs[row].name);
}

static double program_rate(const struct snapshot *snapshot, uint32_t row)
{
	return snapshot->programs[row].runs.rate;
}

static void cell_state(const struct snapshot_program *program, struct cell *cell)
{
	cell->style = program_state_look(program)->style;
	snprintf(cell->text, sizeof(cell->text), "%lc %s",
		(wint_t)style_glyph(program_state_look(program)->glyph),
		program_state_word(program));
}

/* Counts the ways in "eth0 native, eth1 native, wg0 generic": "2 native, 1 generic". */
static void write_brief(const char *attached, char *brief, size_t size)
{
	enum { WAYS = 4, WAY_LEN = 16 };
	char ways[WAYS][WAY_LEN] = { "" };
	int counts[WAYS] = { 0 }, n = 0;
	size_t length = 0;

	for (const char *at = attached; *at != '\0'; at += strspn(at, ", ")) {
		char name[NAME_LEN], way[WAY_LEN];
		int used = 0, i = 0;

		if (sscanf(at, "%31[^ ,] %15[^ ,]%n", name, way, &used) < 2)
			return;
		at += used;
		while (i < n && strcmp(ways[i], way) != 0)
			i++;
		if (i == WAYS)
			return;
		snprintf(ways[i], WAY_LEN, "%s", way);
		counts[i]++;
		n += i == n;
	}
	for (int i = 0; i < n && length < size; i++)
		length += (size_t)snprintf(brief + length, size - length, "%s%d %s",
			i > 0 ? ", " : "", counts[i], ways[i]);
}

static void cell_attached(const struct snapshot_program *program, struct cell *cell)
{
	bool attached = program->attached[0] != '\0';

	if (!attached)
		cell->style = program->state == PROGRAM_FAILED ? STYLE_BAD : STYLE_DIM;
	snprintf(cell->text, sizeof(cell->text), "%s",
		attached ? program->attached : program->reason);
	if (attached && strchr(program->attached, ',') != NULL)
		write_brief(program->attached, cell->brief, sizeof(cell->brief));
	else if (!attached)
		snprintf(cell->brief, sizeof(cell->brief), "w tells why");
}

static void cell_number(const struct snapshot_program *program, int column, struct cell *cell)
{
	switch (column) {
	case PROGRAM_RUNS:
		cell->value = program->runs.rate;
		cell->style = STYLE_STRONG;
		format_rate(cell->text, cell->value);
		break;
	case PROGRAM_TIME:
		cell->value = program->ns_per_run;
		estimate_format(cell->text, cell->value, program->timed_runs, format_ns);
		break;
	case PROGRAM_CPU:
		cell->value = program->cpu_percent;
		program_cost(cell->text, program);
		break;
	case PROGRAM_LOAD:
		cell->value = program->load_ms;
		format_ms(cell->text, cell->value);
		break;
	case PROGRAM_MAPS:
		cell->value = (double)program->map_bytes;
		format_bytes(cell->text, cell->value);
		break;
	}
}

static void program_cell(
	const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_program *program = &snapshot->programs[row];
	bool runs = program->state == PROGRAM_ON || program->state == PROGRAM_PARTLY;

	if (column == PROGRAM_NAME)
		snprintf(cell->text, sizeof(cell->text), "%s", program->name);
	else if (column == PROGRAM_STATE)
		cell_state(program, cell);
	else if (column == PROGRAM_ATTACHED)
		cell_attached(program, cell);
	else if (column == PROGRAM_KIND)
		snprintf(cell->text, sizeof(cell->text), "%s", program->kind);
	else if (runs)
		cell_number(program, column, cell);
	if (!runs && cell->style == STYLE_TEXT)
		cell->style = STYLE_DIM;
}

const struct table_type programs_table = {
	.columns = columns,
	.n_columns = PROGRAM_COLUMNS,
	.sort = SORT_NONE,
	.empty = "No program was requested.",
	.count = program_count,
	.key = program_key,
	.cell = program_cell,
	.rate = program_rate,
	.rate_title = "Runs/s",
};

const char *programs_toggle(const struct snapshot *snapshot, uint32_t row, struct action *action)
{
	const struct snapshot_program *program = &snapshot->programs[row];
	bool runs = program->state == PROGRAM_ON || program->state == PROGRAM_PARTLY;

	if (program->state == PROGRAM_NOT_BUILT)
		return "Not built in this version of x0top.";
	action->verb = &control_verbs[runs ? VERB_PROGRAM_OFF : VERB_PROGRAM_ON];
	snprintf(action->program, sizeof(action->program), "%s", program->name);
	return NULL;
}

static void draw(struct ui *ui, struct area area)
{
	if (ui->snapshot->plugins.n_maps > 0) {
		ui_draw_parts(ui, area.y++, area);
		area.height--;
	}
	ui_draw_with_details(ui, area, area.height - 8);
}

const struct view view_programs = {
	.name = "Programs",
	.first_part = "Programs",
	.table = &programs_table,
	.draw = draw,
	.details = program_details,
	.toggle = programs_toggle,
};
