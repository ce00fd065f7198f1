/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a snapshot as metrics for Prometheus. Each number of the field tables is a metric, named by
 * its place, "x0top_packets_interfaces_malformed_total"; in base units, seconds, bytes and ratios; with
 * the labels that the tables have. Left out are rates, quantiles, means and texts, which Prometheus
 * computes or cannot use, and lists whose elements come and go: events, slow calls, sessions, alerts.
 */
#ifndef X0_EXPORT_METRICS_H
#define X0_EXPORT_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/snapshot.h"

#define METRIC_BUILD	   "x0top_build"
#define METRIC_BUILD_HELP  "Version of x0top, and the layout of its samples"
#define METRIC_ALERTS	   "x0top_alerts"
#define METRIC_ALERTS_HELP "Alerts that last, by severity"

enum metrics_format {
	METRICS_PROMETHEUS, /* text/plain; version=0.0.4 */
	METRICS_OPENMETRICS, /* application/openmetrics-text; version=1.0.0 */
};

/* Writes all metrics; one whose value is unknown is absent. Returns 0 or -EIO. */
int metrics_write(const struct snapshot *snapshot, enum metrics_format format, FILE *file);

/* Returns the same but for its end, which metrics_write_service() writes: not terminated, of malloc(3); NULL
 * without memory. */
char *metrics_text(const struct snapshot *snapshot, enum metrics_format format, size_t *length);

/* What a service tells of itself, at the moment that it is asked. */
struct metrics_service {
	double age; /* of the sample, s */
	double samples; /* since it started */
	double answered, refused, failed; /* requests */
	double cut; /* connections that it ended for their number or their time */
	double connections;
	double failing; /* 1: something that was asked for is not in force */
};

/* A sample of it. */
struct metric_own {
	const char *name; /* NULL ends the table */
	const char *label, *word; /* empty: none */
	const char *help; /* NULL: of the family before */
	bool counter;
	size_t value; /* offset in metrics_service */
};

extern const struct metric_own metrics_own[];

/* Writes it, and the end, into `text`. */
void metrics_write_service(
	const struct metrics_service *service, enum metrics_format format, char *text, size_t size);

#endif
