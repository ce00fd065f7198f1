// SPDX-License-Identifier: BSD-2-Clause
#include "export/metrics_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics.h"
#include "export/metrics_families.h"
#include "export/metrics_value.h"
#include "model/counter.h"
#include "model/names.h"

/* Above every count, and safe to convert to an integer. */
#define COUNT_MAX 1e18

/* Up to here a double tells whole numbers apart: 2^53. */
#define WHOLE_MAX 9007199254740992.0

static const char *label_of(const struct metric_series *series, const char *name)
{
	for (size_t i = 0; i < series->n_labels; i++)
		if (strcmp(series->labels[i].name, name) == 0)
			return series->labels[i].value;
	return NULL;
}

/* --- the place of a series ------------------------------------------------------------------------ */

struct suffix {
	enum metric_kind kind;
	enum metric_part part;
	const char *text;
};

static const struct suffix suffixes[] = {
	{ METRIC_COUNTER, METRIC_VALUE, "_total" },
	{ METRIC_GAUGE, METRIC_VALUE, "" },
	{ METRIC_STATES, METRIC_VALUE, "" },
	{ METRIC_INFO, METRIC_VALUE, "_info" },
	{ METRIC_HISTOGRAM, METRIC_BUCKET, "_bucket" },
	{ METRIC_HISTOGRAM, METRIC_SUM, "_sum" },
};

static bool is_of(const struct metric_family *family, struct metric_series *series)
{
	const size_t length = strlen(family->name);

	if (strncmp(series->name, family->name, length) != 0)
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (suffixes[i].kind != family->kind ||
			strcmp(series->name + length, suffixes[i].text) != 0)
			continue;
		series->family = family;
		series->part = suffixes[i].part;
		return true;
	}
	return false;
}

bool metrics_find(struct metric_series *series)
{
	const struct metric_family *family;

	series->family = NULL;
	series->hint = 0;
	if (strcmp(series->name, METRIC_ALERTS) == 0) {
		series->part = METRIC_ALERTS_OF;
		return label_of(series, "severity") != NULL;
	}
	for (size_t i = 0; (family = metric_family(i)) != NULL; i++)
		if (is_of(family, series))
			return true;
	return false;
}

/* --- what is not known ---------------------------------------------------------------------------- */

/* Beyond fields_set_unknown(): a double is so even where the host always knows it. */
static void set_unknown(const struct field *fields, char *base)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		field_set_unknown(field, base);
		if (field->type == FIELD_DOUBLE)
			*(double *)(void *)(base + field->offset) = NAN;
		uint32_t n = field->type == FIELD_STRUCT  ? 1
			     : field->type == FIELD_KEYED ? field->count
							  : 0;
		for (uint32_t i = 0; i < n; i++)
			set_unknown(field->fields, base + field->offset + i * field->size);
	}
}

void metrics_begin(struct snapshot *snapshot)
{
	snapshot_clear(snapshot);
	snprintf(snapshot->schema, sizeof(snapshot->schema), "%s", SNAPSHOT_SCHEMA);
	set_unknown(snapshot_fields, (char *)snapshot);
}

/* --- elements of lists ---------------------------------------------------------------------------- */

static const char *called(const struct field *field)
{
	return field->label != NULL ? field->label : field->name;
}

static bool number_of(const char *text, uint32_t *number)
{
	char *end;

	errno = 0;
	const unsigned long value = strtoul(text, &end, 10);
	*number = (uint32_t)value;
	return errno == 0 && *end == '\0' && end != text && value <= UINT32_MAX && text[0] != '-';
}

/* Sets a member from its label. Returns whether that can be. */
static bool set_from_label(const struct field *field, char *element, const char *text)
{
	void *member = element + field->offset;
	const int word = field->type == FIELD_ENUM ? names_find(field->names, text) : -1;

	if (field->type == FIELD_TEXT)
		return metrics_value_read(text, member, field->size);
	if (field->type == FIELD_UINT32)
		return number_of(text, member);
	if (word >= 0)
		*(uint32_t *)member = (uint32_t)word;
	return word >= 0;
}

static bool is_labelled(const struct field *field, const char *element, const char *text)
{
	const void *member = element + field->offset;
	uint32_t number;

	if (field->type == FIELD_TEXT)
		return metrics_value_is(text, member);
	if (field->type == FIELD_UINT32)
		return number_of(text, &number) && number == *(const uint32_t *)member;
	return field->type == FIELD_ENUM &&
	       names_find(field->names, text) == (int)*(const uint32_t *)member;
}

static bool is_element(
	const struct field *list, const char *element, const struct metric_series *series)
{
	for (const struct field *field = list->fields; field->name != NULL; field++) {
		if (!metric_is_label(field))
			continue;
		const char *text = label_of(series, called(field));
		if (!is_labelled(field, element, text != NULL ? text : ""))
			return false;
	}
	return true;
}

static char *add_element(const struct field *list, char *base, const struct metric_series *series)
{
	uint32_t *n = (uint32_t *)(void *)(base + list->n_offset);
	char *element = base + list->offset + *n * list->size;

	if (*n >= list->count)
		return NULL;
	memset(element, 0, list->size);
	set_unknown(list->fields, element);
	for (const struct field *field = list->fields; field->name != NULL; field++) {
		const char *text = metric_is_label(field) ? label_of(series, called(field)) : NULL;
		if (text == NULL || set_from_label(field, element, text))
			continue;
		memset(element, 0, list->size);
		return NULL;
	}
	++*n;
	return element;
}

/* Returns the element that a series is of, a new one if there is none; NULL if there cannot be one. */
static char *find_element(const struct field *list, char *base, struct metric_series *series)
{
	const uint32_t n = *(const uint32_t *)(const void *)(base + list->n_offset);

	for (uint32_t i = 0; i < n; i++) {
		const uint32_t at = (series->hint + i) % n;
		char *element = base + list->offset + at * list->size;
		if (!is_element(list, element, series))
			continue;
		series->hint = at;
		return element;
	}
	series->hint = n;
	return add_element(list, base, series);
}

/* --- values --------------------------------------------------------------------------------------- */

/* Buckets hold what they are told, up to their end, until metrics_complete(). */
static void put_bucket(const struct field *field, char *base, const char *le, double value)
{
	uint64_t *buckets = (uint64_t *)(void *)(base + field->offset);
	const double end = strtod(le, NULL) * 1e9, near = 1e-6;
	uint32_t at = 0;

	while (at + 1 < field->count && field->bound(at) < end * (1 - near))
		at++;
	buckets[at] = (uint64_t)value;
}

static void put_number(const struct field *field, char *base, double value)
{
	void *member = base + field->offset;
	const double number = value / metric_base_value(field, 1);

	if (field->type == FIELD_DOUBLE)
		*(double *)member = number;
	else if (field->type == FIELD_INT64 && fabs(number) <= COUNT_MAX)
		*(int64_t *)member = (int64_t)llround(number);
	else if (field->type == FIELD_UINT64)
		*(uint64_t *)member =
			number >= 0 && number <= WHOLE_MAX ? (uint64_t)number : COUNT_UNKNOWN;
	else if (number < 0 || number > COUNT_MAX)
		return;
	else if (field->type == FIELD_BOOL)
		*(bool *)member = number != 0;
	else if (field->type == FIELD_UINT32 && number <= UINT32_MAX)
		*(uint32_t *)member = (uint32_t)llround(number);
}

static void put_sum(const struct field *field, char *base, double seconds)
{
	if (field->n_offset != 0 && seconds >= 0 && seconds * 1e9 <= COUNT_MAX)
		*(uint64_t *)(void *)(base + field->n_offset) = (uint64_t)llround(seconds * 1e9);
}

static void put_info(const struct metric_series *series, const struct field *fields, char *base)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		const char *text = field->info ? label_of(series, called(field)) : NULL;
		if (text != NULL)
			set_from_label(field, base, text);
	}
}

/* `base` is the struct that has the member. */
static void put_last(
	const struct metric_series *series, const struct field *field, char *base, double value)
{
	const char *text = label_of(series, field->type == FIELD_HISTOGRAM ? "le" : field->name);

	if (field->type == FIELD_HISTOGRAM && series->part == METRIC_SUM)
		put_sum(field, base, value);
	else if (field->type == FIELD_HISTOGRAM && text != NULL && value >= 0 && value <= COUNT_MAX)
		put_bucket(field, base, text, value);
	else if (field->type == FIELD_ENUM && text != NULL && value == 1)
		set_from_label(field, base, text);
	else if (field->type != FIELD_ENUM && field->type != FIELD_HISTOGRAM)
		put_number(field, base, value);
}

/* Returns the struct or element below `base` that a member of the path names; NULL: there is none. */
static char *enter(struct metric_series *series, const struct field *field, char *base)
{
	if (field->type == FIELD_LIST)
		return find_element(field, base, series);
	if (field->type != FIELD_KEYED)
		return base + field->offset;
	const char *text = label_of(series, field->label);
	const int at = text != NULL ? names_find(field->names, text) : -1;
	return at >= 0 && (uint32_t)at < field->count
		       ? base + field->offset + (uint32_t)at * field->size
		       : NULL;
}

static void put_alerts(struct snapshot *snapshot, const struct metric_series *series, double value)
{
	const int severity = names_find(severity_names, label_of(series, "severity"));

	for (int i = 0; severity >= 0 && i < value && snapshot->n_alerts < ALERTS_MAX; i++) {
		struct snapshot_alert *alert = &snapshot->alerts[snapshot->n_alerts++];
		*alert = (struct snapshot_alert) {
			.severity = (uint32_t)severity, .begin = NAN, .end = NAN
		};
		snprintf(alert->sentence, sizeof(alert->sentence),
			"An alert whose words metrics do not carry");
		snprintf(alert->remedy, sizeof(alert->remedy), "See x0top on the host");
	}
}

void metrics_put(struct snapshot *snapshot, struct metric_series *series, double value)
{
	const struct metric_family *family = series->family;
	char *base = (char *)snapshot;

	if (!isfinite(value))
		return;
	if (series->part == METRIC_ALERTS_OF) {
		put_alerts(snapshot, series, value);
		return;
	}
	for (size_t i = 0; i < family->depth; i++) {
		const struct field *field = family->path[i];
		if (field->fields == NULL) {
			put_last(series, field, base, value);
			return;
		}
		base = enter(series, field, base);
		if (base == NULL)
			return;
	}
	if (family->kind == METRIC_INFO)
		put_info(series, family->path[family->depth - 1]->fields, base);
	else if (value >= 0 && value <= COUNT_MAX)
		((struct counter *)(void *)base)->total = (uint64_t)llround(value);
}
