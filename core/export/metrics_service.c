// SPDX-License-Identifier: BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "export/metrics.h"

struct own {
	const char *name, *labels; /* labels in braces, or empty */
	const char *help; /* NULL: of the family before */
	bool counter;
	double value;
};

/* Writes one, and its family's description with the first. Returns its length. */
static size_t write_one(const struct own *one, enum metrics_format format, char *text, size_t size)
{
	const char *total = one->counter ? "_total" : "";
	const char *described = format == METRICS_PROMETHEUS ? total : "";
	int head = 0;

	if (one->help != NULL)
		head = snprintf(text, size, "# HELP %s%s %s.\n# TYPE %s%s %s\n", one->name,
			described, one->help, one->name, described,
			one->counter ? "counter" : "gauge");
	return (size_t)head + (size_t)snprintf(text + head, size - (size_t)head, "%s%s%s %.15g\n",
				      one->name, total, one->labels, one->value);
}

void metrics_write_service(
	const struct metrics_service *service, enum metrics_format format, char *text, size_t size)
{
	const struct own all[] = {
		{ "x0top_sample_age_seconds", "", "Time since the sample was taken", false,
			service->age },
		{ "x0top_serve_failing", "", "Whether something that was asked for is not in force",
			false, service->failing },
		{ "x0top_serve_requests", "{result=\"answered\"}", "Requests by result", true,
			(double)service->answered },
		{ "x0top_serve_requests", "{result=\"refused\"}", NULL, true,
			(double)service->refused },
		{ "x0top_serve_requests", "{result=\"failed\"}", NULL, true,
			(double)service->failed },
		{ "x0top_serve_connections", "", "Connections that are open", false,
			service->connections },
		{ "x0top_serve_connections_cut", "",
			"Connections that it ended, for their number or their time", true,
			(double)service->cut },
	};
	size_t length = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && length + 512 < size; i++)
		length += write_one(&all[i], format, text + length, size - length);
	if (format == METRICS_OPENMETRICS)
		snprintf(text + length, size - length, "# EOF\n");
}
