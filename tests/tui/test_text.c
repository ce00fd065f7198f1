// SPDX-License-Identifier: BSD-2-Clause
/*
 * Names come from other processes and from the wire. Nothing in them may reach the terminal as
 * anything but a printable character, in no view, and nothing may break the columns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include <cmocka.h>
#include <math.h>

#include "tests/lib/cells.h"
#include "tests/lib/snapshot_sample.h"
#include "tui/draw.h"
#include "tui/keys.h"
#include "tui/mapek_panel.h"
#include "tui/ui.h"

struct text_case {
	const char *text;
	const char *unicode; /* what is drawn in ten columns */
	const char *ascii;
};

static const struct text_case cases[] = {
	{ "plain", "plain", "plain" },
	{ "0123456789", "0123456789", "0123456789" },
	{ "0123456789a", "012345678…", "012345678~" },
	{ "\x1b[31mred", "?[31mred", "?[31mred" },
	{ "a\nb\tc\rd\be", "a?b?c?d?e", "a?b?c?d?e" },
	{ "\x7f\x01\x1f", "???", "???" },
	{ "\xc2\x9b"
	  "31m", /* CSI as one C1 character */
		"?31m", "?31m" },
	{ "\x9b\x90", "??", "??" },
	{ "caf\xc3\xa9", "café", "caf?" },
	{ "\xc3", "?", "?" },
	{ "\xc3(", "?(", "?(" },
	{ "\xe2\x82", "??", "??" },
	{ "\xc0\xaf", "??", "??" }, /* longer than need be */
	{ "\xed\xa0\x80", "???", "???" }, /* half of a surrogate pair */
	{ "\xf4\x90\x80\x80", "????", "????" }, /* beyond Unicode */
	{ "\xff\xfe", "??", "??" },
	{ "日本語", "日本語", "???" },
	{ "日本語日本語", "日本語日…", "??????" },
	{ "a日本語日本語", "a日本語日…", "a??????" },
	{ "e\xcc\x81\xcc\x81z", "ez", "e??z" }, /* combining accents */
	{ "a\xe2\x80\xae"
	  "b", /* right-to-left override */
		"ab", "a?b" },
};

static void check_texts(bool ascii)
{
	cells_open((struct cells_options) { .width = 80, .height = 24, .ascii = ascii });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *want = ascii ? cases[i].ascii : cases[i].unicode;
		char expected[64];

		erase();
		mvaddstr(0, 10, "|");
		draw_text(0, 0, 10, STYLE_TEXT, cases[i].text);
		snprintf(expected, sizeof(expected), "%s%*s|", want, 10 - text_columns(want), "");
		if (ascii)
			snprintf(expected, sizeof(expected), "%-10s|", want);
		assert_string_equal(cells_row(0), expected);
	}
	cells_close();
}

static void test_text_in_unicode(void **state)
{
	(void)state;
	check_texts(false);
}

static void test_text_in_ascii(void **state)
{
	(void)state;
	check_texts(true);
}

static void test_wrapping(void **state)
{
	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	assert_int_equal(draw_wrapped(0, 0, 10, 9, STYLE_TEXT, "one two three four"), 2);
	assert_string_equal(cells_row(0), "one two");
	assert_string_equal(cells_row(1), "three four");
	erase();
	assert_int_equal(draw_wrapped(0, 0, 4, 9, STYLE_TEXT, "abcdefghij"), 3);
	assert_string_equal(cells_row(2), "ij");
	erase();
	assert_int_equal(draw_wrapped(0, 0, 10, 1, STYLE_TEXT, "one two three four"), 1);
	assert_string_equal(cells_row(0), "one two t…");
	assert_int_equal(draw_wrapped(0, 0, 1, 0, STYLE_TEXT, "日本"), 2);
	assert_int_equal(draw_wrapped(0, 0, 10, 9, STYLE_TEXT, ""), 0);
	assert_int_equal(draw_wrapped(0, 0, 10, 9, STYLE_TEXT, "   "), 0);
	assert_int_equal(draw_wrapped(0, 0, 0, 9, STYLE_TEXT, "abc"), 0);
	cells_close();
}

static void test_titles_and_their_facts(void **state)
{
	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	draw_title(0, 0, 20, "Rules", "ab");
	assert_string_equal(cells_row(0), "─ Rules ─────── ab ─");
	draw_title(1, 0, 20, "Rules", "12345678");
	assert_string_equal(cells_row(1), "─ Rules ─ 12345678 ─");
	draw_title(2, 0, 20, "Rules", "123456789");
	assert_string_equal(cells_row(2), "─ Rules ─ 1234567… ─");
	draw_title(3, 0, 20, "A title of 13", "x");
	assert_string_equal(cells_row(3), "─ A title of 13 ────");
	draw_title(4, 0, 20, "A title 12..", "x");
	assert_string_equal(cells_row(4), "─ A title 12.. ─ x ─");
	draw_title(5, 0, 20, "A title that is too long", "x");
	assert_string_equal(cells_row(5), "─ A title that is… ─");
	assert_int_equal(draw_right(6, 2, 5, STYLE_TEXT, "abc"), 3);
	assert_string_equal(cells_row(6), "    abc");
	assert_int_equal(draw_right(7, 2, 4, STYLE_TEXT, "abcde"), 4);
	assert_string_equal(cells_row(7), "  abc…");
	draw_frame((struct area) { 8, 1, 3, 12 }, "ab");
	assert_string_equal(cells_row(8), " ╭─ ab ─────╮");
	assert_string_equal(cells_row(9), " │          │");
	assert_string_equal(cells_row(10), " ╰──────────╯");
	cells_close();
}

/* --- whole screens ------------------------------------------------------------------------------ */

#define POISON "\x1b]0;owned\x07\xc2\x9b\x9b\r\n\xff\xe2\x80\xae日\x08"

static void poison(char *text, size_t size)
{
	/* Cut anywhere, also within a character. */
	for (size_t i = 0; i + 1 < size; i++)
		text[i] = POISON[i % (sizeof(POISON) - 1)];
	text[size - 1] = '\0';
}

static void poison_snapshot(struct snapshot *s)
{
#define P(member) poison(s->member, sizeof(s->member))
	P(host.name);
	P(host.kernel);
	P(host.machine);
	P(alerts[0].subject);
	P(alerts[0].sentence);
	P(alerts[0].remedy);
	P(programs[0].name);
	P(programs[0].kind);
	P(programs[0].attached);
	P(programs[0].reason);
	P(programs[0].remedy);
	P(packets.interfaces[0].name);
	P(packets.interfaces[0].problem);
	P(mesh.rules[0].key);
	P(tc.interfaces[0].name);
	P(tc.interfaces[0].attached);
	P(tc.interfaces[2].problem);
	P(net_events.drops[0].reason);
	P(net_events.events[8].text);
	P(syscalls.calls[0].name);
	P(syscalls.attached);
	P(syscalls.slowest[0].name);
	P(syscalls.slowest[0].command);
	P(syscalls_secure.calls[0].name);
	P(syscalls_secure.attached);
	P(pqc.state);
	P(self.losses[0].what);
#undef P
	s->programs[0].state = PROGRAM_FAILED;
	s->self.losses[0].count.total = 1;
	/* Values that no enum has. */
	s->alerts[0].severity = 99;
	s->programs[3].state = 99;
	s->packets.interfaces[1].hook = 99;
	s->mesh.rules[1].match = 99;
	s->mesh.rules[1].action = 99;
	s->net_events.events[7].kind = 99;
}

static void assert_clean_cells(bool ascii)
{
	for (int y = 0; y < LINES; y++) {
		const unsigned char *row = (const unsigned char *)cells_row(y);

		for (; *row != '\0'; row++)
			if (*row < 0x20 || *row == 0x7f || (ascii && *row >= 0x80))
				fail_msg("byte %02x on the screen, row %d", *row, y);
		assert_null(strstr(cells_row(y), "\xc2\x9b"));
		assert_null(strstr(cells_row(y), "\xe2\x80\xae"));
	}
}

/* Nothing that the terminal was sent may be what the strings wanted it to be sent. */
static void assert_clean_output(FILE *output)
{
	static char bytes[4 << 20];
	size_t length;

	rewind(output);
	length = fread(bytes, 1, sizeof(bytes), output);
	assert_true(length > 1000 && length < sizeof(bytes));
	assert_null(memmem(bytes, length, "\x1b]0;owned", 9));
	assert_null(memmem(bytes, length, "\x07", 1));
	assert_null(memmem(bytes, length, "\xc2\x9b", 2));
	assert_null(memmem(bytes, length, "\xe2\x80\xae", 3));
}

static void check_views(bool ascii, int width, int height)
{
	static const char *const typed[] = { "1", "2", "2\r", "3", "3\r", "4", "4\r", "5", "5\r",
		"6", "6\r", "s", "\r", "7", "8", "8\r", "w", "?" };
	static struct snapshot sample;
	FILE *output = tmpfile();
	struct ui *ui = ui_open(1);

	cells_open((struct cells_options) {
		.width = width, .height = height, .ascii = ascii, .output = output });
	snapshot_sample(&sample);
	poison_snapshot(&sample);
	for (int i = 0; i < 5; i++)
		ui_snapshot(ui, &sample);
	ui_message(ui, "%s", POISON);
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		ui_key(ui, KEY_ESCAPE);
		for (const char *key = typed[i]; *key != '\0'; key++)
			ui_key(ui, *key);
		ui_draw(ui);
		refresh();
		assert_clean_cells(ascii);
	}
	ui_ask(ui, POISON, ui_action(ui));
	ui_draw(ui);
	refresh();
	assert_clean_cells(ascii);
	cells_close();
	assert_clean_output(output);
	ui_close(ui);
	fclose(output);
}

/* A number without a word, the first behind a list, is shown so in every view and its details. */
static void test_numbers_without_a_word(void **state)
{
	static const char *const typed[] = { "1", "2", "2\r", "3", "3\r", "4", "4\r", "7", "8",
		"8\r", "w" };
	static struct snapshot s;
	struct ui *ui = ui_open(1);
	int unknown = 0;

	(void)state;
	cells_open((struct cells_options) { .width = 120, .height = 40 });
	snapshot_sample(&s);
	s.n_alerts = 1;
	s.alerts[0] = (struct snapshot_alert) { .severity = SEVERITIES, .end = NAN };
	for (uint32_t i = 0; i < s.n_programs; i++)
		s.programs[i].state = PROGRAM_STATES;
	for (uint32_t i = 0; i < s.net_events.n_events; i++)
		s.net_events.events[i].kind = EVENT_KINDS;
	for (uint32_t i = 0; i < s.packets.n_interfaces; i++)
		s.packets.interfaces[i].hook = XDP_MODES;
	for (uint32_t i = 0; i < s.links.n_links; i++)
		s.links.links[i].state = LINK_STATES;
	for (uint32_t i = 0; i < s.mesh.n_rules; i++) {
		s.mesh.rules[i].match = MESH_MATCHES;
		s.mesh.rules[i].action = MESH_ACTIONS;
	}
	ui_snapshot(ui, &s);
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		ui_key(ui, KEY_ESCAPE);
		ui_key(ui, KEY_HOME);
		for (const char *key = typed[i]; *key != '\0'; key++) {
			ui_key(ui, *key);
			ui_key(ui, KEY_DOWN);
		}
		ui_draw(ui);
		unknown += cells_find("unknown", NULL) >= 0;
		if (cells_find("null", NULL) >= 0)
			fail_msg("view \"%s\": %s", typed[i], cells_row(cells_find("null", NULL)));
	}
	assert_true(unknown >= 4);
	cells_close();
	ui_close(ui);
}

static void test_hostile_strings_in_unicode(void **state)
{
	(void)state;
	check_views(false, 80, 24);
	check_views(false, 200, 50);
	check_views(false, 60, 16);
}

static void test_hostile_strings_in_ascii(void **state)
{
	(void)state;
	check_views(true, 80, 24);
	check_views(true, 200, 50);
}

/* Any byte but 0 and 1 in a bool is undefined behaviour in whoever reads it. */
static void tidy_booleans(struct snapshot *s)
{
#define TIDY(member) memset(&(member), (int)(random() % 2), sizeof(bool))
	for (uint32_t i = 0; i < s->n_programs; i++) {
		TIDY(s->programs[i].enforcer);
		TIDY(s->programs[i].enforcing);
		TIDY(s->programs[i].pinned);
		TIDY(s->programs[i].adopted);
	}
	for (uint32_t i = 0; i < s->mesh.n_rules; i++)
		TIDY(s->mesh.rules[i].enabled);
	TIDY(s->host.lab);
	TIDY(s->packets.available);
	for (uint32_t i = 0; i < s->packets.n_interfaces; i++)
		TIDY(s->packets.interfaces[i].uncovered);
	for (uint32_t i = 0; i < s->packets.n_left_out; i++)
		TIDY(s->packets.left_out[i].uncovered);
	TIDY(s->mesh.available);
	TIDY(s->mesh.enforcing);
	TIDY(s->talkers.available);
	for (uint32_t i = 0; i < s->talkers.n_flows; i++)
		TIDY(s->talkers.flows[i].unreadable);
	for (uint32_t i = 0; i < s->n_plugin_programs; i++)
		TIDY(s->plugin_programs[i].drops);
	TIDY(s->plugins.available);
	for (uint32_t i = 0; i < s->plugins.n_maps; i++)
		TIDY(s->plugins.maps[i].whole);
	TIDY(s->tc.available);
	for (uint32_t i = 0; i < s->tc.n_lines; i++)
		TIDY(s->tc.lines[i].own);
	for (uint32_t i = 0; i < s->qos.n_classes; i++) {
		TIDY(s->qos.classes[i].starved);
		TIDY(s->qos.classes[i].short_of_rate);
	}
	TIDY(s->net_events.available);
	TIDY(s->syscalls.available);
	TIDY(s->syscalls_secure.available);
	TIDY(s->pqc.available);
	TIDY(s->mapek.available);
	TIDY(s->mapek.braked);
	TIDY(s->self.readonly);
#undef TIDY
}

/* Any snapshot of the right shape can be drawn: a recording may hold whatever. */
static void test_random_snapshots(void **state)
{
	static struct snapshot sample;
	struct ui *ui = ui_open(1);

	(void)state;
	srandom(1);
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	for (int round = 0; round < 40; round++) {
		unsigned char *bytes = (unsigned char *)&sample;

		for (size_t i = 0; i < sizeof(sample); i++)
			bytes[i] = (unsigned char)(random() % 255 + 1);
		sample.n_alerts = (uint32_t)random() % (ALERTS_MAX + 1);
		sample.n_programs = (uint32_t)random() % (PROGRAMS_MAX + 1);
		sample.n_plugin_programs = (uint32_t)random() % (PLUGIN_PROGRAMS_SHOWN + 1);
		sample.plugins.n_maps = (uint32_t)random() % (PLUGIN_MAPS_MAX + 1);
		sample.plugins.n_columns = (uint32_t)random() % (PLUGIN_ALL_COLUMNS + 1);
		sample.plugins.n_rows = (uint32_t)random() % (PLUGIN_ALL_ROWS + 1);
		sample.plugins.n_histograms = (uint32_t)random() % (PLUGIN_HISTOGRAMS_MAX + 1);
		sample.links.n_links = (uint32_t)random() % (INTERFACES_MAX + 1);
		sample.packets.n_interfaces = (uint32_t)random() % (INTERFACES_MAX + 1);
		sample.packets.n_left_out = (uint32_t)random() % (LEFT_OUT_MAX + 1);
		sample.mesh.n_rules = (uint32_t)random() % (MESH_RULES_MAX + 1);
		sample.mesh.n_sets = (uint32_t)random() % (MESH_SETS_MAX + 1);
		sample.neighbours.n_sources = (uint32_t)random() % (NEIGHBOUR_SOURCES + 1);
		sample.neighbours.n_neighbours = (uint32_t)random() % (NEIGHBOURS_SHOWN + 1);
		sample.tc.n_classes = (uint32_t)random() % (CLASSES_MAX + 1);
		sample.tc.n_interfaces = (uint32_t)random() % (INTERFACES_MAX + 1);
		sample.tc.n_interfaces_classes = (uint32_t)random() % (INTERFACES_CLASSES_MAX + 1);
		sample.tc.n_lines = (uint32_t)random() % (CLASS_LINES_MAX + 1);
		sample.qos.n_interfaces = (uint32_t)random() % (QOS_INTERFACES_MAX + 1);
		sample.qos.n_classes = (uint32_t)random() % (QOS_CLASSES_MAX + 1);
		sample.net_events.n_drops = (uint32_t)random() % (DROPS_SHOWN_MAX + 1);
		sample.net_events.n_events = (uint32_t)random() % (EVENTS_KEPT + 1);
		sample.syscalls.n_calls = (uint32_t)random() % (SYSCALLS_MAX + 1);
		sample.syscalls.n_slowest = (uint32_t)random() % (SLOW_CALLS_KEPT + 1);
		sample.syscalls_secure.n_calls = (uint32_t)random() % (SYSCALLS_MAX + 1);
		sample.talkers.n_flows = (uint32_t)random() % (TALKERS_SHOWN + 1);
		sample.talkers.n_sources = (uint32_t)random() % (TALKERS_SHOWN + 1);
		sample.pqc.n_ports = (uint32_t)random() % (PQC_PORTS_SHOWN + 1);
		sample.pqc.n_nodes = (uint32_t)random() % (PQC_NODES_DEFAULT + 1);
		sample.pqc.n_sessions = (uint32_t)random() % (PQC_SESSIONS_SHOWN + 1);
		sample.mapek.n_series = (uint32_t)random() % (MAPEK_SERIES_SHOWN + 1);
		sample.mapek.n_anomalies = (uint32_t)random() % (MAPEK_ANOMALIES_SHOWN + 1);
		sample.mapek.n_actions = (uint32_t)random() % (MAPEK_ACTIONS_SHOWN + 1);
		sample.mapek.n_spared = (uint32_t)random() % (MAPEK_SPARED_MAX + 1);
		sample.self.n_losses = (uint32_t)random() % (LOSSES_MAX + 1);
		/* Strings end somewhere. */
		for (size_t i = 15; i < sizeof(sample); i += 16)
			bytes[i] = 0;
		tidy_booleans(&sample);
		ui_snapshot(ui, &sample);
		for (const char *key = "12>p>p>3>4>p>p>p>p>5>p>p>p>6>s>789p>p>w?"; *key != '\0';
			key++) {
			ui_key(ui, *key);
			ui_draw(ui);
			assert_clean_cells(false);
		}
		ui_key(ui, KEY_ESCAPE);
	}
	ui_close(ui);
	cells_close();
}

/* Of what is usual, both ends must be known. */
static void test_half_of_what_is_usual(void **state)
{
	char text[2 * FORMAT_LEN];

	(void)state;
	assert_string_equal(mapek_usual(text, 0, 7), "0 to 7.0");
	assert_string_equal(mapek_usual(text, NAN, 7), "-");
	assert_string_equal(mapek_usual(text, 7, NAN), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_of_what_is_usual),
		cmocka_unit_test(test_text_in_unicode),
		cmocka_unit_test(test_text_in_ascii),
		cmocka_unit_test(test_wrapping),
		cmocka_unit_test(test_titles_and_their_facts),
		cmocka_unit_test(test_numbers_without_a_word),
		cmocka_unit_test(test_hostile_strings_in_unicode),
		cmocka_unit_test(test_hostile_strings_in_ascii),
		cmocka_unit_test(test_random_snapshots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
