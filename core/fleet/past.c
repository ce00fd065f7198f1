// SPDX-License-Identifier: BSD-2-Clause
#include "fleet/past.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics_read.h"

/* Its value is the time of the sample that a scrape brought. */
#define TIME_METRIC "x0top_sample_timestamp_seconds"

/* What every Prometheus knows of its targets: the number of series that a scrape brought. */
#define SERIES_METRIC "scrape_samples_scraped"

enum {
	SELECTOR_LEN = 512,
	LABELS_MAX = 16,
	NO_SAMPLE = -1,
};

struct point {
	int sample; /* that a scrape brought until then; NO_SAMPLE: the host was not there */
	double time; /* of that sample; NAN: none */
};

struct past {
	char selector[SELECTOR_LEN]; /* of all series of the host, "job=...,instance=..." */
	double end, span; /* that are asked for; s */
	bool all; /* all series are asked for; else how many there are */
	struct prometheus_range range; /* of the samples */
	double interval; /* between the points of the samples */
	uint32_t n_points, n_samples;
	struct point points[PAST_POINTS_MAX];
	struct snapshot *samples[PAST_POINTS_MAX]; /* opened when they are needed */
	double times[PAST_POINTS_MAX];
	bool follows[PAST_POINTS_MAX]; /* the sample before, without a gap */
};

struct past *past_open(void)
{
	return calloc(1, sizeof(struct past));
}

void past_close(struct past *past)
{
	for (int i = 0; past != NULL && i < PAST_POINTS_MAX; i++)
		snapshot_close(past->samples[i]);
	free(past);
}

/* --- asking --------------------------------------------------------------------------------------- */

void past_expect(struct past *past, double end, double span, uint32_t points)
{
	past->end = end;
	past->span = span;
	past->n_points = points;
	past->range = (struct prometheus_range) {
		.start = past->end - past->span,
		.end = past->end,
		.step = past->span / (points - 1),
	};
}

static int ask(struct past *past, struct prometheus *prometheus, const char *metric,
	struct failure *failure)
{
	char expression[SELECTOR_LEN + sizeof(SERIES_METRIC) + 2];
	const char *const expressions[] = { expression };

	snprintf(expression, sizeof(expression), "%s{%s}", metric, past->selector);
	return prometheus_begin(prometheus, expressions, 1, &past->range, failure);
}

int past_begin(struct past *past, struct prometheus *prometheus,
	const struct fleet_request *request, const char *instance, double end, double span,
	struct failure *failure)
{
	if (strpbrk(instance, "\"\\\n") != NULL)
		return failure_set(failure, -EINVAL, "The name of this host cannot be asked for");
	snprintf(past->selector, sizeof(past->selector), "job=\"%s\",instance=\"%s\"", request->job,
		instance);
	past->all = false;
	past_expect(past, end, span, PAST_POINTS_MIN);
	return ask(past, prometheus, SERIES_METRIC, failure);
}

/* --- values of series ----------------------------------------------------------------------------- */

struct values {
	const struct past *past;
	const json_t *list; /* pairs of a time and a text */
	size_t next;
};

/* Returns the number of the next value's point and sets *value; -1 after the last. */
static int next_value(struct values *values, double *value)
{
	const struct prometheus_range *range = &values->past->range;

	while (values->next < json_array_size(values->list)) {
		const json_t *pair = json_array_get(values->list, values->next++);
		const char *text = json_string_value(json_array_get(pair, 1));
		double at =
			(json_number_value(json_array_get(pair, 0)) - range->start) / range->step;
		if (text == NULL || !(at > -0.5 && at < values->past->n_points - 0.5))
			continue;
		*value = strtod(text, NULL);
		return (int)lround(at);
	}
	return -1;
}

static struct values values_of(const struct past *past, const json_t *series)
{
	return (struct values) { past, json_object_get(series, "values"), 0 };
}

static const char *name_of(const json_t *series)
{
	const char *name =
		json_string_value(json_object_get(json_object_get(series, "metric"), "__name__"));

	return name != NULL ? name : "";
}

static double count_series(const struct past *past, const json_t *answer)
{
	double most = 0, value;

	for (size_t i = 0; i < json_array_size(answer); i++) {
		struct values values = values_of(past, json_array_get(answer, i));
		while (next_value(&values, &value) >= 0)
			most = fmax(most, value);
	}
	return most;
}

/* Fewer points of more series. */
static int ask_for_all(struct past *past, struct prometheus *prometheus, const json_t *answer,
	struct failure *failure)
{
	double points = PAST_VALUES_MAX / fmax(count_series(past, answer), 1);

	points = fmin(fmax(points, PAST_POINTS_MIN), PAST_POINTS_MAX);
	past->all = true;
	past_expect(past, past->end, past->span, (uint32_t)points);
	return ask(past, prometheus, "", failure);
}

/* --- samples -------------------------------------------------------------------------------------- */

static void read_points(struct past *past, const json_t *answer)
{
	double value;
	int at;

	for (uint32_t i = 0; i < past->n_points; i++)
		past->points[i] = (struct point) { NO_SAMPLE, NAN };
	for (size_t i = 0; i < json_array_size(answer); i++) {
		const json_t *series = json_array_get(answer, i);
		struct values values = values_of(past, series);
		if (strcmp(name_of(series), TIME_METRIC) != 0)
			continue;
		while ((at = next_value(&values, &value)) >= 0)
			past->points[at].time = value;
	}
}

/* Points between two scrapes have the same sample, which is shown once. */
static int number_samples(struct past *past)
{
	double time = NAN;
	bool gap = true;

	past->n_samples = 0;
	for (uint32_t i = 0; i < past->n_points; i++) {
		struct point *point = &past->points[i];
		gap |= isnan(point->time);
		if (isnan(point->time) || point->time == time)
			continue;
		const uint32_t n = past->n_samples;
		if (past->samples[n] == NULL && (past->samples[n] = snapshot_open()) == NULL)
			return -ENOMEM;
		metrics_begin(past->samples[n]);
		past->times[n] = time = point->time;
		past->follows[n] = !gap;
		point->sample = (int)past->n_samples++;
		gap = false;
	}
	return 0;
}

/* Puts a series into the samples that it has values of. */
static void fill(struct past *past, const json_t *answered)
{
	struct metric_label labels[LABELS_MAX];
	struct metric_series series = { .name = name_of(answered), .labels = labels };
	struct values values = values_of(past, answered);
	const json_t *value;
	const char *key;
	double number;
	int at;

	json_object_foreach (json_object_get(answered, "metric"), key, value)
		if (series.n_labels < LABELS_MAX && json_is_string(value))
			labels[series.n_labels++] =
				(struct metric_label) { key, json_string_value(value) };
	if (!metrics_find(&series))
		return;
	while ((at = next_value(&values, &number)) >= 0)
		if (past->points[at].sample != NO_SAMPLE)
			metrics_put(past->samples[past->points[at].sample], &series, number);
}

int past_take(struct past *past, const json_t *answer, struct failure *failure)
{
	read_points(past, answer);
	if (number_samples(past) < 0) {
		past->n_samples = 0;
		return failure_set(failure, -ENOMEM, "Not enough memory for the history");
	}
	for (size_t i = 0; i < json_array_size(answer); i++)
		fill(past, json_array_get(answer, i));
	for (uint32_t i = 0; i < past->n_samples; i++)
		metrics_complete(past->samples[i], past->follows[i] ? past->samples[i - 1] : NULL);
	past->interval = past->range.step;
	if (past->n_samples > 0)
		return 1;
	failure_set(failure, -ENODATA, "Prometheus has no sample of this host in that time");
	return failure_remedy(failure, "Look at a longer time, by -");
}

int past_step(
	struct past *past, struct prometheus *prometheus, int wait_ms, struct failure *failure)
{
	json_t *results[PROMETHEUS_QUERIES_MAX];
	int result = prometheus_step(prometheus, wait_ms, results, failure);

	if (result <= 0)
		return result;
	result = past->all ? past_take(past, results[0], failure)
			   : ask_for_all(past, prometheus, results[0], failure);
	json_decref(results[0]);
	return result;
}

/* --- reading them --------------------------------------------------------------------------------- */

double past_interval(const struct past *past)
{
	return past->interval;
}

static uint32_t count(const void *source)
{
	return ((const struct past *)source)->n_samples;
}

static double time_of(const void *source, uint32_t at)
{
	const struct past *past = source;

	return at < past->n_samples ? past->times[at] : 0;
}

static int read_sample(
	void *source, uint32_t *at, struct snapshot *snapshot, struct failure *failure)
{
	struct past *past = source;

	if (past->n_samples == 0)
		return failure_set(failure, -ENODATA, "There is no sample");
	if (*at >= past->n_samples)
		*at = past->n_samples - 1;
	snapshot_copy(snapshot, past->samples[*at]);
	return 0;
}

static uint32_t none_left_out(const void *source, char sentence[FAILURE_SENTENCE_LEN])
{
	(void)source;
	sentence[0] = '\0';
	return 0;
}

struct samples past_samples(struct past *past)
{
	return (struct samples) { past, count, time_of, read_sample, none_left_out };
}
