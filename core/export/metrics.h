/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a snapshot as metrics for Prometheus. Each number of the field tables is a metric, named by
 * its place, "x0top_packets_interfaces_malformed_total"; in base units, seconds, bytes and ratios; with
 * the labels that the tables have. Left out are rates, quantiles, means and texts, which Prometheus
 * computes or cannot use, and lists whose elements come and go: events, slow calls, sessions, alerts.
 */
#ifndef X0_EXPORT_METRICS_H
#define X0_EXPORT_METRICS_H

#include <stdio.h>

#include "model/snapshot.h"

enum metrics_format {
	METRICS_PROMETHEUS, /* text/plain; version=0.0.4 */
	METRICS_OPENMETRICS, /* application/openmetrics-text; version=1.0.0 */
};

/* Writes all metrics; one whose value is unknown is absent. Returns 0 or -EIO. */
int metrics_write(const struct snapshot *snapshot, enum metrics_format format, FILE *file);

/* The same but for its end, which metrics_write_service() writes. */
int metrics_write_samples(const struct snapshot *snapshot, enum metrics_format format, FILE *file);

/* What a service tells of itself, at the moment that it is asked. */
struct metrics_service {
	double age; /* of the sample, s */
	uint64_t answered, refused, failed; /* requests */
	uint64_t cut; /* connections that it ended for their number or their time */
	uint32_t connections;
	bool failing; /* something that was asked for is not in force */
};

/* Writes it, and the end, into `text`. */
void metrics_write_service(
	const struct metrics_service *service, enum metrics_format format, char *text, size_t size);

#endif
