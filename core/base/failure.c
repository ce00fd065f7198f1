// SPDX-License-Identifier: BSD-2-Clause
#include "base/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* What helps against these, whatever failed: the caller's remedy is for other causes. */
static const struct {
	int error;
	const char *remedy;
} shortages[] = {
	{ -EMFILE, "Raise the limit of open files: ulimit -n 4096" },
	{ -ENOMEM,
		"Free some memory, or raise its limit: ulimit -v, or memory.max of the control group" },
	{ -ENFILE, "Raise the host's limit of open files: sysctl fs.file-max" },
	{ -EOWNERDEAD, "Start x0top again: what enforces goes on meanwhile" },
};

static const char *remedy_for_shortage(int error)
{
	for (size_t i = 0; i < sizeof(shortages) / sizeof(shortages[0]); i++)
		if (shortages[i].error == error)
			return shortages[i].remedy;
	return NULL;
}

bool failure_is_shortage(int error)
{
	return remedy_for_shortage(error) != NULL;
}

/* Returns whether a character is a control of ISO 6429. */
static bool is_control(const unsigned char *character)
{
	return *character < ' ' || *character == 0x7f ||
	       (*character == 0xc2 && character[1] < 0xa0);
}

void failure_make_harmless(char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size;) {
		size_t length = utf8_character((const unsigned char *)text + i, size - i);
		if (length == 0 || is_control((const unsigned char *)text + i)) {
			length = length == 0 ? 1 : length;
			memset(text + i, '?', length);
		}
		i += length;
	}
}

int failure_set(struct failure *failure, int error, const char *format, ...)
{
	va_list arguments;

	failure->error = error;
	snprintf(failure->remedy, sizeof(failure->remedy), "%s", remedy_for_shortage(error) ?: "");
	failure->cause[0] = '\0';
	va_start(arguments, format);
	vsnprintf(failure->what, sizeof(failure->what), format, arguments);
	failure_make_harmless(failure->what);
	va_end(arguments);
	return error;
}

int failure_remedy(struct failure *failure, const char *format, ...)
{
	va_list arguments;

	if (remedy_for_shortage(failure->error) != NULL)
		return failure->error;
	va_start(arguments, format);
	vsnprintf(failure->remedy, sizeof(failure->remedy), format, arguments);
	failure_make_harmless(failure->remedy);
	va_end(arguments);
	return failure->error;
}

int failure_at(struct failure *failure, const char *path, size_t line, size_t column)
{
	char what[FAILURE_SENTENCE_LEN];

	snprintf(what, sizeof(what), "%s", failure->what);
	snprintf(failure->what, sizeof(failure->what), "%.100s, line %zu, column %zu: %.120s", path,
		line, column, what);
	return failure->error;
}

int failure_cause(struct failure *failure, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return failure->error;
	/* The end of a verifier log holds the verdict: keep that. */
	size_t keep = sizeof(failure->cause) - 1;
	const char *from = (size_t)length > keep ? text + ((size_t)length - keep) : text;
	snprintf(failure->cause, sizeof(failure->cause), "%s", from);
	free(text);
	return failure->error;
}
