// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "control/action.h"
#include "kernel/program_table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_valid_actions_survive_both_ways(void **state)
{
	static const struct {
		const char *text;
		uint32_t verb;
	} cases[] = {
		{ "program on xdp_counter", ACTION_PROGRAM_ON },
		{ "program off kprobe_syscall_latency_secure", ACTION_PROGRAM_OFF },
		{ "enforce on xdp_mesh_filter", ACTION_ENFORCE_ON },
		{ "enforce off xdp_mesh_filter", ACTION_ENFORCE_OFF },
		{ "rule on 0", ACTION_RULE_ON },
		{ "rule off 17", ACTION_RULE_OFF },
		{ "rule remove 1023", ACTION_RULE_REMOVE },
		{ "rule add drop 10.1.0.0/16", ACTION_RULE_ADD },
		{ "rule add pass mac 02:00:00:00:00:01", ACTION_RULE_ADD },
		{ "rule add drop udp 6696", ACTION_RULE_ADD },
		{ "keys reload", ACTION_KEYS_RELOAD },
	};

	(void)state;
	assert_int_equal(ACTION_VERBS, 9); /* a new verb needs a case above */
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action action = { .actor = ACTOR_COMMAND_LINE };
		struct failure failure;
		char text[TEXT_LEN];

		assert_int_equal(action_parse(cases[i].text, &action, &failure), 0);
		assert_int_equal(action.verb, cases[i].verb);
		assert_int_equal(action.actor, ACTOR_COMMAND_LINE);
		action_format(&action, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void test_invalid_actions_are_refused_and_change_nothing(void **state)
{
	static const char *const cases[] = {
		"",
		"program",
		"program on",
		"program on a b",
		"keys",
		"keys reload now",
		"reload keys",
		"program up xdp_counter",
		"programs on xdp_counter",
		"Program on xdp_counter",
		"program on ../../etc/passwd",
		"program on XDP",
		"program on a_name_that_is_longer_than_any_program",
		"enforce maybe xdp_mesh_filter",
		"rule on",
		"rule on -1",
		"rule on x",
		"rule on 1024",
		"rule on 1 2",
		"rule on 01",
		"rule remove 99999999999999999999999",
		"rule add",
		"rule add drop",
		"rule add drop 10.1.2.3/16",
		"rule add drop udp 53 54",
		"rule add drop udp 53 54 55 56",
		"on",
		"program on xdp_counter\n",
		"rule add drop \x01",
	};
	struct action untouched;

	(void)state;
	memset(&untouched, 0xa5, sizeof(untouched));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct action action = untouched;
		struct failure failure = { 0 };

		if (action_parse(cases[i], &action, &failure) != -EINVAL)
			fail_msg("accepted: \"%s\"", cases[i]);
		assert_true(strlen(failure.what) > 0);
		assert_memory_equal(&action, &untouched, sizeof(action));
	}
}

static void test_unknown_verbs_are_written_without_harm(void **state)
{
	struct action action = { .verb = 99 };
	char text[TEXT_LEN];

	(void)state;
	action_format(&action, text, sizeof(text));
	assert_string_equal(text, "unknown action 99");
}

static void test_every_builtin_program_can_be_named(void **state)
{
	(void)state;
	assert_int_equal(program_table_size, 7);
	for (uint32_t i = 0; i < program_table_size; i++) {
		struct action action = { 0 };
		struct failure failure;
		char text[TEXT_LEN] = "program on ";

		assert_ptr_equal(program_table_find(program_table[i].name), &program_table[i]);
		assert_true(program_table[i].capabilities != 0);
		assert_int_equal(
			action_parse(strcat(text, program_table[i].name), &action, &failure), 0);
		assert_string_equal(action.program, program_table[i].name);
	}
	assert_null(program_table_find("xdp"));
	assert_null(program_table_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid_actions_survive_both_ways),
		cmocka_unit_test(test_invalid_actions_are_refused_and_change_nothing),
		cmocka_unit_test(test_unknown_verbs_are_written_without_harm),
		cmocka_unit_test(test_every_builtin_program_can_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
