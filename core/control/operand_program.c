// SPDX-License-Identifier: BSD-2-Clause
#include "control/operand_program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int operand_parse_program(const char *name, struct action *action, struct failure *failure)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strlen(name);

	if (length >= sizeof(action->program) || strspn(name, allowed) != length)
		return failure_set(
			failure, -EINVAL, "\"%s\" cannot be the name of a program", name);
	memcpy(action->program, name, length + 1);
	return 0;
}

static void format_program(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", action->program);
}

const struct operand operand_program = { "NAME", operand_parse_program, format_program };

int operand_no_such_program(const char *name, struct failure *failure)
{
	failure_set(failure, -ENOENT, "Unknown program %s", name);
	return failure_remedy(failure, "List them: x0top --once");
}
