// SPDX-License-Identifier: BSD-2-Clause
#include "row_history.h"

#include <string.h>

enum { PROBES = 16 };

/* FNV-1a over the table and the key; never 0, which means free. */
static uint64_t row_hash(const struct table_type *type, const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)(uintptr_t)type;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	return hash | 1;
}

static uint32_t place(uint64_t hash, uint32_t probe)
{
	return (uint32_t)(((hash >> 1) + probe) % ROW_HISTORIES_MAX);
}

const struct history *row_history_find(
	const struct row_histories *histories, const struct table_type *type, const char *key)
{
	uint64_t hash = row_hash(type, key);

	for (uint32_t i = 0; i < PROBES; i++) {
		const struct row_history *row = &histories->rows[place(hash, i)];

		if (row->hash == hash)
			return &row->history;
	}
	return NULL;
}

/*
 * Finds the place of a row. A new row takes the first place that is free or whose row was not in the
 * last sample. Returns NULL if there is none.
 */
static struct row_history *take_row(struct row_histories *histories, uint64_t hash, uint64_t sample)
{
	struct row_history *unused = NULL;

	for (uint32_t i = 0; i < PROBES; i++) {
		struct row_history *row = &histories->rows[place(hash, i)];

		if (row->hash == hash)
			return row;
		if (unused == NULL && (row->hash == 0 || row->sample + 1 < sample))
			unused = row;
	}
	if (unused != NULL) {
		memset(unused, 0, sizeof(*unused));
		unused->hash = hash;
	}
	return unused;
}

void row_history_record(struct row_histories *histories, const struct table_type *type,
	const struct snapshot *snapshot, uint64_t sample)
{
	char key[TABLE_KEY_LEN];

	if (type == NULL || type->rate == NULL)
		return;
	for (uint32_t i = 0; i < type->count(snapshot); i++) {
		type->key(snapshot, i, key);
		struct row_history *row = take_row(histories, row_hash(type, key), sample);
		if (row == NULL)
			continue;
		row->sample = sample;
		history_add(&row->history, type->rate(snapshot, i));
	}
}
