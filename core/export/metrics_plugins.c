// SPDX-License-Identifier: BSD-2-Clause
#include "export/metrics_plugins.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics_value.h"

enum {
	FAMILIES_MAX = 256,
	NAME_MAX_LEN = 200,
	BUCKETS = 40, /* up to 2^40, 18 minutes in ns or a terabyte; the others are in +Inf */
};

static const struct {
	const char *unit, *base;
	double factor;
} units[] = {
	{ "ns", "_seconds", 1e-9 },
	{ "us", "_seconds", 1e-6 },
	{ "ms", "_seconds", 1e-3 },
	{ "s", "_seconds", 1 },
	{ "bytes", "_bytes", 1 },
};

struct family {
	char name[NAME_MAX_LEN];
	double factor;
};

struct metrics {
	const struct snapshot_plugins *plugins;
	FILE *file;
	bool openmetrics;
	uint32_t n;
	struct family families[FAMILIES_MAX];
};

/* --- names ------------------------------------------------------------------------------------ */

/* Appends a foreign name: what a metric's may not have becomes "_". */
static void append(char *name, size_t size, const char *text)
{
	size_t used = strlen(name);

	for (; *text != '\0' && used + 1 < size; text++)
		name[used++] =
			(char)(isascii(*text) && isalnum((unsigned char)*text) ? *text : '_');
	name[used] = '\0';
}

/* Returns a new family; NULL if there is one of that name, or no room. */
static struct family *add_family(struct metrics *m, const struct snapshot_plugin_map *map,
	const struct snapshot_plugin_column *column)
{
	struct family *family = &m->families[m->n];

	if (m->n == FAMILIES_MAX)
		return NULL;
	*family = (struct family) { .name = "x0top_plugin_map_", .factor = 1 };
	append(family->name, sizeof(family->name), map->plugin);
	append(family->name, sizeof(family->name), "_");
	append(family->name, sizeof(family->name), map->name);
	append(family->name, sizeof(family->name), "_");
	append(family->name, sizeof(family->name), column->name);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].unit, column->unit) == 0) {
			append(family->name, sizeof(family->name), units[i].base);
			family->factor = units[i].factor;
		}
	for (uint32_t i = 0; i < m->n; i++)
		if (strcmp(m->families[i].name, family->name) == 0)
			return NULL;
	m->n++;
	return family;
}

static void write_value(FILE *file, const char *text, size_t size)
{
	char value[METRICS_VALUE_LEN];

	fwrite(value, 1, metrics_value_write(text, size, value), file);
}

/* Labels have the names of the key's columns behind "key_", which no other label has. */
static void write_labels(struct metrics *m, const struct snapshot_plugin_row *row, const char *le)
{
	uint32_t n;
	const struct snapshot_plugin_column *columns = plugin_columns(m->plugins, row->map, &n);
	const char *separator = "{";

	for (uint32_t i = 0; i < n && columns[i].role == PLUGIN_KEY; i++) {
		char name[PLUGIN_NAME_LEN + 8] = "key";
		if (strcmp(columns[i].name, "key") != 0) {
			append(name, sizeof(name), "_");
			append(name, sizeof(name), columns[i].name);
		}
		fprintf(m->file, "%s%s=\"", separator, name);
		write_value(m->file, row->cells[i], sizeof(row->cells[i]));
		fputc('"', m->file);
		separator = ",";
	}
	if (le != NULL) {
		fprintf(m->file, "%sle=\"%s\"", separator, le);
		separator = ",";
	}
	fputs(separator[0] == ',' ? "} " : " ", m->file);
}

/* --- samples ---------------------------------------------------------------------------------- */

static void write_head(struct metrics *m, const struct family *family,
	const struct snapshot_plugin_map *map, const struct snapshot_plugin_column *column,
	const char *type)
{
	const char *suffix = !m->openmetrics && column->role == PLUGIN_COUNTER ? "_total" : "";

	fprintf(m->file, "# HELP %s%s ", family->name, suffix);
	write_value(m->file, column->help[0] != '\0' ? column->help : column->name, TEXT_LEN);
	fputs(" (", m->file);
	write_value(m->file, map->name, sizeof(map->name));
	fprintf(m->file, ").\n# TYPE %s%s %s\n", family->name, suffix, type);
}

/* A number in full, unless its unit makes another of it. */
static void write_number(struct metrics *m, const struct family *family,
	const struct snapshot_plugin_column *column, const struct snapshot_plugin_row *row,
	const char *cell)
{
	const double value = plugin_number(column, cell);

	if (!isfinite(value))
		return;
	fprintf(m->file, "%s%s", family->name, column->role == PLUGIN_COUNTER ? "_total" : "");
	write_labels(m, row, NULL);
	if (family->factor == 1)
		fprintf(m->file, "%s\n", cell);
	else
		fprintf(m->file, "%.15g\n", value * family->factor);
}

static void write_numbers(
	struct metrics *m, uint32_t map, uint32_t i, const struct snapshot_plugin_column *column)
{
	const struct snapshot_plugin_map *of = &m->plugins->maps[map];
	uint32_t rows;
	const uint32_t first = plugin_rows(m->plugins, map, &rows);
	const struct family *family = rows > 0 ? add_family(m, of, column) : NULL;

	if (family == NULL)
		return;
	write_head(m, family, of, column, plugin_role_names[column->role]);
	for (uint32_t row = first; row < first + rows && row < first + METRICS_PLUGIN_ROWS; row++)
		write_number(
			m, family, column, &m->plugins->rows[row], m->plugins->rows[row].cells[i]);
}

static void write_buckets(struct metrics *m, const struct family *family,
	const struct snapshot_plugin_row *row, const uint64_t *buckets)
{
	uint64_t count = 0, all = 0;
	char le[32];

	for (uint32_t i = 0; i < PLUGIN_BUCKETS; i++)
		all += buckets[i];
	for (uint32_t i = 0; i < BUCKETS; i++) {
		count += buckets[i];
		snprintf(le, sizeof(le), "%.15g", plugin_bucket_upper(i) * family->factor);
		fprintf(m->file, "%s_bucket", family->name);
		write_labels(m, row, le);
		fprintf(m->file, "%" PRIu64 "\n", count);
	}
	fprintf(m->file, "%s_bucket", family->name);
	write_labels(m, row, "+Inf");
	fprintf(m->file, "%" PRIu64 "\n%s_count", all, family->name);
	write_labels(m, row, NULL);
	fprintf(m->file, "%" PRIu64 "\n", all);
}

static void write_histograms(
	struct metrics *m, uint32_t map, uint32_t i, const struct snapshot_plugin_column *column)
{
	const struct snapshot_plugin_map *of = &m->plugins->maps[map];
	uint32_t rows;
	const uint32_t first = plugin_rows(m->plugins, map, &rows);
	const struct family *family = rows > 0 ? add_family(m, of, column) : NULL;

	if (family == NULL)
		return;
	write_head(m, family, of, column, "histogram");
	for (uint32_t row = first; row < first + rows && row < first + METRICS_PLUGIN_HISTOGRAMS;
		row++) {
		const struct snapshot_plugin_histogram *histogram =
			plugin_histogram(m->plugins, row, i);
		if (histogram != NULL)
			write_buckets(m, family, &m->plugins->rows[row], histogram->buckets);
	}
}

void metrics_write_plugins(const struct snapshot *snapshot, bool openmetrics, FILE *file)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return;
	m->plugins = &snapshot->plugins;
	m->file = file;
	m->openmetrics = openmetrics;
	for (uint32_t map = 0; map < m->plugins->n_maps; map++) {
		uint32_t n;
		const struct snapshot_plugin_column *columns = plugin_columns(m->plugins, map, &n);
		for (uint32_t i = 0; i < n; i++)
			if (columns[i].kind == PLUGIN_HISTOGRAM)
				write_histograms(m, map, i, &columns[i]);
			else if (columns[i].role == PLUGIN_COUNTER ||
				 columns[i].role == PLUGIN_GAUGE)
				write_numbers(m, map, i, &columns[i]);
	}
	free(m);
}
