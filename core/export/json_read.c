// SPDX-License-Identifier: BSD-2-Clause
#include "export/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/changes.h"
#include "export/json_older.h"
#include "export/json_parse.h"
#include "export/json_reader.h"
#include "export/json_values.h"
#include "model/fields.h"
#include "model/names.h"
#include "model/rate.h"

/* Reads buckets; their bounds must rise and be bounds of this version. */
static int read_histogram(
	struct reader *reader, const struct field *field, const json_t *json, uint64_t *buckets)
{
	uint32_t bucket = 0;
	size_t i;
	json_t *pair;

	if (!json_is_array(json))
		return reader_wrong(reader, "is not a list");
	json_array_foreach (json, i, pair) {
		double bound = 0;
		json_int_t number = 0;

		if (json_array_size(pair) != 2)
			return reader_wrong(reader, "is not a list of pairs");
		int error = reader_double(reader, json_array_get(pair, 0), false, &bound);
		if (!error)
			error = reader_integer(
				reader, json_array_get(pair, 1), 1, INT64_MAX, &number);
		if (error)
			return error;
		while (bucket < field->count && field->bound(bucket) < bound)
			bucket++;
		if (bucket == field->count || field->bound(bucket) > bound)
			return reader_wrong(reader, "has an unknown bucket");
		buckets[bucket++] = (uint64_t)number;
	}
	return 0;
}

static int read_histogram_changes(
	struct reader *reader, const struct field *field, const json_t *json, uint64_t *buckets)
{
	uint64_t bucket = 0;
	size_t i;
	json_t *entry;

	if (!json_is_array(json))
		return reader_wrong(reader, "is not a list");
	json_array_foreach (json, i, entry) {
		json_int_t number = 0;
		bool unchanged = json_is_array(entry);
		int error = unchanged
				    ? reader_integer(reader, json_array_get(entry, 0), 0,
					      field->count, &number)
				    : reader_integer(reader, entry, INT64_MIN, INT64_MAX, &number);
		if (error)
			return error;
		if (bucket + (unchanged ? (uint64_t)number : 1) > field->count)
			return reader_wrong(reader, "has an unknown bucket");
		if (unchanged)
			bucket += (uint64_t)number;
		else
			buckets[bucket++] += (uint64_t)number;
	}
	return 0;
}

/* Reads texts; in changes a number stands for so many of them that are as they were. */
static int read_texts(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	uint32_t *n = (uint32_t *)(base + field->n_offset);
	char *texts = base + field->offset;
	json_int_t at = 0, same;
	size_t i;
	json_t *entry;

	if (!json_is_array(json))
		return reader_wrong(reader, "is not a list");
	json_array_foreach (json, i, entry) {
		const bool unchanged = reader->form == FORM_CHANGES && json_is_integer(entry);
		same = 1;
		int error = unchanged ? reader_integer(reader, entry, 1, field->count, &same) : 0;
		if (error == 0 && at + same > field->count)
			return reader_wrong(reader, "has too many entries");
		if (error == 0 && !unchanged)
			error = reader_text(reader, field, entry, texts + (size_t)at * field->size);
		if (error)
			return error;
		at += same;
	}
	memset(texts + (size_t)at * field->size, 0, (field->count - (size_t)at) * field->size);
	*n = (uint32_t)at;
	return 0;
}

static int read_struct(
	struct reader *reader, const struct field *fields, const json_t *json, char *base);

/* --- lists in changes ------------------------------------------------------------------------- */

struct list {
	const struct field *field;
	char *before, *now; /* elements: a copy of those before, and where they become */
	uint32_t n_before, n_now;
	uint32_t at; /* the element of `before` that comes next */
};

/* Takes over elements, or with a negative number passes over them. */
static int take(struct reader *reader, struct list *list, json_int_t n)
{
	json_int_t wanted = n < 0 ? -(n + 1) : n - 1; /* one less, which cannot overflow */

	if (n == 0 || wanted >= (json_int_t)(list->n_before - list->at))
		return reader_wrong(reader, "takes more entries than there were");
	uint32_t taken = (uint32_t)wanted + 1;
	if (n > 0) {
		if (taken > list->field->count - list->n_now)
			return reader_wrong(reader, "has too many entries");
		memcpy(list->now + list->n_now * list->field->size,
			list->before + list->at * list->field->size, taken * list->field->size);
		list->n_now += taken;
	}
	list->at += taken;
	return 0;
}

/* Reads the changes of an element, and computes what follows from them and is not there. */
static int read_element(struct reader *reader, const struct field *fields, const json_t *json,
	char *element, const char *before)
{
	int error = read_struct(reader, fields, json, element);

	for (const struct field *field = fields; error == 0 && field->name != NULL; field++)
		if (field->follows != NULL && json_object_get(json, field->name) == NULL)
			field->follows(element, before, element + field->offset);
	return error;
}

/* Reads an element that was not there, or was at another place. */
static int read_placed(struct reader *reader, struct list *list, const json_t *json)
{
	const struct field *field = list->field;
	char *element = list->now + list->n_now * field->size;
	const char *before = NULL;

	if (json_array_size(json) == 2) {
		json_int_t place = json_integer_value(json_array_get(json, 0));
		if (place < 0 || place >= (json_int_t)list->n_before)
			return reader_wrong(reader, "has a place that there was not");
		before = list->before + (size_t)place * field->size;
	}
	if (before != NULL)
		memcpy(element, before, field->size);
	else
		memset(element, 0, field->size);
	list->n_now++;
	return read_element(reader, field->fields, json_array_get(json, json_array_size(json) - 1),
		element, before);
}

static int read_entry(struct reader *reader, struct list *list, const json_t *json)
{
	const struct field *field = list->field;
	char *element = list->now + list->n_now * field->size;
	const char *before = list->before + list->at * field->size;

	if (json_is_integer(json))
		return take(reader, list, json_integer_value(json));
	if (list->n_now == field->count)
		return reader_wrong(reader, "has too many entries");
	if (json_is_array(json))
		return read_placed(reader, list, json);
	int error = take(reader, list, 1);
	return error ? error : read_element(reader, field->fields, json, element, before);
}

static int read_list_changes(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	uint32_t *n = (uint32_t *)(base + field->n_offset);
	size_t bytes = *n * field->size, i;
	struct list list = { field, NULL, base + field->offset, *n, 0, 0 };
	json_t *entry;
	int error = 0;

	if (!json_is_array(json))
		return reader_wrong(reader, "is not a list");
	list.before = malloc(bytes + 1);
	if (list.before == NULL)
		return failure_set(reader->failure, -ENOMEM, "Not enough memory for a snapshot");
	memcpy(list.before, list.now, bytes);
	json_array_foreach (json, i, entry) {
		size_t length = reader_enter_index(reader, i);
		error = read_entry(reader, &list, entry);
		if (error)
			break;
		reader_leave(reader, length);
	}
	if (list.n_now < *n)
		memset(list.now + list.n_now * field->size, 0, (*n - list.n_now) * field->size);
	*n = list.n_now;
	free(list.before);
	return error;
}

/* Reads a list that was an object in an older layout. */
static int read_named(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	const char *name;
	const json_t *item;

	json_object_foreach ((json_t *)(uintptr_t)json, name, item) {
		char *element = json_older_element(field, base, name);
		if (element == NULL)
			continue;
		size_t length = reader_enter(reader, name);
		int error = read_struct(reader, field->fields, item, element);
		if (error)
			return error;
		reader_leave(reader, length);
	}
	return 0;
}

static int read_list(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	size_t i;
	json_t *item;

	if (json_is_object(json) && json_older_was_object(reader))
		return read_named(reader, field, json, base);
	if (reader->form == FORM_CHANGES)
		return read_list_changes(reader, field, json, base);
	if (!json_is_array(json))
		return reader_wrong(reader, "is not a list");
	if (json_array_size(json) > field->count)
		return reader_wrong(reader, "has too many entries");
	json_array_foreach (json, i, item) {
		size_t length = reader_enter_index(reader, i);
		/* Counts the entry before filling it, so that clearing the snapshot reaches it. */
		*(uint32_t *)(base + field->n_offset) = (uint32_t)i + 1;
		int error = read_struct(
			reader, field->fields, item, base + field->offset + i * field->size);
		if (error)
			return error;
		reader_leave(reader, length);
	}
	return 0;
}

/* ---------------------------------------------------------------------------------------------- */

/* Whether an object has no members but those `found`. */
static int check_others(struct reader *reader, const json_t *json, size_t found)
{
	if (reader->form == FORM_OLDER ||
		json_object_size(json) == found + json_older_gone(reader, json))
		return 0;
	return reader_wrong(reader, "has unknown members");
}

static int read_keyed(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	size_t found = 0;

	if (!json_is_object(json))
		return reader_wrong(reader, "is not an object");
	for (uint32_t i = 0; i < field->count; i++) {
		const json_t *item = json_older_member(json, field->names[i]);
		char *element = base + field->offset + i * field->size;
		if (item == NULL && reader->form != FORM_WHOLE) {
			if (reader->form == FORM_OLDER)
				fields_set_unknown(field->fields, element);
			continue;
		}
		size_t length = reader_enter(reader, field->names[i]);
		if (item == NULL)
			return reader_wrong(reader, "is missing");
		int error = read_struct(reader, field->fields, item, element);
		if (error)
			return error;
		reader_leave(reader, length);
		found++;
	}
	return check_others(reader, json, found);
}

/* Reads a counter from its total's increase alone: its rate follows. */
static int read_counter_changes(
	const struct reader *reader, const json_t *json, struct counter *counter)
{
	const struct counter before = *counter;
	uint64_t total = before.total + (uint64_t)json_integer_value(json);

	counter_update(counter, &before, total, reader->interval);
	return 0;
}

static int read_field(
	struct reader *reader, const struct field *field, const json_t *json, char *base)
{
	void *value = base + field->offset;

	switch (field->type) {
	case FIELD_TEXT:
		return reader_text(reader, field, json, value);
	case FIELD_BOOL:
		if (!json_is_boolean(json))
			return reader_wrong(reader, "is neither true nor false");
		*(bool *)value = json_is_true(json);
		return 0;
	case FIELD_UINT32:
	case FIELD_UINT64:
	case FIELD_INT64:
		return reader_number(reader, field, json, value);
	case FIELD_DOUBLE:
		return reader_double(reader, json, field->nullable, value);
	case FIELD_ENUM:
		return reader_enum(reader, field, json, value);
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
	case FIELD_TEXTS:
		return read_texts(reader, field, json, base);
	case FIELD_HISTOGRAM:
		return reader->form == FORM_CHANGES
			       ? read_histogram_changes(reader, field, json, value)
			       : read_histogram(reader, field, json, value);
	}
	return -EINVAL;
}

/* Reads a struct; by the form, requires every member of the table, and no other. */
static int read_struct(
	struct reader *reader, const struct field *fields, const json_t *json, char *base)
{
	const double interval = reader->interval;
	size_t found = 0;

	if (reader->form == FORM_CHANGES && fields == counter_fields && json_is_integer(json))
		return read_counter_changes(reader, json, (struct counter *)(void *)base);
	if (!json_is_object(json))
		return reader_wrong(reader, "is not an object");
	for (const struct field *field = fields; field->name != NULL; field++) {
		const json_t *value = json_object_get(json, field->name);
		if (value == NULL && reader->form != FORM_WHOLE) {
			if (reader->form == FORM_OLDER)
				field_set_unknown(field, base);
			if (field->paces)
				reader->interval = *(double *)(void *)(base + field->offset);
			continue;
		}
		size_t length = reader_enter(reader, field->name);
		if (value == NULL)
			return reader_wrong(reader, "is missing");
		int error = read_field(reader, field, value, base);
		if (error)
			return error;
		if (field->paces)
			reader->interval = *(double *)(void *)(base + field->offset);
		reader_leave(reader, length);
		found++;
	}
	reader->interval = interval;
	return check_others(reader, json, found);
}

/* --- whole texts ------------------------------------------------------------------------------ */

/* Tells the form by the layout. Reports an unknown one as such, before its members look like damage. */
static int check_schema(struct reader *reader, json_t *json)
{
	const char *schema = json_string_value(json_object_get(json, "schema"));

	if (schema == NULL || strncmp(schema, "x0top/", 6) != 0 ||
		strcmp(schema, SNAPSHOT_SCHEMA) == 0)
		return 0;
	if (json_older_reads(schema, reader->form)) {
		reader->form = reader->form == FORM_WHOLE ? FORM_OLDER : reader->form;
		return json_object_set_new(json, "schema", json_string(SNAPSHOT_SCHEMA)) == 0
			       ? 0
			       : failure_set(reader->failure, -ENOMEM,
					 "Not enough memory for a snapshot");
	}
	failure_set(reader->failure, -EINVAL, "This snapshot has layout %.32s; this x0top reads %s",
		schema, SNAPSHOT_SCHEMA);
	return failure_remedy(reader->failure, "Read it with the x0top that wrote it");
}

int json_read(const char *text, size_t size, struct snapshot *snapshot, struct failure *failure)
{
	struct reader reader = { .failure = failure };
	json_t *json = json_parse(text, size, failure);

	if (json == NULL)
		return failure->error;
	snapshot_clear(snapshot);
	int error = check_schema(&reader, json);
	if (!error)
		error = read_struct(&reader, snapshot_fields, json, (char *)snapshot);
	json_decref(json);
	return error;
}

int changes_read(const char *text, size_t size, struct snapshot *snapshot, struct failure *failure)
{
	struct reader reader = { .form = FORM_CHANGES, .failure = failure };
	json_t *json = json_parse(text, size, failure);

	if (json == NULL)
		return failure->error;
	const json_t *interval = json_object_get(json_object_get(json, "self"), "interval");
	reader.interval = snapshot->interval;
	if (interval != NULL)
		reader.interval = json_is_number(interval) ? json_number_value(interval) : NAN;
	int error = check_schema(&reader, json);
	if (!error)
		error = read_struct(&reader, snapshot_fields, json, (char *)snapshot);
	json_decref(json);
	return error;
}
