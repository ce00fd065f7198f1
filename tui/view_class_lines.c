// SPDX-License-Identifier: BSD-2-Clause
/* Part of the view of classes: the lines that give packets their class, in the order in which they decide. */
#include <stdio.h>

#include "cell.h"
#include "class_panel.h"
#include "model/look.h"

enum {
	LINE_NUMBER,
	LINE_CONDITIONS,
	LINE_CLASS,
	LINE_FROM,
	LINE_PACKETS,
	LINE_COLUMNS,
};

static const struct column columns[LINE_COLUMNS] = {
	[LINE_NUMBER] = { "LINE", COLUMN_NUMBER, 5, 0, 0 },
	[LINE_CONDITIONS] = { "CONDITIONS", COLUMN_TEXT, 27, 0, 4 },
	[LINE_CLASS] = { "CLASS", COLUMN_TEXT, 12, 0, 0 },
	[LINE_FROM] = { "FROM", COLUMN_TEXT, 7, 1, 0 },
	[LINE_PACKETS] = { "PACKETS", COLUMN_TEXT, 20, 2, 255 },
};

static uint32_t line_count(const struct snapshot *snapshot)
{
	return snapshot->tc.n_lines;
}

static void line_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%.*s", TABLE_KEY_LEN - 1, snapshot->tc.lines[row].conditions);
}

static void line_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_class_line *line = &snapshot->tc.lines[row];

	switch (column) {
	case LINE_NUMBER:
		cell->value = -(double)line->number; /* the first one first */
		snprintf(cell->text, sizeof(cell->text), "%u", line->number);
		break;
	case LINE_CONDITIONS:
		snprintf(cell->text, sizeof(cell->text), "%s", line->conditions);
		cell->style = line->own ? STYLE_STRONG : STYLE_TEXT;
		break;
	case LINE_CLASS:
		snprintf(cell->text, sizeof(cell->text), "%s", line->class);
		cell->style = STYLE_ACCENT;
		break;
	case LINE_FROM:
		snprintf(cell->text, sizeof(cell->text), "%s", line->own ? "you" : "default");
		cell->style = line->own ? STYLE_TEXT : STYLE_DIM;
		break;
	default:
		snprintf(cell->text, sizeof(cell->text), "%s", line->packets);
		cell->style = STYLE_DIM;
	}
}

static const struct table_type line_table = {
	.columns = columns,
	.n_columns = LINE_COLUMNS,
	.sort = SORT_NONE,
	.empty = "No lines: all packets are best_effort. a adds one.",
	.count = line_count,
	.key = line_key,
	.cell = line_cell,
};

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_class_line *line = &snapshot->tc.lines[row];

	snprintf(d->title, sizeof(d->title), "Line %u", line->number);
	details_add(d, STYLE_STRONG, "Packets", "%s", line->conditions);
	details_add(d, STYLE_TEXT, "Class", "%s", line->class);
	details_add(d, STYLE_TEXT, "From", "%s",
		line->own ? "you, or the configuration" : "the default table");
	if (line->packets[0] != '\0')
		details_add(d, STYLE_TEXT, "These are", "%s", line->packets);
	details_add(d, STYLE_DIM, "Decides", "%s",
		line->number == 0 ? "first" : "where no line of a lower number matches");
}

const struct snapshot_class_line *class_line_at(const struct ui *ui)
{
	const int row =
		ui->view == VIEW_CLASS_LINES ? table_selected(&ui->tables[VIEW_CLASS_LINES]) : -1;

	return row < 0 ? NULL : &ui->snapshot->tc.lines[row];
}

void class_mean_line(struct action *action, const struct snapshot_class_line *line)
{
	action->number = line->number;
	snprintf(action->seen, sizeof(action->seen), "%s", line->conditions);
}

static void draw(struct ui *ui, struct area area)
{
	ui_draw_parts(ui, area.y, area);
	area.y++;
	area.height--;
	ui_draw_with_details(ui, area, ui_list_lines(area.height));
}

const struct view view_class_lines = {
	.name = "Lines",
	.part_of = VIEW_CLASSES,
	.table = &line_table,
	.program = &program_tc_classifier,
	.unmeasured = true,
	.draw = draw,
	.details = details,
	.looks = LOOK_CLASSES,
};
