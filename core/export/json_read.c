// SPDX-License-Identifier: BSD-2-Clause
#include "export/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "model/fields.h"
#include "model/names.h"

/* Above every value in a snapshot, and safe to convert to an integer. */
#define NUMBER_MAX 1e18

struct reader {
	char path[160]; /* of the present member: "packets.interfaces[3].mode" */
	struct failure *failure;
};

static int wrong(struct reader *reader, const char *what)
{
	return failure_set(reader->failure, -EINVAL, "Not a snapshot of x0top: %s %s",
		reader->path[0] != '\0' ? reader->path : "it", what);
}

/* Adds a name to the path. Returns its length before, for path_cut(). */
static size_t path_add(struct reader *reader, const char *name)
{
	size_t length = strlen(reader->path);

	snprintf(reader->path + length, sizeof(reader->path) - length, "%s%s",
		length > 0 ? "." : "", name);
	return length;
}

static size_t path_add_index(struct reader *reader, size_t index)
{
	size_t length = strlen(reader->path);

	snprintf(reader->path + length, sizeof(reader->path) - length, "[%zu]", index);
	return length;
}

static void path_cut(struct reader *reader, size_t length)
{
	reader->path[length] = '\0';
}

static int read_text(
	struct reader *reader, const struct field *field, const json_t *json, char *text)
{
	if (!json_is_string(json))
		return wrong(reader, "is not a text");
	size_t length = json_string_length(json);
	if (length >= field->size)
		return wrong(reader, "is too long");
	if (field->names != NULL && names_find(field->names, json_string_value(json)) < 0)
		return wrong(reader, "is not one of its words");
	memcpy(text, json_string_value(json), length); /* jansson rejects NUL */
	return 0;
}

static int read_integer(struct reader *reader, const json_t *json, json_int_t minimum,
	json_int_t maximum, json_int_t *value)
{
	if (!json_is_integer(json))
		return wrong(reader, "is not a whole number");
	*value = json_integer_value(json);
	if (*value < minimum || *value > maximum)
		return wrong(reader, "is out of range");
	return 0;
}

static int read_double(struct reader *reader, const json_t *json, bool nullable, double *value)
{
	if (nullable && json_is_null(json)) {
		*value = NAN;
		return 0;
	}
	if (!json_is_number(json))
		return wrong(reader, "is not a number");
	*value = json_number_value(json);
	if (!isfinite(*value) || fabs(*value) > NUMBER_MAX)
		return wrong(reader, "is out of range");
	return 0;
}

static int read_number(
	struct reader *reader, const struct field *field, const json_t *json, void *value)
{
	json_int_t minimum = field->type == FIELD_INT64 ? INT64_MIN : 0;
	json_int_t maximum = field->type == FIELD_UINT32 ? UINT32_MAX : INT64_MAX;
	json_int_t number = 0;

	int error = read_integer(reader, json, minimum, maximum, &number);
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

static int read_enum(
	struct reader *reader, const struct field *field, const json_t *json, uint32_t *value)
{
	int found =
		json_is_string(json) ? names_find(field->names, json_string_value(json)) : -ENOENT;

	if (found < 0)
		return wrong(reader, "is not one of its words");
	*value = (uint32_t)found;
	return 0;
}

/* Reads buckets; their bounds must rise and be bounds of this version. */
static int read_histogram(
	struct reader *reader, const struct field *field, const json_t *json, uint64_t *buckets)
{
	uint32_t bucket = 0;
	size_t i;
	json_t *pair;

	if (!json_is_array(json))
		return wrong(reader, "is not a list");
	json_array_foreach (json, i, pair) {
		double bound = 0;
		json_int_t number = 0;

		if (json_array_size(pair) != 2)
			return wrong(reader, "is not a list of pairs");
		int error = read_double(reader, json_array_get(pair, 0), false, &bound);
		if (!error)
			error = read_integer(
				reader, json_array_get(pair, 1), 1, INT64_MAX, &number);
		if (error)
			return error;
		while (bucket < field->count && field->bound(bucket) < bound)
			bucket++;
		if (bucket == field->count || field->bound(bucket) > bound)
			return wrong(reader, "has an unknown bucket");
		buckets[bucket++] = (uint64_t)number;
	}
	return 0;
}

static int read_struct(
	struct reader *reader, const struct field *fields, const json_t *json, char *base);

static int read_list(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	size_t i;
	json_t *item;

	if (!json_is_array(json))
		return wrong(reader, "is not a list");
	if (json_array_size(json) > field->count)
		return wrong(reader, "has too many entries");
	json_array_foreach (json, i, item) {
		size_t length = path_add_index(reader, i);
		/* Counts the entry before filling it, so that clearing the snapshot reaches it. */
		*(uint32_t *)(base + field->n_offset) = (uint32_t)i + 1;
		int error = read_struct(
			reader, field->fields, item, base + field->offset + i * field->size);
		if (error)
			return error;
		path_cut(reader, length);
	}
	return 0;
}

static int read_keyed(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	if (!json_is_object(json))
		return wrong(reader, "is not an object");
	for (uint32_t i = 0; i < field->count; i++) {
		size_t length = path_add(reader, field->names[i]);
		const json_t *item = json_object_get(json, field->names[i]);
		if (item == NULL)
			return wrong(reader, "is missing");
		int error = read_struct(
			reader, field->fields, item, base + field->offset + i * field->size);
		if (error)
			return error;
		path_cut(reader, length);
	}
	return json_object_size(json) == field->count ? 0 : wrong(reader, "has unknown members");
}

static int read_field(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	void *value = base + field->offset;

	switch (field->type) {
	case FIELD_TEXT:
		return read_text(reader, field, json, value);
	case FIELD_BOOL:
		if (!json_is_boolean(json))
			return wrong(reader, "is neither true nor false");
		*(bool *)value = json_is_true(json);
		return 0;
	case FIELD_UINT32:
	case FIELD_UINT64:
	case FIELD_INT64:
		return read_number(reader, field, json, value);
	case FIELD_DOUBLE:
		return read_double(reader, json, field->nullable, value);
	case FIELD_ENUM:
		return read_enum(reader, field, json, value);
	case FIELD_STRUCT:
		if (field->nullable && json_is_null(json)) {
			fields_set_unknown(field->fields, value);
			return 0;
		}
		return read_struct(reader, field->fields, json, value);
	case FIELD_LIST:
		return read_list(reader, field, json, base);
	case FIELD_KEYED:
		return read_keyed(reader, field, json, base);
	case FIELD_HISTOGRAM:
		return read_histogram(reader, field, json, value);
	}
	return -EINVAL;
}

/* Reads a struct; requires every member of the table, and no other. */
static int read_struct(
	struct reader *reader, const struct field *fields, const json_t *json, char *base)
{
	size_t n = 0;

	if (!json_is_object(json))
		return wrong(reader, "is not an object");
	for (const struct field *field = fields; field->name != NULL; field++, n++) {
		size_t length = path_add(reader, field->name);
		const json_t *value = json_object_get(json, field->name);
		if (value == NULL)
			return wrong(reader, "is missing");
		int error = read_field(reader, field, value, base);
		if (error)
			return error;
		path_cut(reader, length);
	}
	return json_object_size(json) == n ? 0 : wrong(reader, "has unknown members");
}

/* Reports another layout as such, before its members look like damage. */
static int check_schema(const json_t *json, struct failure *failure)
{
	const char *schema = json_string_value(json_object_get(json, "schema"));

	if (schema == NULL || strncmp(schema, "x0top/", 6) != 0 ||
		strcmp(schema, SNAPSHOT_SCHEMA) == 0)
		return 0;
	failure_set(failure, -EINVAL, "This snapshot has layout %.32s; this x0top reads %s", schema,
		SNAPSHOT_SCHEMA);
	return failure_remedy(failure, "Read it with the x0top that wrote it");
}

int json_read(const char *text, size_t size, struct snapshot *snapshot, struct failure *failure)
{
	struct reader reader = { .failure = failure };
	json_error_t problem;

	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
	if (json == NULL) {
		if (json_error_code(&problem) == json_error_out_of_memory)
			return failure_set(failure, -ENOMEM, "Not enough memory for a snapshot");
		failure_set(failure, -EINVAL, "Not JSON, or truncated");
		return failure_cause(failure, "byte %d: %s", problem.position, problem.text);
	}
	snapshot_clear(snapshot);
	int error = check_schema(json, failure);
	if (!error)
		error = read_struct(&reader, snapshot_fields, json, (char *)snapshot);
	json_decref(json);
	return error;
}
