// SPDX-License-Identifier: BSD-2-Clause
/* Compares two snapshots and writes as it goes. Allocates only while the text grows. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/changes_writer.h"
#include "model/fields.h"
#include "model/rate.h"

/* --- values: each returns whether it has changed, and has written something only then ----------- */

static bool same_double(double one, double other)
{
	return one == other || (isnan(one) && isnan(other));
}

static bool nearly_same(double one, double other)
{
	return same_double(one, other) || fabs(one - other) <= 1e-9 * fabs(other);
}

/* Times are exact, in seconds since 1970 as between two samples. */
static bool write_double(
	struct writer *writer, const struct field *field, const double *before, const double *now)
{
	const char *unit = field->unit != NULL ? field->unit : "";

	if (same_double(*before, *now))
		return false;
	writer_put_double(writer, *now, strcmp(unit, "s") == 0 || strncmp(unit, "s ", 2) == 0);
	return true;
}

static bool write_increase(struct writer *writer, uint64_t before, uint64_t now)
{
	if (before == now)
		return false;
	writer_put_integer(writer, (int64_t)(now - before));
	return true;
}

static bool write_text(struct writer *writer, size_t size, const char *before, const char *now)
{
	if (strncmp(before, now, size) == 0)
		return false;
	writer_put_text(writer, now, size);
	return true;
}

static bool write_enum(
	struct writer *writer, const char *const *names, uint32_t before, uint32_t now)
{
	uint32_t i = 0;

	if (before == now)
		return false;
	while (i < now && names[i] != NULL)
		i++;
	if (names[i] != NULL)
		writer_put_text(writer, names[i], strlen(names[i]));
	else
		writer_put(writer, "null", 4);
	return true;
}

static bool write_bool(struct writer *writer, bool before, bool now)
{
	if (before == now)
		return false;
	writer_put(writer, now ? "true" : "false", now ? 4 : 5);
	return true;
}

static void put_unchanged(struct writer *writer, uint32_t n)
{
	if (n > 1)
		writer_put_byte(writer, '[');
	if (n > 0)
		writer_put_integer(writer, n > 1 ? n : 0);
	if (n > 1)
		writer_put_byte(writer, ']');
	if (n > 0)
		writer_put_byte(writer, ',');
}

static bool write_histogram(
	struct writer *writer, uint32_t n, const uint64_t *before, const uint64_t *now)
{
	char separator = '[';
	uint32_t unchanged = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (before[i] == now[i]) {
			unchanged++;
			continue;
		}
		writer_put_byte(writer, separator);
		put_unchanged(writer, unchanged);
		write_increase(writer, before[i], now[i]);
		separator = ',';
		unchanged = 0;
	}
	if (separator == '[')
		return false;
	writer_put_byte(writer, ']');
	return true;
}

static void put_same(struct writer *writer, uint32_t *same, char *separator)
{
	if (*same == 0)
		return;
	writer_put_byte(writer, *separator);
	writer_put_integer(writer, *same);
	*separator = ',';
	*same = 0;
}

/* A number stands for so many texts that are as they were. */
static bool write_texts(
	struct writer *writer, const struct field *field, const char *before, const char *now)
{
	const uint32_t n = *(const uint32_t *)(now + field->n_offset);
	const size_t begin = writer->text->length;
	bool changed = n != *(const uint32_t *)(before + field->n_offset);
	uint32_t same = 0;
	char separator = '[';

	for (uint32_t i = 0; i < n && i < field->count; i++) {
		const size_t at = field->offset + i * field->size;
		if (strncmp(before + at, now + at, field->size) == 0) {
			same++;
			continue;
		}
		changed = true;
		put_same(writer, &same, &separator);
		writer_put_byte(writer, separator);
		writer_put_text(writer, now + at, field->size);
		separator = ',';
	}
	if (!changed)
		return writer_take_back(writer, begin);
	put_same(writer, &same, &separator);
	if (separator == '[')
		writer_put_byte(writer, '[');
	writer_put_byte(writer, ']');
	return true;
}

static bool write_members(
	struct writer *writer, const struct field *fields, const char *before, const char *now);

static bool write_counter(
	struct writer *writer, const struct counter *before, const struct counter *now)
{
	struct counter predicted;

	if (before->total == now->total && same_double(before->rate, now->rate))
		return false;
	counter_update(&predicted, before, now->total, writer->interval);
	if (!nearly_same(predicted.rate, now->rate))
		return write_members(
			writer, counter_fields, (const char *)before, (const char *)now);
	writer_put_integer(writer, (int64_t)(now->total - before->total));
	return true;
}

static bool write_struct(
	struct writer *writer, const struct field *fields, const char *before, const char *now)
{
	if (fields == counter_fields)
		return write_counter(writer, (const struct counter *)(const void *)before,
			(const struct counter *)(const void *)now);
	return write_members(writer, fields, before, now);
}

static bool write_keyed(
	struct writer *writer, const struct field *field, const char *before, const char *now)
{
	const size_t begin = writer->text->length;
	char separator = '{';

	for (uint32_t i = 0; i < field->count; i++) {
		size_t at = field->offset + i * field->size, start = writer->text->length;
		writer_put_byte(writer, separator);
		writer_put_name(writer, field->names[i]);
		if (write_struct(writer, field->fields, before + at, now + at))
			separator = ',';
		else
			writer_take_back(writer, start);
	}
	if (separator == '{')
		return writer_take_back(writer, begin);
	writer_put_byte(writer, '}');
	return true;
}

/* --- lists ------------------------------------------------------------------------------------ */

enum { NEAR = 4 };

static char empty[1 << 16] __attribute__((aligned(8))); /* an element of any list */

struct list {
	const struct field *field;
	const char *before, *now; /* the first elements */
	uint32_t n_before, n_now;
	uint32_t at; /* the element of `before` that comes next */
	int64_t run; /* of elements that are as they were, or, negative, gone; not yet written */
	char separator;
};

static const char *element_before(const struct list *list, uint32_t i)
{
	return list->before + i * list->field->size;
}

static void put_entry(struct writer *writer, struct list *list)
{
	writer_put_byte(writer, list->separator);
	list->separator = ',';
}

static void end_run(struct writer *writer, struct list *list)
{
	if (list->run == 0)
		return;
	put_entry(writer, list);
	writer_put_integer(writer, list->run);
	list->run = 0;
}

static void take(struct writer *writer, struct list *list, uint32_t n, bool gone)
{
	if (n == 0)
		return;
	if ((list->run < 0) != gone)
		end_run(writer, list);
	list->run += gone ? -(int64_t)n : (int64_t)n;
	list->at += n;
}

static bool same_labels(const struct field *fields, const char *one, const char *other)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		const char *mine = one + field->offset, *theirs = other + field->offset;
		if (field->label == NULL || field->type == FIELD_KEYED)
			continue;
		if (field->type == FIELD_TEXT ? strncmp(mine, theirs, field->size) != 0
					      : memcmp(mine, theirs, field->size) != 0)
			return false;
	}
	return true;
}

static bool same(const struct list *list, uint32_t place, const char *now)
{
	return memcmp(element_before(list, place), now, list->field->size) == 0;
}

/* Returns the place from `first` on of the element with the labels of *now, or `end`. */
static uint32_t find_labels(const struct list *list, uint32_t first, uint32_t end, const char *now)
{
	while (first < end && !same_labels(list->field->fields, element_before(list, first), now))
		first++;
	return first;
}

/* Returns the place of the element that *now is, or has become; n_before if it is new. */
static uint32_t find_before(const struct list *list, const char *now)
{
	const uint32_t n = list->n_before, near = n - list->at < NEAR ? n : list->at + NEAR;
	const uint32_t next = find_labels(list, list->at, near, now);
	uint32_t place = list->at;

	if (next == list->at && next < n)
		return next;
	while (place < n && !same(list, place, now))
		place++;
	if (place < n)
		return place;
	if (next < near)
		return next;
	place = find_labels(list, near, n, now);
	if (place < n)
		return place;
	place = find_labels(list, 0, list->at, now);
	return place < list->at ? place : n;
}

static void put_element(struct writer *writer, struct list *list, const char *from, const char *now)
{
	if (!write_struct(writer, list->field->fields, from, now))
		writer_put(writer, "{}", 2);
}

/* Writes an element that is new, or was elsewhere than where the list goes on. */
static void write_placed(struct writer *writer, struct list *list, uint32_t place, const char *now)
{
	writer_put_byte(writer, '[');
	if (place < list->n_before) {
		writer_put_integer(writer, place);
		writer_put_byte(writer, ',');
	}
	put_element(
		writer, list, place < list->n_before ? element_before(list, place) : empty, now);
	writer_put_byte(writer, ']');
}

/* The list goes on to an element that is the same, or near: those between are gone, or have moved. */
static void write_element(struct writer *writer, struct list *list, const char *now)
{
	const uint32_t place = find_before(list, now);
	const bool placed = place == list->n_before || place < list->at ||
			    (place - list->at >= NEAR && !same(list, place, now));

	if (!placed)
		take(writer, list, place - list->at, true);
	if (!placed && same(list, place, now)) {
		take(writer, list, 1, false);
		return;
	}
	end_run(writer, list);
	put_entry(writer, list);
	if (placed)
		write_placed(writer, list, place, now);
	else
		put_element(writer, list, element_before(list, list->at++), now);
}

static bool write_list(
	struct writer *writer, const struct field *field, const char *before, const char *now)
{
	uint32_t n_before = *(const uint32_t *)(before + field->n_offset);
	uint32_t n_now = *(const uint32_t *)(now + field->n_offset);
	const size_t begin = writer->text->length;
	struct list list = {
		.field = field,
		.before = before + field->offset,
		.now = now + field->offset,
		.n_before = n_before < field->count ? n_before : field->count,
		.n_now = n_now < field->count ? n_now : field->count,
		.separator = '[',
	};

	for (uint32_t i = 0; i < list.n_now; i++)
		write_element(writer, &list, list.now + i * field->size);
	if (list.separator == '[' && list.n_now == list.n_before &&
		list.run == (int64_t)list.n_before)
		return writer_take_back(writer, begin);
	end_run(writer, &list);
	if (list.separator == '[')
		writer_put_byte(writer, '[');
	writer_put_byte(writer, ']');
	return true;
}

/* --- members ---------------------------------------------------------------------------------- */

/* Whether the reader computes what is there. */
static bool follows(const struct field *field, const char *before, const char *now)
{
	char value[64] __attribute__((aligned(8)));

	field->follows(now, before == empty ? NULL : before, value);
	for (const struct field *of = field->fields; of->name != NULL; of++)
		if (!nearly_same(*(const double *)(value + of->offset),
			    *(const double *)(now + field->offset + of->offset)))
			return false;
	return true;
}

static bool write_value(
	struct writer *writer, const struct field *field, const char *before, const char *now)
{
	const void *old = before + field->offset, *value = now + field->offset;

	if (field->follows != NULL) {
		if (follows(field, before, now))
			return false;
		if (!write_struct(writer, field->fields, old, value))
			writer_put(writer, "{}", 2);
		return true;
	}
	switch (field->type) {
	case FIELD_TEXT:
		return write_text(writer, field->size, old, value);
	case FIELD_BOOL:
		return write_bool(writer, *(const bool *)old, *(const bool *)value);
	case FIELD_UINT32:
		return write_increase(writer, *(const uint32_t *)old, *(const uint32_t *)value);
	case FIELD_UINT64:
	case FIELD_INT64:
		return write_increase(writer, *(const uint64_t *)old, *(const uint64_t *)value);
	case FIELD_DOUBLE:
		return write_double(writer, field, old, value);
	case FIELD_ENUM:
		return write_enum(
			writer, field->names, *(const uint32_t *)old, *(const uint32_t *)value);
	case FIELD_STRUCT:
		return write_struct(writer, field->fields, old, value);
	case FIELD_LIST:
		return write_list(writer, field, before, now);
	case FIELD_KEYED:
		return write_keyed(writer, field, before, now);
	case FIELD_TEXTS:
		return write_texts(writer, field, before, now);
	case FIELD_HISTOGRAM:
		return write_histogram(writer, field->count, old, value);
	}
	return false;
}

static bool write_members(
	struct writer *writer, const struct field *fields, const char *before, const char *now)
{
	const size_t begin = writer->text->length;
	const double interval = writer->interval;
	char separator = '{';

	for (const struct field *field = fields; field->name != NULL; field++) {
		size_t start = writer->text->length;
		if (field->paces)
			writer->interval = *(const double *)(const void *)(now + field->offset);
		writer_put_byte(writer, separator);
		writer_put_name(writer, field->name);
		if (write_value(writer, field, before, now))
			separator = ',';
		else
			writer_take_back(writer, start);
	}
	writer->interval = interval;
	if (separator == '{')
		return writer_take_back(writer, begin);
	writer_put_byte(writer, '}');
	return true;
}

int changes_write(
	const struct snapshot *before, const struct snapshot *now, struct changes_text *text)
{
	struct writer writer = { .text = text, .interval = now->interval };

	text->length = 0;
	if (!write_struct(&writer, snapshot_fields, (const char *)before, (const char *)now))
		writer_put(&writer, "{}", 2);
	return writer.no_memory ? -ENOMEM : 0;
}
