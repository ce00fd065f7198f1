// SPDX-License-Identifier: BSD-2-Clause
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int failure_set(struct failure *failure, int error, const char *format, ...)
{
	va_list arguments;

	failure->error = error;
	failure->remedy[0] = '\0';
	failure->cause[0] = '\0';
	va_start(arguments, format);
	vsnprintf(failure->what, sizeof(failure->what), format, arguments);
	va_end(arguments);
	return error;
}

int failure_remedy(struct failure *failure, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(failure->remedy, sizeof(failure->remedy), format, arguments);
	va_end(arguments);
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
