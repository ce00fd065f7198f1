// SPDX-License-Identifier: BSD-2-Clause
/* A line of the audit log: who, what, and no more than a line, whatever is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/audit.h"

#define NOBODY_HAS 4000000001u

static char line[AUDIT_LINE_MAX];
static char expected[AUDIT_LINE_MAX];

static const char *format(
	const struct action *action, const struct audit_user *user, const char *result)
{
	memset(line, '~', sizeof(line));
	size_t length = audit_format(line, 0, user, action, result);

	assert_true(length < sizeof(line));
	assert_int_equal(strlen(line), length);
	assert_ptr_equal(strchr(line, '\n'), line + length - 1);
	for (size_t i = 0; i + 1 < length; i++)
		assert_in_range(line[i], ' ', '~');
	return line;
}

static struct action parsed(const char *text, enum action_actor actor)
{
	struct action action = { .actor = actor };
	struct failure failure;

	assert_int_equal(action_parse(text, &action, &failure), 0);
	return action;
}

static const char *expect(const char *rest)
{
	snprintf(expected, sizeof(expected), "1970-01-01T00:00:00Z x0top[%d] %s\n", getpid(), rest);
	return expected;
}

static void says_who_and_what(void **state)
{
	(void)state;
	const struct audit_user root = { .login = (uid_t)-1, .real = 0 };
	const struct audit_user sudo = { .login = NOBODY_HAS, .real = 0 };
	const struct audit_user same = { .login = NOBODY_HAS, .real = NOBODY_HAS };
	struct action action = parsed("rule add drop tcp 22", ACTOR_COMMAND_LINE);

	assert_string_equal(format(&action, &root, "done"),
		expect("uid 0 (root) by command line: rule add drop tcp 22: done"));
	action.actor = ACTOR_MAPEK;
	assert_string_equal(format(&action, &sudo, "done"),
		expect("uid 4000000001 as uid 0 (root) by mapek: rule add drop tcp 22: done"));
	action.actor = ACTOR_KEY;
	assert_string_equal(format(&action, &same, "done"),
		expect("uid 4000000001 by key: rule add drop tcp 22: done"));
	action.actor = ACTORS;
	assert_string_equal(format(&action, &same, "done"),
		expect("uid 4000000001 by unknown: rule add drop tcp 22: done"));
}

static void is_one_line(void **state)
{
	(void)state;
	const struct audit_user root = { .login = (uid_t)-1, .real = 0 };
	struct action action = { .verb = &control_verbs[VERB_PROGRAM_ON],
		.actor = ACTOR_CONFIGURATION };

	snprintf(action.program, sizeof(action.program), "a\nb\x1b[2J\\n");
	assert_string_equal(format(&action, &root, "\xff\x7f\t"),
		expect("uid 0 (root) by configuration: program on a\\x0ab\\x1b[2J\\x5cn: "
		       "\\xff\\x7f\\x09"));
}

static void cuts_what_is_too_long(void **state)
{
	(void)state;
	const struct audit_user user = { .login = 0, .real = NOBODY_HAS };
	struct action action = { .verb = &control_verbs[VERB_PROGRAM_ON],
		.actor = ACTOR_CONFIGURATION };
	char result[4 * AUDIT_LINE_MAX];

	memset(action.program, '\n', sizeof(action.program) - 1);
	for (size_t n = AUDIT_RESULT_MAX - 40; n < AUDIT_RESULT_MAX + 60; n++) {
		memset(result, 'x', n);
		result[n] = '\0';
		format(&action, &user, result);
		bool cut = strcmp(line + strlen(line) - 4, "...\n") == 0;
		assert_int_equal(cut, n > AUDIT_RESULT_MAX);
	}
	memset(result, '\xff', sizeof(result) - 1);
	result[sizeof(result) - 1] = '\0';
	format(&action, &user, result);
	assert_string_equal(line + strlen(line) - 8, "\\xff...\n");
}

static void reads_who_from_the_kernel(void **state)
{
	(void)state;
	struct audit_user user;
	unsigned int login = (unsigned int)-1;
	FILE *file = fopen("/proc/self/loginuid", "r");

	audit_user_read(&user);
	if (file != NULL) {
		assert_int_equal(fscanf(file, "%u", &login), 1);
		fclose(file);
	}
	assert_int_equal(user.real, getuid());
	assert_int_equal(user.login, login);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_and_what),
		cmocka_unit_test(is_one_line),
		cmocka_unit_test(cuts_what_is_too_long),
		cmocka_unit_test(reads_who_from_the_kernel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
