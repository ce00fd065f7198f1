// SPDX-License-Identifier: BSD-2-Clause
/* Histories and the graphs made of them; and what is left of a screen without colours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "tests/lib/cells.h"
#include "tests/lib/snapshot_sample.h"
#include "tui/bucket_panel.h"
#include "tui/graph.h"
#include "tui/keys.h"
#include "tui/latency_panel.h"
#include "tui/ui.h"

static struct history history;
static const struct history_times each_second = { .interval = 1 };

static void fill(const double *values, int n)
{
	memset(&history, 0, sizeof(history));
	for (int i = 0; i < n; i++)
		history_add(&history, values[i]);
}

static void test_history(void **state)
{
	(void)state;
	fill(NULL, 0);
	assert_true(history_value(&history, 0) == 0 && history_peak(&history, 10) == 0);
	fill((const double[]) { 9, 2, 4, 6 }, 4);
	assert_true(history_value(&history, 0) == 6 && history_value(&history, 3) == 9 &&
		    history_value(&history, 4) == 0);
	assert_true(history_peak(&history, 3) == 6 && history_peak(&history, 99) == 9);
	for (int i = 0; i < 2 * HISTORY_LEN; i++)
		history_add(&history, i);
	assert_int_equal(history.count, HISTORY_LEN);
	assert_true(history_value(&history, HISTORY_LEN - 1) == HISTORY_LEN);
	assert_true(history_value(&history, HISTORY_LEN) == 0);
}

/* The age of a sample is what was between it and the newest: a pause, another interval. A clock that was set is none. */
static void test_times(void **state)
{
	static const struct {
		double time, interval, age_of_first;
	} samples[] = { { 1000, 1, 0 }, { 1001, 1, 1 }, { 1003, 2, 3 },
		{ 1303, 2, 303 } /* it was paused */, { 500, 2, 305 } /* set back */,
		{ 502, 2, 307 }, { 1e9, 2, 309 } /* set ahead */, { 1e9 + 10, 10, 319 } };
	static struct history_times times;

	(void)state;
	times = (struct history_times) { .interval = 5 };
	assert_true(history_age(&times, 0) == 0 && history_age(&times, 3) == 15);
	for (uint32_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		history_times_add(&times, samples[i].time, samples[i].interval);
		assert_true(history_age(&times, i) == samples[i].age_of_first);
		assert_true(history_age(&times, 0) == 0);
		/* Before them there were none: as if they had come as the newest do. */
		assert_true(history_age(&times, i + 2) ==
			    samples[i].age_of_first + 2 * samples[i].interval);
	}
	for (int i = 0; i < 2 * HISTORY_LEN; i++)
		history_times_add(&times, 2e9 + 3 * i, 3);
	assert_true(history_age(&times, HISTORY_LEN - 1) == 3 * (HISTORY_LEN - 1));
	assert_true(history_age(&times, HISTORY_LEN) == 3 * HISTORY_LEN);
}

static void test_scale(void **state)
{
	static const double cases[][2] = { { 0, 1 }, { 1, 1 }, { 1.2, 1.5 }, { 3.5, 4 }, { 9, 10 },
		{ 10, 10 }, { 15, 15 }, { 15.1, 20 }, { 100, 100 }, { 101, 150 }, { 11, 15 },
		{ 18240, 20000 }, { 999999, 1000000 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(graph_scale(cases[i][0]) == cases[i][1]);
}

/* A column is cut in proportion, from below in the order of the parts; without a sum it is empty. */
static void test_shares(void **state)
{
	const struct area area = { 2, 0, 4, 9 };
	static struct history one, two;
	const struct graph_share parts[] = { { &one, STYLE_GRAPH, 'a' }, { NULL, STYLE_DIM, 'b' },
		{ &two, STYLE_ACCENT, 'c' } };

	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	for (int i = 0; i < 3; i++) {
		history_add(&one, i == 0 ? 0 : i == 1 ? 1 : 30);
		history_add(&two, i == 0 ? 0 : i == 1 ? 2 : 0);
	}
	graph_shares(area, parts, 3, &each_second);
	assert_string_equal(cells_row(2), " 100%  ca");
	assert_string_equal(cells_row(3), "       ca");
	assert_string_equal(cells_row(4), "    0  aa");
	cells_close();
}

static void test_graphs_in_unicode(void **state)
{
	const struct area area = { 2, 0, 2, 9 };

	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	fill((const double[]) { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, 9);
	graph_sparkline(0, 0, 9, STYLE_GRAPH, &history);
	assert_string_equal(cells_row(0), " ▁▂▃▄▄▅▆▇");
	graph_bar(1, 0, 4, STYLE_GRAPH, 0.5);
	graph_bar(1, 10, 4, STYLE_GRAPH, 0.0001);
	graph_bar(1, 20, 4, STYLE_GRAPH, 7);
	graph_bar(1, 30, 4, STYLE_GRAPH, 0);
	assert_string_equal(cells_row(1), "██        ▏         ████");
	/* Two samples a column, four dots a row: 3 of 8 dots, 4, 5, 6, 7, 8. */
	graph_area(area, STYLE_GRAPH, &history, &each_second);
	assert_string_equal(cells_row(2), "    8  ⣠⣾");
	assert_string_equal(cells_row(3), "    0 ⣾⣿⣿");
	cells_close();
}

/* The last row of a graph says how long ago its columns were; a low graph says the age of its left end. */
static void test_time_axis(void **state)
{
	const struct area low = { 0, 0, 2, 46 }, narrow = { 3, 0, 3, 46 }, wide = { 7, 0, 4, 76 };

	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24, .ascii = true });
	fill((const double[]) { 8 }, 1);
	graph_area(low, STYLE_GRAPH, &history, &each_second);
	graph_area(narrow, STYLE_GRAPH, &history, &(struct history_times) { .interval = 0.1 });
	graph_area(wide, STYLE_GRAPH, &history, &(struct history_times) { .interval = 60 });
	assert_string_equal(cells_row(0), "    8 -39s                                   #");
	assert_string_equal(cells_row(1), "    0                                        #");
	assert_string_equal(cells_row(4), "    0                                        #");
	assert_string_equal(cells_row(5), "      -4s-----------------2s---------------now");
	assert_string_equal(cells_row(10),
		"      -1h09m-----------52m00s----------35m00s---------17m00s-------------now");
	cells_close();
	/* After the first sample, nobody knows how far its columns are apart. */
	cells_open((struct cells_options) { .width = 80, .height = 24, .ascii = true });
	graph_area(low, STYLE_GRAPH, &history, &(struct history_times) { 0 });
	graph_area(narrow, STYLE_GRAPH, &history, &(struct history_times) { 0 });
	assert_string_equal(cells_row(0), "    8                                        #");
	assert_string_equal(cells_row(5), "      -------------------------------------now");
	cells_close();
}

/* The axis is by the times of the samples: half of them came in the last seconds. */
static void test_time_axis_of_two_intervals(void **state)
{
	const struct area area = { 0, 0, 3, 46 };
	static struct history_times times;

	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24, .ascii = true });
	fill((const double[]) { 8 }, 1);
	times = (struct history_times) { 0 };
	for (int i = 0; i < 40; i++)
		history_times_add(
			&times, i < 20 ? 60 * i : 20 * 60 + 0.5 * (i - 19), i < 20 ? 60 : 0.5);
	graph_area(area, STYLE_GRAPH, &history, &times);
	assert_string_equal(cells_row(2), "      -20m10s-----------1m10s--------------now");
	cells_close();
}

static void test_graphs_in_ascii(void **state)
{
	const struct area area = { 2, 0, 2, 10 };

	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24, .ascii = true });
	fill((const double[]) { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, 9);
	graph_sparkline(0, 0, 9, STYLE_GRAPH, &history);
	assert_string_equal(cells_row(0), " ..:::||#");
	graph_bar(1, 0, 4, STYLE_GRAPH, 0.6);
	assert_string_equal(cells_row(1), "##-");
	graph_area(area, STYLE_GRAPH, &history, &each_second);
	assert_string_equal(cells_row(2), "    8 .:|#");
	assert_string_equal(cells_row(3), "    0 ####");
	cells_close();
}

/* Latencies of one bucket, on an axis of its whole octave, 64 to 128 ns, in 40 columns. */
static void test_latencies_of_one_bucket(void **state)
{
	const struct area area = { 0, 0, 8, 41 };
	struct snapshot_syscall call = { .name = "read", .buckets = { [1] = 5 } };
	int x;

	(void)state;
	call.overall = (struct quantiles) { 68, NAN, NAN, NAN };
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	latency_draw_histogram(&call, area);
	assert_string_equal(cells_row(5), " ███████"); /* 64 to 72 ns */
	assert_int_equal(cells_find("100ns", &x), 6);
	assert_int_equal(x, 1 + 25);
	assert_int_equal(cells_find("▲p50", &x), 7);
	assert_int_equal(x, 1 + 3);
	erase();
	call.buckets[1] = 0;
	call.buckets[8] = 5;
	latency_draw_histogram(&call, area);
	assert_string_equal(
		cells_row(5), "                                     ████"); /* 120 to 128 */
	assert_int_equal(cells_find("100ns", &x), 6);
	assert_int_equal(x, 1 + 25);
	cells_close();
}

/* Returns whether latencies are drawn into so many rows and columns. */
static bool has_latencies(int height, int width)
{
	struct snapshot_syscall call = { .name = "read", .buckets = { [1] = 5 } };

	call.overall = (struct quantiles) { 68, NAN, NAN, NAN };
	erase();
	latency_draw_histogram(&call, (struct area) { 2, 0, height, width });
	return cells_row(2)[0] != '\0';
}

static bool has_buckets(int height, int width)
{
	static struct snapshot sample;

	snapshot_sample_plugins(&sample);
	return bucket_draw(&sample.plugins, sample.plugins.histograms[0].row,
		(struct area) { 2, 0, height, width });
}

/* Both sorts of histograms are drawn as soon as there is room for one row of bars. */
static void test_least_room_of_histograms(void **state)
{
	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	assert_true(has_latencies(4, 9));
	assert_string_equal(cells_row(3), " █▃");
	assert_false(has_latencies(3, 9) || has_latencies(4, 8));
	assert_true(has_buckets(4, PLUGIN_BUCKETS + 2));
	assert_false(has_buckets(3, PLUGIN_BUCKETS + 2) || has_buckets(4, PLUGIN_BUCKETS + 1));
	cells_close();
}

/* --- without colours ------------------------------------------------------------------------------ */

static struct ui *draw_view(const char *typed)
{
	static struct snapshot sample;
	struct ui *ui = ui_open(1);

	snapshot_sample_troubled(&sample);
	sample.programs[2].state =
		PROGRAM_NOT_BUILT; /* no sample has one: every program is built */
	ui_snapshot(ui, &sample);
	for (; *typed != '\0'; typed++)
		ui_key(ui, *typed);
	ui_draw(ui);
	return ui;
}

/* No cell has a colour, and what fails is still set apart from what runs. */
static void test_mono(void **state)
{
	static const char *const terms[] = { "xterm-256color", "vt100" };

	(void)state;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		cells_open((struct cells_options) {
			.width = 80, .height = 24, .mono = i == 0, .term = terms[i] });
		struct ui *ui = draw_view("2");
		int x, y = cells_find("xdp_counter", &x);

		for (int row = 0; row < LINES; row++)
			for (int column = 0; column < COLS; column++)
				assert_int_equal((int)cells_style(row, column), -1);
		assert_true(cells_attributes(y, x) & A_REVERSE);
		y = cells_find("✗ failed", &x);
		assert_true(cells_attributes(y, x) & A_BOLD);
		y = cells_find("READ-ONLY", &x);
		assert_true(cells_attributes(y, x) & A_REVERSE);
		ui_close(ui);
		cells_close();
	}
}

/* On light and dark terminals: backgrounds are the terminal's, and nothing is black or white. */
static void test_colours_for_any_background(void **state)
{
	static const char *const terms[] = { "xterm-256color", "xterm" };
	short foreground, background;

	(void)state;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		cells_open((struct cells_options) { .width = 80, .height = 24, .term = terms[i] });
		for (int style = 0; style < STYLES; style++) {
			pair_content((short)(style + 1), &foreground, &background);
			assert_int_equal(background, -1);
			assert_int_not_equal(foreground, COLOR_BLACK);
			assert_int_not_equal(foreground, COLOR_WHITE);
			assert_int_not_equal(foreground, 15);
		}
		cells_close();
	}
}

static void test_colours_have_a_meaning(void **state)
{
	static const struct {
		const char *text;
		enum style style;
	} cases[] = { { "● on", STYLE_SELECTED }, { "◐ partly", STYLE_WARN },
		{ "✗ failed", STYLE_BAD }, { "· not built", STYLE_DIM },
		{ "● enforcing", STYLE_GOOD }, { "READ-ONLY", STYLE_BADGE },
		{ "1 FAILED", STYLE_BADGE_BAD }, { "2Programs", STYLE_TAB_ACTIVE } };

	(void)state;
	cells_open((struct cells_options) { .width = 80, .height = 24 });
	struct ui *ui = draw_view("2");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int x, y = cells_find(cases[i].text, &x);

		if (y < 0 || cells_style(y, x) != cases[i].style)
			fail_msg("%s has style %d, not %d", cases[i].text, (int)cells_style(y, x),
				(int)cases[i].style);
	}
	ui_close(ui);
	cells_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_graphs_in_unicode),
		cmocka_unit_test(test_graphs_in_ascii),
		cmocka_unit_test(test_time_axis),
		cmocka_unit_test(test_time_axis_of_two_intervals),
		cmocka_unit_test(test_latencies_of_one_bucket),
		cmocka_unit_test(test_least_room_of_histograms),
		cmocka_unit_test(test_mono),
		cmocka_unit_test(test_colours_for_any_background),
		cmocka_unit_test(test_colours_have_a_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
