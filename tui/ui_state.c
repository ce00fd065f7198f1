// SPDX-License-Identifier: BSD-2-Clause
#include "ui_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program_details.h"

enum {
	MESSAGE_SAMPLES = 8,
	DETAILS_WIDE = 140, /* with the graph beside them */
	GRAPH_LEAST = 6, /* rows of a graph below details */
	LIST_HIGH = 40, /* rows of a list that leaves some to what is below it */
	BELOW_LIST = 14,
};

const struct view *ui_view(const struct ui *ui)
{
	return ui->views[ui->view];
}

struct table *ui_table(struct ui *ui)
{
	return ui_view(ui)->table != NULL ? &ui->tables[ui->view] : NULL;
}

static enum view_number whole_of(const struct ui *ui, enum view_number view)
{
	return view < VIEWS ? view : ui->views[view]->part_of;
}

enum view_number ui_whole(const struct ui *ui)
{
	return whole_of(ui, ui->view);
}

enum view_number ui_next_part(const struct ui *ui, int step)
{
	uint32_t at = ui->view;

	do {
		at = (at + (uint32_t)(VIEW_PARTS + step)) % VIEW_PARTS;
	} while (whole_of(ui, at) != ui_whole(ui));
	return at;
}

void ui_show(struct ui *ui, enum view_number view)
{
	ui->view = view;
	ui->parts[ui_whole(ui)] = view;
	if (ui_table(ui) != NULL)
		table_update(ui_table(ui), ui->snapshot);
}

const struct snapshot_program *ui_program(
	const struct snapshot *snapshot, const struct program_type *type)
{
	for (uint32_t i = 0; type != NULL && i < snapshot->n_programs; i++)
		if (strcmp(snapshot->programs[i].name, type->name) == 0)
			return &snapshot->programs[i];
	return NULL;
}

void ui_message(struct ui *ui, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ui->message.what, sizeof(ui->message.what), format, arguments);
	va_end(arguments);
	ui->message.remedy[0] = '\0';
	ui->message.failure = false;
	ui->message.samples_left = MESSAGE_SAMPLES;
}

bool ui_is_replay(const struct ui *ui)
{
	return ui->replay.count > 0 || ui_is_past(ui);
}

bool ui_is_past(const struct ui *ui)
{
	return ui->replay.span > 0;
}

const char *ui_none(const struct ui *ui, const char *none)
{
	return ui_is_past(ui) ? "not among metrics" : none;
}

void ui_refuse(struct ui *ui, const char *why)
{
	ui_message(ui, "%s", why);
}

/* --- drawing ---------------------------------------------------------------------------------- */

void ui_draw_parts(const struct ui *ui, int y, struct area area)
{
	int x = area.x + 1, end = area.x + area.width;

	draw_fill(y, area.x, area.width, STYLE_DIM, style_glyph(GLYPH_LINE));
	x += draw_text(y, x, end - x, STYLE_KEY, "p") + 1;
	for (uint32_t i = 0; i < VIEW_PARTS; i++) {
		const struct view *view = ui->views[i];
		if (whole_of(ui, i) != ui_whole(ui))
			continue;
		x += draw_format(y, x, end - x, i == ui->view ? STYLE_TAB_ACTIVE : STYLE_TAB,
			" %s ", i < VIEWS ? view->first_part : view->name);
	}
}

struct history_context {
	const struct ui *ui;
	const struct table_type *type;
};

static const struct history *history_of(const void *context, const char *key)
{
	const struct history_context *c = context;

	return row_history_find(&c->ui->rows, c->type, key);
}

/* `cut` says what to do where not all of it fits. */
static void draw_details(const struct details *details, struct area area, const char *cut)
{
	const struct area inside = { area.y + 1, area.x + 1, area.height - 1, area.width - 2 };

	draw_title(area.y, area.x, area.width, details->title,
		details_draw(details, inside, 0) > inside.height ? cut : "");
}

/* Shows the details of a view's program, if its table is empty because that does not run. */
static void draw_why_empty(const struct ui *ui, struct area area)
{
	const struct snapshot *s = ui->snapshot;
	const struct snapshot_program *program = ui_program(s, ui_view(ui)->program);
	struct details details = { 0 };

	if (program == NULL || program->state == PROGRAM_ON)
		return;
	area.y += 3;
	area.height = LINES - 1 - area.y;
	program_details(s, (uint32_t)(program - s->programs), &details);
	draw_details(&details, area, "");
}

static void say_unmeasured(const struct ui *ui, const struct view *view, struct table *table)
{
	table->empty = view->unmeasured ? ui_none(ui, NULL) : NULL;
}

void ui_draw_table(struct ui *ui, struct table *table, struct area area)
{
	const struct history_context context = { ui, table->type };

	say_unmeasured(ui, ui_view(ui), table);
	table_draw(table, ui->snapshot, area, true, history_of, &context);
	if (table->n_rows == 0 && table->filter[0] == '\0')
		draw_why_empty(ui, area);
}

void ui_draw_other(struct ui *ui, enum view_number view, struct area area)
{
	struct table *table = &ui->tables[view];
	const struct history_context context = { ui, table->type };

	table_update(table, ui->snapshot);
	say_unmeasured(ui, ui->views[view], table);
	table_draw(table, ui->snapshot, area, false, history_of, &context);
}

/* Draws the rate of the highlighted row over time. */
static void draw_row_graph(
	struct ui *ui, const struct table_type *type, uint32_t row, struct area area)
{
	char key[TABLE_KEY_LEN];

	type->key(ui->snapshot, row, key);
	const struct history *history = row_history_find(&ui->rows, type, key);
	draw_title(area.y, area.x, area.width, type->rate_title, "");
	area.y++;
	area.height--;
	if (history != NULL)
		graph_area(area, STYLE_GRAPH, history, &ui->times);
}

void ui_draw_details(struct ui *ui, struct area area)
{
	const struct table_type *type = ui_table(ui)->type;
	struct details details = { 0 };
	int row = table_selected(ui_table(ui));
	struct area graph = area;

	if (row < 0 || area.height < 2)
		return;
	ui_view(ui)->details(ui->snapshot, (uint32_t)row, &details);
	if (area.width >= DETAILS_WIDE) {
		area.width = area.width / 2;
		graph.x += area.width + 1;
		graph.width -= area.width + 1;
	} else {
		graph.y += (int)details.n_lines + 2;
		graph.height -= (int)details.n_lines + 2;
	}
	draw_details(&details, area, "Enter shows all");
	if (type->rate_title != NULL && graph.height >= GRAPH_LEAST)
		draw_row_graph(ui, type, (uint32_t)row, graph);
}

int ui_list_lines(int height)
{
	return height >= LIST_HIGH ? height - BELOW_LIST : height;
}

void ui_draw_graph(struct ui *ui, struct area area)
{
	int row = table_selected(ui_table(ui));

	if (row >= 0 && area.height >= GRAPH_LEAST)
		draw_row_graph(ui, ui_table(ui)->type, (uint32_t)row, area);
}

void ui_draw_with_graph(struct ui *ui, struct area area)
{
	struct area top = area, below = area;

	top.height = table_height(ui_table(ui), ui_list_lines(area.height));
	below.y += top.height + 1;
	below.height -= top.height + 1;
	ui_draw_table(ui, ui_table(ui), top);
	ui_draw_graph(ui, below);
}

void ui_draw_with_details(struct ui *ui, struct area area, int most)
{
	struct area top = area, below = area;

	top.height = table_height(ui_table(ui), most);
	below.y += top.height + 1;
	below.height -= top.height + 1;
	ui_draw_table(ui, ui_table(ui), top);
	ui_draw_details(ui, below);
}
