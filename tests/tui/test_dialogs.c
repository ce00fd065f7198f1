// SPDX-License-Identifier: BSD-2-Clause
/* Questions, menus, the line for a rule, messages. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mesh/rule.h"
#include "mesh/rule_notes.h"
#include "tests/lib/cells.h"
#include "tests/lib/snapshot_sample.h"
#include "tests/lib/ui_fixture.h"
#include "tui/keys.h"

static const struct action enforce = {
	.verb = &control_verbs[VERB_ENFORCE_ON], .actor = ACTOR_KEY, .program = "xdp_mesh_filter"
};

static void press(int key, int times)
{
	for (int i = 0; i < times; i++)
		ui_press(key);
}

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

/* Asserts that the frame of the dialog is in the middle of a screen of this size, and as wide as that asks for: `widest`
 * at most, and with so many columns free. */
static void assert_frame(int height, int width, int widest, int free)
{
	resize_term(height, width);
	ui_draw(ui);
	int left, right, top = cells_find("╭", &left), bottom = cells_find("╯", &right);
	int above = top, below = LINES - 1 - bottom, after = COLS - 1 - right;

	if (right - left + 1 != (width - free < widest ? width - free : widest) || after < left ||
		after > left + 1 || above < 1 || bottom <= top || below < above ||
		below > above + 1)
		fail_msg("of %dx%d, a dialog is from %d,%d to %d,%d", width, height, left, top,
			right, bottom);
}

static void test_dialogs_of_any_size(void **state)
{
	static const struct {
		const char *typed;
		int key, widest, free;
	} dialogs[] = { { "", 'w', 100, 6 }, { "2", '\r', 100, 6 }, { "4", KEY_F(9), 56, 2 },
		{ "4", 'a', 110, 4 }, { "5", 'e', 110, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof(dialogs) / sizeof(dialogs[0]); i++) {
		ui_type(dialogs[i].typed);
		ui_press(dialogs[i].key);
		for (int width = 60; width < 130; width++)
			assert_frame(24, width, dialogs[i].widest, dialogs[i].free);
		for (int height = 16; height < 60; height++)
			assert_frame(height, 80, dialogs[i].widest, dialogs[i].free);
		resize_term(24, 80);
		ui_press(KEY_ESCAPE);
	}
	ui_press('?'); /* of one column, or two */
	for (int width = 60; width < 130; width++)
		assert_frame(24, width, width < 76 ? 43 : 86, 2);
	for (int height = 16; height < 60; height++)
		assert_frame(height, 80, 86, 2);
	resize_term(24, 80);
	ui_press(KEY_ESCAPE);
	ask();
	for (int width = 60; width < 130; width++)
		assert_frame(16, width, 64, 8);
	resize_term(24, 80);
}

/* Of a line that has no room the end is shown, beside what the keys do. */
static void test_long_lines_in_the_bottom_line(void **state)
{
	enum { ROOM = 46 };
	char typed[2 * ROOM] = "", expected[128];

	(void)state;
	ui_type("5a");
	for (int i = 0; i < (int)sizeof(typed) - 1; i++) {
		typed[i] = (char)('a' + i % 26);
		ui_press(typed[i]);
		snprintf(expected, sizeof(expected), " Line: %-46.46s   Enter adds, Esc cancels",
			i < ROOM ? typed : &typed[i + 1 - ROOM]);
		assert_string_equal(cells_row(23), expected);
	}
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

/* A plugin is on or off, and another file takes its place. */
static void test_menu_of_a_plugin(void **state)
{
	(void)state;
	snprintf(sample.plugin_programs[0].name, NAME_LEN, "%s", sample.programs[1].name);
	ui_sample();
	ui_type("2");
	ui_press(KEY_DOWN);
	ui_press(KEY_F(9));
	assert_true(ui_shows("Turn xdp_mesh_filter off"));
	assert_false(ui_shows("Observe"));
	assert_true(ui_shows("Replace it by a file"));
	assert_true(ui_shows("Replace it by its own file")); /* another one took its place */
	ui_press(KEY_ESCAPE);
}

/* The path is typed, and corrected; what was replaced has the built-in object to go back to. */
static void test_replacing_a_program(void **state)
{
	(void)state;
	ui_type("2");
	ui_press(KEY_DOWN); /* xdp_mesh_filter, which a file replaced */
	ui_press(KEY_F(9));
	assert_true(ui_shows("Replace it by the built-in object"));
	press(KEY_DOWN, 4); /* behind "Keep the new one": it is on trial */
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_PROGRAM_TAKE_BACK]);
	ui_press(KEY_F(9));
	press(KEY_DOWN, 5);
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_PROGRAM_REPLACE]);
	assert_string_equal(ui_action(ui)->file, "");
	ui_press(KEY_F(9));
	press(KEY_DOWN, 2);
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_int_equal(cells_find("File: ", NULL), LINES - 1);
	assert_true(ui_shows("FILE canary 60: on trial"));
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("Write NAME FILE|built-in [canary SECONDS]"));
	ui_type("/root/filters/one/with/a/long/path/to/xdp_mesh_filter.bpf.oo");
	ui_press(KEY_BACKSPACE);
	assert_true(ui_shows("xdp_mesh_filter.bpf.o "));
	assert_true(ui_type("\r") & UI_ACTION);
	assert_string_equal(ui_action(ui)->program, "xdp_mesh_filter");
	assert_string_equal(
		ui_action(ui)->file, "/root/filters/one/with/a/long/path/to/xdp_mesh_filter.bpf.o");
	assert_int_equal(ui_action(ui)->actor, ACTOR_KEY);
	assert_false(ui_shows("File: "));
	assert_int_equal(ui_action(ui)->canary, 0);
	ui_press(KEY_F(9));
	press(KEY_DOWN, 2);
	ui_type("\r/root/x.bpf.o canary 60");
	assert_true(ui_type("\r") & UI_ACTION);
	assert_string_equal(ui_action(ui)->file, "/root/x.bpf.o");
	assert_int_equal(ui_action(ui)->canary, 60);
	ui_press('\r');
	assert_true(ui_shows("/root/xdp_mesh_filter.bpf.o"));
	assert_true(ui_shows("a04f5eef06a7f555"));
	ui_press(KEY_ESCAPE);
	ui_press(KEY_UP); /* xdp_counter: built in */
	ui_press(KEY_F(9));
	assert_true(ui_shows("Replace it by a file"));
	assert_false(ui_shows("built-in object"));
	ui_press(KEY_ESCAPE);
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
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_DELETE]);
	assert_int_equal(ui_action(ui)->number, 1);
	assert_string_equal(ui_action(ui)->seen, sample.mesh.rules[1].key);
	ui_press(KEY_F(9));
	ui_press(KEY_UP);
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_ENFORCE_OFF]);
	ui_press(KEY_F(9));
	press(KEY_DOWN, 4);
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("A condition above, or: all"));
}

/* A field is checked while it is typed, beside it, and the rule's text is there all the time. */
static void test_rule_form(void **state)
{
	const struct mesh_rule *rule;
	int x, y;

	(void)state;
	ui_type("4a");
	assert_true(ui_shows("Add a rule"));
	assert_true(ui_shows("A condition above, or: all"));
	press(KEY_DOWN, 1); /* rate and burst are of a limit */
	ui_type("10.1.0.0/40");
	y = cells_find("From", &x);
	assert_int_equal(cells_find("Write a length from 0 to 32", &x), y);
	assert_int_equal(cells_style(y, x), STYLE_BAD);
	assert_true(ui_shows("\"10.1.0.0/40\" has no valid prefix length. Write a length"));
	assert_true(ui_shows("Source: 10.1.0.0/16, 10.1.0.7")); /* what the field is */
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	press(KEY_BACKSPACE, 2);
	ui_type("16");
	assert_true(ui_shows("rule add drop from 10.1.0.0/16"));
	press(KEY_DOWN, 3);
	press(KEY_RIGHT, 2); /* tcp, udp */
	ui_type("\t6696");
	assert_true(ui_shows("rule add drop from 10.1.0.0/16 udp 6696"));
	assert_true(ui_type("\r") & UI_ACTION);
	rule = &ui_action(ui)->rule;
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_ADD]);
	assert_int_equal(ui_action(ui)->actor, ACTOR_KEY);
	assert_int_equal(rule->action, MESH_DROP);
	assert_int_equal(rule->source.length, 16);
	assert_int_equal(rule->destination_port.from, 6696);
	assert_false(ui_shows("Add a rule"));
	/* Esc leaves; keys are text there; Ctrl-U empties. */
	ui_type("a");
	press(KEY_DOWN, 1);
	ui_type("qt8");
	assert_true(ui_shows("rule add drop from qt8"));
	ui_press('u' & 0x1f);
	ui_type("10.8"); /* half typed: what is missing */
	y = cells_find("From", &x);
	assert_int_equal(cells_find("Write 10.8.0.0/16", NULL), y);
	ui_press('u' & 0x1f);
	assert_true(ui_shows("A condition above, or: all"));
	ui_press(KEY_ESCAPE);
	assert_false(ui_shows("Add a rule"));
}

static void test_rule_form_of_a_limit(void **state)
{
	(void)state;
	ui_type("4il");
	assert_true(ui_shows("A limit needs a rate"));
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	ui_type("20k/s\t"); /* Enter went to the field */
	ui_type("0");
	assert_true(ui_shows("A burst is a number"));
	ui_press(KEY_BACKSPACE);
	ui_type("50");
	press(KEY_UP, 2);
	press(KEY_UP, 2); /* around, to the comment */
	ui_type("no \"quotes\"");
	ui_press(KEY_UP);
	ui_type("10m");
	assert_int_equal(
		ui_type("\r") & UI_ACTION, 0); /* all packets are not meant by saying nothing */
	assert_true(ui_shows("Nothing says which packets"));
	ui_press(KEY_LEFT);
	assert_true(
		ui_shows("rule insert 0 limit 20k/s burst 50 all for 10m comment \"no quotes\""));
	assert_true(ui_type("\r") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_INSERT]);
	assert_int_equal(ui_action(ui)->number, 0);
	assert_int_equal(ui_action(ui)->rule.rate, 20000);
	assert_int_equal(ui_action(ui)->rule.burst, 50);
	assert_string_equal(ui_action(ui)->rule.comment, "no quotes");
}

/* As the mesh filter's module does. */
static void show(const struct mesh_rule *rule, struct snapshot_rule *shown)
{
	uint64_t left = rule_time_left(rule);

	shown->match = rule->match;
	shown->action = rule->action;
	shown->time_left = left == UINT64_MAX ? NAN : (double)left;
	rule_format_limit(rule, shown->limit, sizeof(shown->limit));
	rule_format_key(rule, shown->key, sizeof(shown->key));
	rule_format_comment(rule, shown->comment);
}

/* What is changed is read from the rule, whatever it says; nothing is lost. */
static void test_rule_form_reads_rules(void **state)
{
	static const char *const rules[] = {
		"pass 10.1.0.0/16",
		"drop mac 02:00:00:00:00:66",
		"drop 10.66.0.0/16 tcp 23 for 9m12s comment \"scans, \x27 again\"",
		"limit 20k/s burst 50 to fd00::/8 proto icmpv6 in mesh0",
		"limit 10Mbit/s burst 2000 udp 5000-6000",
		"count from @neighbours sport 53 port 1024 ethertype 0x0800 vlan 7",
		"drop unreadable",
		"drop arp",
		"limit 100/s burst 5 nd",
		"drop 10.1.0.1/32 in mesh0 dhcp",
		"pass all",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct mesh_rule read, expected;
		struct failure failure;
		assert_int_equal(rule_parse(rules[i], &expected, &failure), 0);
		show(&expected, &sample.mesh.rules[0]);
		ui_sample();
		ui_type("4");
		ui_press(KEY_HOME);
		ui_type("c");
		assert_true(ui_shows("Change rule 0"));
		assert_true(ui_type("\r") & UI_ACTION);
		assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_CHANGE]);
		read = ui_action(ui)->rule;
		read.expires = expected.expires = 0; /* from now on */
		assert_memory_equal(&read, &expected, sizeof(read));
	}
	press(KEY_DOWN, 4); /* off stays off */
	ui_type("c");
	assert_true(ui_shows("rule change 4 off drop tcp 23"));
}

/* Another operator puts a rule before it meanwhile: the form is not for the one that has its number now. */
static void test_rule_form_keeps_to_its_rule(void **state)
{
	(void)state;
	ui_type("4c");
	assert_true(ui_shows("Change rule 0"));
	snprintf(sample.mesh.rules[0].key, sizeof(sample.mesh.rules[0].key), "10.9.0.0/16");
	ui_sample();
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("Rule 0 is another one now"));
	sample.mesh.n_rules = 0;
	ui_sample();
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	assert_true(ui_shows("Rule 0 is gone"));
	ui_press(KEY_ESCAPE);
}

/* Arrows offer the sets that fit, and interfaces; a set must be there, and of the right kind. */
static void test_rule_form_knows_names(void **state)
{
	(void)state;
	sample.mesh.sets[1].kind = MESH_SET_PORTS;
	snprintf(sample.mesh.sets[1].name, sizeof(sample.mesh.sets[1].name), "services");
	ui_sample();
	ui_type("4a");
	press(KEY_DOWN, 1);
	assert_true(ui_shows("arrows choose"));
	ui_press(KEY_RIGHT);
	assert_true(ui_shows("rule add drop from @blocklist"));
	ui_press(KEY_RIGHT);
	assert_true(ui_shows("A condition above, or: all"));
	ui_press('u' & 0x1f);
	ui_type("@services");
	assert_true(ui_shows("@services is a set of another kind"));
	ui_press('u' & 0x1f);
	ui_type("@nobody");
	assert_true(ui_shows("There is no set @nobody"));
	assert_int_equal(ui_type("\r") & UI_ACTION, 0);
	ui_press('u' & 0x1f);
	press(KEY_DOWN, 4);
	press(KEY_RIGHT, 1);
	assert_true(ui_shows("rule add drop port @services"));
	press(KEY_DOWN, 2);
	press(KEY_LEFT, 1);
	assert_true(ui_shows("rule add drop port @services in "));
	assert_true(ui_type("\r") & UI_ACTION);
}

/* What has no effect says so: on the row, and why among the details. */
static void test_rules_without_effect(void **state)
{
	(void)state;
	sample.mesh.rules[5].shadowed_by = 2;
	snprintf(sample.mesh.rules[5].shadow, sizeof(sample.mesh.rules[5].shadow),
		"never decides: rules 2 and 4 match all that it does");
	sample.mesh.rules[3].time_left = 0;
	ui_sample();
	ui_type("4");
	assert_starts(cells_row(cells_find("udp 6696", NULL)), "    5 \xe2\x97\x8b never");
	assert_starts(cells_row(cells_find("02:00:00:00:00:66", NULL)), "    3 \xe2\x97\x8b ended");
	press(KEY_END, 1);
	ui_type("\r");
	assert_true(ui_shows("never decides: rules 2 and 4 match all that it does"));
	ui_press(KEY_ESCAPE);
	press(KEY_HOME, 1);
	press(KEY_DOWN, 1);
	ui_type("\r");
	assert_true(ui_shows("scans our ports"));
	assert_true(ui_shows("1h23m45s"));
	assert_true(ui_shows("1.50s ago"));
}

static void test_rules_move_and_go(void **state)
{
	(void)state;
	ui_type("4");
	ui_type("K");
	assert_true(ui_shows("It is the first rule."));
	assert_true(ui_type("J") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_MOVE]);
	assert_int_equal(ui_action(ui)->number, 1); /* the second one moves up */
	assert_int_equal(ui_action(ui)->to, 0);
	const struct snapshot_rule first = sample.mesh.rules[0];
	sample.mesh.rules[0] = sample.mesh.rules[1];
	sample.mesh.rules[1] = first;
	sample.mesh.rules[0].number = 0;
	sample.mesh.rules[1].number = 1;
	ui_sample();
	assert_starts(ui_highlighted(), "    1 "); /* the first one is there now */
	press(KEY_DOWN, 1);
	assert_true(ui_type("K") & UI_ACTION);
	assert_int_equal(ui_action(ui)->number, 2);
	assert_int_equal(ui_action(ui)->to, 1);
	press(KEY_END, 1);
	ui_type("J");
	assert_true(ui_shows("It is the last rule."));
	assert_true(ui_type("d") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_DELETE]);
	assert_int_equal(ui_action(ui)->number, 5);
	assert_string_equal(ui_action(ui)->seen, sample.mesh.rules[sample.mesh.n_rules - 1].key);
	assert_true(ui_type("u") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_RULE_UNDO]);
	sample.mesh.n_rules = 0;
	ui_sample();
	assert_int_equal(ui_type("d") & UI_ACTION, 0);
	assert_true(ui_shows("No rule is highlighted."));
}

/* Sets are counted, and say what they follow and since when that is gone. */
static void test_sets(void **state)
{
	(void)state;
	sample.mesh.sets[1].stale_since = sample.time - 62;
	snprintf(sample.mesh.rules[0].key, sizeof(sample.mesh.rules[0].key),
		"from @neighbours tcp 22");
	ui_sample();
	ui_type("4P");
	assert_true(ui_shows("stale 62.0s"));
	assert_true(ui_shows("48.2K"));
	ui_press(KEY_DOWN);
	ui_type("\r");
	assert_true(ui_shows("@neighbours"));
	assert_true(ui_shows("6 prefixes"));
	assert_true(ui_shows("x0top sets show neighbours"));
	ui_press(KEY_ESCAPE);
	sample.mesh.n_sets = 0;
	ui_sample();
	assert_true(ui_shows("x0top sets load NAME FILE"));
}

/* One key is the switch, either way. */
static void test_only_neighbours(void **state)
{
	(void)state;
	ui_type("4");
	assert_true(ui_type("o") & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &mesh_filter_verbs[MESH_FILTER_ONLY_NEIGHBOURS]);
	assert_int_equal(ui_action(ui)->number, 1);
	sample.mesh.rules[3].match = MESH_MATCH_SEVERAL;
	snprintf(sample.mesh.rules[3].key, sizeof(sample.mesh.rules[3].key), "udp @mesh-ports");
	ui_sample();
	assert_true(ui_shows("; only neighbours"));
	assert_true(ui_type("o") & UI_ACTION);
	assert_int_equal(ui_action(ui)->number, 0);
}

/* Enter makes a rule of a flow, or of a source. */
static void test_rules_of_talkers(void **state)
{
	(void)state;
	ui_type("4p");
	ui_press(KEY_DOWN);
	ui_type("\r");
	assert_true(ui_shows("rule add drop from 10.66.3.9 to 10.1.0.7 tcp 80 in mesh0"));
	assert_true(ui_type("\r") & UI_ACTION);
	ui_press(KEY_DOWN); /* an answer */
	ui_type("\r");
	assert_true(
		ui_shows("rule add drop from fd00::4:1 to fd00::7 proto tcp sport 443 in eth0"));
	ui_press(KEY_ESCAPE);
	press(KEY_END, 1); /* without IP */
	ui_type("\r");
	assert_true(ui_shows("rule add drop mac 02:00:00:00:00:09 in mesh0 ethertype 0x0806"));
	ui_press(KEY_ESCAPE);
	ui_type("p\r");
	assert_true(ui_shows("rule add drop from 10.1.0.12"));
	ui_press(KEY_ESCAPE);
	press(KEY_END, 1);
	ui_type("\r");
	assert_true(ui_shows("rule add drop mac 02:00:00:00:00:09"));
}

static void test_why_there_are_no_talkers(void **state)
{
	(void)state;
	ui_type("4p");
	sample.talkers.available = false;
	ui_sample();
	assert_true(ui_shows("The next sample has them."));
	snprintf(sample.talkers.reason, REASON_LEN, "No rule");
	snprintf(sample.talkers.remedy, REASON_LEN, "Add one");
	ui_sample();
	assert_true(ui_shows("No rule"));
	assert_true(ui_shows("Add one"));
}

static void test_form_has_an_end(void **state)
{
	(void)state;
	ui_type("4a\t");
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

/* Tags beside the frames are counted by the classifier alone. */
static void test_details_of_vlan(void **state)
{
	(void)state;
	sample.packets.sum.vlan = (struct counter) { 0, 0 };
	sample.tc.vlan[DIRECTION_INGRESS] = (struct counter) { 5000, 777 };
	ui_sample();
	ui_type("3\r");
	ui_press(KEY_END);
	assert_true(ui_shows("777/s"));
	sample.packets.sum.vlan = (struct counter) { 9000, 888 };
	ui_sample();
	assert_true(ui_shows("888/s"));
	assert_false(ui_shows("777/s"));
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

/* Returns the row of a text that the node "zz" alone has, with another node selected. */
static int find_beside_selected(const char *text, int *x)
{
	ui_sample();
	ui_type("7");
	ui_press(KEY_HOME);
	if (strstr(ui_highlighted(), "zz") != NULL)
		ui_press(KEY_END);
	int y = cells_find(text, x);
	assert_true(y > 0);
	return y;
}

/* The state of a node in the list: good, over, or never there. */
static void test_states_of_nodes(void **state)
{
	static const struct {
		double until, last;
		const char *text;
		enum style style;
	} cases[] = {
		{ 90, -5, " for 1m", STYLE_GOOD },
		{ 0, -5, " expired", STYLE_BAD },
		{ -10, -5, " expired", STYLE_BAD },
	};
	struct snapshot_pqc_node *node = &sample.pqc.nodes[0];
	int x, y;

	(void)state;
	/* The other one, which is selected. */
	sample.pqc.n_nodes = 2;
	sample.pqc.nodes[1] = sample.pqc.nodes[0];
	sample.pqc.nodes[1].authenticated_until = sample.time + 7200;
	snprintf(node->name, sizeof(node->name), "zz");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		node->authenticated_until = sample.time + cases[i].until;
		node->last_time = sample.time + cases[i].last;
		y = find_beside_selected(cases[i].text, &x);
		assert_int_equal(cells_style(y, x + 1), cases[i].style);
	}
	node->last_time = node->authenticated_until = 0;
	y = find_beside_selected(" never", &x);
	assert_int_equal(cells_style(y, x + 1), STYLE_DIM);
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
		/* Copied: gcc takes a name for more than its array, and warns that they overlap. */
		char name[NAME_LEN];
		memcpy(name, sample.programs[i].name, sizeof(name));
		snprintf(sample.programs[i].reason, REASON_LEN, "No room for %s", name);
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

/* What has no room below a table is behind Enter; what has none there either is said to be more. */
static void test_details_of_many(void **state)
{
	(void)state;
	ui_type("5");
	assert_false(ui_shows("Enter shows all"));
	sample.tc.n_interfaces = INTERFACES_MAX;
	for (uint32_t i = 0; i < INTERFACES_MAX; i++)
		snprintf(sample.tc.interfaces[i].name, NAME_LEN, "wg%u", i);
	ui_sample();
	assert_true(ui_shows("Enter shows all"));
	assert_true(ui_shows("together")); /* the sum comes first */
	ui_type("\r");
	assert_false(ui_shows("--json has all"));
	ui_press(KEY_END);
	assert_true(ui_shows("There is no room for more: --json has all."));
}

static void test_what_is_advised_is_done_in_the_operators_name(void **state)
{
	char text[RULE_LEN];

	(void)state;
	snapshot_sample_unusual(&sample);
	ui_sample();
	ui_type("9");
	ui_press(KEY_F(9));
	assert_true(ui_shows("Do what is advised"));
	assert_true(ui_press('\r') & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text,
		"rule add limit 500/s burst 50 10.1.0.12/32 proto udp for 2m comment \"mapek 31\"");
	assert_int_equal(ui_action(ui)->actor, ACTOR_KEY);
}

static void test_an_action_of_mapek_is_undone(void **state)
{
	const struct snapshot_rule *rule;
	char text[RULE_LEN], expected[64];

	(void)state;
	snapshot_sample_unusual(&sample);
	rule = &sample.mesh.rules[sample.mesh.n_rules - 1];
	snprintf(expected, sizeof(expected), "rule delete %u", rule->number);
	ui_sample();
	ui_type("9");
	ui_type("u"); /* action 31 is only advised */
	assert_true(ui_shows("Nothing of it is in force."));
	ui_press(KEY_DOWN);
	assert_true(ui_type("u") & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, expected);
	ui_press(KEY_F(9));
	assert_true(ui_shows("Undo action 30"));
	assert_true(ui_press('\r') & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, expected);
	snprintf(sample.mapek.actions[1].action, RULE_LEN, "program off tc_classifier");
	sample.mesh.n_rules = 0;
	ui_sample();
	assert_true(ui_type("u") & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, "program on tc_classifier");
	assert_int_equal(ui_action(ui)->actor, ACTOR_KEY);
	ui_press(KEY_F(9));
	assert_true(ui_press('\r') & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, "program on tc_classifier");
	ui_press(KEY_ESCAPE);
	snprintf(sample.mapek.actions[1].action, RULE_LEN, "qos police eth0 in bulk 5Mbit/s");
	ui_sample();
	assert_true(ui_type("u") & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, "qos police eth0 in bulk none");
	/* What was before a rate is known to who has changed it alone. */
	snprintf(sample.mapek.actions[1].action, RULE_LEN, "qos rate eth0 bulk 5Mbit/s");
	ui_sample();
	assert_true(ui_type("u") & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, "mapek undo 30");
	ui_press(KEY_END); /* it is over, and about nobody */
	ui_press(KEY_F(9));
	assert_true(ui_shows("No actions for this row"));
}

/* Presses Enter on the highlighted item of the menu, which asks for this. */
static void asks_for(const char *expected)
{
	char text[RULE_LEN];

	assert_true(ui_press('\r') & UI_ACTION);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_never_again(void **state)
{
	(void)state;
	snapshot_sample_unusual(&sample);
	ui_sample();
	ui_type("9");
	assert_true(ui_shows("1 spared"));
	ui_press(KEY_F(9));
	assert_true(ui_shows("Never again: 10.1.0.12"));
	ui_press(KEY_DOWN);
	asks_for("mapek never 10.1.0.12/32");
	ui_press(KEY_F(9));
	assert_true(ui_shows("Never again: 10.1.0.0/24"));
	ui_press(KEY_DOWN);
	ui_press(KEY_DOWN);
	asks_for("mapek never 10.1.0.0/24");
	/* Of a network, that alone is spared. */
	snprintf(sample.mapek.actions[0].target, MAPEK_TARGET_LEN, "10.1.0.0/16");
	ui_sample();
	ui_press(KEY_F(9));
	assert_true(ui_shows("Never again: 10.1.0.0/16"));
	assert_false(ui_shows("/24"));
	ui_press(27);
	ui_press(KEY_DOWN);
	ui_press(KEY_DOWN); /* one that is spared */
	ui_press(KEY_F(9));
	assert_false(ui_shows("Never again"));
	assert_true(ui_shows("Let policies act again: 192.0.2.0/24"));
	asks_for("mapek again 192.0.2.0/24");
}

/* A line of the traffic classes is written below; what is wrong is said there, and can be mended. */
static void test_a_line_of_the_classes(void **state)
{
	char text[RULE_LEN];

	(void)state;
	ui_press('5');
	ui_press('a');
	assert_int_equal(cells_find("Line: ", NULL), LINES - 1);
	assert_true(ui_shows("Enter adds, Esc cancels"));
	assert_int_equal(ui_type("udp 5060-5061 dscp ef vo ip\r") & UI_ACTION, 0);
	assert_true(ui_shows("Line: "));
	for (int i = 0; i < 3; i++)
		ui_press(KEY_BACKSPACE);
	ui_press('i');
	ui_press('p');
	assert_true(ui_press('\r') & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_CLASS_ADD]);
	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, "class add udp 5060-5061 dscp ef voip");
	assert_false(ui_shows("Line: "));
	assert_true(ui_press('u') & UI_ACTION);
	assert_ptr_equal(ui_action(ui)->verb, &control_verbs[VERB_CLASS_UNDO]);
}

static void assert_action(const char *words, const char *seen)
{
	char text[RULE_LEN];

	action_format(ui_action(ui), text, sizeof(text));
	assert_string_equal(text, words);
	assert_string_equal(ui_action(ui)->seen, seen);
	assert_int_equal(ui_action(ui)->actor, ACTOR_KEY);
}

/* Lines of the classes are changed where they are listed: the one that is seen is meant. */
static void test_lines_of_the_classes(void **state)
{
	(void)state;
	ui_type("5pp");
	assert_starts(ui_highlighted(), "    0 udp 5060-5061 to @phones egress");
	ui_press(KEY_DOWN);
	ui_press('c');
	assert_true(ui_shows("class edit 1 from 10.7.0.0/16 proto tcp port 873 bulk"));
	assert_true(ui_type("er\r") & UI_ACTION);
	assert_action("class edit 1 10.7.0.0/16 tcp 873 bulker", "10.7.0.0/16 tcp 873");
	ui_press('i');
	assert_int_equal(ui_type("\x15\r") & UI_ACTION, 0);
	assert_true(ui_shows("The class is missing"));
	ui_type("echo\t\t\tudp\t99999");
	assert_true(ui_shows("is not a port"));
	assert_true(ui_type("\x15"
			    "7\r") &
		    UI_ACTION);
	assert_action("class insert 1 udp 7 echo", "");
	assert_true(ui_press('K') & UI_ACTION);
	assert_action("class move 1 0", "10.7.0.0/16 tcp 873");
	assert_true(ui_press('J') & UI_ACTION);
	assert_action("class move 2 1", "ethertype 0x0806");
	assert_true(ui_press('d') & UI_ACTION);
	assert_action("class delete 1", "10.7.0.0/16 tcp 873");
	ui_press(KEY_HOME);
	assert_int_equal(ui_press('K') & UI_ACTION, 0);
	assert_true(ui_shows("It is the first line."));
	ui_press(KEY_END);
	assert_int_equal(ui_press('J') & UI_ACTION, 0);
	assert_true(ui_shows("It is the last line."));
	ui_press(KEY_F(9));
	assert_true(ui_shows("Delete line 5"));
	assert_true(ui_press('\r') & UI_ACTION);
	assert_action("class delete 5", "dscp ef");
}

static void choose(int times)
{
	for (int i = 0; i < times; i++)
		ui_press(KEY_RIGHT);
}

/* What is done to classes is asked for by a form, whose mistakes are said beside the field. */
static void test_form_of_qos(void **state)
{
	(void)state;
	ui_type("5e");
	assert_true(ui_shows("Mark, police or shape"));
	assert_true(ui_shows("qos preset uplink eth0"));
	assert_true(ui_shows("10% of it are kept for control"));
	assert_int_equal(ui_press('\r') & UI_ACTION, 0); /* the rate is missing */
	ui_type("10Mbit");
	assert_true(ui_shows("is not a rate"));
	assert_true(ui_type("/s\r") & UI_ACTION);
	assert_action("qos preset uplink eth0 10Mbit/s", "");
	ui_press('e');
	choose(5);
	assert_true(ui_shows("What a class has beyond a rate is dropped"));
	ui_press(KEY_DOWN);
	ui_type("\x15nowhere");
	assert_true(ui_shows("There is no interface nowhere"));
	ui_type("\x15mesh0\t");
	choose(1);
	ui_type("\t\x15nobody");
	assert_true(ui_shows("There is no class nobody"));
	ui_type("\x15"
		"bulk\t5Mbit/s\t30kB\r");
	assert_action("qos police mesh0 in bulk 5Mbit/s 30kB", "");
}

/* In the part of what is done, the form begins with what is highlighted. */
static void test_what_is_done_to_classes(void **state)
{
	(void)state;
	ui_type("5ppp");
	assert_true(ui_shows("eth0 mark, police, shape to 10.0Mbit/s"));
	ui_press('e');
	assert_true(ui_shows("qos rate eth0 mesh 4Mbit/s 10Mbit/s"));
	ui_press(KEY_ESCAPE);
	ui_press(KEY_DOWN);
	ui_press('e');
	assert_true(ui_shows("qos police eth0 in bulk 2Mbit/s"));
	ui_press(KEY_ESCAPE);
	ui_press(KEY_F(9));
	assert_true(ui_shows("Police it no more"));
	assert_true(ui_press('\r') & UI_ACTION);
	assert_action("qos police eth0 in bulk none", "");
	assert_true(ui_press('u') & UI_ACTION);
	assert_action("qos undo", "");
	sample.qos.classes[1].starved = true;
	ui_sample();
	assert_true(ui_shows("starves"));
}

int main(void)
{
#define SCREEN_TEST(test) cmocka_unit_test_setup_teardown(test, ui_fixture_open, ui_fixture_close)
	const struct CMUnitTest tests[] = {
		SCREEN_TEST(test_question_defaults_to_no),
		SCREEN_TEST(test_question_that_is_long_or_small),
		SCREEN_TEST(test_dialogs_of_any_size),
		SCREEN_TEST(test_long_lines_in_the_bottom_line),
		SCREEN_TEST(test_menu_of_a_program),
		SCREEN_TEST(test_menu_of_a_plugin),
		SCREEN_TEST(test_replacing_a_program),
		SCREEN_TEST(test_menu_of_signatures),
		SCREEN_TEST(test_menu_of_a_rule),
		SCREEN_TEST(test_rule_form),
		SCREEN_TEST(test_rule_form_of_a_limit),
		SCREEN_TEST(test_rule_form_reads_rules),
		SCREEN_TEST(test_rule_form_keeps_to_its_rule),
		SCREEN_TEST(test_rule_form_knows_names),
		SCREEN_TEST(test_rules_without_effect),
		SCREEN_TEST(test_rules_move_and_go),
		SCREEN_TEST(test_sets),
		SCREEN_TEST(test_only_neighbours),
		SCREEN_TEST(test_rules_of_talkers),
		SCREEN_TEST(test_why_there_are_no_talkers),
		SCREEN_TEST(test_form_has_an_end),
		SCREEN_TEST(test_messages),
		SCREEN_TEST(test_details_say_where_packets_are_counted),
		SCREEN_TEST(test_details_of_vlan),
		SCREEN_TEST(test_details_of_nodes),
		SCREEN_TEST(test_states_of_nodes),
		SCREEN_TEST(test_why_a_view_is_empty),
		SCREEN_TEST(test_details_scroll),
		SCREEN_TEST(test_details_of_many),
		SCREEN_TEST(test_what_is_advised_is_done_in_the_operators_name),
		SCREEN_TEST(test_an_action_of_mapek_is_undone),
		SCREEN_TEST(test_never_again),
		SCREEN_TEST(test_a_line_of_the_classes),
		SCREEN_TEST(test_lines_of_the_classes),
		SCREEN_TEST(test_form_of_qos),
		SCREEN_TEST(test_what_is_done_to_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
