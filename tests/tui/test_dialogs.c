// SPDX-License-Identifier: BSD-2-Clause
/* Questions, menus, the line for a rule, messages. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/cells.h"
#include "tests/lib/ui_fixture.h"
#include "tui/keys.h"

static const struct action enforce = {
	.verb = &control_verbs[VERB_ENFORCE_ON], .actor = ACTOR_KEY, .program = "xdp_mesh_filter"
};

static void ask(void)
{
	ui_ask(ui, "This may cut your own connection. Enforce?", &enforce);
	ui_draw(ui);
	assert_true(ui_shows("This may cut your own connection. Enforce?"));
}

static void assert_answer(const char *typed, bool yes)
{
	unsigned int result;

	ask();
	result = ui_type(typed);
	assert_int_equal((result & UI_ACTION) != 0, yes);
	assert_int_equal((result & UI_CONFIRMED) != 0, yes);
	assert_int_equal(result & UI_QUIT, 0);
	assert_false(ui_shows("This may cut your own connection"));
	if (yes)
		assert_memory_equal(ui_action(ui), &enforce, sizeof(enforce));
	else
		assert_true(ui_shows("Nothing changed."));
}

static void test_question_defaults_to_no(void **state)
{
	int x, y;

	(void)state;
	ask();
	y = cells_find("No", &x);
	assert_int_equal(cells_style(y, x), STYLE_SELECTED);
	ui_press(KEY_ESCAPE);
	assert_answer("\r", false);
	assert_answer("n", false);
	assert_answer("q", false);
	assert_answer("y", true);
	assert_answer("\t\r", true);
	assert_answer("\t\t\r", false);
	ask();
	assert_int_equal(ui_press(KEY_ESCAPE) & (UI_ACTION | UI_QUIT), 0);
	assert_true(ui_shows("Nothing changed."));
	/* Other keys neither answer nor reach the view behind. */
	ask();
	assert_int_equal(ui_type("t4ea ") & UI_ACTION, 0);
	assert_true(ui_shows("This may cut your own connection"));
}

static void test_question_that_is_long_or_small(void **state)
{
	char question[DIALOG_QUESTION_LEN];

	(void)state;
	memset(question, 'w', sizeof(question) - 1);
	question[sizeof(question) - 1] = '\0';
	ui_ask(ui, question, &enforce);
	ui_draw(ui);
	assert_true(ui_shows(" No "));
	resize_term(16, 60);
	ui_draw(ui);
	assert_true(ui_shows(" No "));
	resize_term(24, 80);
}

static void test_menu_of_a_program(void **state)
{
	(void)state;
	ui_type("2");
	ui_press(KEY_DOWN); /* xdp_mesh_filter */
	ui_press(KEY_F(9));
	assert_true(ui_shows("Turn xdp_mesh_filter off"));
	assert_true(ui_shows("Observe"));
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_PROGRAM_OFF]);
	ui_press(KEY_F(9));
	ui_press(KEY_DOWN);
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_ENFORCE_OFF]);
	assert_string_equal(ui_action(ui)->program, "xdp_mesh_filter");
	/* What is not built cannot be chosen, and says why. */
	sample.programs[2].state = PROGRAM_NOT_BUILT;
	sample.programs[2].enforcing = false;
	ui_sample();
	ui_press(KEY_DOWN);
	ui_press(KEY_F(9));
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("Not built in this version"));
	ui_press(KEY_DOWN);
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("The program is not running."));
	ui_press(KEY_ESCAPE);
	assert_false(ui_shows("Enter chooses"));
}

static void test_menu_of_signatures(void **state)
{
	(void)state;
	ui_type("7");
	ui_press(KEY_F(9));
	assert_true(ui_shows("Turn xdp_pqc_verify off"));
	assert_true(ui_shows("Observe: count, drop nothing"));
	ui_press(KEY_DOWN);
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_ENFORCE_OFF]);
	assert_string_equal(ui_action(ui)->program, "xdp_pqc_verify");
	ui_press(KEY_F(9));
	ui_press(KEY_DOWN);
	ui_press(KEY_DOWN);
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &pqc_verify_verbs[PQC_VERIFY_KEYS_RELOAD]);
	sample.pqc.available = false;
	ui_sample();
	ui_press(KEY_F(9));
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_PROGRAM_ON]);
	ui_press(KEY_F(9));
	ui_press(KEY_DOWN);
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("The program is not running."));
	ui_press(KEY_ESCAPE);
}

static void test_menu_of_a_rule(void **state)
{
	(void)state;
	ui_type("4");
	ui_press(KEY_DOWN);
	ui_press(KEY_F(9));
	ui_press(KEY_DOWN);
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_REMOVE]);
	assert_int_equal(ui_action(ui)->number, 1);
	ui_press(KEY_F(9));
	ui_press(KEY_UP);
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_ENFORCE_OFF]);
	ui_press(KEY_F(9));
	ui_press(KEY_DOWN);
	ui_press(KEY_DOWN);
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("Add a rule to the mesh filter"));
}

static void test_rule_line(void **state)
{
	const struct mesh_rule *rule;

	(void)state;
	ui_type("4adrop nonsense");
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("nonsense\" is not a key"));
	assert_true(ui_shows("rule add drop nonsense"));
	for (int i = 0; i < 8; i++)
		ui_press(KEY_BACKSPACE);
	assert_false(ui_shows("is not a key"));
	assert_true(ui_type("udp 6696\r") & UI_ACTION);
	rule = &ui_action(ui)->rule;
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_ADD]);
	assert_int_equal(ui_action(ui)->actor, ACTOR_KEY);
	assert_int_equal(rule->match, MESH_MATCH_PORT);
	assert_int_equal(rule->action, MESH_DROP);
	assert_int_equal(rule->destination_port.from, 6696);
	assert_false(ui_shows("Add a rule to the mesh filter"));
	/* Esc leaves; keys are text there; Ctrl-U empties. */
	ui_type("aqt8");
	assert_true(ui_shows("rule add qt8"));
	ui_press('u' & 0x1f);
	assert_false(ui_shows("rule add qt8"));
	ui_press(KEY_ESCAPE);
	assert_false(ui_shows("Add a rule to the mesh filter"));
}

static void test_line_has_an_end(void **state)
{
	(void)state;
	ui_type("4a");
	for (int i = 0; i < 1000; i++)
		ui_key(ui, 'w');
	ui_draw(ui);
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
}

static void test_messages(void **state)
{
	struct failure failure = { 0 };
	int x, y;

	(void)state;
	ui_message(ui, "rule off %d: done", 4);
	ui_draw(ui);
	assert_true(ui_shows("rule off 4: done"));
	for (int i = 0; i < 10; i++)
		ui_sample();
	assert_false(ui_shows("rule off 4: done"));
	failure_set(&failure, -EPERM, "CAP_NET_ADMIN is missing.");
	failure_remedy(&failure, "Run it with sudo.");
	ui_failure(ui, &failure);
	for (int i = 0; i < 50; i++)
		ui_sample();
	y = cells_find("CAP_NET_ADMIN is missing.", &x);
	assert_int_equal(cells_style(y, x), STYLE_BAD);
	assert_int_equal(cells_find("Run it with sudo.", NULL), y + 1);
	assert_int_equal(ui_press(KEY_ESCAPE) & UI_QUIT, 0);
	assert_false(ui_shows("CAP_NET_ADMIN"));
	ui_failure(ui, &failure);
	ui_press(KEY_DOWN);
	assert_false(ui_shows("CAP_NET_ADMIN"));
}

/* One interface is counted at its hook; all of them have none in common. */
static void test_details_say_where_packets_are_counted(void **state)
{
	(void)state;
	ui_type("3\r");
	assert_true(ui_shows("arrived, counted"));
	assert_false(ui_shows("counted at"));
	ui_press(KEY_ESCAPE);
	ui_press(KEY_DOWN);
	ui_type("\r");
	if (!ui_shows("arrived, counted at native XDP"))
		ui_press(KEY_END);
	assert_true(ui_shows("arrived, counted at native XDP"));
}

/* A node that never spoke, one that did, and one whose time is over. */
static void test_details_of_nodes(void **state)
{
	struct snapshot_pqc_node *node = &sample.pqc.nodes[0];

	(void)state;
	node->last_time = 0;
	ui_sample();
	ui_type("7\r");
	assert_true(ui_shows("never: no message accepted yet"));
	node->last_time = sample.time - 5;
	node->authenticated_until = sample.time + 1;
	ui_sample();
	assert_true(ui_shows("Authenticated"));
	assert_true(ui_shows(" until "));
	node->authenticated_until = sample.time;
	ui_sample();
	assert_true(ui_shows("expired at"));
}

/* A view whose program is off shows why, be it the first in the list or a later one. */
static void test_why_a_view_is_empty(void **state)
{
	static const struct {
		const char *program, *key;
	} cases[] = { { "xdp_counter", "3" }, { "tc_classifier", "5" } };

	(void)state;
	memset(&sample.packets, 0, sizeof(sample.packets));
	memset(&sample.links, 0, sizeof(sample.links));
	memset(&sample.tc, 0, sizeof(sample.tc));
	for (uint32_t i = 0; i < sample.n_programs; i++) {
		sample.programs[i].state = PROGRAM_FAILED;
		snprintf(sample.programs[i].reason, REASON_LEN, "No room for %s",
			sample.programs[i].name);
	}
	ui_sample();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char reason[REASON_LEN];

		ui_type(cases[i].key);
		snprintf(reason, sizeof(reason), "No room for %s", cases[i].program);
		if (!ui_shows(reason))
			fail_msg("%s is not shown", reason);
	}
}

static void test_details_scroll(void **state)
{
	(void)state;
	ui_type("3\r");
	assert_true(ui_shows("by verdict"));
	assert_false(ui_shows("VLAN-tagged"));
	ui_press(KEY_END);
	assert_true(ui_shows("VLAN-tagged"));
	assert_false(ui_shows("by verdict"));
	ui_press(KEY_HOME);
	assert_true(ui_shows("by verdict"));
	ui_press(KEY_ESCAPE);
	assert_false(ui_shows("by verdict"));
	/* The thing goes while its details are open. */
	ui_type("4\r");
	sample.mesh.n_rules = 0;
	ui_sample();
	assert_false(ui_shows("Esc closes"));
}

int main(void)
{
#define SCREEN_TEST(test) cmocka_unit_test_setup_teardown(test, ui_fixture_open, ui_fixture_close)
	const struct CMUnitTest tests[] = {
		SCREEN_TEST(test_question_defaults_to_no),
		SCREEN_TEST(test_question_that_is_long_or_small),
		SCREEN_TEST(test_menu_of_a_program),
		SCREEN_TEST(test_menu_of_signatures),
		SCREEN_TEST(test_menu_of_a_rule),
		SCREEN_TEST(test_rule_line),
		SCREEN_TEST(test_line_has_an_end),
		SCREEN_TEST(test_messages),
		SCREEN_TEST(test_details_say_where_packets_are_counted),
		SCREEN_TEST(test_details_of_nodes),
		SCREEN_TEST(test_why_a_view_is_empty),
		SCREEN_TEST(test_details_scroll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
