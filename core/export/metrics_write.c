// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics.h"
#include "export/metrics_families.h"
#include "export/metrics_plugins.h"
#include "export/metrics_value.h"
#include "model/counter.h"
#include "model/names.h"

#define LABELS_LEN 4096 /* the paths of a plugin are the longest */

struct writer {
	char *bytes; /* what is written so far */
	size_t used, room;
	bool no_memory;
	enum metrics_format format;
	const struct metric_family *family;
	bool headed; /* the family's description is written */
	size_t name_length;
	char labels[LABELS_LEN]; /* not terminated */
	size_t length; /* of labels */
};

/* --- bytes: a thousand rules and hundreds of interfaces are a million pieces, too many for stdio(3) - */

static bool grow(struct writer *w, size_t length)
{
	enum { FIRST = 64 << 10 };
	size_t room = 2 * w->room + length + FIRST;
	char *grown = realloc(w->bytes, room);

	if (grown == NULL) {
		w->no_memory = true;
		return false;
	}
	w->bytes = grown;
	w->room = room;
	return true;
}

static void put(struct writer *w, const char *text, size_t length)
{
	if (length > w->room - w->used && !grow(w, length))
		return;
	memcpy(w->bytes + w->used, text, length);
	w->used += length;
}

static void put_text(struct writer *w, const char *text)
{
	put(w, text, strlen(text));
}

static void put_format(struct writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* At most a line of description. */
static void put_format(struct writer *w, const char *format, ...)
{
	char line[2 * SENTENCE_LEN];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length > 0)
		put(w, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

static void put_count(struct writer *w, uint64_t count)
{
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + count % 10);
	while ((count /= 10) != 0);
	put(w, digits + at, sizeof(digits) - at);
}

/* Adds to the labels, as far as there is room. */
static void add(struct writer *w, const char *text, size_t length)
{
	size_t room = sizeof(w->labels) - w->length;

	length = length < room ? length : room;
	memcpy(w->labels + w->length, text, length);
	w->length += length;
}

static void add_value(struct writer *w, const char *text, size_t size)
{
	char value[METRICS_VALUE_LEN];
	size_t plain = 0;

	while (plain < size && text[plain] >= ' ' && text[plain] <= '~' && text[plain] != '"' &&
		text[plain] != '\\')
		plain++;
	if (plain == size || text[plain] == '\0')
		add(w, text, plain);
	else
		add(w, value, metrics_value_write(text, size, value));
}

static void add_label(struct writer *w, const char *label, const char *text, size_t size)
{
	if (w->length > 0)
		add(w, ",", 1);
	add(w, label, strlen(label));
	add(w, "=\"", 2);
	add_value(w, text, size);
	add(w, "\"", 1);
}

static void add_field(struct writer *w, const struct field *field, const char *element)
{
	const char *label = field->label != NULL ? field->label : field->name;
	const void *value = element + field->offset;
	char number[16];

	if (field->type == FIELD_TEXT) {
		add_label(w, label, value, field->size);
	} else if (field->type == FIELD_ENUM) {
		const char *word = field->names[*(const uint32_t *)value];
		add_label(w, label, word, strlen(word));
	} else if (field->type == FIELD_UINT32) {
		snprintf(number, sizeof(number), "%" PRIu32, *(const uint32_t *)value);
		add_label(w, label, number, sizeof(number));
	}
}

/* Adds what tells an element of a list from its neighbours. */
static void add_element(struct writer *w, const struct field *fields, const char *element)
{
	for (const struct field *field = fields; field->name != NULL; field++)
		if (metric_is_label(field))
			add_field(w, field, element);
}

/* --- samples -------------------------------------------------------------------------------------- */

/* What the name of a family ends in where it is described. */
static const char *described_suffix(const struct writer *w)
{
	if (w->format == METRICS_OPENMETRICS)
		return "";
	return w->family->kind == METRIC_COUNTER ? "_total"
	       : w->family->kind == METRIC_INFO	 ? "_info"
						 : "";
}

/* Describes the family, once it has a sample. */
static void put_head(struct writer *w)
{
	const struct metric_family *family = w->family;
	const char *suffix = described_suffix(w);

	w->headed = true;
	put_format(w, "# HELP %s%s %s.\n# TYPE %s%s %s\n", family->name, suffix,
		family->path[family->depth - 1]->help, family->name, suffix,
		metric_type_name(family->kind, w->format == METRICS_OPENMETRICS));
}

/* Writes the start of a sample, up to its value. `le` is the end of a bucket, or NULL. */
static void put_start(struct writer *w, const char *suffix, const char *le)
{
	if (!w->headed)
		put_head(w);
	put(w, w->family->name, w->name_length);
	put_text(w, suffix);
	if (w->length > 0 || le != NULL) {
		put(w, "{", 1);
		put(w, w->labels, w->length);
		if (le != NULL) {
			put_text(w, w->length > 0 ? ",le=\"" : "le=\"");
			put_text(w, le);
			put(w, "\"", 1);
		}
		put(w, "}", 1);
	}
	put(w, " ", 1);
}

static void write_count(struct writer *w, const char *suffix, uint64_t count)
{
	put_start(w, suffix, NULL);
	put_count(w, count);
	put(w, "\n", 1);
}

static void write_double(struct writer *w, const char *suffix, double value)
{
	if (!isfinite(value))
		return;
	put_start(w, suffix, NULL);
	if (value >= 0 && value < 1e15 && value == (double)(uint64_t)value) {
		put_count(w, (uint64_t)value);
		put(w, "\n", 1);
	} else {
		put_format(w, "%.15g\n", value);
	}
}

/* Each bucket counts the calls up to its end, as Prometheus wants them. */
static void write_histogram(struct writer *w, const struct field *field, const char *base)
{
	const uint64_t *buckets = (const uint64_t *)(base + field->offset);
	const uint64_t *sum = (const uint64_t *)(base + field->n_offset);
	uint64_t calls = 0;
	double end = 0;
	char le[32];

	if (field->n_offset != 0 && *sum == COUNT_UNKNOWN)
		return;
	for (uint32_t i = 0; i < field->count; i++) {
		calls += buckets[i];
		if (!metric_bucket_ends(field, i, &end))
			continue;
		snprintf(le, sizeof(le), "%.15g", end * 1e-9);
		put_start(w, "_bucket", le);
		put_count(w, calls);
		put(w, "\n", 1);
	}
	put_start(w, "_bucket", "+Inf");
	put_count(w, calls);
	put(w, "\n", 1);
	if (field->n_offset != 0)
		write_double(w, "_sum", (double)*sum * 1e-9);
	write_count(w, "_count", calls);
}

/* A sample for each word, 1 for the one that is so. */
static void write_states(struct writer *w, const struct field *field, uint32_t value)
{
	size_t length = w->length;

	for (uint32_t i = 0; field->names[i] != NULL; i++) {
		add_label(w, field->name, field->names[i], strlen(field->names[i]));
		write_count(w, "", i == value);
		w->length = length;
	}
}

/* `base` is the struct that has the member. */
static void write_value(struct writer *w, const struct field *field, const char *base)
{
	const char *suffix = field->rises ? "_total" : "";
	const void *value = base + field->offset;

	switch (field->type) {
	case FIELD_BOOL:
		write_count(w, "", *(const bool *)value);
		break;
	case FIELD_UINT32:
		if (!field->nullable || *(const uint32_t *)value != 0)
			write_double(w, suffix, metric_base_value(field, *(const uint32_t *)value));
		break;
	case FIELD_UINT64:
		if (*(const uint64_t *)value != COUNT_UNKNOWN)
			write_double(w, suffix,
				metric_base_value(field, (double)*(const uint64_t *)value));
		break;
	case FIELD_INT64:
		write_double(w, suffix, metric_base_value(field, (double)*(const int64_t *)value));
		break;
	case FIELD_DOUBLE:
		write_double(w, suffix, metric_base_value(field, *(const double *)value));
		break;
	case FIELD_ENUM:
		write_states(w, field, *(const uint32_t *)value);
		break;
	case FIELD_HISTOGRAM:
		write_histogram(w, field, base);
		break;
	default:
		break;
	}
}

static void write_counter(struct writer *w, const struct counter *counter)
{
	if (counter->total != COUNT_UNKNOWN)
		write_count(w, "_total", counter->total);
}

static void write_info(struct writer *w, const struct field *fields, const char *element)
{
	for (const struct field *field = fields; field->name != NULL; field++)
		if (field->info)
			add_field(w, field, element);
	write_count(w, "_info", 1);
}

/* --- families ------------------------------------------------------------------------------------- */

static void write_samples(struct writer *w, size_t depth, const char *base);

/* Writes what the last member of the path has. */
static void write_last(struct writer *w, const struct field *field, const char *element)
{
	if (w->family->kind == METRIC_INFO)
		write_info(w, field->fields, element);
	else
		write_counter(w, (const struct counter *)element);
}

/* Writes the elements of an array, or the struct itself, and what is below. */
static void write_elements(struct writer *w, size_t depth, const char *base)
{
	const struct field *field = w->family->path[depth];
	size_t length = w->length;
	uint32_t n = field->type == FIELD_KEYED	 ? field->count
		     : field->type == FIELD_LIST ? *(const uint32_t *)(base + field->n_offset)
						 : 1;

	for (uint32_t i = 0; i < n && (field->type != FIELD_LIST || i < field->count); i++) {
		const char *element = base + field->offset + i * field->size;
		if (field->type == FIELD_KEYED)
			add_label(w, field->label, field->names[i], strlen(field->names[i]));
		else if (field->type == FIELD_LIST)
			add_element(w, field->fields, element);
		if (depth + 1 == w->family->depth)
			write_last(w, field, element);
		else
			write_samples(w, depth + 1, element);
		w->length = length;
	}
}

/* Writes the samples below the member at `depth` of the path; `base` is the struct that has it. */
static void write_samples(struct writer *w, size_t depth, const char *base)
{
	const struct field *field = w->family->path[depth];

	if (field->fields == NULL)
		write_value(w, field, base);
	else
		write_elements(w, depth, base);
}

/* --- what no single number of the tables is ------------------------------------------------------- */

static void put_described(struct writer *w, const char *name, const char *suffix, const char *help)
{
	const bool open = w->format == METRICS_OPENMETRICS;

	put_format(w, "# HELP %s%s %s.\n# TYPE %s%s %s\n", name, open ? "" : suffix, help, name,
		open ? "" : suffix, open && suffix[0] != '\0' ? "info" : "gauge");
}

static void write_build(struct writer *w, const struct snapshot *snapshot)
{
	w->length = 0;
	add_label(w, "version", X0TOP_VERSION, sizeof(X0TOP_VERSION));
	add_label(w, "schema", snapshot->schema, sizeof(snapshot->schema));
	put_described(w, METRIC_BUILD, "_info", METRIC_BUILD_HELP);
	put_text(w, METRIC_BUILD "_info{");
	put(w, w->labels, w->length);
	put_text(w, "} 1\n");
	w->length = 0;
}

static void write_alerts(struct writer *w, const struct snapshot *snapshot)
{
	uint64_t lasting[SEVERITIES] = { 0 };

	for (uint32_t i = 0; i < snapshot->n_alerts; i++)
		if (isnan(snapshot->alerts[i].end) && snapshot->alerts[i].severity < SEVERITIES)
			lasting[snapshot->alerts[i].severity]++;
	put_described(w, METRIC_ALERTS, "", METRIC_ALERTS_HELP);
	for (int i = 0; i < SEVERITIES; i++)
		put_format(w, METRIC_ALERTS "{severity=\"%s\"} %" PRIu64 "\n", severity_names[i],
			lasting[i]);
}

static void write_plugins(struct writer *w, const struct snapshot *snapshot)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *file = snapshot->plugins.n_rows > 0 ? open_memstream(&bytes, &length) : NULL;

	if (file != NULL) {
		metrics_write_plugins(snapshot, w->format == METRICS_OPENMETRICS, file);
		fclose(file);
		put(w, bytes, length);
	}
	free(bytes);
}

char *metrics_text(const struct snapshot *snapshot, enum metrics_format format, size_t *length)
{
	static size_t last; /* length, which the next one is like */
	struct writer writer = { .format = format };

	grow(&writer, last);
	write_build(&writer, snapshot);
	write_alerts(&writer, snapshot);
	for (size_t i = 0; (writer.family = metric_family(i)) != NULL; i++) {
		writer.headed = false;
		writer.name_length = strlen(writer.family->name);
		write_samples(&writer, 0, (const char *)snapshot);
	}
	write_plugins(&writer, snapshot);
	if (writer.no_memory) {
		free(writer.bytes);
		return NULL;
	}
	*length = last = writer.used;
	return writer.bytes;
}

int metrics_write(const struct snapshot *snapshot, enum metrics_format format, FILE *file)
{
	size_t length;
	char *text = metrics_text(snapshot, format, &length);
	bool written = text != NULL && fwrite(text, 1, length, file) == length;

	free(text);
	if (format == METRICS_OPENMETRICS)
		fputs("# EOF\n", file);
	return written && fflush(file) == 0 && !ferror(file) ? 0 : -EIO;
}
