// SPDX-License-Identifier: BSD-2-Clause
#include "ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "mapek_panel.h"
#include "ui_state.h"

const struct view *const views[VIEW_PARTS] = {
	[VIEW_OVERVIEW] = &view_overview,
	[VIEW_PROGRAMS] = &view_programs,
	[VIEW_PACKETS] = &view_packets,
	[VIEW_MESH] = &view_mesh,
	[VIEW_CLASSES] = &view_classes,
	[VIEW_SYSCALLS] = &view_syscalls,
	[VIEW_SIGNATURES] = &view_signatures,
	[VIEW_EVENTS] = &view_events,
	[VIEW_MAPEK] = &view_mapek,
	[VIEW_SYSCALLS_SECURE] = &view_syscalls_secure,
	[VIEW_FLOWS] = &view_flows,
	[VIEW_SOURCES] = &view_sources,
	[VIEW_NEIGHBOURS] = &view_neighbours,
	[VIEW_SETS] = &view_sets,
	[VIEW_ANOMALIES] = &view_anomalies,
	[VIEW_WATCHED] = &view_watched,
	[VIEW_PLUGIN_MAPS] = &view_plugin_maps,
	[VIEW_PLUGIN_ROWS] = &view_plugin_rows,
	[VIEW_SHARES] = &view_shares,
	[VIEW_CLASS_LINES] = &view_class_lines,
	[VIEW_QOS] = &view_qos,
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
	ui->views = views;
	for (int i = 0; i < VIEW_PARTS; i++)
		if (views[i]->table != NULL)
			table_open(
				&ui->tables[i], views[i]->table, ui->table_rows[i], TABLE_ROWS_MAX);
	for (int i = 0; i < VIEWS; i++)
		ui->parts[i] = (enum view_number)i;
	ui->tables[VIEW_EVENTS].follow = true;
	return ui;
}

void ui_close(struct ui *ui)
{
	if (ui != NULL)
		snapshot_close(ui->snapshot);
	free(ui);
}

static void record(struct ui *ui)
{
	const struct snapshot *s = ui->snapshot;

	struct snapshot_link all;

	links_sum(&s->links, &all);
	history_add(&ui->received, all.received.packets.rate);
	history_add(&ui->sent, all.sent.packets.rate);
	history_add(&ui->accepted, pqc_accepted(&s->pqc).rate);
	history_add(&ui->refused, pqc_refused(&s->pqc).rate);
	history_times_add(&ui->times, s->time, ui->interval);
	for (int i = VIEW_PROGRAMS; i < VIEW_PARTS;
		i++) /* the overview shows the table of programs */
		row_history_record(&ui->rows, views[i]->table, s, ui->samples);
	row_history_record(&ui->rows, &packets_sent, s, ui->samples);
	row_history_record(&ui->rows, &watched_low, s, ui->samples);
	row_history_record(&ui->rows, &watched_high, s, ui->samples);
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
	if (ui->message.samples_left > 0 && --ui->message.samples_left == 0)
		ui->message.what[0] = '\0';
	ui_show(ui, ui->view);
	return UI_REDRAW;
}

void ui_replay(struct ui *ui, const struct ui_replay *replay)
{
	ui->replay = *replay;
	if (replay->interval > 0)
		ui->interval = replay->interval;
}

void ui_rewind(struct ui *ui)
{
	ui->samples = 0;
	memset(&ui->received, 0, sizeof(ui->received));
	memset(&ui->sent, 0, sizeof(ui->sent));
	memset(&ui->accepted, 0, sizeof(ui->accepted));
	memset(&ui->refused, 0, sizeof(ui->refused));
	memset(&ui->times, 0, sizeof(ui->times));
	memset(&ui->rows, 0, sizeof(ui->rows));
}

const struct ui_wish *ui_wish(const struct ui *ui)
{
	return &ui->wish;
}

unsigned int ui_key(struct ui *ui, int key)
{
	return ui->dialog.kind != DIALOG_NONE ? dialog_key(ui, key) : keys_run(ui, key);
}

unsigned int ui_looks(const struct ui *ui)
{
	return ui_view(ui)->looks;
}

void ui_sort(const struct ui *ui, struct look_sort *sort)
{
	const struct table *table = &ui->tables[VIEW_PLUGIN_ROWS];
	const struct snapshot_plugins *plugins = &ui->snapshot->plugins;

	*sort = (struct look_sort) { 0 };
	if (ui->view != VIEW_PLUGIN_ROWS || ui->snapshot == NULL ||
		table->subject >= plugins->n_maps)
		return;
	const struct snapshot_plugin_map *map = &plugins->maps[table->subject];
	snprintf(sort->plugin, sizeof(sort->plugin), "%s", map->plugin);
	snprintf(sort->map, sizeof(sort->map), "%s", map->name);
	sort->column = table->sort < 0 ? PLUGIN_COLUMNS_MAX : (uint32_t)table->sort;
	sort->least = table->inverted;
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

void ui_failure(struct ui *ui, const struct failure *failure)
{
	snprintf(ui->message.what, sizeof(ui->message.what), "%s", failure->what);
	snprintf(ui->message.remedy, sizeof(ui->message.remedy), "%s", failure->remedy);
	ui->message.failure = true;
	ui->message.samples_left = 0;
}

void ui_draw(struct ui *ui)
{
	erase();
	frame_draw(ui);
}
