// SPDX-License-Identifier: BSD-2-Clause
#include "export/json_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Replaces integers from 2^63 to 2^64 - 1, which jansson cannot hold, by the greatest that it can. */
static void clamp_integers(char *text, size_t size)
{
	static const char greatest[] = "9223372036854775807", room[] = "18446744073709551615";
	bool quoted = false;
	size_t n;

	for (size_t i = 0; i<size; i += n> 0 ? n : 1) {
		n = 0;
		if (quoted && text[i] == '\\')
			n = 2;
		else if (text[i] == '"')
			quoted = !quoted;
		while (!quoted && n < size - i && isdigit((unsigned char)text[i + n]))
			n++;
		if (n == sizeof(greatest) - 1 && memcmp(text + i, greatest, n) > 0)
			memcpy(text + i, greatest, n);
		if (n == sizeof(room) - 1 && memcmp(text + i, room, n) <= 0)
			memcpy(memset(text + i, ' ', n), greatest, n - 1);
	}
}

json_t *json_parse(const char *text, size_t size, struct failure *failure)
{
	json_error_t problem;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
	char *copy = NULL;

	if (json == NULL && json_error_code(&problem) == json_error_numeric_overflow)
		copy = malloc(size);
	if (copy != NULL) {
		clamp_integers(memcpy(copy, text, size), size);
		json = json_loadb(copy, size, JSON_REJECT_DUPLICATES, &problem);
		free(copy);
	}
	if (json != NULL)
		return json;
	if (json_error_code(&problem) == json_error_out_of_memory) {
		failure_set(failure, -ENOMEM, "Not enough memory for a snapshot");
	} else {
		failure_set(failure, -EINVAL, "Not JSON, or truncated");
		failure_cause(failure, "byte %d: %s", problem.position, problem.text);
	}
	return NULL;
}
