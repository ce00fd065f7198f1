// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/fields_fill.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* xorshift64*: the same numbers on every machine. */
uint64_t random_next(void)
{
	static uint64_t seed = 1;

	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dULL;
}

static void fill_text(char *text, const struct field *field)
{
	static const char *const pieces[] = { "a", "Z", "0", " ", "\"", "\\", "\t", "/", "\x7f",
		"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x90\xa7" };
	size_t wanted = random_next() % field->size, length = 0;

	if (field->names != NULL) {
		strcpy(text, field->names[0]);
		return;
	}
	while (length < wanted) {
		const char *piece = pieces[random_next() % 12];
		if (length + strlen(piece) >= field->size)
			break;
		strcpy(text + length, piece);
		length += strlen(piece);
	}
}

static double random_double(void)
{
	return ldexp((double)(random_next() >> 11), (int)(random_next() % 60) - 56);
}

static uint32_t random_word(const struct field *field)
{
	uint32_t n = 0;

	while (field->names[n] != NULL)
		n++;
	return (uint32_t)(random_next() % n);
}

static void fill_elements(const struct field *field, char *first, uint32_t n, enum fill_lists lists)
{
	for (uint32_t i = 0; i < n; i++)
		fields_fill(field->fields, first + i * field->size, lists);
}

static void fill_list(const struct field *field, char *base, enum fill_lists lists)
{
	uint32_t *n = (uint32_t *)(base + field->n_offset);

	*n = field->count;
	if (lists != FILL_LISTS_FULL)
		*n = (uint32_t)(random_next() % (field->count + 1));
	fill_elements(field, base + field->offset, *n, lists);
}

static void fill_texts(const struct field *field, char *base)
{
	uint32_t *n = (uint32_t *)(base + field->n_offset);

	*n = (uint32_t)(random_next() % (field->count + 1));
	for (uint32_t i = 0; i < *n; i++)
		fill_text(base + field->offset + i * field->size, field);
}

static void fill_histogram(uint64_t *buckets, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		buckets[i] = random_next() % 3 ? random_next() >> 1 : 0;
}

static void fill_field(const struct field *field, char *base, enum fill_lists lists)
{
	char *value = base + field->offset;

	switch (field->type) {
	case FIELD_TEXT:
		return fill_text(value, field);
	case FIELD_BOOL:
		*(bool *)value = random_next() & 1;
		return;
	case FIELD_UINT32:
		*(uint32_t *)value = (uint32_t)random_next();
		return;
	case FIELD_UINT64:
		*(uint64_t *)value = random_next() >> 1;
		return;
	case FIELD_INT64:
		*(int64_t *)value = (int64_t)random_next();
		return;
	case FIELD_DOUBLE:
		*(double *)value =
			field->nullable && random_next() % 4 == 0 ? NAN : random_double();
		return;
	case FIELD_ENUM:
		*(uint32_t *)value = random_word(field);
		return;
	case FIELD_STRUCT:
		if (field->nullable && random_next() % 4 == 0)
			return fields_set_unknown(field->fields, value);
		return fields_fill(field->fields, value, lists);
	case FIELD_LIST:
		return fill_list(field, base, lists);
	case FIELD_KEYED:
		return fill_elements(field, value, field->count, lists);
	case FIELD_TEXTS:
		return fill_texts(field, base);
	case FIELD_HISTOGRAM:
		return fill_histogram((uint64_t *)value, field->count);
	}
}

void fields_fill(const struct field *fields, void *base, enum fill_lists lists)
{
	for (const struct field *field = fields; field->name != NULL; field++)
		fill_field(field, base, lists);
}
