/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads metrics back into a snapshot: the reverse of metrics.h, for samples of a Prometheus. What metrics do
 * not carry is unknown there, or "-" where only a text could say it; lists that they leave out are empty.
 *
 *	metrics_find(&series);	once for each series
 *	metrics_begin(snapshot);
 *	metrics_put(snapshot, &series, value);	for each series
 *	metrics_complete(snapshot, before);
 */
#ifndef X0_EXPORT_METRICS_READ_H
#define X0_EXPORT_METRICS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

struct metric_label {
	const char *name, *value;
};

enum metric_part {
	METRIC_VALUE,
	METRIC_BUCKET,
	METRIC_SUM,
	METRIC_ALERTS_OF, /* a severity; of no field */
};

/* A time series. Names and labels may be hostile; the caller owns them. */
struct metric_series {
	const char *name;
	const struct metric_label *labels;
	size_t n_labels;
	/* Set by metrics_find(). */
	const struct metric_family *family;
	enum metric_part part;
	uint32_t hint; /* where its element was in the list of the snapshot before */
};

/* Finds the place of a series in snapshots. Returns whether it has one. */
bool metrics_find(struct metric_series *series);

/* Makes a snapshot empty, and unknown what can be. */
void metrics_begin(struct snapshot *snapshot);

/* Puts the value of a series that has a place; one that cannot be is left out. */
void metrics_put(struct snapshot *snapshot, struct metric_series *series, double value);

/*
 * Computes what follows: rates, means and quantiles since `before`, the snapshot before in time; NULL: there is
 * none, and they are unknown. The interval is the time between both, and 0 without one.
 */
void metrics_complete(struct snapshot *snapshot, const struct snapshot *before);

#endif
