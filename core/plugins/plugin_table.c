// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mix.h"

enum {
	ROWS_BYTES = 4 << 20, /* of a table */
	INDEX = 2048, /* places, twice the rows */
	HISTOGRAM_ROWS = 256, /* of a table, whose histograms are shown */
};

static uint8_t *row_of(
	const struct plugin_table *table, const struct plugin_rows *rows, uint32_t row)
{
	return rows->bytes + (size_t)row * table->stride;
}

/* --- memory ----------------------------------------------------------------------------------- */

static int open_rows(const struct plugin_table *table, struct plugin_rows *rows)
{
	rows->n = 0;
	rows->bytes = calloc(table->room, table->stride);
	rows->ranks = calloc(table->room, sizeof(*rows->ranks));
	rows->order = calloc(table->room, sizeof(*rows->order));
	return rows->bytes == NULL || rows->ranks == NULL || rows->order == NULL ? -ENOMEM : 0;
}

static void close_rows(struct plugin_rows *rows)
{
	free(rows->bytes);
	free(rows->ranks);
	free(rows->order);
}

int plugin_table_open(struct plugin_table *table, const struct map_reader *reader)
{
	const uint32_t value = reader->value_size * (table->buckets > 0 ? table->buckets : 1);

	table->reader = *reader;
	table->key_room = (reader->key_size + 7) / 8 * 8;
	table->stride = table->key_room + (value + 7) / 8 * 8;
	table->room = ROWS_BYTES / table->stride;
	if (table->room > PLUGIN_ROWS_SHOWN)
		table->room = PLUGIN_ROWS_SHOWN;
	if (table->room == 0)
		table->room = 1;
	table->index = calloc(INDEX, sizeof(*table->index));
	if (table->index != NULL && open_rows(table, &table->reading) == 0 &&
		open_rows(table, &table->shown) == 0 && open_rows(table, &table->before) == 0)
		return 0;
	plugin_table_close(table);
	return -ENOMEM;
}

void plugin_table_close(struct plugin_table *table)
{
	map_reader_close(&table->reader);
	close_rows(&table->reading);
	close_rows(&table->shown);
	close_rows(&table->before);
	free(table->index);
	memset(table, 0, sizeof(*table));
}

/* --- the first by rank ------------------------------------------------------------------------ */

static bool is_less(const struct plugin_rows *rows, uint32_t one, uint32_t other)
{
	return rows->ranks[rows->order[one]] < rows->ranks[rows->order[other]];
}

static void swap(struct plugin_rows *rows, uint32_t one, uint32_t other)
{
	const uint16_t row = rows->order[one];

	rows->order[one] = rows->order[other];
	rows->order[other] = row;
}

static void sift_up(struct plugin_rows *rows, uint32_t at)
{
	for (; at > 0 && is_less(rows, at, (at - 1) / 2); at = (at - 1) / 2)
		swap(rows, at, (at - 1) / 2);
}

static void sift_down(struct plugin_rows *rows)
{
	for (uint32_t at = 0, child; (child = 2 * at + 1) < rows->n; at = child) {
		if (child + 1 < rows->n && is_less(rows, child + 1, child))
			child++;
		if (!is_less(rows, child, at))
			return;
		swap(rows, at, child);
	}
}

/* Returns the row for an entry of that rank, or NULL: there are as many before it as there is room for. */
static uint8_t *place(struct plugin_table *table, double rank)
{
	struct plugin_rows *rows = &table->reading;

	if (rows->n < table->room) {
		rows->order[rows->n] = (uint16_t)rows->n;
		rows->ranks[rows->n] = rank;
		sift_up(rows, rows->n++);
		return row_of(table, rows, rows->n - 1);
	}
	if (rank <= rows->ranks[rows->order[0]])
		return NULL;
	const uint16_t row = rows->order[0];
	rows->ranks[row] = rank;
	sift_down(rows);
	return row_of(table, rows, row);
}

static int by_rank(const void *one, const void *other, void *context)
{
	const struct plugin_rows *rows = context;
	const uint16_t a = *(const uint16_t *)one, b = *(const uint16_t *)other;

	if (rows->ranks[a] != rows->ranks[b])
		return rows->ranks[a] < rows->ranks[b] ? 1 : -1;
	return a < b ? -1 : a > b;
}

static void sort(struct plugin_rows *rows)
{
	qsort_r(rows->order, rows->n, sizeof(rows->order[0]), by_rank, rows);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Joins what the CPUs have by a plan. */
static void join(const struct plugin_table *table, const struct show_plan *plan,
	const uint8_t *values, uint8_t *value)
{
	const struct map_reader *reader = &table->reader;

	if (reader->cpus == 1)
		memcpy(value, values, reader->value_size);
	else
		show_join(plan, values, reader->cpus, reader->stride, value, reader->value_size);
}

/* `scratch`: room for a row's value. */
static double rank_of(const struct plugin_table *table, const uint8_t *key, const uint8_t *values,
	uint8_t *scratch)
{
	const struct show_column *column = &table->rank.columns[0];
	const uint8_t *bytes = column->role == PLUGIN_KEY ? key : values;

	if (table->rank.n == 0)
		return 0;
	if (column->role != PLUGIN_KEY && table->reader.cpus > 1) {
		join(table, &table->rank, values, scratch);
		bytes = scratch;
	}
	const double rank = show_rank(column, bytes);
	return table->least ? -rank : rank;
}

void plugin_table_sort(struct plugin_table *table, uint32_t column, bool least)
{
	if (column == table->sorted && least == table->least)
		return;
	table->sorted = column;
	table->least = least;
	table->rank.n = column < table->plan.n ? 1 : 0;
	if (table->rank.n > 0)
		table->rank.columns[0] = table->plan.columns[column];
	/* What was read so far was chosen by the other column. */
	map_reader_restart(&table->reader);
	table->reading.n = 0;
	table->counted = 0;
}

static void take_entry(struct plugin_table *table, uint32_t i, uint8_t *scratch)
{
	const uint8_t *key = map_reader_key(&table->reader, i);
	const uint8_t *values = map_reader_values(&table->reader, i);
	uint8_t *row = place(table, rank_of(table, key, values, scratch));

	if (row == NULL)
		return;
	memcpy(row, key, table->reader.key_size);
	join(table, &table->plan, values, row + table->key_room);
}

/* The elements of a map that is one histogram stand one behind the other in a single row. */
static void take_bucket(struct plugin_table *table, uint32_t i)
{
	uint8_t *row = table->reading.n == 0 ? place(table, 0) : table->reading.bytes;
	uint32_t bucket;

	memcpy(&bucket, map_reader_key(&table->reader, i), sizeof(bucket));
	if (bucket < table->buckets)
		join(table, &table->rank, map_reader_values(&table->reader, i),
			row + table->key_room + (size_t)bucket * table->reader.value_size);
}

static void take_batch(struct plugin_table *table, uint32_t n, uint8_t *scratch)
{
	for (uint32_t i = 0; i < n; i++)
		if (table->buckets > 0)
			take_bucket(table, i);
		else
			take_entry(table, i, scratch);
	table->counted += n;
}

static void copy_rows(
	const struct plugin_table *table, struct plugin_rows *to, const struct plugin_rows *from)
{
	to->n = from->n;
	memcpy(to->bytes, from->bytes, (size_t)from->n * table->stride);
	memcpy(to->ranks, from->ranks, from->n * sizeof(from->ranks[0]));
	memcpy(to->order, from->order, from->n * sizeof(from->order[0]));
}

/* A whole reading is shown, and the next one begins. */
static void publish(struct plugin_table *table)
{
	const struct plugin_rows rows = table->shown;

	table->shown = table->reading;
	table->reading = rows;
	table->reading.n = 0;
	sort(&table->shown);
	table->whole = true;
	table->entries = table->counted;
	table->counted = 0;
}

/* Reads again what is shown of a reading that began in an earlier sample; what is gone leaves its row. */
static void refresh(struct plugin_table *table, uint8_t *scratch)
{
	struct plugin_rows *rows = &table->shown;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < rows->n; i++) {
		uint8_t *row = row_of(table, rows, rows->order[i]);
		if (map_reader_lookup(&table->reader, row) < 0)
			continue;
		join(table, &table->plan, table->reader.values, row + table->key_room);
		rows->ranks[rows->order[i]] = rank_of(table, row, table->reader.values, scratch);
		rows->order[kept++] = rows->order[i];
	}
	rows->n = kept;
	sort(rows);
}

/* Returns 1 after the last entry, 0 if some are left, or a negative errno. */
static int read_for(struct plugin_table *table, double budget, uint8_t *scratch)
{
	const double end = clock_monotonic_seconds() + budget;
	int n;

	do {
		n = map_reader_next(&table->reader);
		if (n > 0)
			take_batch(table, (uint32_t)n, scratch);
	} while (n > 0 && clock_monotonic_seconds() < end);
	return n < 0 ? n : n == 0;
}

int plugin_table_read(struct plugin_table *table, double budget)
{
	const bool begins = table->counted == 0;
	uint8_t *scratch = malloc(table->stride);

	if (scratch == NULL)
		return -ENOMEM;
	table->before_at = table->read_at;
	table->read_at = clock_monotonic_seconds();
	int ended = read_for(table, budget, scratch);
	if (ended > 0)
		publish(table);
	if (ended >= 0 && table->whole && !(ended > 0 && begins)) {
		refresh(table, scratch);
	} else if (ended == 0) {
		copy_rows(table, &table->shown, &table->reading);
		sort(&table->shown);
		table->entries = table->counted;
	}
	free(scratch);
	return ended < 0 ? ended : 0;
}

/* --- rates ------------------------------------------------------------------------------------ */

static uint64_t hash(const uint8_t *key, uint32_t size)
{
	uint64_t sum = size, word;

	for (uint32_t i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, key + i, sizeof(word));
		sum = mix64(sum ^ word);
	}
	return sum;
}

/* The place in the index of a key, or of none. */
static uint32_t find_place(const struct plugin_table *table, const uint8_t *key)
{
	uint32_t at = hash(key, table->key_room) % INDEX;

	while (table->index[at] != 0 && memcmp(row_of(table, &table->before, table->index[at] - 1U),
						key, table->key_room) != 0)
		at = (at + 1) % INDEX;
	return at;
}

/* What is shown is what comes before, in the next sample. */
static void remember(struct plugin_table *table)
{
	copy_rows(table, &table->before, &table->shown);
	memset(table->index, 0, INDEX * sizeof(*table->index));
	for (uint32_t i = 0; i < table->before.n; i++) {
		const uint16_t row = table->before.order[i];
		table->index[find_place(table, row_of(table, &table->before, row))] = row + 1;
	}
}

static const uint8_t *row_before(const struct plugin_table *table, const uint8_t *row)
{
	const uint16_t found = table->index[find_place(table, row)];

	return found == 0 ? NULL : row_of(table, &table->before, found - 1U);
}

/* --- showing ---------------------------------------------------------------------------------- */

static void show_rate(const struct plugin_table *table, const struct show_column *counter,
	const uint8_t *row, const uint8_t *before, char text[PLUGIN_CELL_LEN])
{
	const double seconds = table->read_at - table->before_at;

	text[0] = '\0';
	if (before == NULL || table->before_at == 0 || seconds <= 0)
		return;
	const uint64_t now = show_number(counter, row + table->key_room, 0);
	const uint64_t then = show_number(counter, before + table->key_room, 0);
	if (now == then)
		memcpy(text, "0", sizeof("0")); /* of most, and much faster */
	else if (now > then)
		snprintf(text, PLUGIN_CELL_LEN, "%.9g", (double)(now - then) / seconds);
}

static void show_histogram(const struct show_column *column, const uint8_t *bytes,
	struct snapshot_plugin_histogram *histogram)
{
	for (uint32_t i = 0; i < column->n; i++)
		histogram->buckets[i < PLUGIN_BUCKETS ? i : PLUGIN_BUCKETS - 1] +=
			show_number(column, bytes, i);
}

static void show_row(struct plugin_table *table, uint32_t map, uint32_t i, struct snapshot *now)
{
	struct snapshot_plugins *plugins = &now->plugins;
	const uint8_t *row = row_of(table, &table->shown, table->shown.order[i]);
	const uint8_t *before = row_before(table, row);
	struct snapshot_plugin_row *shown = SNAPSHOT_ADD(now, plugins, rows);
	struct snapshot_plugin_histogram *histogram;

	shown->map = map;
	shown->n_cells = table->plan.n;
	for (uint32_t c = 0; c < table->plan.n; c++) {
		const struct show_column *column = &table->plan.columns[c];
		const uint8_t *bytes = column->role == PLUGIN_KEY ? row : row + table->key_room;
		if (column->kind == PLUGIN_RATE)
			show_rate(table, column - 1, row, before, shown->cells[c]);
		else
			show_text(column, table->btf, bytes, shown->cells[c]);
		if (column->kind != PLUGIN_HISTOGRAM || i >= HISTOGRAM_ROWS ||
			plugins->n_histograms == PLUGIN_HISTOGRAMS_MAX)
			continue;
		histogram = SNAPSHOT_ADD(now, plugins, histograms);
		histogram->row = plugins->n_rows - 1;
		histogram->column = c;
		show_histogram(column, bytes, histogram);
	}
}

void plugin_table_show(struct plugin_table *table, uint32_t map, struct snapshot *now)
{
	for (uint32_t i = 0; i < table->shown.n && now->plugins.n_rows < PLUGIN_ALL_ROWS; i++)
		show_row(table, map, i, now);
	remember(table);
}
