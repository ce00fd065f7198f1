// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/set_file.h"

#include <stdlib.h>

#include "base/file.h"

int set_read_file(struct set_elements *elements, const char *path, struct failure *failure)
{
	char *text = malloc(SET_TEXT_MAX);

	if (text == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read %.100s", path);
	ssize_t size = file_read_path(path, text, SET_TEXT_MAX);
	int error = size < 0 ? (int)size : 0;
	if (error == 0) {
		error = set_add_file(elements, path, text, (size_t)size, failure);
	} else {
		failure_set(failure, error, "Cannot read the set %.100s: %s", path,
			file_strerror(error));
		failure_remedy(failure,
			"Give a regular file that can be read, of at most 16 MiB: an element a line");
	}
	free(text);
	return error;
}
