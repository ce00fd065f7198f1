/* SPDX-License-Identifier: BSD-2-Clause */
/* The database of knowledge, for the files that read and write it. */
#ifndef X0_MAPEK_KNOWLEDGE_BASE_H
#define X0_MAPEK_KNOWLEDGE_BASE_H

#include "mapek/knowledge.h"
#include "mapek/sqlite.h"

#ifdef X0_WEB

struct knowledge {
	sqlite3 *base;
	uint64_t puts; /* since the oldest were forgotten */
	int64_t version; /* of the data, when knowledge_changed() was last asked */
	int file; /* -1: not open */
	bool kept; /* by another process, that writes what MAPE-K finds */
};

/* Returns a statement to be finalized by the caller, or NULL. */
sqlite3_stmt *knowledge_prepare(struct knowledge *knowledge, const char *text);

/* Bind a value; COUNT_UNKNOWN and NAN become NULL. A text must last until the statement is finalized. */
void knowledge_bind_number(sqlite3_stmt *statement, int at, uint64_t value);
void knowledge_bind_real(sqlite3_stmt *statement, int at, double value);
void knowledge_bind_text(sqlite3_stmt *statement, int at, const char *text);

/* Returns the number that a query gives, or `none`. */
int64_t knowledge_query(struct knowledge *knowledge, const char *text, int64_t none);

/* Return a column of a row; NULL is "", NAN, and COUNT_UNKNOWN. The text is valid until the next step. */
const char *knowledge_text(sqlite3_stmt *row, int column);
double knowledge_real(sqlite3_stmt *row, int column);
uint64_t knowledge_count(sqlite3_stmt *row, int column);

/* Reads a row of all columns of the table of actions. */
void knowledge_read_action(sqlite3_stmt *row, struct snapshot_mapek_action *action);

#endif
#endif
