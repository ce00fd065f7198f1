/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The families of metrics, made from the field tables once: what the exporter writes and what the manual
 * x0top-metrics(7) lists.
 */
#ifndef X0_EXPORT_METRICS_FAMILIES_H
#define X0_EXPORT_METRICS_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fields.h"

enum {
	METRIC_DEPTH_MAX = 8, /* tables within tables */
	METRIC_NAME_LEN = 96,
	METRIC_FAMILIES_MAX = 384,
};

enum metric_kind {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_STATES, /* a gauge for each word of a list, 1 for the one that is so */
	METRIC_HISTOGRAM,
	METRIC_INFO, /* 1, with words as labels */
};

struct metric_family {
	enum metric_kind kind;
	size_t depth;
	/* From the snapshot's table down to the number; METRIC_INFO: to the struct or list that has the words. */
	const struct field *path[METRIC_DEPTH_MAX];
	char name[METRIC_NAME_LEN]; /* without "_total", "_info", "_bucket" and so on */
};

/* Returns family `number`, owned by this module; NULL after the last. */
const struct metric_family *metric_family(size_t number);

/* Returns the value of a number of a field in base units: seconds, bytes, ratios. */
double metric_base_value(const struct field *field, double value);

/*
 * A histogram's buckets, of which it has hundreds, are joined until each ends at twice the last. Returns whether
 * one ends with this bucket; *end is the end of the last one, in ns, 0 at first.
 */
bool metric_bucket_ends(const struct field *field, uint32_t bucket, double *end);

/* Returns whether a member of a list's element is a label. */
bool metric_is_label(const struct field *field);

/* "counter", "gauge", "histogram", "info"; the older text format has no info. */
const char *metric_type_name(enum metric_kind kind, bool openmetrics);

#endif
