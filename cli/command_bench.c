// SPDX-License-Identifier: BSD-2-Clause
/* x0top bench: measures the cost of signatures on this host. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/bench_pqc.h"
#include "cli/command.h"
#include "kernel/messages.h"

#define BENCH_SCHEMA "x0top-bench/1"

static const char usage[] =
	"Usage: x0top bench pqc [--json] [--verbose]\n"
	"Measures the cost of ML-DSA signatures and data tags on this host: loading the\n"
	"verifier, verifying in the kernel beside OpenSSL's EVP_DigestVerify, loading\n"
	"keys, good packets and refused ones. Attaches nothing and sends no packet.\n"
	"Exit status: 0 measured; 1 failed; 2 usage; 3 missing capability.\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* A report in progress. */
struct output {
	json_t *rows; /* NULL: text */
	const char *section;
};

static void begin_section(void *context, const char *title, const char *how)
{
	struct output *output = context;

	output->section = title;
	if (output->rows == NULL)
		printf("\n%s: %s\n", title, how);
}

static double ratio_of(const struct bench_row *row)
{
	return row->beside_what == NULL || row->beside == 0 ? 0 : row->median / row->beside;
}

static bool is_met(const struct bench_row *row)
{
	return (row->below == 0 || row->median < row->below) &&
	       (row->ratio_below == 0 || ratio_of(row) < row->ratio_below);
}

static void print_row(const struct bench_row *row)
{
	printf("  %-44s %9.2f %s", row->what, row->median, row->unit);
	if (row->beside_what != NULL)
		printf("  %s %.2f %s, ratio %.3f", row->beside_what, row->beside, row->unit,
			ratio_of(row));
	if (row->below > 0)
		printf("  below %g %s: %s", row->below, row->unit, is_met(row) ? "met" : "MISSED");
	if (row->ratio_below > 0)
		printf(", below %g: %s", row->ratio_below, is_met(row) ? "met" : "MISSED");
	printf("\n");
	fflush(stdout);
}

static void add_row(void *context, const struct bench_row *row)
{
	struct output *output = context;

	if (output->rows == NULL) {
		print_row(row);
		return;
	}
	json_t *object = json_pack("{ss ss ss sf si}", "section", output->section, "what",
		row->what, "unit", row->unit, "median", row->median, "rounds", (int)row->rounds);
	if (row->beside_what != NULL)
		json_object_update_new(
			object, json_pack("{ss sf sf}", "beside", row->beside_what, "beside_median",
					row->beside, "ratio", ratio_of(row)));
	if (row->below > 0)
		json_object_set_new(object, "below", json_real(row->below));
	if (row->ratio_below > 0)
		json_object_set_new(object, "ratio_below", json_real(row->ratio_below));
	if (row->below > 0 || row->ratio_below > 0)
		json_object_set_new(object, "met", json_boolean(is_met(row)));
	json_array_append_new(output->rows, object);
}

static int bench_pqc(bool json, bool verbose)
{
	struct output output = { .rows = json ? json_array() : NULL };
	const struct bench_report report = { begin_section, add_row, &output };
	struct failure failure = { 0 };
	int error = pqc_bench_run(&report, &failure);

	if (json && error == 0) {
		json_t *object = json_pack("{ss sO}", "schema", BENCH_SCHEMA, "rows", output.rows);
		json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		printf("\n");
		json_decref(object);
	}
	json_decref(output.rows);
	return error < 0 ? command_failed(&failure, verbose) : EXIT_ALL_RAN;
}

int command_bench(int argc, char **argv)
{
	bool json = false, verbose = false;
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":vh", long_options, NULL)) != -1)
		switch (letter) {
		case 'j':
			json = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_ALL_RAN;
		default:
			return command_wrong_option("bench", letter, argv);
		}
	if (argc - optind != 1 || strcmp(argv[optind], "pqc") != 0) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	messages_capture(false);
	return bench_pqc(json, verbose);
}
