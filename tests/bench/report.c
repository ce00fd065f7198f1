// SPDX-License-Identifier: BSD-2-Clause
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

static struct {
	json_t *rows; /* NULL: text */
	const char *section;
	unsigned int missing;
} report;

void report_begin(bool json)
{
	report.rows = json ? json_array() : NULL;
	if (!json)
		printf("%-46s %16s %30s %7s %s\n", "WHAT", "MEDIAN", "BESIDE", "RATIO", "FIGURE");
}

void report_section(const char *title, const char *how)
{
	report.section = title;
	if (report.rows == NULL)
		printf("\n%s: %s\n", title, how);
	fflush(stdout);
}

/* What was asked for, and whether it is so; empty if nothing was. */
static void format_figure(const struct measurement *m, double ratio, char *text, size_t size)
{
	text[0] = '\0';
	if (m->below > 0)
		snprintf(text, size, "below %g %s: %s", m->below, m->unit,
			m->value < m->below ? "met" : "MISSED");
	if (m->above > 0)
		snprintf(text, size, "above %g %s: %s", m->above, m->unit,
			m->value > m->above ? "met" : "MISSED");
	if (m->ratio_below > 0)
		snprintf(text, size, "ratio below %g: %s", m->ratio_below,
			ratio < m->ratio_below ? "met" : "MISSED");
	if (m->ratio_above > 0)
		snprintf(text, size, "ratio above %g: %s", m->ratio_above,
			ratio > m->ratio_above ? "met" : "MISSED");
}

static void print_row(const struct measurement *m, double ratio, const char *figure)
{
	char value[32], beside[64] = "", ratio_text[16] = "";

	snprintf(value, sizeof(value), "%.2f %s", m->value, m->unit);
	if (m->beside_what != NULL) {
		snprintf(beside, sizeof(beside), "%s %.2f", m->beside_what, m->beside);
		snprintf(ratio_text, sizeof(ratio_text), "%.2f", ratio);
	}
	printf("  %-44s %16s %30s %7s %s\n", m->what, value, beside, ratio_text, figure);
	fflush(stdout);
}

static void add_json(const struct measurement *m, double ratio, const char *figure)
{
	json_t *row = json_pack("{ss ss ss sf si ss}", "section", report.section, "what", m->what,
		"unit", m->unit, "median", m->value, "rounds", (int)m->rounds, "figure", figure);

	if (m->beside_what != NULL)
		json_object_update_new(row, json_pack("{ss sf sf}", "beside", m->beside_what,
						    "beside_median", m->beside, "ratio", ratio));
	json_array_append_new(report.rows, row);
}

void report_add(const struct measurement *measurement)
{
	double ratio = measurement->ratio;
	char figure[64];

	if (ratio == 0 && measurement->beside_what != NULL)
		ratio = measurement->value / measurement->beside;
	format_figure(measurement, ratio, figure, sizeof(figure));
	if (report.rows != NULL)
		add_json(measurement, ratio, figure);
	else
		print_row(measurement, ratio, figure);
}

void report_missing(const char *what, const char *format, ...)
{
	char why[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	report.missing++;
	if (report.rows != NULL)
		json_array_append_new(
			report.rows, json_pack("{ss ss ss}", "section", report.section, "what",
					     what, "not_measured", why));
	else
		printf("  %-44s NOT MEASURED: %s\n", what, why);
	fflush(stdout);
}

int report_end(void)
{
	if (report.rows != NULL) {
		json_dumpf(report.rows, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		printf("\n");
		json_decref(report.rows);
	} else if (report.missing > 0) {
		printf("\n%u rows could not be measured.\n", report.missing);
	}
	return report.missing > 0;
}
