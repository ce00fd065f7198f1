// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_plugins.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/field_rows.h"
#include "model/format.h"

const char *const plugin_form_names[] = {
	[PLUGIN_MAP_TABLE] = "table",
	[PLUGIN_MAP_EVENTS] = "events",
	[PLUGIN_MAP_NOT_SHOWN] = "not shown",
	NULL,
};

const char *const plugin_kind_names[] = {
	[PLUGIN_INTEGER] = "integer",
	[PLUGIN_SIGNED] = "signed",
	[PLUGIN_BOOL] = "bool",
	[PLUGIN_ENUM] = "enum",
	[PLUGIN_ADDRESS] = "address",
	[PLUGIN_TEXT] = "text",
	[PLUGIN_BYTES] = "bytes",
	[PLUGIN_LIST] = "list",
	[PLUGIN_HISTOGRAM] = "histogram",
	[PLUGIN_RATE] = "rate",
	[PLUGIN_TIME] = "time",
	NULL,
};

const char *const plugin_role_names[] = {
	[PLUGIN_VALUE] = "value",
	[PLUGIN_KEY] = "key",
	[PLUGIN_COUNTER] = "counter",
	[PLUGIN_GAUGE] = "gauge",
	NULL,
};

double plugin_bucket_upper(uint32_t bucket)
{
	return ldexp(1, (int)bucket + 1);
}

static const struct field plugin_map_fields[] = {
	TEXT(snapshot_plugin_map, plugin, "The plugin", .label = "plugin"),
	TEXT(snapshot_plugin_map, name, "Name of the map", .label = "map"),
	TEXT(snapshot_plugin_map, kind, "The kernel's kind of map: hash, per-CPU array"),
	TEXT(snapshot_plugin_map, help, "What its author says of it"),
	ENUM(snapshot_plugin_map, form, plugin_form_names, "How it is shown", .metric = ""),
	TEXT(snapshot_plugin_map, reason, "Why it is not shown, or not all of it; or empty"),
	NUMBER(snapshot_plugin_map, capacity, FIELD_UINT64,
		"Entries that it has room for; bytes of a ring buffer"),
	NUMBER(snapshot_plugin_map, entries, FIELD_UINT64,
		"Entries in it; records that were read of a ring buffer", .nullable = true),
	NUMBER(snapshot_plugin_map, whole, FIELD_BOOL,
		"Whether all of it was read, so that the rows are the first of all", .metric = ""),
	NUMBER(snapshot_plugin_map, sort, FIELD_UINT32,
		"Column that its rows are sorted by, from 0 on; 16: none", .metric = ""),
	NUMBER(snapshot_plugin_map, read_ms, FIELD_DOUBLE, "Time that it took to read",
		.nullable = true, .unit = "ms"),
	END,
};

static const struct field plugin_column_fields[] = {
	NUMBER(snapshot_plugin_column, map, FIELD_UINT32, "Its map: a place in maps, from 0 on",
		.label = "map"),
	TEXT(snapshot_plugin_column, name, "Name of the member, with those around it",
		.label = "column"),
	ENUM(snapshot_plugin_column, kind, plugin_kind_names, "What its cells are", .metric = ""),
	ENUM(snapshot_plugin_column, role, plugin_role_names,
		"Part of the key, or what the value is", .metric = ""),
	TEXT(snapshot_plugin_column, unit, "Unit, as its author says; may be empty"),
	TEXT(snapshot_plugin_column, help, "What its author says of it"),
	END,
};

static const struct field plugin_row_fields[] = {
	NUMBER(snapshot_plugin_row, map, FIELD_UINT32, "Its map: a place in maps, from 0 on",
		.label = "map"),
	TEXTS(snapshot_plugin_row, cells,
		"Cells, by the columns of the map; numbers in full, rates in 1/s; empty: unknown"),
	END,
};

static const struct field plugin_histogram_fields[] = {
	NUMBER(snapshot_plugin_histogram, row, FIELD_UINT32, "Its row: a place in rows, from 0 on",
		.label = "row"),
	NUMBER(snapshot_plugin_histogram, column, FIELD_UINT32,
		"Its column: a place among those of the map, from 0 on", .label = "column"),
	HISTOGRAM(snapshot_plugin_histogram, buckets, plugin_bucket_upper, "counts",
		"Counts by value, in the unit of the column", .metric = ""),
	END,
};

const struct field plugins_fields[] = {
	NUMBER(snapshot_plugins, available, FIELD_BOOL, "Whether a plugin with maps is loaded"),
	LIST(snapshot_plugins, maps, plugin_map_fields, "Maps of plugins"),
	LIST(snapshot_plugins, columns, plugin_column_fields, "Columns of these maps, map by map"),
	LIST(snapshot_plugins, rows, plugin_row_fields,
		"Their entries, map by map, while somebody looks"),
	LIST(snapshot_plugins, histograms, plugin_histogram_fields,
		"Histograms of these entries, row by row"),
	END,
};

/* --- finding ---------------------------------------------------------------------------------- */

const struct snapshot_plugin_column *plugin_columns(
	const struct snapshot_plugins *plugins, uint32_t map, uint32_t *n)
{
	uint32_t first = 0;

	*n = 0;
	while (first < plugins->n_columns && plugins->columns[first].map != map)
		first++;
	while (first + *n < plugins->n_columns && *n < PLUGIN_COLUMNS_MAX &&
		plugins->columns[first + *n].map == map)
		++*n;
	return &plugins->columns[*n > 0 ? first : 0];
}

uint32_t plugin_rows(const struct snapshot_plugins *plugins, uint32_t map, uint32_t *n)
{
	uint32_t first = 0;

	*n = 0;
	while (first < plugins->n_rows && plugins->rows[first].map != map)
		first++;
	while (first + *n < plugins->n_rows && plugins->rows[first + *n].map == map)
		++*n;
	return first;
}

const struct snapshot_plugin_histogram *plugin_histogram(
	const struct snapshot_plugins *plugins, uint32_t row, uint32_t column)
{
	for (uint32_t i = 0; i < plugins->n_histograms; i++)
		if (plugins->histograms[i].row == row &&
			(column == PLUGIN_COLUMNS_MAX || plugins->histograms[i].column == column))
			return &plugins->histograms[i];
	return NULL;
}

/* --- for people ------------------------------------------------------------------------------- */

double plugin_number(const struct snapshot_plugin_column *column, const char *cell)
{
	char *end;

	if (column->kind == PLUGIN_ENUM || column->kind == PLUGIN_ADDRESS ||
		column->kind == PLUGIN_TEXT || column->kind == PLUGIN_BYTES ||
		column->kind == PLUGIN_LIST || cell[0] == '\0')
		return NAN;
	if (column->kind == PLUGIN_BOOL)
		return cell[0] == 't';
	uint64_t integer = 0;
	size_t digits = strspn(cell, "0123456789");
	if (cell[digits] == '\0' && digits < sizeof("18446744073709551615") - 1) {
		for (size_t i = 0; i < digits; i++)
			integer = integer * 10 + (uint64_t)(cell[i] - '0');
		return (double)integer;
	}
	const double value = strtod(cell, &end);
	return *end == '\0' ? value : NAN;
}

static const struct {
	const char *unit;
	double factor;
	char *(*format)(char text[FORMAT_LEN], double value);
} amounts[] = {
	{ "ns", 1, format_ns },
	{ "us", 1e3, format_ns },
	{ "ms", 1e6, format_ns },
	{ "s", 1e9, format_ns },
	{ "bytes", 1, format_bytes },
};

char *plugin_amount(const char *unit, double value, char text[PLUGIN_CELL_LEN])
{
	if (value < 0) {
		snprintf(text, PLUGIN_CELL_LEN, "%.0f", value);
		return text;
	}
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++)
		if (strcmp(amounts[i].unit, unit) == 0)
			return amounts[i].format(text, value * amounts[i].factor);
	return format_count(text, value);
}

char *plugin_cell(
	const struct snapshot_plugin_column *column, const char *cell, char text[PLUGIN_CELL_LEN])
{
	const double value = plugin_number(column, cell);
	const bool counts = column->role != PLUGIN_KEY && column->kind != PLUGIN_BOOL;

	if (column->kind == PLUGIN_TIME && !isnan(value))
		return format_clock(text, value);
	if (column->kind == PLUGIN_RATE && !isnan(value))
		return column->unit[0] != '\0' ? plugin_amount(column->unit, value, text)
					       : format_rate(text, value);
	if (column->kind == PLUGIN_HISTOGRAM && !isnan(value))
		return format_count(text, value);
	if (counts && !isnan(value) && (value >= 1e6 || column->unit[0] != '\0'))
		return plugin_amount(column->unit, value, text);
	snprintf(text, PLUGIN_CELL_LEN, "%s", cell);
	return text;
}

char *plugin_entries(const struct snapshot_plugins *plugins, uint32_t map, char text[TEXT_LEN])
{
	const struct snapshot_plugin_map *of = &plugins->maps[map];
	char all[FORMAT_LEN];
	uint32_t shown;

	plugin_rows(plugins, map, &shown);
	if (of->form == PLUGIN_MAP_NOT_SHOWN || of->entries == COUNT_UNKNOWN)
		snprintf(text, TEXT_LEN, "-");
	else if (shown == of->entries)
		snprintf(text, TEXT_LEN, "%u", shown);
	else
		snprintf(text, TEXT_LEN, "%u of %s%s", shown, of->whole ? "" : "more than ",
			format_count(all, (double)of->entries));
	return text;
}
