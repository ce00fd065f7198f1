// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/knowledge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "mapek/knowledge_base.h"
#include "model/names.h"

#ifdef X0_WEB

enum { BUSY_MS = 2000, PRUNE_AFTER = 100 /* puts */ };

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS anomaly(number INTEGER PRIMARY KEY, policy TEXT, series TEXT,"
	" began REAL, ended REAL, value REAL, low REAL, high REAL, score REAL, sentence TEXT);"
	"CREATE TABLE IF NOT EXISTS action(number INTEGER PRIMARY KEY, anomaly INTEGER, policy TEXT,"
	" target TEXT, state TEXT, action TEXT, reason TEXT, began REAL, changed REAL,"
	" dropped INTEGER, before REAL, after REAL, relief REAL, honest INTEGER, hook TEXT,"
	" output TEXT, until REAL);"
	"CREATE TABLE IF NOT EXISTS baseline(name TEXT PRIMARY KEY, series BLOB);"
	"CREATE TABLE IF NOT EXISTS spared(target TEXT PRIMARY KEY, since REAL);"
	"PRAGMA user_version=3; COMMIT;";

/* Make of a database of a version what is the next. */
static const char *const upgrades[KNOWLEDGE_VERSION] = {
	[1] = "ALTER TABLE action ADD COLUMN before REAL; ALTER TABLE action ADD COLUMN after REAL;"
	      "ALTER TABLE action ADD COLUMN relief REAL; ALTER TABLE action ADD COLUMN honest INTEGER;"
	      "ALTER TABLE action ADD COLUMN hook TEXT; ALTER TABLE action ADD COLUMN output TEXT;",
	[2] = "ALTER TABLE action ADD COLUMN until REAL;",
};

/* What is told of actions: those that have ended since they were written, knowledge_compare() finds. */
static const char telling[] =
	"PRAGMA temp_store=MEMORY; CREATE TEMP TABLE since(number INTEGER PRIMARY KEY, changed REAL);"
	"CREATE TEMP VIEW told AS SELECT a.number, anomaly, policy, target,"
	" CASE WHEN s.number IS NULL THEN state ELSE 'over' END AS state, action, reason, began,"
	" CASE WHEN s.number IS NULL THEN a.changed ELSE s.changed END AS changed, dropped, before,"
	" after, relief, honest, hook, output FROM main.action a LEFT JOIN since s"
	" ON s.number = a.number;";

/* --- statements ------------------------------------------------------------------------------- */

sqlite3_stmt *knowledge_prepare(struct knowledge *knowledge, const char *text)
{
	sqlite3_stmt *statement = NULL;

	sqlite.sqlite3_prepare_v2(knowledge->base, text, -1, &statement, NULL);
	return statement;
}

void knowledge_bind_number(sqlite3_stmt *statement, int at, uint64_t value)
{
	if (value == COUNT_UNKNOWN)
		sqlite.sqlite3_bind_null(statement, at);
	else
		sqlite.sqlite3_bind_int64(statement, at, (sqlite3_int64)value);
}

void knowledge_bind_real(sqlite3_stmt *statement, int at, double value)
{
	sqlite.sqlite3_bind_double(statement, at, value);
}

void knowledge_bind_text(sqlite3_stmt *statement, int at, const char *text)
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

int64_t knowledge_query(struct knowledge *knowledge, const char *text, int64_t none)
{
	sqlite3_stmt *statement = knowledge_prepare(knowledge, text);
	int64_t number = none;

	if (statement != NULL && sqlite.sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite.sqlite3_column_int64(statement, 0);
	sqlite.sqlite3_finalize(statement);
	return number;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Returns whether there is more than tables in it: a view in the place of one could be read without end. */
static bool is_foreign(struct knowledge *knowledge)
{
	return knowledge_query(knowledge,
		       "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index')"
		       " OR sql LIKE 'CREATE VIRTUAL%'",
		       0) != 0;
}

/* Returns why a database is not to be used, or NULL. */
static const char *judge(struct knowledge *knowledge)
{
	sqlite3_stmt *statement = knowledge_prepare(knowledge, "PRAGMA quick_check(1)");
	const char *why = "it is damaged";
	const int64_t version = knowledge_query(knowledge, "PRAGMA user_version", -1);

	if (statement != NULL && sqlite.sqlite3_step(statement) == SQLITE_ROW &&
		strcmp((const char *)sqlite.sqlite3_column_text(statement, 0), "ok") == 0)
		why = version > KNOWLEDGE_VERSION ? "it is of a newer x0top"
		      : is_foreign(knowledge)	  ? "it is not one of x0top's"
						  : NULL;
	sqlite.sqlite3_finalize(statement);
	return why;
}

/* Returns whether a database has no log: nobody has it open, and all of it is in its file. */
static bool is_whole(const char *path)
{
	char log[PATH_MAX];

	snprintf(log, sizeof(log), "%s-wal", path);
	return access(log, F_OK) < 0;
}

/* Writes the URI of a file that is only read: SQLite leaves no log and no index of it behind. */
static void write_uri(const char *path, char *uri, size_t size)
{
	size_t length = (size_t)snprintf(uri, size, "file:");

	for (; *path != '\0' && length + sizeof("%00?immutable=1") < size; path++)
		length += (size_t)snprintf(uri + length, size - length,
			strchr("?#%", *path) != NULL ? "%%%02x" : "%c", (unsigned char)*path);
	snprintf(uri + length, size - length, "?immutable=1");
}

static int open_file(struct knowledge *knowledge, const char *path, enum knowledge_use use)
{
	static const int flags[] = {
		[KNOWLEDGE_READ] = SQLITE_OPEN_READWRITE,
		[KNOWLEDGE_CHANGE] = SQLITE_OPEN_READWRITE,
		[KNOWLEDGE_ADD] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		[KNOWLEDGE_WRITE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	char uri[3 * PATH_MAX];

	if (use != KNOWLEDGE_READ || !is_whole(path))
		return sqlite.sqlite3_open_v2(path, &knowledge->base, flags[use], NULL);
	write_uri(path, uri, sizeof(uri));
	int result = sqlite.sqlite3_open_v2(
		uri, &knowledge->base, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	if (result != SQLITE_OK || knowledge_query(knowledge, "PRAGMA user_version",
					   KNOWLEDGE_VERSION) >= KNOWLEDGE_VERSION)
		return result;
	sqlite.sqlite3_close_v2(knowledge->base); /* it is of an older x0top: complete() */
	return sqlite.sqlite3_open_v2(path, &knowledge->base, SQLITE_OPEN_READWRITE, NULL);
}

static int open_base(struct knowledge *knowledge, const char *path, enum knowledge_use use)
{
	const mode_t before = umask(0077);
	int result = open_file(knowledge, path, use);

	if (result == SQLITE_OK)
		sqlite.sqlite3_busy_timeout(knowledge->base, BUSY_MS);
	if (result == SQLITE_OK && use > KNOWLEDGE_CHANGE)
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
		"Knowledge was set aside, for %s: %.80s is now %.80s.aside-%lld", why, path, path,
		now);
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

/* Makes what is missing, all of it or nothing. */
static int complete(struct knowledge *knowledge)
{
	if (knowledge_query(knowledge, "PRAGMA user_version", 0) == KNOWLEDGE_VERSION)
		return 0;
	int error = run(knowledge, "BEGIN IMMEDIATE;");
	int64_t version = error == 0 ? knowledge_query(knowledge, "PRAGMA user_version", 0) : 0;
	for (; version > 0 && version < KNOWLEDGE_VERSION && error == 0; version++)
		error = run(knowledge, upgrades[version]);
	return error < 0 ? error : run(knowledge, schema);
}

static int open_checked(struct knowledge *knowledge, const char *path, enum knowledge_use use,
	char notice[REASON_LEN], struct failure *failure)
{
	int error = open_base(knowledge, path, use);
	const char *why = error == 0 ? judge(knowledge) : NULL;

	if (why != NULL && use != KNOWLEDGE_WRITE)
		return cannot_open(path, -EINVAL, why, failure);
	if (why != NULL) {
		sqlite.sqlite3_close_v2(knowledge->base);
		knowledge->base = NULL;
		set_aside(path, why, notice);
		error = open_base(knowledge, path, use);
	}
	if (error == 0)
		error = complete(knowledge);
	if (error == 0)
		error = run(knowledge, telling);
	return error < 0 ? cannot_open(path, error, "it cannot be written", failure) : 0;
}

/* Who keeps a database holds it; who reads it sees that. Closed behind SQLite, whose locks end with any descriptor of the
 * file. */
static void share(struct knowledge *knowledge, const char *path, enum knowledge_use use)
{
	const bool keeps = use == KNOWLEDGE_WRITE;

	knowledge->file = open(path, O_RDONLY | O_CLOEXEC);
	if (knowledge->file < 0)
		return;
	if (flock(knowledge->file, keeps ? LOCK_SH : LOCK_EX | LOCK_NB) < 0)
		knowledge->kept = !keeps && errno == EWOULDBLOCK;
	else if (!keeps)
		flock(knowledge->file, LOCK_UN);
}

/*
 * Returns 0, also if there is no such file; SQLite would wait for who writes a pipe, and for what the kernel calls
 * a regular file and writes like one.
 */
static int check_regular(const char *path, struct failure *failure)
{
	int fd = file_open(path);
	char byte;
	bool waits = fd >= 0 && read(fd, &byte, 1) < 0 && errno == EAGAIN;

	if (fd >= 0)
		close(fd);
	if (!waits && fd != FILE_NOT_REGULAR && fd != -EISDIR)
		return 0;
	return cannot_open(path, FILE_NOT_REGULAR, file_strerror(FILE_NOT_REGULAR), failure);
}

int knowledge_open(const char *path, enum knowledge_use use, struct knowledge **opened,
	char notice[REASON_LEN], struct failure *failure)
{
	int error = sqlite_open(failure);

	notice[0] = '\0';
	if (error < 0)
		return error;
	if (use <= KNOWLEDGE_CHANGE && access(path, F_OK) < 0)
		return errno == ENOENT ? failure_set(failure, -ENOENT,
						 "There is no knowledge in %.120s", path)
				       : cannot_open(path, -errno, strerror(errno), failure);
	error = check_regular(path, failure);
	if (error < 0)
		return error;
	struct knowledge *knowledge = calloc(1, sizeof(*knowledge));
	if (knowledge == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for knowledge");
	if (use > KNOWLEDGE_CHANGE)
		make_folder(path);
	knowledge->file = -1;
	error = open_checked(knowledge, path, use, notice, failure);
	if (error == 0)
		share(knowledge, path, use);
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
	fd_close(&knowledge->file);
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
	sqlite3_stmt *s = knowledge_prepare(
		knowledge, "INSERT OR REPLACE INTO anomaly VALUES(?,?,?,?,?,?,?,?,?,?)");

	if (s == NULL)
		return -EIO;
	knowledge_bind_number(s, 1, anomaly->number);
	knowledge_bind_text(s, 2, anomaly->policy);
	knowledge_bind_text(s, 3, anomaly->series);
	knowledge_bind_real(s, 4, anomaly->begin);
	knowledge_bind_real(s, 5, anomaly->end);
	knowledge_bind_real(s, 6, anomaly->value);
	knowledge_bind_real(s, 7, anomaly->low);
	knowledge_bind_real(s, 8, anomaly->high);
	knowledge_bind_real(s, 9, anomaly->score);
	knowledge_bind_text(s, 10, sentence);
	prune(knowledge);
	return finish(s);
}

int knowledge_put_action(
	struct knowledge *knowledge, const struct snapshot_mapek_action *action, double time)
{
	sqlite3_stmt *s = knowledge_prepare(knowledge,
		"INSERT OR REPLACE INTO action VALUES(?1,?2,?3,?4,?5,?6,?7,?8,coalesce(?9,"
		"(SELECT changed FROM action WHERE number=?1)),?10,?11,?12,?13,?14,?15,?16,?17)");

	if (s == NULL)
		return -EIO;
	knowledge_bind_number(s, 1, action->number);
	knowledge_bind_number(s, 2, action->anomaly);
	knowledge_bind_text(s, 3, action->policy);
	knowledge_bind_text(s, 4, action->target);
	knowledge_bind_text(s, 5, mapek_action_state_names[action->state % MAPEK_ACTION_STATES]);
	knowledge_bind_text(s, 6, action->action);
	knowledge_bind_text(s, 7, action->reason);
	knowledge_bind_real(s, 8, action->begin);
	knowledge_bind_real(s, 9, time);
	knowledge_bind_number(s, 10, action->dropped);
	knowledge_bind_real(s, 11, action->before);
	knowledge_bind_real(s, 12, action->after);
	knowledge_bind_real(s, 13, action->relief);
	knowledge_bind_number(s, 14, action->honest);
	knowledge_bind_text(s, 15, action->ended);
	knowledge_bind_text(s, 16, action->output);
	knowledge_bind_real(s, 17, clock_realtime_seconds() + action->time_left);
	prune(knowledge);
	return finish(s);
}

int knowledge_put_series(struct knowledge *knowledge, const char *name, const struct series *series)
{
	sqlite3_stmt *s =
		knowledge_prepare(knowledge, "INSERT OR REPLACE INTO baseline VALUES(?,?)");

	if (s == NULL)
		return -EIO;
	knowledge_bind_text(s, 1, name);
	sqlite.sqlite3_bind_blob(s, 2, series, sizeof(*series), SQLITE_STATIC);
	return finish(s);
}

/* Returns whether the last statement has changed a row. */
static bool changed_any(struct knowledge *knowledge)
{
	return knowledge_query(knowledge, "SELECT changes()", 0) > 0;
}

/* MAPE-K has room for so many: none is spared in words alone. */
int knowledge_spare(struct knowledge *knowledge, const char *target, double since)
{
	sqlite3_stmt *s = knowledge_prepare(knowledge,
		"INSERT OR REPLACE INTO spared SELECT ?1, ?2"
		" WHERE (SELECT count(*) FROM spared WHERE target<>?1) < 64");

	if (s == NULL)
		return -EIO;
	knowledge_bind_text(s, 1, target);
	knowledge_bind_real(s, 2, since);
	int error = finish(s);
	return error < 0 ? error : changed_any(knowledge) ? 0 : -ENOSPC;
}
_Static_assert(MAPEK_SPARED_MAX == 64, "as the statement above says");

int knowledge_spare_no_more(struct knowledge *knowledge, const char *target)
{
	sqlite3_stmt *s = knowledge_prepare(knowledge, "DELETE FROM spared WHERE target=?");

	if (s == NULL)
		return -EIO;
	knowledge_bind_text(s, 1, target);
	int error = finish(s);
	return error < 0 ? error : changed_any(knowledge) ? 0 : -ENOENT;
}

int knowledge_forget(struct knowledge *knowledge)
{
	return run(knowledge,
		"DELETE FROM anomaly; DELETE FROM action; DELETE FROM baseline; VACUUM;");
}
#endif
