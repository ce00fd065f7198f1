// SPDX-License-Identifier: BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mix.h"
#include "export/terse.h"

enum {
	SLOTS = 2 * TERSE_MEMBERS_MAX,
	TIME_PLACES = 7, /* behind the point: the double of a time has no more */
};

/* In units of the last place: 100,000,000 s, which were over in 1973. */
#define TIME_MIN INT64_C(1000000000000000)

/* What is left of the JSON. */
struct writer {
	struct terse *terse;
	const char *at, *end;
	int64_t time; /* the last one, see TERSE_TIME */
	unsigned int depth;
	int error;
};

void terse_begin(struct terse *terse)
{
	terse->n_members = 0;
	memset(terse->slots, 0, sizeof(terse->slots));
}

void terse_free(struct terse *terse)
{
	for (int i = 0; i < TERSE_PARTS; i++)
		free(terse->parts[i].bytes);
	free(terse->packed.bytes);
	memset(terse, 0, sizeof(*terse));
}

/* --- bytes ------------------------------------------------------------------------------------ */

static int add(struct terse_bytes *to, const void *bytes, size_t n)
{
	if (n == 0) /* nor is there a place yet, perhaps */
		return 0;
	if (n > to->room - to->length) {
		size_t room = 2 * to->room + n + 1024;
		unsigned char *grown = realloc(to->bytes, room);
		if (grown == NULL)
			return -ENOMEM;
		to->bytes = grown;
		to->room = room;
	}
	memcpy(to->bytes + to->length, bytes, n);
	to->length += n;
	return 0;
}

static void put(struct writer *writer, enum terse_part part, const void *bytes, size_t n)
{
	if (writer->error == 0)
		writer->error = add(&writer->terse->parts[part], bytes, n);
}

static void put_code(struct writer *writer, unsigned int code)
{
	const unsigned char byte = (unsigned char)code;

	put(writer, TERSE_STRUCTURE, &byte, 1);
}

static size_t varint(uint64_t value, unsigned char bytes[10])
{
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		bytes[n++] = (unsigned char)(value | 0x80);
	bytes[n++] = (unsigned char)value;
	return n;
}

static void put_integer(struct writer *writer, enum terse_part part, int64_t value)
{
	const uint64_t twice = (uint64_t)value << 1;
	unsigned char bytes[10];

	put(writer, part, bytes, varint(value < 0 ? ~twice : twice, bytes));
}

/* --- numbers ---------------------------------------------------------------------------------- */

struct decimal {
	int64_t digits; /* all of them, with the sign */
	int64_t exponent;
	bool is_integer; /* it has neither point nor exponent */
};

/* Reads a number at `at`. Returns what is behind it, or NULL if it is none or has too many digits. */
static const char *read_decimal(const char *at, const char *end, struct decimal *decimal)
{
	const bool negative = *at == '-';
	bool pointed = false;
	char *behind;

	*decimal = (struct decimal) { .is_integer = true };
	for (at += negative; at < end && (isdigit((unsigned char)*at) || *at == '.'); at++) {
		decimal->exponent -= pointed;
		pointed |= *at == '.';
		if (*at != '.' && (__builtin_mul_overflow(decimal->digits, 10, &decimal->digits) ||
					  __builtin_sub_overflow(
						  decimal->digits, *at - '0', &decimal->digits)))
			return NULL;
	}
	decimal->is_integer = !pointed;
	if (at < end && *at == 'e') {
		if (__builtin_add_overflow(
			    decimal->exponent, strtol(at + 1, &behind, 10), &decimal->exponent))
			return NULL;
		decimal->is_integer = false;
		at = behind;
	}
	if (!negative && __builtin_sub_overflow(0, decimal->digits, &decimal->digits))
		return NULL;
	return at;
}

/* Returns whether a decimal is a time; then its digits are in units of the last place. */
static bool is_time(const struct decimal *decimal, int64_t *digits)
{
	*digits = decimal->digits;
	if (decimal->exponent >= 0 || decimal->exponent < -TIME_PLACES)
		return false;
	for (int64_t place = decimal->exponent; place > -TIME_PLACES; place--)
		if (__builtin_mul_overflow(*digits, 10, digits))
			return false;
	return *digits >= TIME_MIN;
}

static void put_decimal(struct writer *writer, struct decimal *decimal)
{
	int64_t time;

	if (is_time(decimal, &time)) {
		put_integer(writer, TERSE_EXPONENTS, TERSE_TIME);
		put_integer(writer, TERSE_DECIMALS, time - writer->time);
		writer->time = time;
		return;
	}
	if (decimal->exponent == TERSE_TIME) {
		if (__builtin_mul_overflow(decimal->digits, 10, &decimal->digits))
			writer->error = -EINVAL;
		decimal->exponent--;
	}
	put_integer(writer, TERSE_EXPONENTS, decimal->exponent);
	put_integer(writer, TERSE_DECIMALS, decimal->digits);
}

/* --- members ---------------------------------------------------------------------------------- */

/* Returns the slot of a member, or the empty one where it belongs. */
static uint16_t *find_slot(struct terse *terse, const struct terse_member *member)
{
	uint64_t hash = mix_bytes(MIX_BEGIN, member->name, strlen(member->name)) + member->code;
	uint32_t at = (uint32_t)(mix64(hash) % SLOTS);

	for (; terse->slots[at] != 0; at = (at + 1) % SLOTS) {
		const struct terse_member *there = &terse->members[terse->slots[at] - 1];
		if (there->code == member->code && strcmp(there->name, member->name) == 0)
			break;
	}
	return &terse->slots[at];
}

static void put_member(struct writer *writer, const struct terse_member *member)
{
	struct terse *terse = writer->terse;
	uint16_t *slot = find_slot(terse, member);
	const bool is_new = *slot == 0;
	const unsigned int code = TERSE_MEMBERS + (is_new ? terse->n_members : *slot - 1U);

	if (is_new && terse->n_members == TERSE_MEMBERS_MAX) {
		writer->error = -E2BIG;
		return;
	}
	if (code >= TERSE_WIDE)
		put_code(writer, TERSE_WIDE + (code - TERSE_WIDE) / 256);
	put_code(writer, code < TERSE_WIDE ? code : (code - TERSE_WIDE) % 256);
	if (!is_new)
		return;
	terse->members[terse->n_members] = *member;
	*slot = (uint16_t)++terse->n_members;
	put_code(writer, member->code);
	put(writer, TERSE_TEXTS, member->name, strlen(member->name) + 1);
}

/* --- values ----------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum terse_code code;
} words[] = { { "true", TERSE_TRUE }, { "false", TERSE_FALSE }, { "null", TERSE_NULL } };

/* A value, which `code` tells what it is, and which ends before `end`. */
struct value {
	enum terse_code code;
	const char *begin, *end;
	struct decimal decimal;
};

/* Returns the quote that ends a text, or NULL. */
static const char *end_of_text(const char *at, const char *end)
{
	while (at < end && *at != '"')
		at += *at == '\\' ? 2 : 1;
	return at < end ? at : NULL;
}

static bool read_word(const struct writer *writer, struct value *value)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const size_t length = strlen(words[i].word);
		if ((size_t)(writer->end - value->begin) < length ||
			memcmp(value->begin, words[i].word, length) != 0)
			continue;
		value->code = words[i].code;
		value->end = value->begin + length;
		return true;
	}
	return false;
}

/* Looks what the value that comes next is; of an object or a list, at its bracket. */
static bool read_value(const struct writer *writer, struct value *value)
{
	value->begin = writer->at;
	if (value->begin == writer->end)
		return false;
	switch (*value->begin) {
	case '{':
	case '[':
		value->code = *value->begin == '{' ? TERSE_OBJECT : TERSE_LIST;
		value->end = value->begin + 1;
		return true;
	case '"':
		value->code = TERSE_TEXT;
		value->end = end_of_text(++value->begin, writer->end);
		return value->end != NULL;
	case 't':
	case 'f':
	case 'n':
		return read_word(writer, value);
	default:
		value->end = read_decimal(value->begin, writer->end, &value->decimal);
		value->code = value->decimal.is_integer ? TERSE_INTEGER : TERSE_DECIMAL;
		return value->end != NULL && value->end != value->begin;
	}
}

static bool take(struct writer *writer, char byte)
{
	const bool there = writer->at < writer->end && *writer->at == byte;

	writer->at += there;
	return there;
}

static bool read_name(struct writer *writer, struct terse_member *member)
{
	const char *begin = writer->at, *end = NULL;

	if (take(writer, '"'))
		end = end_of_text(++begin, writer->end);
	if (end == NULL || (size_t)(end - begin) >= sizeof(member->name))
		return false;
	memset(member, 0, sizeof(*member));
	memcpy(member->name, begin, (size_t)(end - begin));
	writer->at = end + 1;
	return take(writer, ':');
}

static void put_value(struct writer *writer, struct value *value);

static void put_element(struct writer *writer, bool object)
{
	struct terse_member member;
	struct value value;

	if ((object && !read_name(writer, &member)) || !read_value(writer, &value)) {
		writer->error = -EINVAL;
		return;
	}
	member.code = (uint8_t)value.code;
	if (object)
		put_member(writer, &member);
	else
		put_code(writer, value.code);
	put_value(writer, &value);
}

/* Writes what is between brackets, and that it ends. */
static void put_elements(struct writer *writer, bool object)
{
	const char bracket = object ? '}' : ']';
	bool more = !take(writer, bracket);

	while (more && writer->error == 0) {
		put_element(writer, object);
		more = take(writer, ',');
		if (!more && !take(writer, bracket))
			writer->error = -EINVAL;
	}
	put_code(writer, TERSE_END);
}

/* Writes all of a value but its code, and goes on behind it. */
static void put_value(struct writer *writer, struct value *value)
{
	writer->at = value->end;
	switch (value->code) {
	case TERSE_OBJECT:
	case TERSE_LIST:
		if (++writer->depth > TERSE_DEPTH_MAX)
			writer->error = -E2BIG;
		put_elements(writer, value->code == TERSE_OBJECT);
		writer->depth--;
		break;
	case TERSE_INTEGER:
		put_integer(writer, TERSE_INTEGERS, value->decimal.digits);
		break;
	case TERSE_DECIMAL:
		put_decimal(writer, &value->decimal);
		break;
	case TERSE_TEXT:
		put(writer, TERSE_TEXTS, value->begin, (size_t)(value->end - value->begin));
		put(writer, TERSE_TEXTS, "", 1);
		writer->at++; /* the quote */
		break;
	default:
		break;
	}
}

/* Puts the parts together. */
static int join(struct terse *terse)
{
	const unsigned char mark = TERSE_MARK;
	unsigned char length[10];

	terse->packed.length = 0;
	int error = add(&terse->packed, &mark, 1);
	for (int i = 0; i < TERSE_PARTS && error == 0; i++) {
		const struct terse_bytes *part = &terse->parts[i];
		error = add(&terse->packed, length, varint(part->length, length));
		if (error == 0 && part->length > 0)
			error = add(&terse->packed, part->bytes, part->length);
	}
	return error;
}

int terse_write(struct terse *terse, const char *text, size_t size)
{
	struct writer writer = { .terse = terse, .at = text, .end = text + size };
	struct value value;

	for (int i = 0; i < TERSE_PARTS; i++)
		terse->parts[i].length = 0;
	/* So that no number is the last that there is. */
	if (!read_value(&writer, &value) ||
		(value.code != TERSE_OBJECT && value.code != TERSE_LIST) ||
		(text[size - 1] != '}' && text[size - 1] != ']'))
		return -EINVAL;
	put_code(&writer, value.code);
	put_value(&writer, &value);
	if (writer.error == 0 && writer.at != writer.end)
		writer.error = -EINVAL;
	return writer.error != 0 ? writer.error : join(terse);
}
