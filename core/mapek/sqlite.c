// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/sqlite.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef X0_WEB
#include "base/library.h"

struct sqlite_library sqlite;

#define ROW(name) { #name, offsetof(struct sqlite_library, name) },

int sqlite_open(struct failure *failure)
{
	static const struct library_function functions[] = { SQLITE_FUNCTIONS(ROW) };
	static bool open;

	if (!open && library_open("libsqlite3.so.0", functions,
			     sizeof(functions) / sizeof(functions[0]), &sqlite) < 0) {
		failure_set(failure, -ENOENT, "Knowledge needs the library libsqlite3.so.0");
		return failure_remedy(failure, "Install it: apt install libsqlite3-0");
	}
	open = true;
	return 0;
}
#else

int sqlite_open(struct failure *failure)
{
	failure_set(failure, -ENOSYS, "This x0top is linked statically, and keeps no knowledge");
	return failure_remedy(failure, "Use one that is built for the system's C library");
}
#endif
