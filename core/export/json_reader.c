// SPDX-License-Identifier: BSD-2-Clause
#include "export/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int reader_wrong(struct reader *reader, const char *what)
{
	return failure_set(reader->failure, -EINVAL, "Not a snapshot of x0top: %s %s",
		reader->path[0] != '\0' ? reader->path : "it", what);
}

size_t reader_enter(struct reader *reader, const char *name)
{
	size_t length = strlen(reader->path);

	snprintf(reader->path + length, sizeof(reader->path) - length, "%s%s",
		length > 0 ? "." : "", name);
	return length;
}

size_t reader_enter_index(struct reader *reader, size_t index)
{
	size_t length = strlen(reader->path);

	snprintf(reader->path + length, sizeof(reader->path) - length, "[%zu]", index);
	return length;
}

void reader_leave(struct reader *reader, size_t length)
{
	reader->path[length] = '\0';
}
