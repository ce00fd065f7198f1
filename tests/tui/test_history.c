// SPDX-License-Identifier: BSD-2-Clause
/* The views of a host's history: made of its metrics; what they do not carry is not known, and never 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics_read.h"
#include "tests/lib/cells.h"
#include "tests/lib/metrics_text.h"
#include "tests/lib/snapshot_sample.h"
#include "tui/ui.h"

enum { ESCAPE = 27 };

static struct ui *ui;
static struct snapshot *host, *read_back, *before;

static void read_host(struct snapshot *to, const struct snapshot *follows)
{
	char *text = metrics_text_of(host);

	metrics_read_text(text, to);
	metrics_complete(to, follows);
	free(text);
}

/* Two samples of the host, half a minute apart. */
static int open_history(void **state)
{
	const struct ui_replay replay = {
		.at = 1, .count = 2, .speed = 1, .span = 3600, .interval = 30
	};

	(void)state;
	cells_open((struct cells_options) { .width = 120, .height = 40 });
	ui = ui_open(1);
	host = snapshot_open();
	read_back = snapshot_open();
	before = snapshot_open();
	if (ui == NULL || host == NULL || read_back == NULL || before == NULL)
		return -1;
	snapshot_sample(host);
	host->pqc.available = true;
	host->pqc.sessions_total = 3;
	host->pqc.n_nodes = 1;
	snprintf(host->pqc.nodes[0].node, sizeof(host->pqc.nodes[0].node), "0011223344556677");
	host->pqc.nodes[0].sequence = 1763856239123456789;
	read_host(before, NULL);
	host->time += 30;
	host->links.links[0].received.packets.total += 6000;
	read_host(read_back, before);
	ui_replay(ui, &replay);
	ui_snapshot(ui, before);
	ui_snapshot(ui, read_back);
	return 0;
}

static int close_history(void **state)
{
	(void)state;
	ui_close(ui);
	snapshot_close(host);
	snapshot_close(read_back);
	snapshot_close(before);
	cells_close();
	return 0;
}

static void show(int view)
{
	assert_true(ui_key(ui, view) & UI_HANDLED);
	ui_draw(ui);
}

static bool shows(const char *text)
{
	return cells_find(text, NULL) >= 0;
}

static void the_badge_tells_the_time(void **state)
{
	(void)state;
	for (int view = '1'; view <= '8'; view++) {
		show(view);
		if (strstr(cells_row(0), "END  1h00m 2/2 2025-11-23 00:04:29  HISTORY") == NULL)
			fail_msg("%s", cells_row(0));
	}
}

static void rates_are_those_between_samples(void **state)
{
	(void)state;
	show('3');
	const int y = cells_find(host->links.links[0].name, NULL);
	assert_true(y > 0 && strstr(cells_row(y), " 200 ") != NULL);
}

/* Lists that metrics leave out are not said to be empty. */
static void what_metrics_lack_is_said(void **state)
{
	static const struct {
		int view;
		const char *never;
	} cases[] = { { '1', "no events yet" }, { '4', "No neighbours" },
		{ '4', "overruled by no rule" }, { '7', "none: no key exchange" },
		{ '7', "no events yet" }, { '8', "No events yet" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		show(cases[i].view);
		if (shows(cases[i].never))
			fail_msg("view %c says \"%s\"", cases[i].view, cases[i].never);
		if (!shows("not among metrics"))
			fail_msg("view %c does not say what metrics lack", cases[i].view);
	}
	show('6');
	assert_true(cells_find("Slowest calls", NULL) >= 0 && shows("not among metrics"));
}

/* A double cannot tell numbers of nineteen digits apart. */
static void a_sequence_is_not_known(void **state)
{
	(void)state;
	show('7');
	int y = cells_find("0011223344556677", NULL);
	assert_true(y > 0);
	assert_true(strstr(cells_row(y), "56789") == NULL);
	assert_true(strstr(cells_row(y), "    -  ") != NULL);
}

static void keys_wish_for_a_time(void **state)
{
	(void)state;
	assert_true(ui_key(ui, '-') & UI_REPLAY);
	assert_int_equal(ui_wish(ui)->kind, UI_WISH_SPAN);
	assert_int_equal(ui_wish(ui)->direction, -1);
	assert_true(ui_key(ui, '+') & UI_REPLAY);
	assert_int_equal(ui_wish(ui)->direction, 1);
	assert_true(ui_key(ui, KEY_LEFT) & UI_REPLAY);
	assert_int_equal(ui_wish(ui)->kind, UI_WISH_STEP);
	ui_draw(ui);
	assert_true(shows("+,- Time"));
	assert_false(shows("+,- Speed"));
}

static void nothing_can_be_changed(void **state)
{
	(void)state;
	show('4');
	assert_false(ui_key(ui, 't') & UI_ACTION);
	ui_draw(ui);
	assert_true(shows("This is the past: nothing can be changed."));
	assert_false(ui_key(ui, ESCAPE) & UI_BACK); /* it closes the message */
}

static void escape_goes_back(void **state)
{
	(void)state;
	assert_true(ui_key(ui, ESCAPE) & UI_BACK);
	assert_true(ui_key(ui, '\n') & UI_HANDLED);
	assert_false(ui_key(ui, ESCAPE) & UI_BACK); /* it closes the details */
	ui_key(ui, '\\');
	ui_key(ui, 'x');
	ui_key(ui, '\n');
	assert_false(ui_key(ui, ESCAPE) & UI_BACK); /* it clears the filter */
	assert_true(ui_key(ui, ESCAPE) & UI_BACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_badge_tells_the_time, open_history, close_history),
		cmocka_unit_test_setup_teardown(
			rates_are_those_between_samples, open_history, close_history),
		cmocka_unit_test_setup_teardown(
			what_metrics_lack_is_said, open_history, close_history),
		cmocka_unit_test_setup_teardown(
			a_sequence_is_not_known, open_history, close_history),
		cmocka_unit_test_setup_teardown(keys_wish_for_a_time, open_history, close_history),
		cmocka_unit_test_setup_teardown(
			nothing_can_be_changed, open_history, close_history),
		cmocka_unit_test_setup_teardown(escape_goes_back, open_history, close_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
