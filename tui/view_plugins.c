// SPDX-License-Identifier: BSD-2-Clause
/* Parts of the view of programs: the maps of plugins, and what is in one of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bucket_panel.h"
#include "model/format.h"
#include "ui_state.h"

/* --- maps ------------------------------------------------------------------------------------- */

enum {
	MAP_PLUGIN,
	MAP_NAME,
	MAP_KIND,
	MAP_ENTRIES,
	MAP_READ,
	MAP_WHAT,
	MAP_COLUMNS,
};

static const struct column map_columns[MAP_COLUMNS] = {
	[MAP_PLUGIN] = { "PLUGIN", COLUMN_TEXT, 16, 0, 8 },
	[MAP_NAME] = { "MAP", COLUMN_TEXT, 16, 0, 16 },
	[MAP_KIND] = { "KIND", COLUMN_TEXT, 16, 3, 0 },
	[MAP_ENTRIES] = { "ENTRIES", COLUMN_NUMBER, 7, 0, 0 },
	[MAP_READ] = { "READ IN", COLUMN_NUMBER, 7, 2, 0 },
	[MAP_WHAT] = { "WHAT", COLUMN_TEXT, 12, 1, 255 },
};

static const struct snapshot_plugin_map *map_at(const struct snapshot *snapshot, uint32_t row)
{
	return &snapshot->plugins.maps[row];
}

static uint32_t map_count(const struct snapshot *snapshot)
{
	return snapshot->plugins.n_maps;
}

static void map_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s %s", map_at(snapshot, row)->plugin,
		map_at(snapshot, row)->name);
}

static bool is_shown(const struct snapshot_plugin_map *map)
{
	return map->form != PLUGIN_MAP_NOT_SHOWN;
}

static void map_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_plugin_map *map = map_at(snapshot, row);
	const bool known = map->entries != COUNT_UNKNOWN;

	if (!is_shown(map))
		cell->style = STYLE_DIM;
	if (column == MAP_ENTRIES) {
		cell->value = known ? (double)map->entries : NAN;
		format_count(cell->text, cell->value);
	} else if (column == MAP_READ) {
		cell->value = map->read_ms;
		format_ms(cell->text, map->read_ms);
	} else {
		snprintf(cell->text, sizeof(cell->text), "%s",
			column == MAP_PLUGIN ? map->plugin
			: column == MAP_NAME ? map->name
			: column == MAP_KIND ? map->kind
			: !is_shown(map)     ? map->reason
					     : map->help);
	}
}

static const struct table_type maps_table = {
	.columns = map_columns,
	.n_columns = MAP_COLUMNS,
	.sort = SORT_NONE,
	.empty = "No plugin with maps is loaded.",
	.count = map_count,
	.key = map_key,
	.cell = map_cell,
};

static void add_text(struct details *d, const char *label, const char *text)
{
	if (text[0] != '\0')
		details_add(d, STYLE_TEXT, label, "%s", text);
}

static void map_details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_plugin_map *map = map_at(snapshot, row);
	const struct snapshot_plugin_column *columns;
	char entries[TEXT_LEN];
	uint32_t n;

	snprintf(d->title, sizeof(d->title), "%s", map->name);
	add_text(d, "What", map->help);
	details_add(d, STYLE_TEXT, "Entries", "%s, with room for %llu%s",
		plugin_entries(&snapshot->plugins, row, entries), (unsigned long long)map->capacity,
		map->form == PLUGIN_MAP_EVENTS ? " bytes" : "");
	if (map->reason[0] != '\0')
		details_add(d, STYLE_WARN, is_shown(map) ? "Note" : "Not shown", "%s", map->reason);
	columns = plugin_columns(&snapshot->plugins, row, &n);
	for (uint32_t i = 0; i < n; i++)
		if (columns[i].help[0] != '\0')
			details_add(d, STYLE_TEXT, columns[i].name, "%s", columns[i].help);
}

/* The part beside it shows the map that is highlighted. */
static void choose(struct ui *ui, uint32_t row)
{
	ui->tables[VIEW_PLUGIN_ROWS].subject = row;
}

static void enter_map(struct ui *ui, uint32_t row)
{
	if (!is_shown(map_at(ui->snapshot, row))) {
		ui_refuse(ui, "This map is not shown: WHAT tells why.");
		return;
	}
	choose(ui, row);
	ui_show(ui, VIEW_PLUGIN_ROWS);
}

static struct area draw_head(const struct ui *ui, struct area area)
{
	ui_draw_parts(ui, area.y, area);
	area.y++;
	area.height--;
	return area;
}

static void draw_maps(struct ui *ui, struct area area)
{
	const int row = table_selected(ui_table(ui));

	if (row >= 0)
		choose(ui, (uint32_t)row);
	area = draw_head(ui, area);
	ui_draw_with_details(ui, area, area.height / 2);
}

const struct view view_plugin_maps = {
	.name = "Maps of plugins",
	.part_of = VIEW_PROGRAMS,
	.table = &maps_table,
	.unmeasured = true,
	.draw = draw_maps,
	.details = map_details,
	.enter = enter_map,
	.looks = LOOK_PLUGINS,
};

/* --- rows ------------------------------------------------------------------------------------- */

enum { WIDEST = 40, NUMBER_WIDE = 8, NARROWEST = 4, BARS = 8 };

static bool is_number(const struct snapshot_plugin_column *column)
{
	return column->kind == PLUGIN_INTEGER || column->kind == PLUGIN_SIGNED ||
	       column->kind == PLUGIN_RATE || column->kind == PLUGIN_HISTOGRAM;
}

/* The columns that the cells of a map need, within bounds. */
static int width_of(const struct snapshot_plugins *plugins, uint32_t column,
	const struct snapshot_plugin_column *of, uint32_t first, uint32_t end)
{
	const int title = text_columns(of->name) + 1;
	int width = is_number(of) ? NUMBER_WIDE : NARROWEST;

	for (uint32_t row = first; row < end && !is_number(of); row++) {
		const int cell = (int)strnlen(plugins->rows[row].cells[column], PLUGIN_CELL_LEN);
		width = cell > width ? cell : width;
	}
	width = title > width ? title : width;
	return width < WIDEST ? width : WIDEST;
}

/* The first column, of the key, stays on the narrowest screen. */
static int row_columns(const struct snapshot *snapshot, uint32_t subject, struct column *columns,
	uint32_t *first, uint32_t *end)
{
	const struct snapshot_plugins *plugins = &snapshot->plugins;
	uint32_t n, rows;
	const struct snapshot_plugin_column *of = plugin_columns(plugins, subject, &n);

	*first = plugin_rows(plugins, subject, &rows);
	*end = *first + rows;
	for (uint32_t i = 0; i < n; i++)
		columns[i] = (struct column) {
			.title = of[i].name,
			.kind = is_number(&of[i]) ? COLUMN_NUMBER : COLUMN_TEXT,
			.width = (uint8_t)width_of(plugins, i, &of[i], *first, *end),
			.drop = (uint8_t)i,
		};
	return (int)n;
}

/* What tells it apart: its key, or all of it. */
static void row_key(const struct snapshot *snapshot, uint32_t at, char key[TABLE_KEY_LEN])
{
	const struct snapshot_plugin_row *row = &snapshot->plugins.rows[at];
	const struct snapshot_plugin_column *columns;
	size_t used = 0;
	uint32_t n;

	key[0] = '\0';
	columns = plugin_columns(&snapshot->plugins, row->map, &n);
	for (uint32_t i = 0; i < n && used < TABLE_KEY_LEN; i++)
		if (columns[i].role == PLUGIN_KEY || columns[0].role != PLUGIN_KEY)
			used += (size_t)snprintf(
				key + used, TABLE_KEY_LEN - used, "%s ", row->cells[i]);
}

static void row_cell(const struct snapshot *snapshot, uint32_t at, int i, struct cell *cell)
{
	const struct snapshot_plugin_row *row = &snapshot->plugins.rows[at];
	uint32_t n;
	const struct snapshot_plugin_column *column =
		plugin_columns(&snapshot->plugins, row->map, &n) + i;

	if ((uint32_t)i >= n)
		return;
	cell->value = plugin_number(column, row->cells[i]);
	plugin_cell(column, row->cells[i], cell->text);
	if (cell->text[0] == '\0' && is_number(column))
		snprintf(cell->text, sizeof(cell->text), "-");
	if (column->role == PLUGIN_KEY)
		cell->style = STYLE_STRONG;
}

static const struct table_type rows_table = {
	.sort = SORT_NONE,
	.empty = "Nothing is in this map.",
	.subject = row_columns,
	.key = row_key,
	.cell = row_cell,
};

static void row_details(const struct snapshot *snapshot, uint32_t at, struct details *d)
{
	const struct snapshot_plugin_row *row = &snapshot->plugins.rows[at];
	const struct snapshot_plugin_column *columns;
	uint32_t n;

	columns = plugin_columns(&snapshot->plugins, row->map, &n);
	if (row->map < snapshot->plugins.n_maps)
		snprintf(d->title, sizeof(d->title), "%s", snapshot->plugins.maps[row->map].name);
	for (uint32_t i = 0; i < n; i++)
		details_add(d, columns[i].role == PLUGIN_KEY ? STYLE_STRONG : STYLE_TEXT,
			columns[i].name, "%s %s", row->cells[i],
			columns[i].kind == PLUGIN_RATE ? "" : columns[i].unit);
}

static void draw_rows(struct ui *ui, struct area area)
{
	const struct snapshot_plugins *plugins = &ui->snapshot->plugins;
	struct table *table = ui_table(ui);
	const int row = table_selected(table);
	struct area bars = area;
	char facts[TEXT_LEN + PLUGIN_NAME_LEN], entries[TEXT_LEN];

	area = draw_head(ui, area);
	if (plugins->n_maps == 0) {
		draw_text(area.y, area.x + 1, area.width - 2, STYLE_DIM,
			ui_none(ui, maps_table.empty));
		return;
	}
	if (table->subject < plugins->n_maps) {
		const struct snapshot_plugin_map *map = &plugins->maps[table->subject];
		snprintf(facts, sizeof(facts), "%s of %s, %s", map->kind, map->plugin,
			plugin_entries(plugins, table->subject, entries));
		draw_title(area.y++, area.x, area.width, map->name, facts);
		area.height--;
	}
	bars.y = area.y + area.height - BARS;
	bars.height = BARS;
	if (row >= 0 && area.height > 2 * BARS && bucket_draw(plugins, (uint32_t)row, bars))
		area.height -= BARS;
	ui_draw_table(ui, table, area);
}

const struct view view_plugin_rows = {
	.name = "Entries",
	.part_of = VIEW_PROGRAMS,
	.table = &rows_table,
	.unmeasured = true,
	.draw = draw_rows,
	.details = row_details,
	.looks = LOOK_PLUGIN_MAP,
};
