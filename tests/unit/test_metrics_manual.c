// SPDX-License-Identifier: BSD-2-Clause
/*
 * man/x0top-metrics.7 lists what the exporter writes: it is made of the same tables. Run from the
 * repository; with the argument "write" it prints the page: make metrics-manual.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics.h"
#include "export/metrics_families.h"
#include "model/counter.h"
#include "model/names.h"

#define PAGE	 "man/x0top-metrics.7"
#define PAGE_MAX (256 << 10)

static const char head[] =
	".\\\" SPDX-License-Identifier: BSD-2-Clause\n"
	".\\\" Made of the field tables: make metrics-manual\n"
	".Dd November 27, 2026\n"
	".Dt X0TOP-METRICS 7\n"
	".Os\n"
	".Sh NAME\n"
	".Nm x0top-metrics\n"
	".Nd metrics of x0top for Prometheus\n"
	".Sh DESCRIPTION\n"
	"This lists what\n"
	".Cm x0top serve\n"
	"answers under\n"
	".Pa /metrics ,\n"
	"and what\n"
	".Cm x0top --metrics\n"
	"prints, but for the service itself; see\n"
	".Xr x0top 8 .\n"
	"Names, types and labels stay as they are from one version to the next.\n"
	"A metric whose value is not known is absent.\n"
	"Label values are bounded: none is a process or an address.\n"
	"A byte that is not UTF-8, or not printable, is written as\n"
	".Ql \\exff\n"
	"there.\n"
	"Rules are told apart by their number, nodes by their id.\n";

/* --- labels -------------------------------------------------------------------------------------- */

static void write_label(FILE *file, bool *any, const char *label, const char *const *words)
{
	fprintf(file, "%s%s", *any ? ", " : "Labels: ", label);
	*any = true;
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		fprintf(file, "%s%s%s", i == 0 ? " (" : ", ", words[i],
			words[i + 1] == NULL ? ")" : "");
}

static void write_labels(FILE *file, const struct metric_family *family)
{
	bool any = false;

	for (size_t i = 0; i < family->depth; i++) {
		const struct field *field = family->path[i];
		if (field->type == FIELD_KEYED)
			write_label(file, &any, field->label, field->names);
		for (const struct field *member = field->fields;
			field->type == FIELD_LIST && member->name != NULL; member++)
			if (metric_is_label(member))
				write_label(file, &any, member->label,
					member->type == FIELD_ENUM ? member->names : NULL);
	}
	const struct field *leaf = family->path[family->depth - 1];
	if (family->kind == METRIC_STATES)
		write_label(file, &any, leaf->name, leaf->names);
	for (const struct field *member = leaf->fields;
		family->kind == METRIC_INFO && member->name != NULL; member++)
		if (member->info)
			write_label(file, &any, member->name,
				member->type == FIELD_ENUM ? member->names : NULL);
	if (any)
		fputs(".\n", file);
}

/* --- the page ------------------------------------------------------------------------------------ */

static void write_item(
	FILE *file, const char *name, const char *suffix, const char *type, const char *help)
{
	fprintf(file, ".It Sy %s%s\n%s.\n%s.\n", name, suffix, type, help);
}

static void write_family(FILE *file, const struct metric_family *family)
{
	const struct field *leaf = family->path[family->depth - 1];
	const char *suffix = family->kind == METRIC_COUNTER ? "_total"
			     : family->kind == METRIC_INFO  ? "_info"
							    : "";

	write_item(file, family->name, suffix,
		family->kind == METRIC_STATES ? "A gauge for each word, 1 for the one that is so"
		: family->kind == METRIC_INFO ? "Info"
		: family->kind == METRIC_HISTOGRAM
			? leaf->n_offset != 0 ? "Histogram" : "Histogram without a sum"
		: family->kind == METRIC_COUNTER ? "Counter"
						 : "Gauge",
		leaf->help);
	write_labels(file, family);
}

/* Members of the snapshot head the sections. */
static void write_section(FILE *file, const struct field *of, const char *before)
{
	if (strcmp(of->name, before) == 0)
		return;
	if (before[0] != '\0')
		fputs(".El\n", file);
	fprintf(file, ".Ss %s\n%s.\n.Bl -tag -width Ds\n", of->name, of->help);
}

static void write_own(FILE *file)
{
	bool any = false;

	fputs(".Sh OTHERS\n.Bl -tag -width Ds\n", file);
	write_item(file, METRIC_BUILD, "_info", "Info", METRIC_BUILD_HELP);
	fputs("Labels: version, schema.\n", file);
	write_item(file, METRIC_ALERTS, "", "Gauge", METRIC_ALERTS_HELP);
	write_label(file, &any, "severity", severity_names);
	fputs(".\n.El\n.Ss The service itself\n.Bl -tag -width Ds\n", file);
	for (const struct metric_own *own = metrics_own; own->name != NULL; own++) {
		if (own->help == NULL)
			continue;
		write_item(file, own->name, own->counter ? "_total" : "",
			own->counter ? "Counter" : "Gauge", own->help);
		if (own->label[0] == '\0')
			continue;
		fprintf(file, "Labels: %s (%s", own->label, own->word);
		for (const struct metric_own *next = own + 1;
			next->name != NULL && next->help == NULL; next++)
			fprintf(file, ", %s", next->word);
		fputs(").\n", file);
	}
	fputs(".El\n.Sh SEE ALSO\n.Xr x0top 8\n", file);
}

static void write_page(FILE *file)
{
	const struct metric_family *family;
	const char *before = "";

	fputs(head, file);
	fputs(".Sh METRICS\n", file);
	for (size_t i = 0; (family = metric_family(i)) != NULL; i++) {
		write_section(file, family->path[0], before);
		before = family->path[0]->name;
		write_family(file, family);
	}
	fputs(".El\n", file);
	write_own(file);
}

static void the_manual_lists_the_metrics(void **state)
{
	static char expected[PAGE_MAX], is[PAGE_MAX];

	(void)state;
	FILE *file = fmemopen(expected, sizeof(expected), "w");
	assert_non_null(file);
	write_page(file);
	fclose(file);
	file = fopen(PAGE, "r");
	assert_non_null(file);
	is[fread(is, 1, sizeof(is) - 1, file)] = '\0';
	fclose(file);
	if (strcmp(expected, is) != 0)
		fail_msg("%s is not what the tables say: make metrics-manual", PAGE);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_lists_the_metrics),
	};

	if (argc == 2 && strcmp(argv[1], "write") == 0) {
		write_page(stdout);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
