// SPDX-License-Identifier: BSD-2-Clause
/* Knowledge for the next x0top. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mapek/knowledge_base.h"
#include "model/names.h"

#ifdef X0_WEB

bool knowledge_get_series(struct knowledge *knowledge, const char *name, struct series *series)
{
	sqlite3_stmt *s = knowledge_prepare(knowledge, "SELECT series FROM baseline WHERE name=?");
	bool found = false;

	if (s == NULL)
		return false;
	knowledge_bind_text(s, 1, name);
	if (sqlite.sqlite3_step(s) == SQLITE_ROW) {
		const void *bytes = sqlite.sqlite3_column_blob(s, 0);
		found = bytes != NULL && sqlite.sqlite3_column_bytes(s, 0) == (int)sizeof(*series);
		if (found)
			memcpy(series, bytes, sizeof(*series));
	}
	sqlite.sqlite3_finalize(s);
	return found;
}

const char *knowledge_text(sqlite3_stmt *row, int column)
{
	const unsigned char *text = sqlite.sqlite3_column_text(row, column);

	return text != NULL ? (const char *)text : "";
}

double knowledge_real(sqlite3_stmt *row, int column)
{
	return sqlite.sqlite3_column_type(row, column) == SQLITE_NULL
		       ? NAN
		       : sqlite.sqlite3_column_double(row, column);
}

static void read_text(sqlite3_stmt *s, int column, char *text, size_t size)
{
	snprintf(text, size, "%s", knowledge_text(s, column));
}

uint64_t knowledge_count(sqlite3_stmt *s, int column)
{
	return sqlite.sqlite3_column_type(s, column) == SQLITE_NULL
		       ? COUNT_UNKNOWN
		       : (uint64_t)sqlite.sqlite3_column_int64(s, column);
}

uint64_t knowledge_last_anomaly(struct knowledge *knowledge)
{
	return (uint64_t)knowledge_query(knowledge, "SELECT max(number) FROM anomaly", 0);
}

uint64_t knowledge_last_action(struct knowledge *knowledge)
{
	return (uint64_t)knowledge_query(knowledge, "SELECT max(number) FROM action", 0);
}

int knowledge_each_spared(struct knowledge *knowledge,
	void (*take)(void *data, const struct snapshot_mapek_spared *spared), void *data)
{
	sqlite3_stmt *s = knowledge_prepare(
		knowledge, "SELECT target, since FROM spared ORDER BY since LIMIT 64");
	int n = 0;

	if (s == NULL)
		return -EIO;
	for (; sqlite.sqlite3_step(s) == SQLITE_ROW; n++) {
		struct snapshot_mapek_spared spared = { .since = knowledge_real(s, 1) };
		read_text(s, 0, spared.target, sizeof(spared.target));
		take(data, &spared);
	}
	sqlite.sqlite3_finalize(s);
	return n;
}
_Static_assert(MAPEK_SPARED_MAX == 64, "as the statement above says");

void knowledge_read_action(sqlite3_stmt *s, struct snapshot_mapek_action *action)
{
	char state[NAME_LEN];

	*action = (struct snapshot_mapek_action) {
		.number = (uint64_t)sqlite.sqlite3_column_int64(s, 0),
		.anomaly = (uint64_t)sqlite.sqlite3_column_int64(s, 1),
		.begin = knowledge_real(s, 7),
		.time_left = NAN,
		.dropped = knowledge_count(s, 9),
		.before = knowledge_real(s, 10),
		.after = knowledge_real(s, 11),
		.relief = knowledge_real(s, 12),
		.honest = knowledge_count(s, 13),
	};
	read_text(s, 2, action->policy, sizeof(action->policy));
	read_text(s, 3, action->target, sizeof(action->target));
	read_text(s, 4, state, sizeof(state));
	read_text(s, 5, action->action, sizeof(action->action));
	read_text(s, 6, action->reason, sizeof(action->reason));
	read_text(s, 14, action->ended, sizeof(action->ended));
	read_text(s, 15, action->output, sizeof(action->output));
	action->state = (uint32_t)names_find(mapek_action_state_names, state);
}

int knowledge_each_recalled(struct knowledge *knowledge, double undone_since,
	void (*take)(void *data, const struct snapshot_mapek_action *action, double changed),
	void *data)
{
	sqlite3_stmt *s = knowledge_prepare(knowledge,
		"SELECT * FROM action WHERE state='in force' OR (state='undone' AND changed>?)"
		" ORDER BY number DESC LIMIT 32");
	struct snapshot_mapek_action action;
	int n = 0;

	if (s == NULL)
		return -EIO;
	knowledge_bind_real(s, 1, undone_since);
	for (; sqlite.sqlite3_step(s) == SQLITE_ROW; n++) {
		knowledge_read_action(s, &action);
		take(data, &action, knowledge_real(s, 8));
	}
	sqlite.sqlite3_finalize(s);
	return n;
}

bool knowledge_changed(struct knowledge *knowledge)
{
	const int64_t before = knowledge->version;

	knowledge->version = knowledge_query(knowledge, "PRAGMA data_version", 0);
	return knowledge->version != before;
}
#endif
