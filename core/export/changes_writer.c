// SPDX-License-Identifier: BSD-2-Clause
#include "export/changes_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/json_text.h"
#include "model/snapshot.h"

enum {
	DIGITS = 9,
	DIGITS_MIN = 15, /* that every double keeps */
	DIGITS_MAX = 17, /* that tell any two doubles apart */
};

void writer_put(struct writer *writer, const char *bytes, size_t n)
{
	struct changes_text *text = writer->text;

	if (n > text->room - text->length) {
		size_t room = 2 * text->room + n + 4096;
		char *grown = realloc(text->bytes, room);
		if (grown == NULL) {
			writer->no_memory = true;
			return;
		}
		text->bytes = grown;
		text->room = room;
	}
	memcpy(text->bytes + text->length, bytes, n);
	text->length += n;
}

void writer_put_byte(struct writer *writer, char byte)
{
	writer_put(writer, &byte, 1);
}

void writer_put_text(struct writer *writer, const char *text, size_t size)
{
	char clean[SENTENCE_LEN], escaped[8];
	size_t length = json_text_clean(text, size, clean);

	writer_put_byte(writer, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)clean[i];
		if (byte >= ' ' && byte != '"' && byte != '\\')
			writer_put(writer, &clean[i], 1);
		else
			writer_put(writer, escaped, (size_t)sprintf(escaped, "\\u%04x", byte));
	}
	writer_put_byte(writer, '"');
}

void writer_put_name(struct writer *writer, const char *name)
{
	writer_put_byte(writer, '"');
	writer_put(writer, name, strlen(name));
	writer_put(writer, "\":", 2);
}

void writer_put_integer(struct writer *writer, int64_t value)
{
	char digits[24];

	writer_put(writer, digits, (size_t)sprintf(digits, "%" PRId64, value));
}

void writer_put_double(struct writer *writer, double value, bool exactly)
{
	char digits[32];
	int length;

	if (!isfinite(value)) {
		writer_put(writer, "null", 4);
		return;
	}
	length = sprintf(digits, "%.*g", DIGITS, value);
	for (int more = DIGITS_MIN; exactly && more <= DIGITS_MAX; more++) {
		if (strtod(digits, NULL) == value)
			break;
		length = sprintf(digits, "%.*g", more, value);
	}
	writer_put(writer, digits, (size_t)length);
}

bool writer_take_back(struct writer *writer, size_t length)
{
	writer->text->length = length;
	return false;
}
