// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "export/terse.h"

/* Longer than any number. */
#define DIGITS_LEN 64

struct part {
	const unsigned char *at, *end;
};

struct reader {
	struct terse *terse;
	struct part parts[TERSE_PARTS];
	char *text;
	size_t length, room;
	uint64_t time; /* the last one, see TERSE_TIME */
	bool is_object[TERSE_DEPTH_MAX]; /* of what is open, from the outermost on */
	unsigned int depth;
};

/* --- parts: each returns whether there was one ---------------------------------------------------- */

static bool take_varint(struct part *part, uint64_t *value)
{
	unsigned int shift = 0;

	for (*value = 0; part->at < part->end && shift < 64; shift += 7) {
		const unsigned char byte = *part->at++;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static bool take_integer(struct reader *reader, enum terse_part part, int64_t *value)
{
	uint64_t twice;

	if (!take_varint(&reader->parts[part], &twice))
		return false;
	*value = (int64_t)(twice & 1 ? ~(twice >> 1) : twice >> 1);
	return true;
}

static bool take_code(struct reader *reader, unsigned int *code)
{
	struct part *part = &reader->parts[TERSE_STRUCTURE];

	if (part->at == part->end)
		return false;
	*code = *part->at++;
	return true;
}

static bool take_text(struct reader *reader, const char **text, size_t *length)
{
	struct part *part = &reader->parts[TERSE_TEXTS];
	const unsigned char *end = memchr(part->at, 0, (size_t)(part->end - part->at));

	if (end == NULL)
		return false;
	*text = (const char *)part->at;
	*length = (size_t)(end - part->at);
	part->at = end + 1;
	return true;
}

static bool put(struct reader *reader, const char *bytes, size_t n)
{
	if (n > reader->room - reader->length)
		return false;
	memcpy(reader->text + reader->length, bytes, n);
	reader->length += n;
	return true;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool read_integer(struct reader *reader)
{
	char digits[DIGITS_LEN];
	int64_t value;

	return take_integer(reader, TERSE_INTEGERS, &value) &&
	       put(reader, digits, (size_t)snprintf(digits, sizeof(digits), "%" PRId64, value));
}

static bool read_decimal(struct reader *reader)
{
	char digits[DIGITS_LEN];
	int64_t value, exponent;

	if (!take_integer(reader, TERSE_EXPONENTS, &exponent) ||
		!take_integer(reader, TERSE_DECIMALS, &value))
		return false;
	if (exponent == TERSE_TIME) {
		reader->time += (uint64_t)value;
		value = (int64_t)reader->time;
		exponent = -7;
	}
	return put(reader, digits,
		(size_t)snprintf(digits, sizeof(digits), "%" PRId64 "e%" PRId64, value, exponent));
}

static bool read_text(struct reader *reader)
{
	const char *text;
	size_t length;

	return take_text(reader, &text, &length) && put(reader, "\"", 1) &&
	       put(reader, text, length) && put(reader, "\"", 1);
}

static bool open_brackets(struct reader *reader, bool object)
{
	if (reader->depth == TERSE_DEPTH_MAX)
		return false;
	reader->is_object[reader->depth++] = object;
	return put(reader, object ? "{" : "[", 1);
}

static bool read_value(struct reader *reader, unsigned int code)
{
	switch (code) {
	case TERSE_OBJECT:
	case TERSE_LIST:
		return open_brackets(reader, code == TERSE_OBJECT);
	case TERSE_TRUE:
		return put(reader, "true", 4);
	case TERSE_FALSE:
		return put(reader, "false", 5);
	case TERSE_NULL:
		return put(reader, "null", 4);
	case TERSE_INTEGER:
		return read_integer(reader);
	case TERSE_DECIMAL:
		return read_decimal(reader);
	case TERSE_TEXT:
		return read_text(reader);
	default:
		return false;
	}
}

/* --- members ---------------------------------------------------------------------------------- */

/* Takes over the member that has the next number. */
static bool learn(struct reader *reader)
{
	struct terse *terse = reader->terse;
	const char *name;
	unsigned int code;
	size_t length;

	if (terse->n_members == TERSE_MEMBERS_MAX || !take_code(reader, &code) ||
		!take_text(reader, &name, &length) || length >= TERSE_NAME_LEN)
		return false;
	struct terse_member *member = &terse->members[terse->n_members++];
	memcpy(member->name, name, length + 1);
	member->code = (uint8_t)code;
	return true;
}

static bool read_member(struct reader *reader, unsigned int code)
{
	const struct terse *terse = reader->terse;
	unsigned int low;

	if (code >= TERSE_WIDE) {
		if (!take_code(reader, &low))
			return false;
		code = TERSE_WIDE + (code - TERSE_WIDE) * 256 + low;
	}
	const uint32_t number = code - TERSE_MEMBERS;
	if (code < TERSE_MEMBERS || number > terse->n_members ||
		(number == terse->n_members && !learn(reader)))
		return false;
	const struct terse_member *member = &terse->members[number];
	return put(reader, "\"", 1) && put(reader, member->name, strlen(member->name)) &&
	       put(reader, "\":", 2) && read_value(reader, member->code);
}

/* Reads the next element of what is open, or that it ends. */
static bool read_element(struct reader *reader)
{
	const bool object = reader->is_object[reader->depth - 1];
	unsigned int code;

	if (!take_code(reader, &code))
		return false;
	if (code == TERSE_END) {
		reader->depth--;
		return put(reader, object ? "}" : "]", 1);
	}
	const char last = reader->text[reader->length - 1];
	if (last != '{' && last != '[' && !put(reader, ",", 1))
		return false;
	return object ? read_member(reader, code) : read_value(reader, code);
}

/* Finds the parts. Returns whether they are all that there is. */
static bool split(struct reader *reader, const unsigned char *packed, size_t size)
{
	struct part rest = { packed + 1, packed + size };
	uint64_t length;

	if (size == 0 || packed[0] != TERSE_MARK)
		return false;
	for (int i = 0; i < TERSE_PARTS; i++) {
		if (!take_varint(&rest, &length) || length > (uint64_t)(rest.end - rest.at))
			return false;
		reader->parts[i] = (struct part) { rest.at, rest.at + length };
		rest.at += length;
	}
	return rest.at == rest.end;
}

int terse_read(struct terse *terse, const unsigned char *packed, size_t size, char *text,
	size_t room, size_t *length)
{
	struct reader reader = { .terse = terse, .text = text, .room = room };
	unsigned int code;

	if (!split(&reader, packed, size) || !take_code(&reader, &code) ||
		(code != TERSE_OBJECT && code != TERSE_LIST) || !read_value(&reader, code))
		return -EINVAL;
	while (reader.depth > 0)
		if (!read_element(&reader))
			return -EINVAL;
	for (int i = 0; i < TERSE_PARTS; i++)
		if (reader.parts[i].at != reader.parts[i].end)
			return -EINVAL;
	*length = reader.length;
	return 0;
}
