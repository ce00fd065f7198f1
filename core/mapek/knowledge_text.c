// SPDX-License-Identifier: BSD-2-Clause
/* Knowledge for people, and as JSON. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "mapek/knowledge_base.h"
#include "model/format.h"

#ifdef X0_WEB

/* Writes each row by `write`. Returns the number of rows, or -EIO. */
static int each(struct knowledge *knowledge, const char *text, uint64_t number,
	void (*write)(sqlite3_stmt *row, FILE *file), FILE *file)
{
	sqlite3_stmt *s = knowledge_prepare(knowledge, text);
	int n = 0, result;

	if (s == NULL)
		return -EIO;
	knowledge_bind_number(s, 1, number);
	for (; (result = sqlite.sqlite3_step(s)) == SQLITE_ROW; n++)
		write(s, file);
	sqlite.sqlite3_finalize(s);
	return result == SQLITE_DONE ? n : -EIO;
}

/* Returns whether an action that was in force still is. */
static bool holds(const struct knowledge *knowledge, const char *action, double until,
	const char (*lasting)[RULE_LEN], uint32_t n)
{
	bool lasts = knowledge->kept;

	if (strncmp(action, "rule ", 5) == 0)
		return !(until <= clock_realtime_seconds());
	for (uint32_t i = 0; i < n && !lasts; i++)
		lasts = strcmp(lasting[i], action) == 0;
	return lasts;
}

static int end(struct knowledge *knowledge, int64_t number, double since)
{
	sqlite3_stmt *s = knowledge_prepare(knowledge, "INSERT INTO since VALUES(?,?)");

	if (s == NULL)
		return -EIO;
	knowledge_bind_number(s, 1, (uint64_t)number);
	knowledge_bind_real(s, 2, since);
	const int result = sqlite.sqlite3_step(s);
	sqlite.sqlite3_finalize(s);
	return result == SQLITE_DONE ? 0 : -EIO;
}

int knowledge_compare(struct knowledge *knowledge, const char (*lasting)[RULE_LEN], uint32_t n)
{
	sqlite3_stmt *s = knowledge_prepare(
		knowledge, "SELECT number, action, until FROM action WHERE state='in force'");
	int error = s == NULL ? -EIO : 0;

	while (error == 0 && sqlite.sqlite3_step(s) == SQLITE_ROW) {
		const char *action = knowledge_text(s, 1);
		const double until = knowledge_real(s, 2);
		if (holds(knowledge, action, until, lasting, n))
			continue;
		error = end(knowledge, sqlite.sqlite3_column_int64(s, 0),
			strncmp(action, "rule ", 5) == 0 ? until : NAN);
	}
	sqlite.sqlite3_finalize(s);
	return error;
}

static void write_line(sqlite3_stmt *row, FILE *file)
{
	const struct snapshot_mapek_action action = { .before = knowledge_real(row, 5),
		.after = knowledge_real(row, 6),
		.relief = knowledge_real(row, 7),
		.honest = knowledge_count(row, 8),
		.dropped = knowledge_count(row, 9) };
	char date[FORMAT_LEN], effect[REASON_LEN];

	mapek_effect(&action, effect, sizeof(effect));
	fprintf(file, "%s  %-7s %5" PRId64 "  %-9s %s%s%s%s%s\n",
		format_date(date, knowledge_real(row, 0)), knowledge_text(row, 1),
		(int64_t)sqlite.sqlite3_column_int64(row, 2), knowledge_text(row, 3),
		knowledge_text(row, 4), knowledge_text(row, 10)[0] != '\0' ? ": " : "",
		knowledge_text(row, 10), effect[0] != '\0' ? ": " : "", effect);
}

int knowledge_write_history(struct knowledge *knowledge, FILE *file)
{
	int n = each(knowledge,
		"SELECT began, 'anomaly', number, CASE WHEN ended IS NULL THEN 'began' ELSE 'over' END,"
		" sentence, NULL, NULL, NULL, NULL, NULL, NULL FROM anomaly UNION ALL "
		"SELECT began, 'action', number, state, action, before, after, relief, honest, dropped,"
		" hook FROM told "
		"ORDER BY 1 DESC, 2 LIMIT coalesce(?, 1000)",
		COUNT_UNKNOWN, write_line, file);

	if (n == 0)
		fputs("Nothing was unusual so far.\n", file);
	return n < 0 ? n : 0;
}

static void write_all(sqlite3_stmt *row, FILE *file)
{
	struct snapshot_mapek_action action;
	const double changed = knowledge_real(row, 8);
	char date[FORMAT_LEN], clock[FORMAT_LEN], effect[REASON_LEN];

	knowledge_read_action(row, &action);
	fprintf(file, "Action   %" PRIu64 "\nDone     %s\nState    %s%s%s\nBegan    %s\n",
		action.number, action.action, knowledge_text(row, 4),
		isnan(changed) ? "" : " since ",
		isnan(changed) ? ", with x0top" : format_clock(clock, changed),
		format_date(date, action.begin));
	fprintf(file, "Policy   %s\nBecause  %s\n", action.policy, action.reason);
	if (mapek_effect(&action, effect, sizeof(effect))[0] != '\0')
		fprintf(file, "Effect   %s\n", effect);
	if (action.ended[0] != '\0')
		fprintf(file, "Hook     %s%s%s\n", action.ended,
			action.output[0] != '\0' ? ": " : "", action.output);
	fprintf(file, "Anomaly  %" PRIu64 ": %s\n", action.anomaly, knowledge_text(row, 16));
}

int knowledge_write_action(struct knowledge *knowledge, uint64_t number, FILE *file)
{
	int n = each(knowledge,
		"SELECT a.*, coalesce(n.sentence, 'forgotten') FROM told a"
		" LEFT JOIN anomaly n ON n.number = a.anomaly WHERE a.number = ?",
		number, write_all, file);

	return n == 0 ? -ENOENT : n < 0 ? n : 0;
}

static void write_text(sqlite3_stmt *row, FILE *file)
{
	fprintf(file, "%s\n", knowledge_text(row, 0));
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
			" changed, 'dropped', dropped, 'before', before, 'after', after, 'relief', relief,"
			" 'honest', honest, 'hook', hook, 'output', output) FROM told WHERE ? IS NULL",
			COUNT_UNKNOWN, write_text, file);
	if (n >= 0)
		n = each(knowledge,
			"SELECT json_object('spared', target, 'since', since) FROM spared WHERE ? IS NULL",
			COUNT_UNKNOWN, write_text, file);
	return n < 0 ? n : 0;
}

static void write_spared(sqlite3_stmt *row, FILE *file)
{
	char date[FORMAT_LEN];

	fprintf(file, "%s  %s\n", format_date(date, knowledge_real(row, 1)),
		knowledge_text(row, 0));
}

int knowledge_write_spared(struct knowledge *knowledge, FILE *file)
{
	int n = each(knowledge, "SELECT target, since FROM spared WHERE ? IS NULL ORDER BY since",
		COUNT_UNKNOWN, write_spared, file);

	if (n == 0)
		fputs("Nothing is spared by an operator's word.\n", file);
	return n < 0 ? n : 0;
}
#endif
