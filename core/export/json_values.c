// SPDX-License-Identifier: BSD-2-Clause
#include "export/json_values.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/names.h"
#include "model/rate.h"

/* Above every value in a snapshot, and safe to convert to an integer. */
#define NUMBER_MAX 1e18

int reader_unknown_word(struct reader *reader)
{
	return reader->form == FORM_OLDER ? 0 : reader_wrong(reader, "is not one of its words");
}

int reader_text(struct reader *reader, const struct field *field, const json_t *json, char *text)
{
	if (!json_is_string(json))
		return reader_wrong(reader, "is not a text");
	size_t length = json_string_length(json);
	if (length >= field->size)
		return reader_wrong(reader, "is too long");
	if (field->names != NULL && names_find(field->names, json_string_value(json)) < 0)
		return reader_unknown_word(reader);
	memset(text, 0, field->size);
	memcpy(text, json_string_value(json), length); /* jansson rejects NUL */
	return 0;
}

int reader_integer(struct reader *reader, const json_t *json, json_int_t minimum,
	json_int_t maximum, json_int_t *value)
{
	if (!json_is_integer(json))
		return reader_wrong(reader, "is not a whole number");
	*value = json_integer_value(json);
	if (*value < minimum || *value > maximum)
		return reader_wrong(reader, "is out of range");
	return 0;
}

int reader_double(struct reader *reader, const json_t *json, bool nullable, double *value)
{
	if (nullable && json_is_null(json)) {
		*value = NAN;
		return 0;
	}
	if (!json_is_number(json))
		return reader_wrong(reader, "is not a number");
	*value = json_number_value(json);
	if (!(fabs(*value) <= NUMBER_MAX))
		return reader_wrong(reader, "is out of range");
	return 0;
}

/* Adds an increase, modulo 2^64. */
static int read_increase(
	struct reader *reader, const struct field *field, const json_t *json, void *value)
{
	json_int_t increase = 0;

	int error = reader_integer(reader, json, INT64_MIN, INT64_MAX, &increase);
	if (error)
		return error;
	if (field->type == FIELD_UINT32) {
		uint64_t number = *(uint32_t *)value + (uint64_t)increase;
		if (number > UINT32_MAX)
			return reader_wrong(reader, "is out of range");
		*(uint32_t *)value = (uint32_t)number;
	} else {
		*(uint64_t *)value += (uint64_t)increase;
	}
	return 0;
}

int reader_number(struct reader *reader, const struct field *field, const json_t *json, void *value)
{
	json_int_t minimum = field->type == FIELD_INT64 ? INT64_MIN : 0;
	json_int_t maximum = field->type == FIELD_UINT32 ? UINT32_MAX : INT64_MAX;
	json_int_t number = 0;

	if (reader->form == FORM_CHANGES)
		return read_increase(reader, field, json, value);
	if (field->nullable && json_is_null(json)) {
		if (field->type == FIELD_UINT32)
			*(uint32_t *)value = 0;
		else
			*(uint64_t *)value = COUNT_UNKNOWN;
		return 0;
	}
	int error = reader_integer(reader, json, minimum, maximum, &number);
	if (error)
		return error;
	if (field->type == FIELD_UINT32)
		*(uint32_t *)value = (uint32_t)number;
	else if (field->type == FIELD_UINT64)
		*(uint64_t *)value = (uint64_t)number;
	else
		*(int64_t *)value = number;
	return 0;
}

int reader_enum(
	struct reader *reader, const struct field *field, const json_t *json, uint32_t *value)
{
	int found =
		json_is_string(json) ? names_find(field->names, json_string_value(json)) : -ENOENT;

	if (found < 0)
		return reader_unknown_word(reader);
	*value = (uint32_t)found;
	return 0;
}
