// SPDX-License-Identifier: BSD-2-Clause
#include "ui.h"

#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "ui_state.h"
#include "view_programs.h"

enum { MESSAGE_SAMPLES = 8 };

const struct view *const views[VIEWS] = {
	[VIEW_OVERVIEW] = &view_overview,
	[VIEW_PROGRAMS] = &view_programs,
	[VIEW_PACKETS] = &view_packets,
	[VIEW_MESH] = &view_mesh,
	[VIEW_CLASSES] = &view_classes,
	[VIEW_SYSCALLS] = &view_syscalls,
	[VIEW_SIGNATURES] = &view_signatures,
	[VIEW_EVENTS] = &view_events,
};

struct ui *ui_open(double interval)
{
	struct ui *ui = calloc(1, sizeof(*ui));

	if (ui == NULL)
		return NULL;
	ui->snapshot = snapshot_open();
	if (ui->snapshot == NULL) {
		free(ui);
		return NULL;
	}
	ui->interval = interval;
	for (int i = 0; i < VIEWS; i++)
		if (views[i]->table != NULL)
			table_open(&ui->tables[i], views[i]->table);
	table_open(&ui->secure_table, view_syscalls_secure.table);
	ui->tables[VIEW_EVENTS].follow = true;
	return ui;
}

void ui_close(struct ui *ui)
{
	if (ui != NULL)
		snapshot_close(ui->snapshot);
	free(ui);
}

const struct view *ui_view(const struct ui *ui)
{
	if (ui->view == VIEW_SYSCALLS && ui->secure)
		return &view_syscalls_secure;
	return views[ui->view];
}

struct table *ui_table(struct ui *ui)
{
	if (ui_view(ui) == &view_syscalls_secure)
		return &ui->secure_table;
	return views[ui->view]->table != NULL ? &ui->tables[ui->view] : NULL;
}

void ui_show(struct ui *ui, enum view_number view)
{
	ui->view = view;
	if (ui_table(ui) != NULL)
		table_update(ui_table(ui), ui->snapshot);
}

/* --- histories ---------------------------------------------------------------------------------- */

/* FNV-1a over the table and the key; never 0, which means free. */
static uint64_t row_hash(const struct table_type *type, const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)(uintptr_t)type;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	return hash | 1;
}

static struct row_history *find_row(const struct ui *ui, uint64_t hash)
{
	for (uint32_t i = 0; i < HISTORY_PROBES; i++) {
		const struct row_history *row = &ui->rows[((hash >> 1) + i) % HISTORIES_MAX];

		if (row->hash == hash)
			return (struct row_history *)row;
	}
	return NULL;
}

const struct history *ui_history(
	const struct ui *ui, const struct table_type *type, const char *key)
{
	const struct row_history *row = find_row(ui, row_hash(type, key));

	return row != NULL ? &row->history : NULL;
}

/* Finds the place of a row. A new row takes a free one, or one whose row has disappeared. */
static struct row_history *take_row(struct ui *ui, uint64_t hash)
{
	struct row_history *row = find_row(ui, hash);

	for (uint32_t i = 0; row == NULL && i < HISTORY_PROBES; i++) {
		struct row_history *other = &ui->rows[((hash >> 1) + i) % HISTORIES_MAX];

		if (other->hash == 0 || other->sample + 1 < ui->samples) {
			row = other;
			memset(row, 0, sizeof(*row));
			row->hash = hash;
		}
	}
	return row;
}

static void record_rows(struct ui *ui, const struct table_type *type)
{
	char key[TABLE_KEY_LEN];

	if (type == NULL || type->rate == NULL)
		return;
	for (uint32_t row = 0; row < type->count(ui->snapshot); row++) {
		type->key(ui->snapshot, row, key);
		struct row_history *history = take_row(ui, row_hash(type, key));
		if (history == NULL)
			continue;
		history->sample = ui->samples;
		history_add(&history->history, type->rate(ui->snapshot, row));
	}
}

static void record(struct ui *ui)
{
	const struct snapshot *s = ui->snapshot;

	history_add(&ui->packets, s->packets.sum.all.packets.rate);
	history_add(&ui->dropped, s->packets.sum.verdicts[XDP_DROP].packets.rate);
	for (int i = VIEW_PROGRAMS; i < VIEWS; i++) /* the overview shows the table of programs */
		record_rows(ui, views[i]->table);
	record_rows(ui, view_syscalls_secure.table);
}

/* -------------------------------------------------------------------------------------------------- */

unsigned int ui_snapshot(struct ui *ui, const struct snapshot *snapshot)
{
	if (ui->paused && ui->samples > 0)
		return UI_IGNORED;
	snapshot_copy(ui->snapshot, snapshot);
	ui->samples++;
	/* The first sample has no rates yet: 0 in the graphs would be wrong. */
	if (snapshot->interval > 0)
		record(ui);
	judge(ui->snapshot, &ui->past, &ui->judgement);
	judge_remember(&ui->past, ui->snapshot);
	if (ui->message.samples_left > 0 && --ui->message.samples_left == 0)
		ui->message.what[0] = '\0';
	ui_show(ui, ui->view);
	return UI_REDRAW;
}

unsigned int ui_key(struct ui *ui, int key)
{
	return ui->dialog.kind != DIALOG_NONE ? dialog_key(ui, key) : keys_run(ui, key);
}

const struct action *ui_action(const struct ui *ui)
{
	return &ui->action;
}

double ui_interval(const struct ui *ui)
{
	return ui->interval;
}

void ui_ask(struct ui *ui, const char *question, const struct action *action)
{
	dialog_ask(ui, question, action);
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

void ui_failure(struct ui *ui, const struct failure *failure)
{
	snprintf(ui->message.what, sizeof(ui->message.what), "%s", failure->what);
	snprintf(ui->message.remedy, sizeof(ui->message.remedy), "%s", failure->remedy);
	ui->message.failure = true;
	ui->message.samples_left = 0;
}

void ui_refuse(struct ui *ui, const char *why)
{
	ui_message(ui, "%s", why);
}

/* --- drawing ------------------------------------------------------------------------------------ */

struct history_context {
	const struct ui *ui;
	const struct table_type *type;
};

static const struct history *history_of(const void *context, const char *key)
{
	const struct history_context *c = context;

	return ui_history(c->ui, c->type, key);
}

const struct snapshot_program *ui_program(
	const struct snapshot *snapshot, const struct program_type *type)
{
	for (uint32_t i = 0; type != NULL && i < snapshot->n_programs; i++)
		if (strcmp(snapshot->programs[i].name, type->name) == 0)
			return &snapshot->programs[i];
	return NULL;
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
	programs_details(s, (uint32_t)(program - s->programs), &details);
	draw_title(area.y, area.x, area.width, details.title, "");
	area.y++;
	area.height--;
	area.x++;
	area.width -= 2;
	details_draw(&details, area, 0);
}

void ui_draw_table(struct ui *ui, struct table *table, struct area area)
{
	const struct history_context context = { ui, table->type };

	table_draw(table, ui->snapshot, area, true, history_of, &context);
	if (table->n_rows == 0 && table->filter[0] == '\0')
		draw_why_empty(ui, area);
}

void ui_draw_details(struct ui *ui, struct area area)
{
	struct details details = { 0 };
	int row = table_selected(ui_table(ui));

	if (row < 0 || area.height < 2)
		return;
	ui_view(ui)->details(ui->snapshot, (uint32_t)row, &details);
	draw_title(area.y, area.x, area.width, details.title, "");
	area.y++;
	area.height--;
	area.x++;
	area.width -= 2;
	details_draw(&details, area, 0);
}

void ui_draw(struct ui *ui)
{
	erase();
	frame_draw(ui);
}
