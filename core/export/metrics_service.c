// SPDX-License-Identifier: BSD-2-Clause
#include <stddef.h>
#include <stdio.h>

#include "export/metrics.h"

#define PLACE(member) offsetof(struct metrics_service, member)

const struct metric_own metrics_own[] = {
	{ "x0top_sample_age_seconds", "", "", "Time since the sample was taken", false,
		PLACE(age) },
	{ "x0top_serve_samples", "", "", "Samples taken since the service started", true,
		PLACE(samples) },
	{ "x0top_serve_failing", "", "", "Whether something that was asked for is not in force",
		false, PLACE(failing) },
	{ "x0top_serve_requests", "result", "answered", "Requests by result", true,
		PLACE(answered) },
	{ "x0top_serve_requests", "result", "refused", NULL, true, PLACE(refused) },
	{ "x0top_serve_requests", "result", "failed", NULL, true, PLACE(failed) },
	{ "x0top_serve_connections", "", "", "Connections that are open", false,
		PLACE(connections) },
	{ "x0top_serve_connections_cut", "", "",
		"Connections that it ended, for their number or their time", true, PLACE(cut) },
	{ NULL, NULL, NULL, NULL, false, 0 },
};

/* Writes one, and its family's description with the first. Returns its length. */
static size_t write_one(const struct metric_own *own, double value, enum metrics_format format,
	char *text, size_t size)
{
	const char *total = own->counter ? "_total" : "";
	const char *described = format == METRICS_PROMETHEUS ? total : "";
	const bool labelled = own->label[0] != '\0';
	size_t head = 0;

	if (own->help != NULL)
		head = (size_t)snprintf(text, size, "# HELP %s%s %s.\n# TYPE %s%s %s\n", own->name,
			described, own->help, own->name, described,
			own->counter ? "counter" : "gauge");
	return head + (size_t)snprintf(text + head, size - head, "%s%s%s%s%s%s%s %.15g\n",
			      own->name, total, labelled ? "{" : "", own->label,
			      labelled ? "=\"" : "", own->word, labelled ? "\"}" : "", value);
}

void metrics_write_service(
	const struct metrics_service *service, enum metrics_format format, char *text, size_t size)
{
	enum { LONGEST = 512 };
	size_t length = 0;

	for (const struct metric_own *own = metrics_own;
		own->name != NULL && length + LONGEST < size; own++)
		length += write_one(own,
			*(const double *)(const void *)((const char *)service + own->value), format,
			text + length, size - length);
	if (format == METRICS_OPENMETRICS)
		snprintf(text + length, size - length, "# EOF\n");
}
