// SPDX-License-Identifier: BSD-2-Clause
/* x0top bench: what it prints of rows and of a failure, in text and in JSON; this test measures. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define pqc_bench_run	 fake_run
#define messages_capture no_messages
#include "../../cli/command_bench.c"

static int error;
static char printed[4096];

void no_messages(bool keep)
{
	(void)keep;
}

int fake_run(const struct bench_report *report, struct failure *failure)
{
	static const struct bench_row rows[] = {
		{ .what = "alone", .unit = "ms", .median = 12.345, .rounds = 3 },
		{ .what = "bounded", .unit = "us", .median = 5, .rounds = 4, .below = 5 },
		{ .what = "beside",
			.unit = "ns",
			.median = 30,
			.rounds = 5,
			.beside_what = "other",
			.beside = 20,
			.below = 40,
			.ratio_below = 1.5 },
		{ .what = "quick",
			.unit = "ns",
			.median = 10,
			.rounds = 6,
			.beside_what = "other",
			.beside = 20,
			.ratio_below = 0.6 },
		{ .what = "beside nothing",
			.unit = "ns",
			.median = 10,
			.rounds = 7,
			.beside_what = "none" },
	};

	report->section(report->context, "FIRST", "by hand");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (i == 3)
			report->section(report->context, "SECOND", "by foot");
		report->row(report->context, &rows[i]);
	}
	if (error < 0) {
		failure_set(failure, error, "It fails");
		failure_cause(failure, "because");
	}
	return error;
}

/* Returns the status; the output is in `printed`. */
static int run(const char *text)
{
	char copy[128], *words[16] = { "bench" }, *rest = copy;
	int n = 1, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	FILE *file = tmpfile();

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
		words[n++] = word;
	words[n] = NULL;
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	optind = 0; /* anew */
	int status = command_bench(n, words);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	rewind(file);
	printed[fread(printed, 1, sizeof(printed) - 1, file)] = '\0';
	fclose(file);
	return status;
}

static void rows_in_text(void **state)
{
	(void)state;
	error = 0;
	assert_int_equal(run("pqc"), EXIT_ALL_RAN);
	assert_string_equal(printed,
		"\nFIRST: by hand\n"
		"  alone                                            12.35 ms\n"
		"  bounded                                           5.00 us  below 5 us: MISSED\n"
		"  beside                                           30.00 ns  other 20.00 ns, ratio 1.500"
		"  below 40 ns: MISSED, below 1.5: MISSED\n"
		"\nSECOND: by foot\n"
		"  quick                                            10.00 ns  other 20.00 ns, ratio 0.500"
		", below 0.6: met\n"
		"  beside nothing                                   10.00 ns  none 0.00 ns, ratio 0.000\n");
}

static void rows_in_json(void **state)
{
	static const char expected[] =
		"{\"schema\": \"x0top-bench/1\", \"rows\": ["
		"{\"section\": \"FIRST\", \"what\": \"alone\", \"unit\": \"ms\", \"median\": 12.345, \"rounds\": 3},"
		"{\"section\": \"FIRST\", \"what\": \"bounded\", \"unit\": \"us\", \"median\": 5.0, \"rounds\": 4,"
		" \"below\": 5.0, \"met\": false},"
		"{\"section\": \"FIRST\", \"what\": \"beside\", \"unit\": \"ns\", \"median\": 30.0, \"rounds\": 5,"
		" \"beside\": \"other\", \"beside_median\": 20.0, \"ratio\": 1.5, \"below\": 40.0,"
		" \"ratio_below\": 1.5, \"met\": false},"
		"{\"section\": \"SECOND\", \"what\": \"quick\", \"unit\": \"ns\", \"median\": 10.0, \"rounds\": 6,"
		" \"beside\": \"other\", \"beside_median\": 20.0, \"ratio\": 0.5, \"ratio_below\": 0.6,"
		" \"met\": true},"
		"{\"section\": \"SECOND\", \"what\": \"beside nothing\", \"unit\": \"ns\", \"median\": 10.0,"
		" \"rounds\": 7, \"beside\": \"none\", \"beside_median\": 0.0, \"ratio\": 0.0}]}";

	(void)state;
	error = 0;
	assert_int_equal(run("pqc --json"), EXIT_ALL_RAN);
	json_t *is = json_loads(printed, 0, NULL), *wanted = json_loads(expected, 0, NULL);
	assert_non_null(is);
	assert_true(json_equal(is, wanted));
	json_decref(is);
	json_decref(wanted);
}

/* Rows that came before are no answer. */
static void failures_are_said(void **state)
{
	(void)state;
	error = -EPROTO;
	assert_int_equal(run("--json pqc"), EXIT_SOME_FAILED);
	assert_string_equal(printed, "x0top: It fails.\n");
	assert_int_equal(run("-v --json pqc"), EXIT_SOME_FAILED);
	assert_string_equal(printed, "x0top: It fails.\nbecause\n");
}

static void usage_is_said(void **state)
{
	static const struct {
		const char *words;
		int status;
	} cases[] = { { "--help", EXIT_ALL_RAN }, { "-h", EXIT_ALL_RAN }, { "", EXIT_USAGE },
		{ "frob", EXIT_USAGE }, { "pqc more", EXIT_USAGE } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(run(cases[i].words), cases[i].status);
		assert_string_equal(printed, usage);
	}
	assert_int_equal(run("--frob"), EXIT_USAGE);
	assert_string_equal(printed, "x0top: Unknown option --frob.\nTry x0top bench --help.\n");
}

static void medians(void **state)
{
	double odd[] = { 3, 1, 2 }, even[] = { 8, 1, 4, 2 }, one[] = { 5 },
	       same[] = { 2, 2, 1, 2, 2 };

	(void)state;
	assert_true(bench_median(odd, 3) == 2);
	assert_true(bench_median(even, 4) == 3);
	assert_true(bench_median(one, 1) == 5);
	assert_true(bench_median(same, 5) == 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_in_text),
		cmocka_unit_test(rows_in_json),
		cmocka_unit_test(failures_are_said),
		cmocka_unit_test(usage_is_said),
		cmocka_unit_test(medians),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
