// SPDX-License-Identifier: BSD-2-Clause
/* Notes of mesh rules: until when they hold, who they are from, and comments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "mesh/rule.h"
#include "mesh/rule_notes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void times_go_and_come_back(void **state)
{
	static const struct {
		const char *text, *canonical;
		uint64_t seconds;
	} cases[] = { { "1s", "1s", 1 }, { "90s", "1m30s", 90 }, { "10m", "10m", 600 },
		{ "1h30m", "1h30m", 5400 }, { "2d", "2d", 172800 }, { "1d0h5s", "1d5s", 86405 },
		{ "315360000s", "3650d", DURATION_MAX } };
	static const char *const wrong[] = { "", "s", "1", "0s", "-1s", "1s1s", "1s1m", "1 s",
		"1.5h", "315360001s", "99999999999999999999d", "1y", "0x1s" };
	char text[DURATION_LEN];
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(duration_parse(cases[i].text, &seconds), 0);
		assert_int_equal(seconds, cases[i].seconds);
		assert_string_equal(duration_format(text, seconds), cases[i].canonical);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (duration_parse(wrong[i], &seconds) != -EINVAL)
			fail_msg("accepted: \"%s\"", wrong[i]);
	assert_string_equal(duration_format(text, 0), "0s");
}

static void notes_are_read_and_written_back(void **state)
{
	static const struct {
		const char *text, *form, *saved;
	} cases[] = {
		{ "drop 10.1.0.0/16 comment guests", "drop 10.1.0.0/16 comment \"guests\"",
			"drop 10.1.0.0/16 comment \"guests\"" },
		{ "drop all origin feed comment \"for  10m: all\"",
			"drop all comment \"for  10m: all\"",
			"drop all origin feed comment \"for  10m: all\"" },
		{ "drop in for for 10m", "drop in for for 10m", NULL },
		{ "pass in comment origin feed comment  \"x\" ", "pass in comment comment \"x\"",
			NULL },
		{ "limit 10/s tcp 22 for 3600s origin mapek", "limit 10/s burst 1 tcp 22 for 1h",
			NULL },
		{ "drop all origin file", "drop all", "drop all" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mesh_rule rule, again;
		struct failure failure = { 0 };
		char text[RULE_LEN];
		assert_int_equal(rule_parse(cases[i].text, &rule, &failure), 0);
		rule_format(&rule, text, sizeof(text));
		assert_string_equal(text, cases[i].form);
		rule_format_saved(&rule, text, sizeof(text));
		if (cases[i].saved != NULL)
			assert_string_equal(text, cases[i].saved);
		assert_int_equal(rule_parse(text, &again, &failure), 0);
		assert_string_equal(rule.comment, again.comment);
		assert_int_equal(rule.conditions, again.conditions);
		assert_true(rule.origin == again.origin || rule.origin == MESH_ORIGIN_FILE);
	}
}

static void a_date_holds_as_long_as_it_says(void **state)
{
	struct mesh_rule rule, again;
	struct failure failure;
	char text[RULE_LEN], second[RULE_LEN], date[RULE_DATE_LEN];
	time_t then = time(NULL) + 3600;
	struct tm parts;

	(void)state;
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&then, &parts));
	snprintf(text, sizeof(text), "drop all until %s", date);
	assert_int_equal(rule_parse(text, &rule, &failure), 0);
	assert_in_range(rule_time_left(&rule), 3598, 3601);
	rule_format_saved(&rule, second, sizeof(second));
	assert_string_equal(second, text);
	assert_int_equal(rule_parse(second, &again, &failure), 0);
	assert_int_equal(rule_parse("drop all until 2001-01-01T00:00:00Z", &rule, &failure), 0);
	assert_true(rule.expires != 0);
	assert_int_equal(rule_time_left(&rule), 0);
	assert_int_equal(rule_parse("drop all", &rule, &failure), 0);
	assert_true(rule_time_left(&rule) == UINT64_MAX);
}

static void wrong_notes_are_refused(void **state)
{
	static const char *const wrong[] = {
		"drop for 10m", "drop all for", "drop all for 10", "drop all for 10m for 10m",
		"drop all until tomorrow", "drop all until 2026-11-27T23:10:00",
		"drop all until 2999-11-27T23:10:00Z", "drop all for 1s until 2026-11-27T23:10:00Z",
		"drop all origin none", "drop all origin me", "drop all origin feed origin feed",
		"drop all comment", "drop all comment \"\"", "drop all comment a\"b",
		"drop all comment \x1b[31m", "drop all for 10m tcp 22",
		"drop all comment 0123456789012345678901234567890123456789012345678901234567890123"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct failure failure = { 0 };
		struct mesh_rule rule;
		if (rule_parse(wrong[i], &rule, &failure) != -EINVAL)
			fail_msg("accepted: \"%s\"", wrong[i]);
		assert_true(strlen(failure.what) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_go_and_come_back),
		cmocka_unit_test(notes_are_read_and_written_back),
		cmocka_unit_test(a_date_holds_as_long_as_it_says),
		cmocka_unit_test(wrong_notes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
