/* SPDX-License-Identifier: BSD-2-Clause */
/* SQLite, opened when knowledge is: as a library of the whole program it would make each start longer. */
#ifndef X0_MAPEK_SQLITE_H
#define X0_MAPEK_SQLITE_H

#include "base/failure.h"

#ifdef X0_WEB
#include <sqlite3.h>

#define SQLITE_FUNCTIONS(X)      \
	X(sqlite3_open_v2)       \
	X(sqlite3_close_v2)      \
	X(sqlite3_exec)          \
	X(sqlite3_prepare_v2)    \
	X(sqlite3_bind_int64)    \
	X(sqlite3_bind_double)   \
	X(sqlite3_bind_text)     \
	X(sqlite3_bind_blob)     \
	X(sqlite3_bind_null)     \
	X(sqlite3_step)          \
	X(sqlite3_finalize)      \
	X(sqlite3_column_int64)  \
	X(sqlite3_column_double) \
	X(sqlite3_column_text)   \
	X(sqlite3_column_blob)   \
	X(sqlite3_column_bytes)  \
	X(sqlite3_column_type)   \
	X(sqlite3_busy_timeout)

#define SQLITE_MEMBER(name) __typeof__(&(name)) name;

struct sqlite_library {
	SQLITE_FUNCTIONS(SQLITE_MEMBER)
};

extern struct sqlite_library sqlite;
#endif

/* Opens it, once. Returns 0, or a negative errno with *failure naming the package that is missing. */
int sqlite_open(struct failure *failure);

#endif
