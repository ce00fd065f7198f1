/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A map as a table: reads its entries, keeps the first of them by a column, and shows them with the rates of
 * counters. A large map is read in parts, sample by sample; the rows of the last whole reading are read anew in
 * each.
 */
#ifndef X0_PLUGINS_PLUGIN_TABLE_H
#define X0_PLUGINS_PLUGIN_TABLE_H

#include "model/snapshot.h"
#include "plugins/map_reader.h"
#include "plugins/show.h"

struct plugin_rows {
	uint32_t n;
	uint8_t *bytes; /* key and value, `stride` bytes a row */
	double *ranks; /* by row */
	uint16_t *
		order; /* rows: a heap, the least on top, while they are read; then the first first */
};

struct plugin_table {
	const struct btf *btf; /* not owned */
	struct show_plan plan; /* of key columns, within the key, and others, within the value */
	struct show_plan
		rank; /* the column that rows are sorted by, alone; none: in the order of the map */
	uint32_t sorted; /* that column, of the plan; PLUGIN_COLUMNS_MAX: none */
	bool least; /* the least come first */
	uint32_t buckets; /* the whole map is one histogram of so many elements; 0: it is not */
	struct map_reader reader;
	uint32_t key_room, stride; /* bytes of a row's key with padding, and of a row */
	uint32_t room; /* rows */
	struct plugin_rows reading, shown, before; /* before: those of the sample before */
	double read_at, before_at; /* monotonic seconds; 0: never */
	uint64_t entries; /* of the last whole reading, or of the first one so far */
	uint64_t counted; /* by the present reading */
	bool whole; /* there was a whole reading */
	uint16_t *index; /* of `before`, by key */
};

/* Makes the table of a planned map: `reader` becomes its own. Returns 0 or -ENOMEM. */
int plugin_table_open(struct plugin_table *table, const struct map_reader *reader);
void plugin_table_close(struct plugin_table *table);

/* Sorts by another column of the plan, PLUGIN_COLUMNS_MAX: none. The first of all entries are shown by it once the map
 * is read again; until then, those that are shown. */
void plugin_table_sort(struct plugin_table *table, uint32_t column, bool least);

/* Reads for at most about `budget` seconds; INFINITY: all. Returns 0 or a negative errno. */
int plugin_table_read(struct plugin_table *table, double budget);

/* Adds its rows, as far as there is room, to `now` as those of map number `map`. */
void plugin_table_show(struct plugin_table *table, uint32_t map, struct snapshot *now);

#endif
