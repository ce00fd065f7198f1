// SPDX-License-Identifier: BSD-2-Clause
/* Computes what metrics leave to whoever reads them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics_families.h"
#include "export/metrics_read.h"
#include "model/counter.h"
#include "model/quantile.h"
#include "model/rate.h"

/* --- histograms ----------------------------------------------------------------------------------- */

/* Shares calls out among buckets from `from` to `to`, as if they were spread evenly. */
static void share(
	const struct field *field, uint64_t *buckets, uint32_t from, uint32_t to, uint64_t calls)
{
	const double lower = from > 0 ? field->bound(from - 1) : 0, upper = field->bound(to);
	uint64_t shared = 0;

	for (uint32_t i = from; i <= to; i++) {
		double part = (field->bound(i) - lower) / (upper - lower);
		uint64_t below =
			isfinite(upper) && i < to ? (uint64_t)llround((double)calls * part) : calls;
		buckets[i] = below - shared;
		shared = below;
	}
}

/* Makes the calls of each bucket of those up to the ends of joined ones, which metrics carry. */
static void spread(const struct field *field, char *base)
{
	uint64_t *buckets = (uint64_t *)(void *)(base + field->offset), before = 0;
	uint32_t from = 0;
	double end = 0;

	for (uint32_t i = 0; i < field->count; i++) {
		if (!metric_bucket_ends(field, i, &end) && i + 1 < field->count)
			continue;
		const uint64_t up_to = buckets[i] > before ? buckets[i] : before;
		share(field, buckets, from, i, up_to - before);
		before = up_to;
		from = i + 1;
	}
}

/* --- all members ---------------------------------------------------------------------------------- */

struct pair {
	char *now;
	const char *before; /* NULL: none */
	double interval; /* between both, s */
};

static bool is_same(const struct field *list, const char *one, const char *other)
{
	for (const struct field *field = list->fields; field->name != NULL; field++) {
		if (!metric_is_label(field))
			continue;
		const char *a = one + field->offset, *b = other + field->offset;
		if (field->type == FIELD_TEXT ? strcmp(a, b) != 0 : memcmp(a, b, field->size) != 0)
			return false;
	}
	return true;
}

/* Returns the element of the list before that is `element`, number `at` now; NULL: there was none. */
static const char *element_before(
	const struct field *list, const char *before, const char *element, uint32_t at)
{
	const uint32_t n =
		before == NULL ? 0 : *(const uint32_t *)(const void *)(before + list->n_offset);

	for (uint32_t i = 0; i < n; i++) {
		const char *other = before + list->offset + (at + i) % n * list->size;
		if (is_same(list, element, other))
			return other;
	}
	return NULL;
}

static void follow(const struct field *fields, const struct pair *pair);

/* Does so for each element of an array, or a struct. */
static void follow_below(const struct field *field, const struct pair *pair)
{
	const bool list = field->type == FIELD_LIST;
	const uint32_t n = list ? *(const uint32_t *)(const void *)(pair->now + field->n_offset)
				: (field->type == FIELD_KEYED ? field->count : 1);

	for (uint32_t i = 0; i < n; i++) {
		const size_t offset = field->offset + i * field->size;
		struct pair below = { pair->now + offset, NULL, pair->interval };
		if (list)
			below.before = element_before(field, pair->before, below.now, i);
		else if (pair->before != NULL)
			below.before = pair->before + offset;
		follow(field->fields, &below);
	}
}

static void follow(const struct field *fields, const struct pair *pair)
{
	if (fields == counter_fields) {
		struct counter *counter = (struct counter *)(void *)pair->now;
		counter_update(counter, (const struct counter *)(const void *)pair->before,
			counter->total, pair->interval);
		return;
	}
	for (const struct field *field = fields; field->name != NULL; field++)
		if (field->type == FIELD_HISTOGRAM)
			spread(field, pair->now);
		else if (field->fields != NULL && field->follows == NULL)
			follow_below(field, pair);
	for (const struct field *field = fields; field->name != NULL; field++)
		if (field->follows != NULL)
			field->follows(pair->now, pair->before, pair->now + field->offset);
}

/* --- single ones ---------------------------------------------------------------------------------- */

static int by_number(const void *one, const void *other)
{
	const struct snapshot_rule *a = one, *b = other;

	return (a->number > b->number) - (a->number < b->number);
}

static int by_severity(const void *one, const void *other)
{
	const struct snapshot_alert *a = one, *b = other;

	return (a->severity > b->severity) - (a->severity < b->severity);
}

/* Puts lists into the order that a host has them in. */
static void sort_lists(struct snapshot *s)
{
	qsort(s->mesh.rules, s->mesh.n_rules, sizeof(s->mesh.rules[0]), by_number);
	qsort(s->alerts, s->n_alerts, sizeof(s->alerts[0]), by_severity);
}

/* An empty text would say that there is nothing. */
static void name_unknown(struct snapshot *s)
{
	for (uint32_t i = 0; i < s->mesh.n_rules; i++)
		strcpy(s->mesh.rules[i].key, "-");
	for (uint32_t i = 0; i < s->mesh.n_sets; i++)
		strcpy(s->mesh.sets[i].source, "-");
	for (uint32_t i = 0; i < s->n_programs; i++)
		strcpy(s->programs[i].attached, "-");
	for (uint32_t i = 0; i < s->tc.n_interfaces; i++)
		strcpy(s->tc.interfaces[i].attached, "-");
	for (uint32_t i = 0; i < s->packets.n_left_out; i++)
		strcpy(s->packets.left_out[i].reason, "-");
	for (uint32_t i = 0; i < s->pqc.n_nodes; i++)
		strcpy(s->pqc.nodes[i].address, "-");
	strcpy(s->pqc.state, s->pqc.available ? "on" : "off");
	strcpy(s->syscalls.attached, "-");
	strcpy(s->syscalls.calls_32bit, "-");
	strcpy(s->syscalls_secure.attached, "-");
	strcpy(s->syscalls_secure.calls_32bit, "-");
	strcpy(s->talkers.reason, "Metrics carry no flows: their addresses come and go");
}

static const struct snapshot_syscall *call_before(
	const struct snapshot *before, const struct snapshot_syscall *call)
{
	for (uint32_t i = 0; before != NULL && i < before->syscalls.n_calls; i++)
		if (strcmp(before->syscalls.calls[i].name, call->name) == 0)
			return &before->syscalls.calls[i];
	return NULL;
}

void metrics_complete(struct snapshot *s, const struct snapshot *before)
{
	const struct pair pair = { (char *)s, (const char *)before,
		before != NULL ? s->time - before->time : 0 };

	s->interval = pair.interval > 0 ? pair.interval : NAN;
	follow(snapshot_fields, &pair);
	for (uint32_t i = 0; i < s->syscalls.n_calls; i++)
		if (s->syscalls.calls[i].calls.total != COUNT_UNKNOWN)
			syscall_mean(
				&s->syscalls.calls[i], call_before(before, &s->syscalls.calls[i]));
	for (uint32_t i = 0; i < s->syscalls_secure.n_calls; i++)
		syscall_secure_quantiles(&s->syscalls_secure.calls[i]);
	quantiles_of_octaves(s->pqc.buckets, PQC_TIME_BUCKETS, &s->pqc.times);
	sort_lists(s);
	name_unknown(s);
}
