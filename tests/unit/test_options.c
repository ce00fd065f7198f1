// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"

/* Half of a name that is too long for an alternative name of an interface. */
#define NAME_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct options options;
static struct failure failure;

/* Parses "x0top" and the words of `line`, cut at single blanks. */
static int parse(const char *line)
{
	static struct settings defaults;
	static char text[4096];
	char *argv[64] = { "x0top", NULL };
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	memset(&failure, 0, sizeof(failure));
	settings_default(&defaults);
	memset(&options, 0, sizeof(options));
	return options_parse(argc, argv, &defaults, &options, &failure);
}

static void test_nothing_gives_the_defaults(void **state)
{
	static struct settings defaults;

	(void)state;
	settings_default(&defaults);
	assert_int_equal(parse(""), 0);
	assert_memory_equal(&options.settings, &defaults, sizeof(defaults));
	assert_false(
		options.once || options.json || options.verbose || options.help || options.version);
	assert_null(options.record);
	assert_null(options.replay);
}

/* As ip link makes them. */
static void test_interfaces_of_any_name(void **state)
{
	static const char *const names[] = { "-x", "%d", "!", "~", "\xc3\xbc", "\xff", "\x80" };
	char line[16];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "-i %s", names[i]);
		assert_int_equal(parse(line), 0);
		assert_string_equal(options.settings.interfaces[0], names[i]);
	}
}

static void test_every_option_does_its_work(void **state)
{
	(void)state;
	assert_int_equal(
		parse("--once --interface eth0 -iwg0 --delay 0.5 --only xdp_counter "
		      "--only tc_classifier --xdp-mode generic --syscalls read,futex "
		      "--syscalls-attach tracepoint --readonly --small --objects /tmp/objects "
		      "--record /tmp/r -v"),
		0);
	assert_true(options.once && options.verbose && !options.json);
	assert_int_equal(options.settings.n_interfaces, 2);
	assert_string_equal(options.settings.interfaces[0], "eth0");
	assert_string_equal(options.settings.interfaces[1], "wg0");
	assert_true(options.settings.interval == 0.5);
	assert_int_equal(options.settings.n_only, 2);
	assert_int_equal(options.settings.xdp_mode, XDP_WANT_GENERIC);
	assert_int_equal(options.settings.n_syscalls, 2);
	assert_string_equal(options.settings.syscalls[1], "futex");
	assert_int_equal(options.settings.syscalls_attach, SYSCALLS_WANT_TRACEPOINT);
	assert_true(options.settings.readonly);
	assert_true(options.settings.small);
	assert_string_equal(options.settings.objects, "/tmp/objects");
	assert_string_equal(options.record, "/tmp/r");

	assert_int_equal(parse("--json --enforce --replay /tmp/p -d 2"), 0);
	assert_true(options.once && options.json && options.settings.enforce);
	assert_string_equal(options.replay, "/tmp/p");
	assert_true(options.settings.interval == 2 && options.pace == 2);
	assert_int_equal(parse("--replay /tmp/p"), 0);
	assert_true(options.settings.interval == 1 && options.pace == 0);
	assert_int_equal(parse("-h"), 0);
	assert_true(options.help);
	assert_int_equal(parse("--version --xdp-mode=off"), 0);
	assert_true(options.version);
	assert_int_equal(options.settings.xdp_mode, XDP_WANT_OFF);
}

static void test_wrong_command_lines_say_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *what, *remedy;
	} cases[] = {
		{ "--frequency 5", "Unknown option --frequency", "--help" },
		{ "--frequency=5", "Unknown option --frequency", "--help" },
		{ "-x", "Unknown option -x", "--help" },
		{ "-vx", "Unknown option -x", "--help" },
		{ "--once=yes", "--once takes no value", "--help" },
		{ "--onc=yes", "--once takes no value", "--help" },
		{ "--s", "Ambiguous option --s", "Write --syscalls or --syscalls-attach" },
		{ "--pqc=1", "Ambiguous option --pqc", "Write --pqc-mode or --pqc-port" },
		{ "-d", "-d needs a value: SECONDS", "--help" },
		{ "--delay", "--delay needs a value", "--help" },
		{ "--delay fast", "--delay: \"fast\" is not a time", "0.1 to 3600" },
		{ "-d 0", "--delay: \"0\"", "0.1 to 3600" },
		{ "-d -1", "--delay: \"-1\"", "0.1 to 3600" },
		{ "--xdp-mode fast", "--xdp-mode: Unknown value \"fast\"",
			"auto, native, generic or off" },
		{ "--syscalls-attach x", "--syscalls-attach: Unknown value \"x\"",
			"auto, kprobe or tracepoint" },
		{ "--syscalls read,,write", "--syscalls: \"\" cannot be", "--help" },
		{ "--only xdp", "--only: Unknown program \"xdp\"", "xdp_counter, xdp_mesh_filter" },
		{ "-i a/b", "--interface: \"a/b\" cannot be", "--help" },
		{ "-i a\x1f", "cannot be the name", "--help" },
		{ "-i a\x7f", "cannot be the name", "--help" },
		{ "-i " NAME_64 NAME_64, "cannot be the name", "--help" },
		{ "--config /nonexistent/c", "/nonexistent/c", "a regular file" },
		{ "--readonly --enforce", "exclude each other", "--help" },
		{ "--record a --replay b", "exclude each other", "--help" },
		{ "--json --metrics", "--json and --metrics exclude each other", "--help" },
		{ "--objects=", "--objects: this is not a directory's path", "" },
		{ "dashboard", "\"dashboard\" is neither an option nor a command", "--help" },
		{ "--once eth0", "\"eth0\" is neither", "--help" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].line) != -EINVAL || failure.error != -EINVAL)
			fail_msg("accepted: %s", cases[i].line);
		if (strstr(failure.what, cases[i].what) == NULL ||
			strstr(failure.remedy, cases[i].remedy) == NULL)
			fail_msg("%s: %s | %s", cases[i].line, failure.what, failure.remedy);
	}
}

static void test_sizes_have_units_and_limits(void **state)
{
	static const char none[] = "is not a size", little[] = "is less than 100k, the least",
			  much[] = "is more than 1T, the most";
	static const struct {
		const char *text;
		uint64_t size;
		const char *wrong; /* NULL: it is taken */
	} cases[] = { { "100k", 100000, NULL }, { "100000", 100000, NULL }, { "1M", 1000000, NULL },
		{ "1.5M", 1500000, NULL }, { "2G", UINT64_C(2000000000), NULL },
		{ "1T", UINT64_C(1000000000000), NULL }, { "1e6", 1000000, NULL },
		{ "0.1T", UINT64_C(100000000000), NULL }, { "99.999k", 0, little },
		{ "99k", 0, little }, { "99999", 0, little }, { "0", 0, little },
		{ "1.001T", 0, much }, { "inf", 0, much }, { "M", 0, none }, { "1K", 0, none },
		{ "1MB", 0, none }, { "1x", 0, none }, { "-1M", 0, none }, { "nan", 0, none } };
	char line[64], what[96];

	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(options.record_limit, 1000000000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "--record-limit %s", cases[i].text);
		if (parse(line) != (cases[i].wrong != NULL ? -EINVAL : 0))
			fail_msg("%s: %s", line, failure.what);
		if (cases[i].wrong == NULL) {
			assert_int_equal(options.record_limit, cases[i].size);
			continue;
		}
		snprintf(what, sizeof(what), "--record-limit: \"%s\" %s", cases[i].text,
			cases[i].wrong);
		assert_string_equal(failure.what, what);
		assert_non_null(strstr(failure.remedy, "from 100k to 1T"));
	}
}

static void test_what_to_print_and_how_often(void **state)
{
	(void)state;
	assert_int_equal(parse("--metrics"), 0);
	assert_true(options.metrics && options.once && !options.json && !options.all);
	assert_int_equal(parse("--json --replay /tmp/p"), 0);
	assert_true(options.all && options.once);
	assert_int_equal(parse("--json --once --replay /tmp/p"), 0);
	assert_false(options.all);
	assert_int_equal(parse("--replay /tmp/p"), 0);
	assert_false(options.all || options.once);
	/* Plain: nothing says what to run. */
	assert_int_equal(parse("--json -v -y"), 0);
	assert_true(options.plain && options.settings.assume_yes);
	assert_int_equal(parse("--json -d 2"), 0);
	assert_false(options.plain);
	assert_int_equal(parse("--objects /tmp"), 0);
	assert_false(options.plain);
	/* Of x0top serve alone. */
	assert_int_equal(parse("--lab"), -EINVAL);
	assert_string_equal(failure.what, "--lab is an option of x0top serve");
	assert_string_equal(failure.remedy, "Write: x0top serve --lab");
}

static void test_command_line_goes_over_the_file_wherever_it_stands(void **state)
{
	char path[] = "/tmp/x0top-test-options-XXXXXX", line[256];
	int fd = mkstemp(path);

	(void)state;
	dprintf(fd,
		"interfaces: [eth0, eth1]\ninterval: 5\nsyscalls: [read]\nonly: [xdp_counter]\n");
	close(fd);
	snprintf(line, sizeof(line), "-i wg0 -i wg1 -d 2 --config %s", path);
	assert_int_equal(parse(line), 0);
	assert_int_equal(options.settings.n_interfaces, 2);
	assert_string_equal(options.settings.interfaces[0], "wg0");
	assert_true(options.settings.interval == 2);
	assert_int_equal(options.settings.n_syscalls, 1);
	assert_int_equal(options.settings.n_only, 1);
	unlink(path);
}

static void test_help_fits_the_screen_and_names_every_option(void **state)
{
	char *text = NULL, *save;
	size_t size, lines = 0, entries = 0;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	options_print_help(file);
	fclose(file);
	for (const struct option_description *option = options_table; option->name != NULL;
		option++) {
		char name[64];
		snprintf(name, sizeof(name), "--%s", option->name);
		assert_non_null(strstr(text, name));
		entries++;
	}
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
		line = strtok_r(NULL, "\n", &save), lines++)
		assert_in_range(strlen(line), 30, 79);
	assert_int_equal(lines, entries + 5); /* and what comes before */
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_gives_the_defaults),
		cmocka_unit_test(test_interfaces_of_any_name),
		cmocka_unit_test(test_every_option_does_its_work),
		cmocka_unit_test(test_wrong_command_lines_say_what_is_wrong),
		cmocka_unit_test(test_sizes_have_units_and_limits),
		cmocka_unit_test(test_what_to_print_and_how_often),
		cmocka_unit_test(test_command_line_goes_over_the_file_wherever_it_stands),
		cmocka_unit_test(test_help_fits_the_screen_and_names_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
