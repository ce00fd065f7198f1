// SPDX-License-Identifier: BSD-2-Clause
/* The table of keys: complete, without doubles, as help says; and what each key does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/cells.h"
#include "tests/lib/snapshot_sample.h"
#include "tests/lib/ui_fixture.h"
#include "tui/keys.h"

/* What an operator's fingers know, as the design lists it. */
static const int expected[] = { 'q', KEY_F(10), '?', 'h', KEY_F(1), KEY_UP, KEY_DOWN, KEY_PPAGE,
	KEY_NPAGE, KEY_HOME, KEY_END, '\t', KEY_BTAB, '1', '2', '3', '4', '5', '6', '7', '8', '9',
	'/', '\\', KEY_F(4), '<', '>', KEY_F(6), 'I', '\r', KEY_ENTER, KEY_ESCAPE, ' ', 'Z', '+',
	'-', KEY_F(9), 't', 'e', 'a', 'c', 'd', KEY_DC, 'i', 'K', 'J', 'o', 'u', 'p', 'P', KEY_LEFT,
	KEY_RIGHT, 's', 'w', KEY_CTRL_L, KEY_CTRL_C, 'n', 'N', KEY_RESIZE };

static int times_in_table(int code)
{
	int times = 0;

	for (int i = 0; i < n_keys; i++)
		for (int c = 0; keys[i].codes[c] != 0; c++)
			times += keys[i].codes[c] == code;
	return times;
}

static void test_no_key_is_missing_or_double(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (times_in_table(expected[i]) != 1)
			fail_msg("key %d is in the table %d times", expected[i],
				times_in_table(expected[i]));
	for (int i = 0; i < n_keys; i++)
		for (int c = 0; keys[i].codes[c] != 0; c++)
			assert_int_equal(times_in_table(keys[i].codes[c]), 1);
}

/* Every key in every view means something, and leaves a screen that can be drawn. */
static void test_every_key_is_handled_in_every_view(void **state)
{
	(void)state;
	for (int view = 0; view < VIEWS; view++) {
		for (int i = 0; i < n_keys; i++) {
			for (int c = 0; keys[i].codes[c] != 0; c++) {
				ui_key(ui, KEY_ESCAPE);
				ui_key(ui, '1' + view);
				ui_press(keys[i].codes[c]);
			}
		}
		ui_key(ui, KEY_ESCAPE);
	}
	assert_int_equal(ui_key(ui, 0x7fff), UI_IGNORED);
	assert_int_equal(ui_key(ui, 'x'), UI_IGNORED);
}

static void test_help_names_every_key(void **state)
{
	(void)state;
	ui_type("?");
	for (int i = 0; i < n_keys; i++) {
		int x, y = cells_find(keys[i].help, &x);

		if (y < 0)
			fail_msg("help does not say \"%s\"", keys[i].help);
		assert_non_null(strstr(cells_row(y), keys[i].keys));
	}
	ui_type("x");
	assert_false(ui_shows("Any key closes the help."));
}

/* The name of each code is in its row's label: none works that nobody is told of. */
static void test_labels_name_every_code(void **state)
{
	static const struct {
		int code;
		const char *name;
	} names[] = { { KEY_UP, "Up" }, { KEY_DOWN, "Down" }, { KEY_PPAGE, "PgUp" },
		{ KEY_NPAGE, "PgDn" }, { KEY_HOME, "Home" }, { KEY_END, "End" }, { '\t', "Tab" },
		{ KEY_BTAB, "S-Tab" }, { KEY_DC, "Del" }, { KEY_LEFT, "L/" }, { KEY_RIGHT, "/R" },
		{ KEY_RETURN, "Enter" }, { KEY_ENTER, "Enter" }, { '\n', "Enter" },
		{ KEY_ESCAPE, "Esc" }, { ' ', "Space" }, { KEY_CTRL_C, "^C" },
		{ KEY_CTRL_L, "Ctrl-L" }, { KEY_RESIZE, "" }, { KEY_F(1), "F1" },
		{ KEY_F(4), "F4" }, { KEY_F(6), "F6" }, { KEY_F(9), "F9" }, { KEY_F(10), "F10" } };

	(void)state;
	for (int i = 0; i < n_keys; i++) {
		for (int c = 0; c < KEY_CODES_MAX && keys[i].codes[c] != 0; c++) {
			int code = keys[i].codes[c];
			char itself[2] = { (char)code };
			const char *name = code > ' ' && code < 0x7f ? itself : NULL;
			for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
				if (names[n].code == code)
					name = names[n].name;
			if (code > '1' && code < '9')
				name = "1 to 9";
			if (name == NULL || strstr(keys[i].keys, name) == NULL)
				fail_msg("\"%s\" does not say %s (%d)", keys[i].keys,
					name != NULL ? name : "what this is", code);
		}
	}
}

/* Where there is no room for two columns, help scrolls to every key. */
static void test_help_scrolls(void **state)
{
	(void)state;
	cells_close();
	cells_open((struct cells_options) { .width = 60, .height = 16 });
	ui_type("?");
	for (int i = 0; i < n_keys; i++) {
		int presses = 0;
		ui_press(KEY_HOME);
		while (!ui_shows(keys[i].help) && presses++ < n_keys)
			ui_press(KEY_DOWN);
		if (!ui_shows(keys[i].help))
			fail_msg("help does not scroll to \"%s\"", keys[i].help);
	}
	ui_press(KEY_HOME);
	assert_true(ui_shows("? h F1"));
	ui_press(KEY_END);
	assert_false(ui_shows("? h F1"));
	ui_press('x');
	assert_false(ui_shows("Keys"));
}

static void test_quit(void **state)
{
	static const int quits[] = { 'q', KEY_F(10), KEY_CTRL_C };

	(void)state;
	for (size_t i = 0; i < sizeof(quits) / sizeof(quits[0]); i++)
		assert_true(ui_press(quits[i]) & UI_QUIT);
	/* Esc never quits, however often, wherever. */
	for (int view = 0; view < VIEWS; view++) {
		ui_press('1' + view);
		for (int i = 0; i < 5; i++)
			assert_int_equal(ui_press(KEY_ESCAPE) & UI_QUIT, 0);
	}
	/* Ctrl-C and F10 work while a window is open as well. */
	static const int opens[] = { '?', '/', '\\', KEY_F(6), KEY_F(9), '\r', 'w' };
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		ui_press('2');
		ui_press(opens[i]);
		assert_true(ui_press(KEY_CTRL_C) & UI_QUIT);
		assert_true(ui_press(KEY_F(10)) & UI_QUIT);
		ui_press(KEY_ESCAPE);
	}
}

static void test_views(void **state)
{
	static const char *const shown[VIEWS] = { "Packets", "PROGRAM", "INTERFACE", "Mesh filter",
		"CLASS", "CALL", "Signatures ", "Kernel drops", "MAPE-K " };

	(void)state;
	for (int i = 0; i < VIEWS; i++) {
		ui_press('1' + i);
		assert_true(ui_shows(shown[i]));
	}
	ui_press('\t'); /* around to the first */
	assert_true(ui_shows("TIME/RUN"));
	ui_press(KEY_BTAB);
	assert_true(ui_shows("MAPE-K "));
	ui_press(KEY_LEFT);
	assert_true(ui_shows("Kernel drops"));
	ui_press(KEY_RIGHT);
	assert_true(ui_shows("MAPE-K "));
}

static void test_pause(void **state)
{
	(void)state;
	ui_type("2");
	assert_true(ui_shows("18.2K"));
	ui_type(" ");
	assert_int_equal(cells_find("PAUSED", NULL), 0);
	sample.programs[0].runs.rate = 777;
	assert_int_equal(ui_snapshot(ui, &sample), UI_IGNORED);
	ui_draw(ui);
	assert_false(ui_shows("777"));
	ui_type("Z");
	assert_false(ui_shows("PAUSED"));
	assert_true(ui_snapshot(ui, &sample) & UI_REDRAW);
	ui_draw(ui);
	assert_true(ui_shows("777"));
}

static void test_interval(void **state)
{
	static const double longer[] = { 2, 5, 10, 30, 60 };
	static const double shorter[] = { 30, 10, 5, 2, 1, 0.5, 0.2, 0.1 };

	(void)state;
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		assert_true(ui_press('+') & UI_INTERVAL);
		assert_true(ui_interval(ui) == longer[i]);
	}
	assert_int_equal(ui_press('+') & UI_INTERVAL, 0);
	for (size_t i = 0; i < sizeof(shorter) / sizeof(shorter[0]); i++) {
		assert_true(ui_press('-') & UI_INTERVAL);
		assert_true(ui_interval(ui) == shorter[i]);
	}
	assert_int_equal(ui_press('-') & UI_INTERVAL, 0);
	assert_true(ui_shows("every 100ms"));
}

static void test_interval_between_steps(void **state)
{
	struct ui *other = ui_open(1.5);

	(void)state;
	assert_true(ui_key(other, '-') & UI_INTERVAL);
	assert_true(ui_interval(other) == 1);
	ui_close(other);
	other = ui_open(1.5);
	assert_true(ui_key(other, '+') & UI_INTERVAL);
	assert_true(ui_interval(other) == 2);
	ui_close(other);
	/* Longer than keys can choose: + does not make it shorter. */
	other = ui_open(120);
	assert_int_equal(ui_key(other, '+') & UI_INTERVAL, 0);
	assert_true(ui_key(other, '-') & UI_INTERVAL);
	assert_true(ui_interval(other) == 60);
	ui_close(other);
}

static void assert_action(
	unsigned int result, const struct verb *verb, const char *program, uint32_t rule)
{
	assert_true(result & UI_ACTION);
	assert_int_equal(result & UI_CONFIRMED, 0);
	assert_ptr_equal(ui_action(ui)->verb, verb);
	assert_int_equal(ui_action(ui)->actor, ACTOR_KEY);
	assert_string_equal(ui_action(ui)->program, program);
	assert_int_equal(ui_action(ui)->number, rule);
}

static void test_toggle(void **state)
{
	(void)state;
	assert_action(ui_press('t'), &control_verbs[VERB_PROGRAM_OFF], "xdp_counter", 0);
	sample.programs[0].state = PROGRAM_OFF;
	ui_sample();
	assert_action(ui_press('t'), &control_verbs[VERB_PROGRAM_ON], "xdp_counter", 0);
	sample.programs[0].state = PROGRAM_FAILED;
	ui_sample();
	assert_action(ui_press('t'), &control_verbs[VERB_PROGRAM_ON], "xdp_counter", 0);
	sample.programs[2].state = PROGRAM_NOT_BUILT;
	ui_sample();
	ui_press(KEY_DOWN);
	ui_press(KEY_DOWN);
	assert_int_equal(ui_press('t') & UI_ACTION, 0);
	assert_true(ui_shows("Not built in this version"));
	ui_type("4");
	ui_press(KEY_DOWN);
	assert_action(ui_press('t'), &mesh_filter_verbs[MESH_FILTER_RULE_OFF], "", 1);
	for (int i = 0; i < 3; i++)
		ui_press(KEY_DOWN);
	assert_action(ui_press('t'), &mesh_filter_verbs[MESH_FILTER_RULE_ON], "", 4);
	ui_type("5");
	assert_int_equal(ui_press('t') & UI_ACTION, 0);
	assert_true(ui_shows("another view"));
}

static struct snapshot_program *sample_program(const char *name)
{
	for (uint32_t i = 0; i < sample.n_programs; i++)
		if (strcmp(sample.programs[i].name, name) == 0)
			return &sample.programs[i];
	fail_msg("no program %s", name);
	return NULL;
}

static void test_enforce(void **state)
{
	(void)state;
	ui_type("4");
	assert_action(ui_press('e'), &control_verbs[VERB_ENFORCE_OFF], "xdp_mesh_filter", 0);
	sample.mesh.enforcing = sample_program("xdp_mesh_filter")->enforcing = false;
	ui_sample();
	assert_true(ui_shows("OBSERVING"));
	assert_action(ui_press('e'), &control_verbs[VERB_ENFORCE_ON], "xdp_mesh_filter", 0);
	sample.mesh.available = false;
	sample_program("xdp_mesh_filter")->state = PROGRAM_OFF;
	ui_sample();
	assert_int_equal(ui_press('e') & UI_ACTION, 0);
	assert_true(ui_shows("xdp_mesh_filter is not running: turn it on first"));
}

static void test_enforce_signatures(void **state)
{
	(void)state;
	ui_type("7");
	assert_true(ui_shows(" ENFORCING  drops refused packets"));
	assert_action(ui_press('e'), &control_verbs[VERB_ENFORCE_OFF], "xdp_pqc_verify", 0);
	sample.pqc.mode = PQC_OBSERVE;
	sample_program("xdp_pqc_verify")->enforcing = false;
	ui_sample();
	assert_true(ui_shows(" OBSERVING  passes refused packets"));
	assert_action(ui_press('e'), &control_verbs[VERB_ENFORCE_ON], "xdp_pqc_verify", 0);
	sample.pqc.available = false;
	sample_program("xdp_pqc_verify")->state = PROGRAM_OFF;
	ui_sample();
	assert_int_equal(ui_press('e') & UI_ACTION, 0);
	assert_true(ui_shows("xdp_pqc_verify is not running: turn it on first"));
	assert_true(ui_shows("x0top verifies no packet"));
}

/* Read-only, no key gives an action, and what would is grey in the footer and in help. */
static void test_readonly(void **state)
{
	int x, y;

	(void)state;
	sample.self.readonly = true;
	ui_sample();
	ui_type("4");
	assert_int_equal(cells_find("READ-ONLY", NULL), 0);
	for (int i = 0; i < n_keys; i++) {
		if (!keys[i].changes)
			continue;
		assert_int_equal(ui_press(keys[i].codes[0]) & UI_ACTION, 0);
		assert_true(ui_shows("Read-only: changes are disabled."));
	}
	ui_press(KEY_ESCAPE);
	assert_int_equal(cells_find("e Enforce", &x), LINES - 1);
	assert_int_equal(cells_style(LINES - 1, x), STYLE_DISABLED);
	assert_int_equal(cells_find("F9 Menu", &x), LINES - 1);
	assert_int_equal(cells_style(LINES - 1, x), STYLE_KEY);
	ui_press('?');
	y = cells_find("add a rule, a class line", &x);
	assert_int_equal(cells_style(y, x), STYLE_DISABLED);
	y = cells_find("filter rows", &x);
	assert_int_equal(cells_style(y, x), STYLE_TEXT);
	ui_press(KEY_ESCAPE);
	ui_press(KEY_F(9));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(ui_press('\r') & UI_ACTION, 0);
		assert_true(ui_shows("Read-only: changes are disabled."));
		ui_press(KEY_DOWN);
	}
}

static void test_redraw_and_resize(void **state)
{
	(void)state;
	assert_int_equal(ui_press(KEY_CTRL_L), UI_HANDLED | UI_REDRAW | UI_RELOAD);
	assert_int_equal(ui_press(KEY_RESIZE), UI_HANDLED | UI_REDRAW);
	resize_term(15, 60);
	ui_press(KEY_RESIZE);
	assert_string_equal(cells_row(0), "60x15 is too small: x0top needs 60x16.");
	assert_string_equal(cells_row(1), "");
	/* Keys that quit still do. */
	assert_true(ui_press('q') & UI_QUIT);
	resize_term(16, 60);
	ui_press(KEY_RESIZE);
	assert_true(ui_shows("A taller terminal also shows:"));
	resize_term(24, 80);
	ui_press(KEY_RESIZE);
	assert_false(ui_shows("A taller terminal also shows:"));
}

static void set_rule(uint32_t i, enum mesh_rule_match match, const char *key, bool enabled)
{
	struct snapshot_rule *rule = &sample.mesh.rules[i];

	rule->match = match;
	rule->enabled = enabled;
	snprintf(rule->key, sizeof(rule->key), "%s", key);
}

/* The details of a rule name the rules that decide in its place. */
static void test_rules_that_overrule(void **state)
{
	static const struct {
		uint32_t rule;
		const char *by;
	} cases[] = {
		{ 0, "overruled by no rule" },
		{ 1, "overruled by 0" },
		{ 2, "overruled by 0, 1" },
		{ 3, "overruled by 0, 1, 2" },
		{ 5, "overruled by 1, 2" },
	};

	(void)state;
	set_rule(0, MESH_MATCH_PREFIX4, "10.1.0.0/16", true);
	set_rule(1, MESH_MATCH_MAC, "02:00:00:00:00:66", true);
	set_rule(2, MESH_MATCH_PORT, "tcp 22", true);
	set_rule(3, MESH_MATCH_PREFIX4, "10.1.2.0/24", true);
	set_rule(4, MESH_MATCH_PREFIX4, "10.1.2.3/32", true);
	set_rule(5, MESH_MATCH_PREFIX6, "fd00::/8", false);
	resize_term(24, 120); /* no line is wrapped */
	ui_press(KEY_RESIZE);
	ui_sample();
	ui_type("4");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ui_press(KEY_HOME);
		for (uint32_t row = 0; row < cases[i].rule; row++)
			ui_press(KEY_DOWN);
		ui_press(KEY_RETURN);
		if (!ui_shows(cases[i].by))
			fail_msg("rule %u is not %s", cases[i].rule, cases[i].by);
		ui_press(KEY_ESCAPE);
	}
}

/* What is read of a plugin's map is what the entries on the screen are sorted by. */
static void test_sort_of_entries(void **state)
{
	struct look_sort sort;

	(void)state;
	snapshot_sample_plugins(&sample);
	ui_sample();
	ui_type("2p");
	ui_sort(ui, &sort);
	assert_string_equal(sort.plugin, "");
	ui_type("\r");
	ui_sort(ui, &sort);
	assert_string_equal(sort.map, "latency");
	assert_int_equal(sort.column, PLUGIN_COLUMNS_MAX); /* they are as they come */
	assert_int_equal(ui_looks(ui), LOOK_PLUGIN_MAP); /* no other map is read */
	ui_type(">>>"); /* address, port, connects */
	ui_sort(ui, &sort);
	assert_string_equal(sort.plugin, "connects");
	assert_string_equal(sort.map, "latency");
	assert_int_equal(sort.column, 2);
	assert_false(sort.least);
	ui_type("I");
	ui_sort(ui, &sort);
	assert_true(sort.least);
	ui_type("1");
	ui_sort(ui, &sort);
	assert_string_equal(sort.plugin, "");
}

int main(void)
{
#define SCREEN_TEST(test) cmocka_unit_test_setup_teardown(test, ui_fixture_open, ui_fixture_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_key_is_missing_or_double),
		SCREEN_TEST(test_every_key_is_handled_in_every_view),
		SCREEN_TEST(test_help_names_every_key),
		cmocka_unit_test(test_labels_name_every_code),
		SCREEN_TEST(test_help_scrolls),
		SCREEN_TEST(test_quit),
		SCREEN_TEST(test_views),
		SCREEN_TEST(test_rules_that_overrule),
		SCREEN_TEST(test_pause),
		SCREEN_TEST(test_interval),
		SCREEN_TEST(test_interval_between_steps),
		SCREEN_TEST(test_toggle),
		SCREEN_TEST(test_enforce),
		SCREEN_TEST(test_enforce_signatures),
		SCREEN_TEST(test_readonly),
		SCREEN_TEST(test_redraw_and_resize),
		SCREEN_TEST(test_sort_of_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
