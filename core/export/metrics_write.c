// SPDX-License-Identifier: BSD-2-Clause
#include "export/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "export/json_text.h"
#include "model/counter.h"
#include "model/fields.h"

#define DEPTH_MAX  8 /* tables within tables */
#define LABELS_LEN 1024

/* A histogram's buckets, of which it has hundreds, are joined until each ends at twice the last. */
#define BUCKET_RATIO 2

/* Where a family of samples lies: the members from the snapshot's table down to the number. */
struct writer {
	FILE *file;
	enum metrics_format format;
	const struct field *path[DEPTH_MAX];
	size_t depth;
	bool headed; /* the family's description is written */
	char labels[LABELS_LEN];
	size_t length; /* of labels */
};

/* --- units -------------------------------------------------------------------------------------- */

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

static double base_value(const struct field *field, double value)
{
	const struct unit *unit = find_unit(field);

	return unit != NULL ? value * unit->factor : value;
}

/* --- names -------------------------------------------------------------------------------------- */

/* Ends of members' names that say a unit, which the metric's name says its own way. */
static const char *const unit_suffixes[] = { "_ns", "_ms", "_s", "_percent", "_bytes" };

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

/* "x0top_syscalls_calls_total", not "..._calls_calls_total". */
static bool repeats(const struct writer *w)
{
	return w->depth > 1 &&
	       strcmp(w->path[w->depth - 1]->name, w->path[w->depth - 2]->name) == 0;
}

static void write_name(const struct writer *w)
{
	const struct field *leaf = w->path[w->depth - 1];
	const struct unit *unit = leaf->fields == NULL ? find_unit(leaf) : NULL;
	const char *name = leaf->metric != NULL ? leaf->metric : leaf->name;

	fputs("x0top", w->file);
	for (size_t i = 0; i + 1 < w->depth; i++)
		fprintf(w->file, "_%s", w->path[i]->name);
	if (!repeats(w))
		fprintf(w->file, "_%.*s", unit != NULL ? bare_length(name) : (int)strlen(name),
			name);
	if (leaf->type == FIELD_HISTOGRAM)
		fputs("_seconds", w->file);
	else if (unit != NULL)
		fprintf(w->file, "_%s", unit->base);
}

/* --- what is a metric --------------------------------------------------------------------------- */

static bool is_counter(const struct field *field)
{
	return field->fields == counter_fields;
}

/* Labels of lists whose elements come and go: each would be a time series of its own. */
static const char *const unbounded[] = { "thread", "session", "event", "alert", "key" };

static bool is_bounded_label(const char *label)
{
	for (size_t i = 0; i < sizeof(unbounded) / sizeof(unbounded[0]); i++)
		if (strcmp(unbounded[i], label) == 0)
			return false;
	return true;
}

/* Whether the elements of a list are told apart, by labels of which there are few values. */
static bool is_bounded(const struct field *list)
{
	bool labelled = false;

	for (const struct field *field = list->fields; field->name != NULL; field++) {
		if (field->label == NULL)
			continue;
		if (!is_bounded_label(field->label))
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
		return false;
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

/* --- samples ------------------------------------------------------------------------------------ */

static const char *type_name(const struct field *leaf)
{
	if (is_counter(leaf))
		return "counter";
	return leaf->type == FIELD_HISTOGRAM ? "histogram" : "gauge";
}

static bool ends_in_total(const struct writer *w)
{
	return w->format == METRICS_PROMETHEUS && is_counter(w->path[w->depth - 1]);
}

/* Describes the family, once it has a sample. */
static void write_head(struct writer *w)
{
	const struct field *leaf = w->path[w->depth - 1];
	const char *total = ends_in_total(w) ? "_total" : "";

	if (w->headed)
		return;
	w->headed = true;
	fputs("# HELP ", w->file);
	write_name(w);
	fprintf(w->file, "%s %s.\n# TYPE ", total, leaf->help);
	write_name(w);
	fprintf(w->file, "%s %s\n", total, type_name(leaf));
}

/* Writes the start of a sample, up to its value. `le` is the end of a bucket, or NULL. */
static void write_sample(struct writer *w, const char *suffix, const char *le)
{
	write_head(w);
	write_name(w);
	fputs(suffix, w->file);
	if (w->length > 0 || le != NULL)
		fprintf(w->file, "{%s%s%s%s%s}", w->labels, w->length > 0 && le != NULL ? "," : "",
			le != NULL ? "le=\"" : "", le != NULL ? le : "", le != NULL ? "\"" : "");
	fputc(' ', w->file);
}

static void write_count(struct writer *w, const char *suffix, uint64_t count)
{
	write_sample(w, suffix, NULL);
	fprintf(w->file, "%" PRIu64 "\n", count);
}

static void write_double(struct writer *w, const char *suffix, double value)
{
	if (!isfinite(value))
		return;
	write_sample(w, suffix, NULL);
	fprintf(w->file, "%.15g\n", value);
}

static void write_counter(struct writer *w, const struct counter *counter)
{
	if (counter->total != COUNT_UNKNOWN)
		write_count(w, "_total", counter->total);
}

/* Each bucket counts the calls up to its end, as Prometheus wants them. */
static void write_histogram(struct writer *w, const struct field *field, const char *base)
{
	const uint64_t *buckets = (const uint64_t *)(base + field->offset);
	uint64_t calls = 0;
	double end = 0;
	char le[32];

	for (uint32_t i = 0; i < field->count; i++) {
		calls += buckets[i];
		if (!isfinite(field->bound(i)) || field->bound(i) < BUCKET_RATIO * end)
			continue;
		end = field->bound(i);
		snprintf(le, sizeof(le), "%.15g", end * 1e-9);
		write_sample(w, "_bucket", le);
		fprintf(w->file, "%" PRIu64 "\n", calls);
	}
	write_sample(w, "_bucket", "+Inf");
	fprintf(w->file, "%" PRIu64 "\n", calls);
	if (field->n_offset != 0)
		write_double(w, "_sum", (double)*(const uint64_t *)(base + field->n_offset) * 1e-9);
	write_count(w, "_count", calls);
}

static void add_label(struct writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_label(struct writer *w, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int n = vsnprintf(w->labels + w->length, sizeof(w->labels) - w->length, format, arguments);
	va_end(arguments);
	if (n > 0)
		w->length += (size_t)n;
	if (w->length >= sizeof(w->labels))
		w->length = sizeof(w->labels) - 1;
}

/* Quotes, backslashes and line feeds are escaped in the value of a label. */
static void add_text_label(struct writer *w, const char *label, const char *text, size_t size)
{
	char clean[SENTENCE_LEN];
	size_t length = json_text_clean(text, size, clean);

	add_label(w, "%s%s=\"", w->length > 0 ? "," : "", label);
	for (size_t i = 0; i < length; i++)
		if (clean[i] == '\n')
			add_label(w, "\\n");
		else if (clean[i] == '"' || clean[i] == '\\')
			add_label(w, "\\%c", clean[i]);
		else
			add_label(w, "%c", clean[i]);
	add_label(w, "\"");
}

/* Adds what tells an element of a list from its neighbours. */
static void add_element_labels(struct writer *w, const struct field *fields, const char *element)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		const void *value = element + field->offset;
		if (field->label == NULL || field->type == FIELD_KEYED)
			continue;
		if (field->type == FIELD_TEXT)
			add_text_label(w, field->label, value, field->size);
		else if (field->type == FIELD_UINT32)
			add_label(w, "%s%s=\"%" PRIu32 "\"", w->length > 0 ? "," : "", field->label,
				*(const uint32_t *)value);
		else if (field->type == FIELD_ENUM)
			add_label(w, "%s%s=\"%s\"", w->length > 0 ? "," : "", field->label,
				field->names[*(const uint32_t *)value]);
	}
}

static void cut_labels(struct writer *w, size_t length)
{
	w->length = length;
	w->labels[length] = '\0';
}

/* A sample for each word, 1 for the one that is so. */
static void write_enum(struct writer *w, const struct field *field, uint32_t value)
{
	size_t length = w->length;

	for (uint32_t i = 0; field->names[i] != NULL; i++) {
		add_text_label(w, field->name, field->names[i], strlen(field->names[i]));
		write_count(w, "", i == value);
		cut_labels(w, length);
	}
}

/* `base` is the struct that has the member. */
static void write_value(struct writer *w, const struct field *field, const char *base)
{
	const void *value = base + field->offset;

	switch (field->type) {
	case FIELD_BOOL:
		write_count(w, "", *(const bool *)value);
		break;
	case FIELD_UINT32:
		write_double(w, "", base_value(field, *(const uint32_t *)value));
		break;
	case FIELD_UINT64:
		if (*(const uint64_t *)value != COUNT_UNKNOWN)
			write_double(w, "", base_value(field, (double)*(const uint64_t *)value));
		break;
	case FIELD_INT64:
		write_double(w, "", base_value(field, (double)*(const int64_t *)value));
		break;
	case FIELD_DOUBLE:
		write_double(w, "", base_value(field, *(const double *)value));
		break;
	case FIELD_ENUM:
		write_enum(w, field, *(const uint32_t *)value);
		break;
	case FIELD_HISTOGRAM:
		write_histogram(w, field, base);
		break;
	default:
		break;
	}
}

/* --- families ----------------------------------------------------------------------------------- */

/* Writes the samples of a family below the member at `depth` of its path; `base` is the struct that has it. */
static void write_samples(struct writer *w, size_t depth, const char *base)
{
	const struct field *field = w->path[depth];
	bool last = depth + 1 == w->depth, list = field->type == FIELD_LIST;
	size_t length = w->length;
	uint32_t n = 1;

	if (!list && field->type != FIELD_KEYED && last && !is_counter(field)) {
		write_value(w, field, base);
		return;
	}
	if (field->type == FIELD_KEYED)
		n = field->count;
	else if (list)
		n = *(const uint32_t *)(base + field->n_offset);
	for (uint32_t i = 0; i < n && (!list || i < field->count); i++) {
		const char *element = base + field->offset + i * field->size;
		if (field->type == FIELD_KEYED)
			add_text_label(w, field->label, field->names[i], strlen(field->names[i]));
		else if (list)
			add_element_labels(w, field->fields, element);
		if (last)
			write_counter(w, (const struct counter *)element);
		else
			write_samples(w, depth + 1, element);
		cut_labels(w, length);
	}
}

/* Writes the families below a table, each with all its samples together. */
static void write_families(
	struct writer *w, const struct field *fields, const struct snapshot *snapshot)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		if (!is_exported(field) || w->depth == DEPTH_MAX)
			continue;
		w->path[w->depth++] = field;
		if (field->fields != NULL && !is_counter(field)) {
			write_families(w, field->fields, snapshot);
		} else {
			w->headed = false;
			write_samples(w, 0, (const char *)snapshot);
		}
		w->depth--;
	}
}

int metrics_write_samples(const struct snapshot *snapshot, enum metrics_format format, FILE *file)
{
	struct writer writer = { .file = file, .format = format };

	write_families(&writer, snapshot_fields, snapshot);
	return fflush(file) == 0 && !ferror(file) ? 0 : -EIO;
}

int metrics_write(const struct snapshot *snapshot, enum metrics_format format, FILE *file)
{
	int error = metrics_write_samples(snapshot, format, file);

	if (format == METRICS_OPENMETRICS)
		fputs("# EOF\n", file);
	return error == 0 && fflush(file) == 0 && !ferror(file) ? 0 : -EIO;
}
