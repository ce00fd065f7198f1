// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/knowledge.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mapek/sqlite.h"
#include "model/format.h"
#include "model/names.h"

#ifdef X0_WEB

struct knowledge {
	sqlite3 *base;
	uint64_t puts; /* since the oldest were forgotten */
};

enum { BUSY_MS = 2000, PRUNE_AFTER = 100 /* puts */ };

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS anomaly(number INTEGER PRIMARY KEY, policy TEXT, series TEXT,"
	" began REAL, ended REAL, value REAL, low REAL, high REAL, score REAL, sentence TEXT);"
	"CREATE TABLE IF NOT EXISTS action(number INTEGER PRIMARY KEY, anomaly INTEGER, policy TEXT,"
	" target TEXT, state TEXT, action TEXT, reason TEXT, began REAL, changed REAL,"
	" dropped INTEGER);"
	"CREATE TABLE IF NOT EXISTS baseline(name TEXT PRIMARY KEY, series BLOB);"
	"PRAGMA user_version=1;";

/* --- statements ------------------------------------------------------------------------------- */

static sqlite3_stmt *prepare(struct knowledge *knowledge, const char *text)
{
	sqlite3_stmt *statement = NULL;

	sqlite.sqlite3_prepare_v2(knowledge->base, text, -1, &statement, NULL);
	return statement;
}

static void bind_number(sqlite3_stmt *statement, int at, uint64_t value)
{
	if (value == COUNT_UNKNOWN)
		sqlite.sqlite3_bind_null(statement, at);
	else
		sqlite.sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
}

/* NAN becomes NULL. */
static void bind_real(sqlite3_stmt *statement, int at, double value)
{
	sqlite.sqlite3_bind_double(statement, at, value);
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite.sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

static int finish(sqlite3_stmt *statement)
{
	int result = sqlite.sqlite3_step(statement);

	sqlite.sqlite3_finalize(statement);
	return result == SQLITE_DONE || result == SQLITE_ROW ? 0 : -EIO;
}

static int run(struct knowledge *knowledge, const char *text)
{
	return sqlite.sqlite3_exec(knowledge->base, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : -EIO;
}

/* Returns the number that a query gives, or `none`. */
static int64_t query(struct knowledge *knowledge, const char *text, int64_t none)
{
	sqlite3_stmt *statement = prepare(knowledge, text);
	int64_t number = none;

	if (statement != NULL && sqlite.sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite.sqlite3_column_int64(statement, 0);
	sqlite.sqlite3_finalize(statement);
	return number;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Returns why a database is not to be used, or NULL. */
static const char *judge(struct knowledge *knowledge)
{
	sqlite3_stmt *statement = prepare(knowledge, "PRAGMA quick_check(1)");
	const char *why = "it is damaged";
	const int64_t version = query(knowledge, "PRAGMA user_version", -1);

	if (statement != NULL && sqlite.sqlite3_step(statement) == SQLITE_ROW &&
		strcmp((const char *)sqlite.sqlite3_column_text(statement, 0), "ok") == 0)
		why = version > KNOWLEDGE_VERSION ? "it is of a newer x0top" : NULL;
	sqlite.sqlite3_finalize(statement);
	return why;
}

static int open_base(struct knowledge *knowledge, const char *path, enum knowledge_use use)
{
	const int flags = use == KNOWLEDGE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
						 : SQLITE_OPEN_READWRITE;
	const mode_t before = umask(0077);
	int result = sqlite.sqlite3_open_v2(path, &knowledge->base, flags, NULL);

	if (result == SQLITE_OK)
		sqlite.sqlite3_busy_timeout(knowledge->base, BUSY_MS);
	if (result == SQLITE_OK && use == KNOWLEDGE_WRITE)
		run(knowledge, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
	umask(before);
	return result == SQLITE_OK ? 0 : -EIO;
}

/* Renames a database and its log. */
static void set_aside(const char *path, const char *why, char notice[REASON_LEN])
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	char from[REASON_LEN], to[REASON_LEN];
	const long long now = (long long)time(NULL);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(from, sizeof(from), "%.180s%s", path, parts[i]);
		snprintf(to, sizeof(to), "%.180s.aside-%lld%s", path, now, parts[i]);
		rename(from, to);
	}
	snprintf(notice, REASON_LEN,
		"Knowledge begins anew: %.80s is set aside as %.80s.aside-%lld, %s", path, path,
		now, why);
}

static int cannot_open(const char *path, int error, const char *why, struct failure *failure)
{
	failure_set(failure, error, "Cannot use the knowledge in %.120s: %s", path, why);
	return failure->error;
}

/* The folder of the usual place, if it is not there; its own part only. */
static void make_folder(const char *path)
{
	char folder[REASON_LEN];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return;
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	mkdir(folder, 0711); /* the scribe, an ordinary user, looks for its file by name */
}

static int open_checked(struct knowledge *knowledge, const char *path, enum knowledge_use use,
	char notice[REASON_LEN], struct failure *failure)
{
	int error = open_base(knowledge, path, use);
	const char *why = error == 0 ? judge(knowledge) : NULL;

	if (why != NULL && use == KNOWLEDGE_READ)
		return cannot_open(path, -EINVAL, why, failure);
	if (why != NULL) {
		sqlite.sqlite3_close_v2(knowledge->base);
		knowledge->base = NULL;
		set_aside(path, why, notice);
		error = open_base(knowledge, path, use);
	}
	if (error == 0 && use == KNOWLEDGE_WRITE)
		error = run(knowledge, schema);
	return error < 0 ? cannot_open(path, error, "it cannot be written", failure) : 0;
}

int knowledge_open(const char *path, enum knowledge_use use, struct knowledge **opened,
	char notice[REASON_LEN], struct failure *failure)
{
	int error = sqlite_open(failure);

	notice[0] = '\0';
	if (error < 0)
		return error;
	if (use == KNOWLEDGE_READ && access(path, F_OK) < 0)
		return failure_set(failure, -ENOENT, "There is no knowledge in %.120s", path);
	struct knowledge *knowledge = calloc(1, sizeof(*knowledge));
	if (knowledge == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for knowledge");
	if (use == KNOWLEDGE_WRITE)
		make_folder(path);
	error = open_checked(knowledge, path, use, notice, failure);
	if (error < 0)
		knowledge_close(knowledge);
	else
		*opened = knowledge;
	return error;
}

void knowledge_close(struct knowledge *knowledge)
{
	if (knowledge == NULL)
		return;
	sqlite.sqlite3_close_v2(knowledge->base);
	free(knowledge);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void prune(struct knowledge *knowledge)
{
	if (knowledge->puts++ % PRUNE_AFTER != 0)
		return;
	run(knowledge,
		"DELETE FROM anomaly WHERE number <= (SELECT max(number) FROM anomaly) - 10000;"
		"DELETE FROM action WHERE number <= (SELECT max(number) FROM action) - 10000;");
}
_Static_assert(KNOWLEDGE_MOST == 10000, "as the statements above say");

int knowledge_put_anomaly(struct knowledge *knowledge, const struct snapshot_mapek_anomaly *anomaly,
	const char *sentence)
{
	sqlite3_stmt *s =
		prepare(knowledge, "INSERT OR REPLACE INTO anomaly VALUES(?,?,?,?,?,?,?,?,?,?)");

	if (s == NULL)
		return -EIO;
	bind_number(s, 1, anomaly->number);
	bind_text(s, 2, anomaly->policy);
	bind_text(s, 3, anomaly->series);
	bind_real(s, 4, anomaly->begin);
	bind_real(s, 5, anomaly->end);
	bind_real(s, 6, anomaly->value);
	bind_real(s, 7, anomaly->low);
	bind_real(s, 8, anomaly->high);
	bind_real(s, 9, anomaly->score);
	bind_text(s, 10, sentence);
	prune(knowledge);
	return finish(s);
}

int knowledge_put_action(
	struct knowledge *knowledge, const struct snapshot_mapek_action *action, double time)
{
	sqlite3_stmt *s =
		prepare(knowledge, "INSERT OR REPLACE INTO action VALUES(?,?,?,?,?,?,?,?,?,?)");

	if (s == NULL)
		return -EIO;
	bind_number(s, 1, action->number);
	bind_number(s, 2, action->anomaly);
	bind_text(s, 3, action->policy);
	bind_text(s, 4, action->target);
	bind_text(s, 5, mapek_action_state_names[action->state % MAPEK_ACTION_STATES]);
	bind_text(s, 6, action->action);
	bind_text(s, 7, action->reason);
	bind_real(s, 8, action->begin);
	bind_real(s, 9, time);
	bind_number(s, 10, action->dropped);
	prune(knowledge);
	return finish(s);
}

int knowledge_put_series(struct knowledge *knowledge, const char *name, const struct series *series)
{
	sqlite3_stmt *s = prepare(knowledge, "INSERT OR REPLACE INTO baseline VALUES(?,?)");

	if (s == NULL)
		return -EIO;
	bind_text(s, 1, name);
	sqlite.sqlite3_bind_blob(s, 2, series, sizeof(*series), SQLITE_STATIC);
	return finish(s);
}

int knowledge_forget(struct knowledge *knowledge)
{
	return run(knowledge,
		"DELETE FROM anomaly; DELETE FROM action; DELETE FROM baseline; VACUUM;");
}

/* --- reading ---------------------------------------------------------------------------------- */

bool knowledge_get_series(struct knowledge *knowledge, const char *name, struct series *series)
{
	sqlite3_stmt *s = prepare(knowledge, "SELECT series FROM baseline WHERE name=?");
	bool found = false;

	if (s == NULL)
		return false;
	bind_text(s, 1, name);
	if (sqlite.sqlite3_step(s) == SQLITE_ROW) {
		const void *bytes = sqlite.sqlite3_column_blob(s, 0);
		found = bytes != NULL && sqlite.sqlite3_column_bytes(s, 0) == (int)sizeof(*series);
		if (found)
			memcpy(series, bytes, sizeof(*series));
	}
	sqlite.sqlite3_finalize(s);
	return found;
}

uint64_t knowledge_last_anomaly(struct knowledge *knowledge)
{
	return (uint64_t)query(knowledge, "SELECT max(number) FROM anomaly", 0);
}

uint64_t knowledge_last_action(struct knowledge *knowledge)
{
	return (uint64_t)query(knowledge, "SELECT max(number) FROM action", 0);
}

static const char *text_of(sqlite3_stmt *s, int column)
{
	const unsigned char *text = sqlite.sqlite3_column_text(s, column);

	return text != NULL ? (const char *)text : "";
}

/* Writes each row by `write`. Returns the number of rows, or -EIO. */
static int each(struct knowledge *knowledge, const char *text, uint64_t number,
	void (*write)(sqlite3_stmt *row, FILE *file), FILE *file)
{
	sqlite3_stmt *s = prepare(knowledge, text);
	int n = 0, result;

	if (s == NULL)
		return -EIO;
	bind_number(s, 1, number);
	for (; (result = sqlite.sqlite3_step(s)) == SQLITE_ROW; n++)
		write(s, file);
	sqlite.sqlite3_finalize(s);
	return result == SQLITE_DONE ? n : -EIO;
}

static void write_line(sqlite3_stmt *row, FILE *file)
{
	char date[FORMAT_LEN];

	fprintf(file, "%s  %-7s %5" PRId64 "  %-9s %s\n",
		format_date(date, sqlite.sqlite3_column_double(row, 0)), text_of(row, 1),
		(int64_t)sqlite.sqlite3_column_int64(row, 2), text_of(row, 3), text_of(row, 4));
}

int knowledge_write_history(struct knowledge *knowledge, FILE *file)
{
	int n = each(knowledge,
		"SELECT began, 'anomaly', number, CASE WHEN ended IS NULL THEN 'began' ELSE 'over' END,"
		" sentence FROM anomaly UNION ALL "
		"SELECT began, 'action', number, state, action FROM action "
		"ORDER BY 1 DESC, 2 LIMIT coalesce(?, 1000)",
		COUNT_UNKNOWN, write_line, file);

	if (n == 0)
		fputs("Nothing was unusual so far.\n", file);
	return n < 0 ? n : 0;
}

static void write_all(sqlite3_stmt *row, FILE *file)
{
	char date[FORMAT_LEN], count[FORMAT_LEN];

	fprintf(file, "Action %s\nDone     %s\nState    %s since %s\nBegan    %s\nPolicy   %s\n",
		text_of(row, 0), text_of(row, 5), text_of(row, 4),
		format_clock(count, sqlite.sqlite3_column_double(row, 8)),
		format_date(date, sqlite.sqlite3_column_double(row, 7)), text_of(row, 2));
	fprintf(file, "Because  %s\n", text_of(row, 6));
	if (sqlite.sqlite3_column_type(row, 9) != SQLITE_NULL)
		fprintf(file, "Dropped  %s packets\n",
			format_count(count, (double)sqlite.sqlite3_column_int64(row, 9)));
	fprintf(file, "Anomaly  %s: %s\n", text_of(row, 1), text_of(row, 10));
}

int knowledge_write_action(struct knowledge *knowledge, uint64_t number, FILE *file)
{
	int n = each(knowledge,
		"SELECT a.number, a.anomaly, a.policy, a.target, a.state, a.action, a.reason, a.began,"
		" a.changed, a.dropped, coalesce(n.sentence, 'forgotten') FROM action a"
		" LEFT JOIN anomaly n ON n.number = a.anomaly WHERE a.number = ?",
		number, write_all, file);

	return n == 0 ? -ENOENT : n < 0 ? n : 0;
}

static void write_text(sqlite3_stmt *row, FILE *file)
{
	fprintf(file, "%s\n", text_of(row, 0));
}

int knowledge_write_json(struct knowledge *knowledge, FILE *file)
{
	int n = each(knowledge,
		"SELECT json_object('anomaly', number, 'policy', policy, 'series', series, 'begin', began,"
		" 'end', ended, 'value', value, 'low', low, 'high', high, 'score', score, 'sentence',"
		" sentence) FROM anomaly WHERE ? IS NULL",
		COUNT_UNKNOWN, write_text, file);

	if (n >= 0)
		n = each(knowledge,
			"SELECT json_object('action', number, 'because', anomaly, 'policy', policy, 'target',"
			" target, 'state', state, 'do', action, 'reason', reason, 'begin', began, 'changed',"
			" changed, 'dropped', dropped) FROM action WHERE ? IS NULL",
			COUNT_UNKNOWN, write_text, file);
	return n < 0 ? n : 0;
}
#else

/* Nobody has a knowledge: it cannot be opened. */
int knowledge_open(const char *path, enum knowledge_use use, struct knowledge **opened,
	char notice[REASON_LEN], struct failure *failure)
{
	(void)path, (void)use, (void)opened;
	notice[0] = '\0';
	return sqlite_open(failure);
}

void knowledge_close(struct knowledge *knowledge)
{
	(void)knowledge;
}

int knowledge_put_anomaly(struct knowledge *knowledge, const struct snapshot_mapek_anomaly *anomaly,
	const char *sentence)
{
	(void)knowledge, (void)anomaly, (void)sentence;
	return -ENOSYS;
}

int knowledge_put_action(
	struct knowledge *knowledge, const struct snapshot_mapek_action *action, double time)
{
	(void)knowledge, (void)action, (void)time;
	return -ENOSYS;
}

int knowledge_put_series(struct knowledge *knowledge, const char *name, const struct series *series)
{
	(void)knowledge, (void)name, (void)series;
	return -ENOSYS;
}

bool knowledge_get_series(struct knowledge *knowledge, const char *name, struct series *series)
{
	(void)knowledge, (void)name, (void)series;
	return false;
}

uint64_t knowledge_last_anomaly(struct knowledge *knowledge)
{
	(void)knowledge;
	return 0;
}

uint64_t knowledge_last_action(struct knowledge *knowledge)
{
	(void)knowledge;
	return 0;
}

int knowledge_write_history(struct knowledge *knowledge, FILE *file)
{
	(void)knowledge, (void)file;
	return -ENOSYS;
}

int knowledge_write_action(struct knowledge *knowledge, uint64_t number, FILE *file)
{
	(void)knowledge, (void)number, (void)file;
	return -ENOSYS;
}

int knowledge_write_json(struct knowledge *knowledge, FILE *file)
{
	(void)knowledge, (void)file;
	return -ENOSYS;
}

int knowledge_forget(struct knowledge *knowledge)
{
	(void)knowledge;
	return -ENOSYS;
}
#endif
