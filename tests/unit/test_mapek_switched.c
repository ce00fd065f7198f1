// SPDX-License-Identifier: BSD-2-Clause
/* What MAPE-K switches, and does to classes, for a time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "mapek/mapek_state.h"
#include "tests/lib/thought.h"

#define PROGRAM "xdp_pqc_verify"

/* A second of a flood, or of quiet, with the state of a program. */
static void turn_switched(double rate, enum program_state state, bool enforcing)
{
	double time = thought.now->time;

	snapshot_clear(thought.now);
	thought.now->time = time + 1;
	thought_fill(rate, 1, NULL);
	struct snapshot_program *program = SNAPSHOT_ADD(thought.now, thought.now, programs);
	snprintf(program->name, sizeof(program->name), PROGRAM);
	program->state = state;
	program->enforcing = enforcing;
	mapek_turn(thought.mapek, thought.now);
}

static void turns_switched(int n, double rate, enum program_state state, bool enforcing)
{
	for (int i = 0; i < n; i++)
		turn_switched(rate, state, enforcing);
}

static void test_a_mode_is_switched_and_back(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY("  do: enforce on " PROGRAM "\n  for: 10s\n"));
	thought_quiet(60);
	turns_switched(3, 50000, PROGRAM_ON, false);
	assert_int_equal(thought.n_done, 1);
	assert_string_equal(thought.done[0], "enforce on " PROGRAM);
	turns_switched(5, 50000, PROGRAM_ON, true);
	turns_switched(20, 1000, PROGRAM_ON, true);
	assert_int_equal(thought.n_done, 2);
	assert_string_equal(thought.done[1], "enforce off " PROGRAM);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
	thought_end();
}

/* Or the end of the action would switch off what the operator had on. */
static void test_what_is_so_already_is_not_done(void **state)
{
	static const struct {
		const char *what;
		enum program_state state;
		bool enforcing;
		unsigned int done;
	} cases[] = {
		{ "program on", PROGRAM_ON, false, 0 },
		{ "program on", PROGRAM_PARTLY, false, 0 },
		{ "program on", PROGRAM_OFF, false, 1 },
		{ "program off", PROGRAM_FAILED, false, 0 },
		{ "program off", PROGRAM_ON, true, 1 },
		{ "enforce on", PROGRAM_ON, true, 0 },
		{ "enforce off", PROGRAM_ON, false, 0 },
		{ "enforce off", PROGRAM_ON, true, 1 },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "mode: act\n" POLICY("  do: %s " PROGRAM "\n"),
			cases[i].what);
		thought_begin(text);
		thought_quiet(60);
		turns_switched(5, 50000, cases[i].state, cases[i].enforcing);
		if (thought.n_done != cases[i].done ||
			thought.now->mapek.n_actions != thought.n_done)
			fail_msg("%s, case %zu: %u done", cases[i].what, i, thought.n_done);
		thought_end();
	}
}

static void test_what_is_switched_back_was_wrong(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY("  do: program off " PROGRAM "\n  for: 20s\n"));
	thought_quiet(60);
	turns_switched(3, 50000, PROGRAM_ON, false);
	turns_switched(2, 50000, PROGRAM_OFF, false);
	turns_switched(40, 50000, PROGRAM_ON, false); /* by the operator */
	assert_int_equal(thought.n_done, 1); /* neither taken back by MAPE-K, nor done again */
	assert_int_equal(thought.now->mapek.n_actions, 1);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(thought.now->mapek.undone, 1);
	thought_end();
}

/* In the last second it may have been the end by time; with two left, it was the operator. */
static void test_what_is_switched_back_at_the_end_was_right(void **state)
{
	(void)state;
	for (int left = 1; left <= 2; left++) {
		thought_begin("mode: act\n" POLICY("  do: program off " PROGRAM "\n  for: 20s\n"));
		thought_quiet(60);
		const struct snapshot_mapek_action *action = &thought.now->mapek.actions[0];
		turns_switched(3, 50000, PROGRAM_ON, false);
		for (int i = 0; i < 30 && action->time_left > left + 1; i++)
			turn_switched(1000, PROGRAM_OFF, false);
		assert_true(action->time_left == left + 1);
		turn_switched(1000, PROGRAM_ON, false);
		assert_int_equal(action->state, left == 1 ? MAPEK_IN_FORCE : MAPEK_UNDONE);
		thought_end();
	}
}

/* By the menu, in the operator's name: it is in force then, and ends as what MAPE-K does itself. */
static void test_advice_to_switch_is_taken(void **state)
{
	(void)state;
	thought_begin("mode: advise\n" POLICY("  do: program off " PROGRAM "\n  for: 10s\n"));
	thought_quiet(60);
	turns_switched(4, 50000, PROGRAM_ON, false);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_ADVISED);
	turns_switched(2, 50000, PROGRAM_OFF, false);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_int_equal(thought.n_done, 0);
	turns_switched(20, 1000, PROGRAM_OFF, false);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
	assert_int_equal(thought.n_done, 1);
	assert_string_equal(thought.done[0], "program on " PROGRAM);
	thought_end();
}

/* The orchestrator has taken back what lasts, before the first turn: here it is over. */
static void test_what_a_policy_that_is_gone_has_done(void **state)
{
	static const char *const before[] = { ("enforce on " PROGRAM),
		"qos police eth0 in bulk 5Mbit/s", "rule add drop 10.0.0.1/32 for 1m" };
	struct snapshot_mapek_action action = {
		.policy = "one that is gone", .state = MAPEK_IN_FORCE, .dropped = COUNT_UNKNOWN
	};

	(void)state;
	thought_begin("mode: advise\n" POLICY(""));
	for (size_t i = 0; i < 3; i++) {
		action.number = i + 1;
		snprintf(action.action, sizeof(action.action), "%s", before[i]);
		mapek_recall(thought.mapek, &action, 1e6);
	}
	action.state = MAPEK_UNDONE; /* it rests no more */
	action.number = 4;
	mapek_recall(thought.mapek, &action, 5);
	thought.n_over = 0;
	turn_switched(1000, PROGRAM_ON, true);
	assert_int_equal(thought.n_over, 3);
	turn_switched(1000, PROGRAM_ON, true);
	assert_int_equal(thought.n_over, 3);
	assert_int_equal(thought.n_done, 0);
	thought_end();
}

/* An x0top that was killed has let its programs go: the next one has nothing to take back. */
static void test_a_switch_from_before_the_start(void **state)
{
	static const struct snapshot_mapek_action before = { .number = 3,
		.policy = "flood",
		.state = MAPEK_IN_FORCE,
		.action = "program off " PROGRAM,
		.dropped = COUNT_UNKNOWN };

	(void)state;
	for (int lasts = 0; lasts < 2; lasts++) {
		thought_begin("mode: act\n" POLICY("  do: program off " PROGRAM "\n  for: 10s\n"));
		mapek_number_from(thought.mapek, 1, 3);
		mapek_recall(thought.mapek, &before, 4);
		turn_switched(1000, lasts ? PROGRAM_OFF : PROGRAM_ON, false);
		assert_int_equal(
			thought.now->mapek.actions[0].state, lasts ? MAPEK_IN_FORCE : MAPEK_OVER);
		turns_switched(10, 1000, lasts ? PROGRAM_OFF : PROGRAM_ON, false);
		assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
		assert_int_equal(thought.n_done, lasts);
		thought_end();
	}
}

/* --- what is done to classes -------------------------------------------------------------------- */

#define POLICE POLICY("  do: qos police eth0 in bulk 5Mbit/s 30kB\n  for: 20s\n")

static void test_a_class_is_policed_for_a_time(void **state)
{
	(void)state;
	thought.policed = false;
	thought_begin("mode: act\n" POLICE);
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 1);
	assert_string_equal(thought.done[0], "qos police eth0 in bulk 5Mbit/s 30kB");
	thought.policed = true;
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
	for (int i = 0; i < 40; i++)
		thought_turn(1000, 1, NULL);
	assert_int_equal(thought.n_done, 2);
	assert_string_equal(thought.done[1], "qos police eth0 in bulk none");
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
	thought.policed = false;
	thought_end();
}

/* What it was before is known to who does it. */
static void test_a_rate_is_changed_for_a_time(void **state)
{
	static const char rate[] = "qos rate eth0 bulk 2Mbit/s 8Mbit/s";

	(void)state;
	for (int undone = 0; undone < 2; undone++) {
		thought_begin("mode: act\n" POLICY(
			"  do: qos rate eth0 bulk 2000kbit/s 8Mbit/s\n  for: 20s\n"));
		thought.shaped = 1e6;
		thought_quiet(60);
		for (int i = 0; i < 3; i++)
			thought_turn(50000, 1, NULL);
		assert_int_equal(thought.n_done, 1);
		assert_string_equal(thought.done[0], rate);
		thought.shaped = 2.01e6; /* as it is read back */
		thought_turn(50000, 1, NULL);
		assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
		assert_string_equal(thought.now->mapek.actions[0].action, rate);
		assert_int_equal(mapek_undo(thought.mapek, 2, &thought.failure), -ENOENT);
		if (undone)
			assert_int_equal(mapek_undo(thought.mapek, 1, &thought.failure), 0);
		for (int i = 0; i < (undone ? 1 : 40); i++)
			thought_turn(1000, 1, NULL);
		assert_int_equal(thought.n_done, 2);
		assert_string_equal(thought.done[1], "not: qos rate eth0 bulk 2Mbit/s 8Mbit/s");
		assert_int_equal(
			thought.now->mapek.actions[0].state, undone ? MAPEK_UNDONE : MAPEK_OVER);
		assert_int_equal(mapek_undo(thought.mapek, 1, &thought.failure), -ENOENT);
		thought_end();
	}
	/* What is so already is left alone. */
	thought_begin("mode: act\n" POLICY("  do: qos rate eth0 bulk 2Mbit/s 8Mbit/s\n"));
	thought.shaped = 2e6;
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_REFUSED);
	thought.shaped = 0;
	thought_end();
}

/* It stays in force until it could be, and is tried every ten seconds; at the end of x0top, the next one will. */
static void test_what_cannot_be_taken_back_is_tried_again(void **state)
{
	static const struct {
		const char *does, *back;
	} cases[] = {
		{ "enforce on " PROGRAM, "enforce off " PROGRAM },
		{ "program off " PROGRAM, "program on " PROGRAM },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "mode: act\n" POLICY("  do: %s\n  for: 5s\n"),
			cases[i].does);
		thought_begin(text);
		thought_quiet(60);
		turns_switched(3, 50000, PROGRAM_ON, false);
		assert_int_equal(thought.n_done, 1);
		const uint32_t is = i == 0 ? PROGRAM_ON : PROGRAM_OFF;
		thought.result = -EBUSY;
		thought.decision = DECISION_ASK;
		turns_switched(8, 1000, is, i == 0);
		assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
		assert_true(thought.now->mapek.actions[0].time_left == 0);
		mapek_end(thought.mapek);
		assert_int_equal(thought.mapek->execute.list[0].shown.state, MAPEK_IN_FORCE);
		thought.result = 0;
		turns_switched(2, 1000, is, i == 0);
		assert_int_equal(thought.n_done, 1); /* not yet */
		turns_switched(8, 1000, is, i == 0);
		assert_int_equal(thought.n_done, 2);
		assert_string_equal(thought.done[1], cases[i].back);
		assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
		thought_end();
	}
}

/* A rule, too: it is deleted. */
static void test_an_action_is_taken_back_on_a_word(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(mapek_undo(thought.mapek, 1, &thought.failure), 0);
	thought_turn(50000, 1, "mapek 1");
	assert_string_equal(thought.done[1], "rule delete 5");
	for (int i = 0; i < 30; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 2); /* it was wrong */
	assert_int_equal(thought.now->mapek.undone, 1);
	thought_end();
}

/* The menu applies what is advised by its text. */
static void test_what_is_advised_is_known_by_its_text(void **state)
{
	(void)state;
	thought_begin("mode: advise\n" POLICY("  do: qos police eth0 in bulk 5000kbit/s 30kB\n"));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_true(mapek_advises(thought.mapek, "qos police eth0 in bulk 5Mbit/s 30kB"));
	assert_false(mapek_advises(thought.mapek, "qos police eth0 in bulk 5Mbit/s"));
	thought.policed = true;
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_false(mapek_advises(thought.mapek, "qos police eth0 in bulk 5Mbit/s 30kB"));
	thought.policed = false;
	thought_end();
}

/* It would outlive x0top, as a mode; a program ends with it, a rule with its time. */
static void test_what_would_outlive_x0top_ends_with_it(void **state)
{
	static const struct {
		const char *does, *back;
	} cases[] = {
		{ POLICE, "qos police eth0 in bulk none" },
		{ POLICY("  do: qos mark eth0 in bulk cs1\n"), "qos mark eth0 in bulk none" },
		{ POLICY("  do: enforce off xdp_pqc_verify\n"), "enforce on xdp_pqc_verify" },
		{ POLICY("  do: qos rate eth0 bulk 2Mbit/s\n"), "not: qos rate eth0 bulk 2Mbit/s" },
		{ POLICY("  do: program off tc_classifier\n"), NULL },
		{ POLICY(LIMIT), NULL },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "mode: act\n%s", cases[i].does);
		thought.policed = false;
		thought_begin(text);
		thought_quiet(60);
		for (int k = 0; k < 3; k++)
			thought_turn(50000, 1, NULL);
		assert_int_equal(thought.n_done, 1);
		thought.policed = true;
		mapek_end(thought.mapek);
		assert_int_equal(thought.n_done, cases[i].back != NULL ? 2 : 1);
		if (cases[i].back != NULL)
			assert_string_equal(thought.done[1], cases[i].back);
		mapek_end(thought.mapek); /* there is no more to take back */
		assert_int_equal(thought.n_done, cases[i].back != NULL ? 2 : 1);
		thought.policed = false;
		thought_end();
	}
}

/* What the operator has asked for is neither changed nor taken back; nor is what he has ended done again. */
static void test_a_class_stays_as_the_operator_wants_it(void **state)
{
	(void)state;
	thought.policed = true;
	thought_begin("mode: act\n" POLICE);
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_REFUSED);
	thought_end();
	thought.policed = false;
	thought_begin("mode: act\n" POLICE);
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	thought.policed = true;
	thought_turn(50000, 1, NULL);
	thought.policed = false;
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	for (int i = 0; i < 30; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 1);
	thought_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mode_is_switched_and_back),
		cmocka_unit_test(test_what_is_so_already_is_not_done),
		cmocka_unit_test(test_what_is_switched_back_was_wrong),
		cmocka_unit_test(test_what_is_switched_back_at_the_end_was_right),
		cmocka_unit_test(test_advice_to_switch_is_taken),
		cmocka_unit_test(test_what_a_policy_that_is_gone_has_done),
		cmocka_unit_test(test_a_switch_from_before_the_start),
		cmocka_unit_test(test_what_would_outlive_x0top_ends_with_it),
		cmocka_unit_test(test_a_class_is_policed_for_a_time),
		cmocka_unit_test(test_a_rate_is_changed_for_a_time),
		cmocka_unit_test(test_what_cannot_be_taken_back_is_tried_again),
		cmocka_unit_test(test_an_action_is_taken_back_on_a_word),
		cmocka_unit_test(test_what_is_advised_is_known_by_its_text),
		cmocka_unit_test(test_a_class_stays_as_the_operator_wants_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
