// SPDX-License-Identifier: BSD-2-Clause
#include "export/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "export/json_text.h"
#include "model/fields.h"

/* Digits that distinguish any two doubles, and digits that every double keeps. */
enum { DIGITS_EXACT = 17, DIGITS_READABLE = 15 };

static json_t *write_text(const char *text, size_t size)
{
	char clean[SENTENCE_LEN];

	return json_stringn(clean, json_text_clean(text, size, clean));
}

/* Writes an unknown number as null; the schema refuses that where it must be known. */
static json_t *write_double(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *write_enum(uint32_t value, const char *const *names)
{
	uint32_t i = 0;

	while (i < value && names[i] != NULL)
		i++;
	return names[i] != NULL ? json_string(names[i]) : json_null();
}

static json_t *write_uint64(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *write_histogram(const struct field *field, const uint64_t *buckets)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < field->count; i++) {
		if (buckets[i] == 0)
			continue;
		json_t *pair = json_pack("[f, o]", field->bound(i), write_uint64(buckets[i]));
		if (json_array_append_new(list, pair) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *write_texts(const struct field *field, const char *base)
{
	const uint32_t n = *(const uint32_t *)(base + field->n_offset);
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < n && i < field->count; i++) {
		json_t *item = write_text(base + field->offset + i * field->size, field->size);
		if (json_array_append_new(list, item) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *write_struct(const struct field *fields, const char *base);

static json_t *write_list(const struct field *field, const char *base)
{
	uint32_t n = *(const uint32_t *)(base + field->n_offset);
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < n && i < field->count; i++) {
		json_t *item = write_struct(field->fields, base + field->offset + i * field->size);
		if (json_array_append_new(list, item) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *write_keyed(const struct field *field, const char *base)
{
	json_t *object = json_object();

	for (uint32_t i = 0; object != NULL && i < field->count; i++) {
		json_t *item = write_struct(field->fields, base + field->offset + i * field->size);
		if (json_object_set_new(object, field->names[i], item) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *write_field(const struct field *field, const char *base)
{
	const void *value = base + field->offset;

	switch (field->type) {
	case FIELD_TEXT:
		return write_text(value, field->size);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)value);
	case FIELD_UINT32:
		if (field->nullable && *(const uint32_t *)value == 0)
			return json_null();
		return json_integer(*(const uint32_t *)value);
	case FIELD_UINT64:
		if (field->nullable && *(const uint64_t *)value == COUNT_UNKNOWN)
			return json_null();
		return write_uint64(*(const uint64_t *)value);
	case FIELD_INT64:
		return json_integer(*(const int64_t *)value);
	case FIELD_DOUBLE:
		return write_double(*(const double *)value);
	case FIELD_ENUM:
		return write_enum(*(const uint32_t *)value, field->names);
	case FIELD_STRUCT:
		if (field->nullable && fields_unknown(field->fields, value))
			return json_null();
		return write_struct(field->fields, value);
	case FIELD_LIST:
		return write_list(field, base);
	case FIELD_KEYED:
		return write_keyed(field, base);
	case FIELD_TEXTS:
		return write_texts(field, base);
	case FIELD_HISTOGRAM:
		return write_histogram(field, value);
	}
	return NULL;
}

static json_t *write_struct(const struct field *fields, const char *base)
{
	json_t *object = json_object();

	for (const struct field *field = fields; object != NULL && field->name != NULL; field++) {
		if (json_object_set_new(object, field->name, write_field(field, base)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

int json_write(const struct snapshot *snapshot, FILE *file, bool one_line)
{
	return json_write_part(snapshot_fields, snapshot, file, one_line);
}

int json_write_part(const struct field *fields, const void *part, FILE *file, bool one_line)
{
	size_t flags = one_line ? JSON_COMPACT | JSON_REAL_PRECISION(DIGITS_EXACT)
				: JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS_READABLE);
	json_t *json = write_struct(fields, part);

	if (json == NULL)
		return -ENOMEM;
	int error = json_dumpf(json, file, flags) != 0 || fputc('\n', file) == EOF ? -EIO : 0;
	json_decref(json);
	return error;
}
