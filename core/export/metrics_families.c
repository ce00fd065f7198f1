// SPDX-License-Identifier: BSD-2-Clause
#include "export/metrics_families.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/counter.h"
#include "model/snapshot.h"

/* --- units ---------------------------------------------------------------------------------------- */

struct unit {
	const char *called; /* in the field tables */
	const char *base; /* in the name of a metric */
	double factor;
};

static const struct unit units[] = {
	{ "ns", "seconds", 1e-9 },
	{ "ms", "seconds", 1e-3 },
	{ "s", "seconds", 1 },
	{ "s since 1970", "timestamp_seconds", 1 },
	{ "%", "ratio", 1e-2 },
	{ "ratio", "ratio", 1 },
	{ "bytes", "bytes", 1 },
	{ "1/s", "per_second", 1 },
	{ "bit/s", "bytes_per_second", 1.0 / 8 },
};

static const struct unit *find_unit(const struct field *field)
{
	for (size_t i = 0; field->unit != NULL && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].called, field->unit) == 0)
			return &units[i];
	return NULL;
}

double metric_base_value(const struct field *field, double value)
{
	const struct unit *unit = find_unit(field);

	return unit != NULL ? value * unit->factor : value;
}

bool metric_bucket_ends(const struct field *field, uint32_t bucket, double *end)
{
	enum { RATIO = 2 };

	if (!isfinite(field->bound(bucket)) || field->bound(bucket) < RATIO * *end)
		return false;
	*end = field->bound(bucket);
	return true;
}

/* --- names ---------------------------------------------------------------------------------------- */

/* Ends of members' names that say a unit, which the metric's name says its own way. */
static const char *const unit_suffixes[] = { "_ns", "_ms", "_s", "_seconds", "_percent", "_bytes" };

/* The length of a member's name without its unit. */
static int bare_length(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(unit_suffixes) / sizeof(unit_suffixes[0]); i++) {
		size_t suffix = strlen(unit_suffixes[i]);
		if (length > suffix && strcmp(name + length - suffix, unit_suffixes[i]) == 0)
			return (int)(length - suffix);
	}
	return (int)length;
}

static void append(struct metric_family *family, const char *name, int length)
{
	size_t used = strlen(family->name);

	snprintf(family->name + used, sizeof(family->name) - used, "_%.*s", length, name);
}

/* Each member of the path by its name, but none twice: "x0top_syscalls_calls_total". */
static void make_name(struct metric_family *family)
{
	const char *before = "";

	snprintf(family->name, sizeof(family->name), "x0top");
	for (size_t i = 0; i < family->depth; i++) {
		const struct field *field = family->path[i];
		const bool leaf = i + 1 == family->depth && family->kind != METRIC_INFO;
		const struct unit *unit = leaf && field->fields == NULL ? find_unit(field) : NULL;
		const char *name = leaf && field->metric != NULL ? field->metric : field->name;
		if (strcmp(name, before) != 0)
			append(family, name, unit != NULL ? bare_length(name) : (int)strlen(name));
		if (leaf && family->kind == METRIC_HISTOGRAM)
			append(family, "seconds", (int)strlen("seconds"));
		else if (unit != NULL)
			append(family, unit->base, (int)strlen(unit->base));
		before = name;
	}
}

const char *metric_type_name(enum metric_kind kind, bool openmetrics)
{
	switch (kind) {
	case METRIC_COUNTER:
		return "counter";
	case METRIC_HISTOGRAM:
		return "histogram";
	case METRIC_INFO:
		return openmetrics ? "info" : "gauge";
	default:
		return "gauge";
	}
}

/* --- what is a metric ----------------------------------------------------------------------------- */

/* Labels of lists whose elements come and go: each would be a time series of its own. */
static const char *const unbounded[] = { "thread", "session", "event", "alert", "address", "mac" };

/* Labels that do not tell elements apart which others do not; a condition may hold an address. */
static const char *const omitted[] = { "key" };

static bool is_among(const char *label, const char *const *labels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(labels[i], label) == 0)
			return true;
	return false;
}

bool metric_is_label(const struct field *field)
{
	return field->label != NULL && field->type != FIELD_KEYED &&
	       !is_among(field->label, omitted, sizeof(omitted) / sizeof(omitted[0]));
}

/* Whether the elements of a list are told apart, by labels of which there are few values. */
static bool is_bounded(const struct field *list)
{
	bool labelled = false;

	for (const struct field *field = list->fields; field->name != NULL; field++) {
		if (!metric_is_label(field))
			continue;
		if (is_among(field->label, unbounded, sizeof(unbounded) / sizeof(unbounded[0])))
			return false;
		labelled = true;
	}
	return labelled;
}

static bool is_exported(const struct field *field)
{
	if (field->metric != NULL && field->metric[0] == '\0')
		return false;
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_TEXTS:
		return false;
	case FIELD_ENUM:
		return !field->info && field->label == NULL;
	case FIELD_LIST:
		return is_bounded(field);
	case FIELD_STRUCT:
		return field->fields != quantiles_fields;
	case FIELD_DOUBLE:
		return strncmp(field->name, "mean_", strlen("mean_")) != 0;
	default:
		return field->label == NULL || field->type == FIELD_KEYED;
	}
}

static enum metric_kind kind_of(const struct field *leaf)
{
	if (leaf->fields == counter_fields || leaf->rises)
		return METRIC_COUNTER;
	return leaf->type == FIELD_HISTOGRAM ? METRIC_HISTOGRAM
	       : leaf->type == FIELD_ENUM    ? METRIC_STATES
					     : METRIC_GAUGE;
}

/* --- the list ------------------------------------------------------------------------------------- */

static struct {
	bool made;
	size_t n;
	struct metric_family list[METRIC_FAMILIES_MAX];
	const struct field *path[METRIC_DEPTH_MAX]; /* where it is being made */
	size_t depth;
} families;

static void add(enum metric_kind kind)
{
	if (families.n == METRIC_FAMILIES_MAX)
		return; /* a test counts them */
	struct metric_family *family = &families.list[families.n++];
	family->kind = kind;
	family->depth = families.depth;
	memcpy(family->path, families.path, families.depth * sizeof(families.path[0]));
	make_name(family);
}

static bool has_info(const struct field *fields)
{
	for (const struct field *field = fields; field->name != NULL; field++)
		if (field->info)
			return true;
	return false;
}

static void add_below(const struct field *fields)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		if (!is_exported(field) || families.depth == METRIC_DEPTH_MAX)
			continue;
		families.path[families.depth++] = field;
		if (field->fields != NULL && field->fields != counter_fields) {
			if (has_info(field->fields))
				add(METRIC_INFO);
			add_below(field->fields);
		} else {
			add(kind_of(field));
		}
		families.depth--;
	}
}

const struct metric_family *metric_family(size_t number)
{
	if (!families.made)
		add_below(snapshot_fields);
	families.made = true;
	return number < families.n ? &families.list[number] : NULL;
}
