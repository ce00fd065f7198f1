// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/knowledge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "mapek/sqlite.h"

void need_knowledge(void)
{
	struct failure failure;

	if (sqlite_open(&failure) == 0)
		return;
	printf("skipped: %s\n", failure.what);
	skip();
}
