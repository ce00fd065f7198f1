// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "export/text_sections.h"
#include "model/text_rows.h"

enum {
	ROWS = 10,
	WIDEST = 24, /* of a column */
	BAR = 40,
};

static int width_of(const struct snapshot_plugins *plugins, uint32_t first, uint32_t rows,
	uint32_t i, const struct snapshot_plugin_column *column)
{
	size_t width = strnlen(column->name, PLUGIN_NAME_LEN);
	char text[PLUGIN_CELL_LEN];

	for (uint32_t row = first; row < first + rows; row++) {
		const size_t cell = strlen(plugin_cell(column, plugins->rows[row].cells[i], text));
		width = cell > width ? cell : width;
	}
	return width < WIDEST ? (int)width : WIDEST;
}

/* Rows with the columns that a line has room for; the others are in JSON. */
static void write_rows(const struct snapshot_plugins *plugins, uint32_t map, FILE *file)
{
	uint32_t n, rows, fits = 0;
	const struct snapshot_plugin_column *columns = plugin_columns(plugins, map, &n);
	const uint32_t first = plugin_rows(plugins, map, &rows);
	int widths[PLUGIN_COLUMNS_MAX], used = 0;
	char text[PLUGIN_CELL_LEN];

	rows = rows < ROWS ? rows : ROWS;
	for (; fits < n; fits++) {
		widths[fits] = width_of(plugins, first, rows, fits, &columns[fits]);
		if (used + widths[fits] + 2 > TEXT_COLUMNS)
			break;
		used += widths[fits] + 2;
	}
	for (uint32_t i = 0; i < fits && rows > 0; i++)
		fprintf(file, "  %*.*s", widths[i], widths[i], TEXT_PLAIN(columns[i].name));
	if (rows > 0)
		fputc('\n', file);
	for (uint32_t row = first; row < first + rows; row++) {
		for (uint32_t i = 0; i < fits; i++)
			fprintf(file, "  %*.*s", widths[i], widths[i],
				TEXT_PLAIN(plugin_cell(
					&columns[i], plugins->rows[row].cells[i], text)));
		fputc('\n', file);
	}
}

/* The first histogram of the first row. */
static void write_histogram(const struct snapshot_plugins *plugins, uint32_t map, FILE *file)
{
	uint32_t n, rows;
	const struct snapshot_plugin_column *columns = plugin_columns(plugins, map, &n);
	const uint32_t first = plugin_rows(plugins, map, &rows);
	const struct snapshot_plugin_histogram *histogram =
		rows > 0 ? plugin_histogram(plugins, first, PLUGIN_COLUMNS_MAX) : NULL;
	char from[PLUGIN_CELL_LEN], count[FORMAT_LEN];
	uint64_t most = 0;

	if (histogram == NULL || histogram->column >= n)
		return;
	for (uint32_t i = 0; i < PLUGIN_BUCKETS; i++)
		most = histogram->buckets[i] > most ? histogram->buckets[i] : most;
	for (uint32_t i = 0; i < PLUGIN_BUCKETS; i++) {
		if (histogram->buckets[i] == 0)
			continue;
		const int bar = (int)((double)histogram->buckets[i] / (double)most * BAR + 0.5);
		plugin_amount(columns[histogram->column].unit,
			i == 0 ? 0 : plugin_bucket_upper(i - 1), from);
		format_count(count, (double)histogram->buckets[i]);
		fprintf(file, "  from %8s %9s%s%.*s\n", from, count, bar > 0 ? " " : "", bar,
			"########################################");
	}
}

static void write_map(const struct snapshot_plugins *plugins, uint32_t map, FILE *file)
{
	const struct snapshot_plugin_map *of = &plugins->maps[map];
	char entries[TEXT_LEN];

	text_line(file, 2, "%s %s (%s): %s", TEXT_PLAIN(of->plugin), TEXT_PLAIN(of->name),
		TEXT_PLAIN(of->kind),
		of->form == PLUGIN_MAP_NOT_SHOWN		  ? "not shown"
		: plugin_entries(plugins, map, entries)[0] == '-' ? "not read"
								  : entries);
	text_sentence(file, "", of->help);
	text_sentence(file, "", of->reason);
	write_rows(plugins, map, file);
	write_histogram(plugins, map, file);
}

void plugin_maps_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_plugins *plugins = &snapshot->plugins;

	if (!plugins->available)
		return;
	fprintf(file, "\nMAPS OF PLUGINS\n");
	for (uint32_t i = 0; i < plugins->n_maps; i++)
		write_map(plugins, i, file);
}
