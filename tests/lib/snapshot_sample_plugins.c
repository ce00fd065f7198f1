// SPDX-License-Identifier: BSD-2-Clause
/* The sample with the maps of a plugin. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/snapshot_sample.h"

static uint32_t add_map(struct snapshot *snapshot, const char *name, const char *kind,
	enum plugin_map_form form, const char *about)
{
	struct snapshot_plugin_map *map = SNAPSHOT_ADD(snapshot, &snapshot->plugins, maps);

	snprintf(map->plugin, sizeof(map->plugin), "connects");
	snprintf(map->name, sizeof(map->name), "%s", name);
	snprintf(map->kind, sizeof(map->kind), "%s", kind);
	snprintf(form == PLUGIN_MAP_NOT_SHOWN ? map->reason : map->help, sizeof(map->help), "%s",
		about);
	map->form = form;
	map->capacity = 65536;
	map->entries = form == PLUGIN_MAP_NOT_SHOWN ? COUNT_UNKNOWN : 12345;
	map->read_ms = form == PLUGIN_MAP_NOT_SHOWN ? NAN : 2.5;
	map->whole = true;
	map->sort = PLUGIN_COLUMNS_MAX;
	return snapshot->plugins.n_maps - 1;
}

static void add_column(struct snapshot *snapshot, uint32_t map, const char *name,
	enum plugin_kind kind, enum plugin_role role, const char *unit)
{
	struct snapshot_plugin_column *column = SNAPSHOT_ADD(snapshot, &snapshot->plugins, columns);

	column->map = map;
	column->kind = kind;
	column->role = role;
	snprintf(column->name, sizeof(column->name), "%s", name);
	snprintf(column->unit, sizeof(column->unit), "%s", unit);
}

static uint32_t add_row(
	struct snapshot *snapshot, uint32_t map, uint32_t n, const char *const *cells)
{
	struct snapshot_plugin_row *row = SNAPSHOT_ADD(snapshot, &snapshot->plugins, rows);

	row->map = map;
	row->n_cells = n;
	for (uint32_t i = 0; i < n; i++)
		snprintf(row->cells[i], sizeof(row->cells[i]), "%s", cells[i]);
	return snapshot->plugins.n_rows - 1;
}

static void add_connects(struct snapshot *snapshot)
{
	enum { COLUMNS = 6, ROWS = 3 };
	static const char *const rows[ROWS][COLUMNS] = {
		{ "10.7.0.2", "443", "90210", "1200.5", "2600000", "4102" },
		{ "fd00::1:2", "22", "5", "0", "850", "5" },
		{ "10.7.0.9", "8080", "3", "", "19000000000", "3" },
	};
	const uint32_t map = add_map(snapshot, "latency", "per-CPU hash", PLUGIN_MAP_TABLE,
		"Time to connect, by destination");

	add_column(snapshot, map, "address", PLUGIN_ADDRESS, PLUGIN_KEY, "");
	add_column(snapshot, map, "port", PLUGIN_INTEGER, PLUGIN_KEY, "");
	add_column(snapshot, map, "connects", PLUGIN_INTEGER, PLUGIN_COUNTER, "");
	add_column(snapshot, map, "connects/s", PLUGIN_RATE, PLUGIN_VALUE, "");
	add_column(snapshot, map, "longest", PLUGIN_INTEGER, PLUGIN_GAUGE, "ns");
	add_column(snapshot, map, "slots", PLUGIN_HISTOGRAM, PLUGIN_VALUE, "ns");
	for (uint32_t i = 0; i < ROWS; i++) {
		const uint32_t row = add_row(snapshot, map, COLUMNS, rows[i]);
		struct snapshot_plugin_histogram *histogram =
			SNAPSHOT_ADD(snapshot, &snapshot->plugins, histograms);
		histogram->row = row;
		histogram->column = 5;
		for (uint32_t b = 14; i == 0 && b < 22; b++)
			histogram->buckets[b] = (b - 13) * 100 * (b % 3 + 1);
	}
}

/* Names and texts with what a terminal must not see. */
static void add_events(struct snapshot *snapshot)
{
	static const char *const rows[2][3] = { { "1764000000.25", "a\x1b[2J", "7" },
		{ "1764000000", "sh", "9" } };
	const uint32_t map = add_map(
		snapshot, "ev\x1b]0;x\a", "ring buffer", PLUGIN_MAP_EVENTS, "What was opened");

	add_column(snapshot, map, "time", PLUGIN_TIME, PLUGIN_VALUE, "");
	add_column(snapshot, map, "comm\x1b[31m", PLUGIN_TEXT, PLUGIN_VALUE, "");
	add_column(snapshot, map, "pid", PLUGIN_INTEGER, PLUGIN_VALUE, "");
	for (uint32_t i = 0; i < 2; i++)
		add_row(snapshot, map, 3, rows[i]);
}

void snapshot_sample_plugins(struct snapshot *snapshot)
{
	snapshot_sample(snapshot);
	snapshot->plugins.available = true;
	add_connects(snapshot);
	add_events(snapshot);
	add_map(snapshot, "jumps", "program array", PLUGIN_MAP_NOT_SHOWN,
		"Its entries are other maps, programs, sockets or devices");
}
