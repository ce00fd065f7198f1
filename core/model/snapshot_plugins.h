/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of plugins in a snapshot: as tables, whose columns the objects' BTF describes. A map says how it
 * is shown; its columns, rows and histograms are in lists of all maps, and name their map by its place.
 */
#ifndef X0_MODEL_SNAPSHOT_PLUGINS_H
#define X0_MODEL_SNAPSHOT_PLUGINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/fields.h"

enum {
	PLUGIN_MAPS_MAX = 128,
	PLUGIN_COLUMNS_MAX = 16, /* of a map */
	PLUGIN_ALL_COLUMNS = 1024,
	PLUGIN_ROWS_SHOWN = 1000, /* of a map */
	PLUGIN_ALL_ROWS = 2048,
	PLUGIN_HISTOGRAMS_MAX = 1024,
	PLUGIN_BUCKETS = 56, /* of a histogram by powers of two; the last is open */
	PLUGIN_NAME_LEN = 64, /* of maps and columns: foreign, any bytes */
	PLUGIN_CELL_LEN = 64,
};

enum plugin_map_form {
	PLUGIN_MAP_TABLE,
	PLUGIN_MAP_EVENTS, /* rows are records of a ring buffer, the latest first */
	PLUGIN_MAP_NOT_SHOWN, /* for the reason that stands beside it */
	PLUGIN_MAP_FORMS,
};

enum plugin_kind {
	PLUGIN_INTEGER,
	PLUGIN_SIGNED,
	PLUGIN_BOOL,
	PLUGIN_ENUM, /* by name */
	PLUGIN_ADDRESS, /* IPv4, IPv6 or MAC */
	PLUGIN_TEXT,
	PLUGIN_BYTES, /* in hexadecimal */
	PLUGIN_LIST, /* integers, as far as they fit */
	PLUGIN_HISTOGRAM, /* the sum of its buckets; they are in `histograms` */
	PLUGIN_RATE, /* of the column before it, 1/s */
	PLUGIN_TIME, /* clock, seconds since 1970, when x0top read an event */
	PLUGIN_KINDS,
};

enum plugin_role {
	PLUGIN_VALUE,
	PLUGIN_KEY,
	PLUGIN_COUNTER, /* only rises */
	PLUGIN_GAUGE,
	PLUGIN_ROLES,
};

struct snapshot_plugin_map {
	char plugin[NAME_LEN];
	char name[PLUGIN_NAME_LEN];
	char kind[NAME_LEN]; /* of the kernel's map: "per-CPU hash" */
	char help[TEXT_LEN];
	uint32_t form; /* enum plugin_map_form */
	char reason[REASON_LEN]; /* why it is not shown, or not all of it; or empty */
	uint64_t capacity; /* entries; bytes of a ring buffer */
	uint64_t entries; /* in the map, or records read; COUNT_UNKNOWN until somebody has looked */
	bool whole; /* all entries were read: those shown are the first of all */
	uint32_t sort; /* the column that rows are sorted by; PLUGIN_COLUMNS_MAX: none */
	double read_ms; /* that this sample read it; NAN: it did not */
};

struct snapshot_plugin_column {
	uint32_t map; /* its place among the maps */
	char name
		[PLUGIN_NAME_LEN]; /* "key", "value", or a member's with those around it: "src.port" */
	uint32_t kind; /* enum plugin_kind */
	uint32_t role; /* enum plugin_role */
	char unit[NAME_LEN]; /* "ns", "bytes"; may be empty */
	char help[TEXT_LEN];
};

struct snapshot_plugin_row {
	uint32_t map;
	uint32_t n_cells;
	char cells[PLUGIN_COLUMNS_MAX][PLUGIN_CELL_LEN]; /* by the map's columns; empty: unknown */
};

struct snapshot_plugin_histogram {
	uint32_t row; /* its place among the rows */
	uint32_t column; /* its place among the map's columns */
	uint64_t buckets[PLUGIN_BUCKETS]; /* values from 2^n to 2^(n + 1); the first also has 0 */
};

struct snapshot_plugins {
	bool available; /* a plugin with maps is loaded */
	uint32_t n_maps, n_columns, n_rows, n_histograms;
	struct snapshot_plugin_map maps[PLUGIN_MAPS_MAX];
	struct snapshot_plugin_column columns[PLUGIN_ALL_COLUMNS]; /* map by map */
	struct snapshot_plugin_row rows[PLUGIN_ALL_ROWS]; /* map by map */
	struct snapshot_plugin_histogram histograms[PLUGIN_HISTOGRAMS_MAX]; /* row by row */
};

extern const struct field plugins_fields[];
extern const char *const plugin_form_names[]; /* enum plugin_map_form */
extern const char *const plugin_kind_names[]; /* enum plugin_kind */
extern const char *const plugin_role_names[]; /* enum plugin_role */

/* Returns the first column of a map, and sets *n to how many it has. */
const struct snapshot_plugin_column *plugin_columns(
	const struct snapshot_plugins *plugins, uint32_t map, uint32_t *n);

/* Returns the place of the first row of a map, and sets *n to how many it has. */
uint32_t plugin_rows(const struct snapshot_plugins *plugins, uint32_t map, uint32_t *n);

/* Returns the histogram of a row's column, PLUGIN_COLUMNS_MAX: its first; NULL if there is none. */
const struct snapshot_plugin_histogram *plugin_histogram(
	const struct snapshot_plugins *plugins, uint32_t row, uint32_t column);

/* Returns the value of a cell that is a number; NAN for one that is not, or is unknown. */
double plugin_number(const struct snapshot_plugin_column *column, const char *cell);

/* Writes a cell for people: numbers by their unit, "1.2ms", else as it is. Returns `text`. */
char *plugin_cell(
	const struct snapshot_plugin_column *column, const char *cell, char text[PLUGIN_CELL_LEN]);

/* Writes a number by its unit, as plugin_cell() does. Returns `text`. */
char *plugin_amount(const char *unit, double value, char text[PLUGIN_CELL_LEN]);

/* Writes how many entries there are, and how many of them are shown: "1000 of 12.3K". Returns `text`. */
char *plugin_entries(const struct snapshot_plugins *plugins, uint32_t map, char text[TEXT_LEN]);

/* Returns where a bucket ends: 2^(n + 1). */
double plugin_bucket_upper(uint32_t bucket);

#endif
