// SPDX-License-Identifier: BSD-2-Clause
/* The table of hosts: it is the dashboard's table, with as many hosts as there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <curses.h>
#include <math.h>

#include "tests/lib/cells.h"
#include "tests/lib/ui_fixture.h"
#include "tui/fleet_screen.h"

enum { HOSTS = 10000, FIRST_ROW = 3 };

static struct fleet_screen screen;
static struct fleet fleet;

/* Host 3 is down, host 5 has a warning, of host 7 no rate is known, as far as they are there; the others' fall with
 * their number. */
static void fill_hosts(size_t n)
{
	fleet = (struct fleet) { .hosts = calloc(n, sizeof(fleet.hosts[0])), .n = n, .time = 1e9 };
	for (size_t i = 0; i < n; i++) {
		struct fleet_host *host = &fleet.hosts[i];
		for (int column = 0; column < FLEET_COLUMNS; column++)
			host->values[column] = 0;
		snprintf(host->instance, sizeof(host->instance), "host-%05zu.example:26970", i);
		snprintf(host->name, sizeof(host->name), "name-%05zu", n - i);
		host->values[FLEET_PACKETS] = (double)(n - i);
		host->values[FLEET_SEEN] = fleet.time - 2;
	}
	if (n <= 7)
		return;
	fleet.hosts[3].attention = 1e15;
	snprintf(fleet.hosts[3].why, FLEET_WHY_LEN, "down");
	fleet.hosts[5].attention = 1e6;
	snprintf(fleet.hosts[5].why, FLEET_WHY_LEN, "1 warning");
	fleet.hosts[7].values[FLEET_PACKETS] = NAN;
}

static int set_up(void **state)
{
	(void)state;
	cells_open((struct cells_options) { .width = 120, .height = 24 });
	fleet_screen_open(&screen);
	fill_hosts(10);
	fleet_screen_update(&screen, &fleet);
	fleet_screen_draw(&screen);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fleet_screen_close(&screen);
	fleet_clear(&fleet);
	cells_close();
	return 0;
}

static void press(int key)
{
	assert_int_equal(fleet_screen_key(&screen, key), FLEET_WISH_NOTHING);
	fleet_screen_draw(&screen);
}

static void type(const char *text)
{
	for (; *text != '\0'; text++)
		press(*text);
}

static void replace_fleet(size_t n)
{
	fleet_clear(&fleet);
	fill_hosts(n);
	fleet_screen_update(&screen, &fleet);
	fleet_screen_draw(&screen);
}

static void test_titles_and_rows(void **state)
{
	(void)state;
	assert_starts(cells_row(0), "x0top fleet  10 hosts, 2 need attention");
	assert_starts(cells_row(2), "HOST");
	for (int i = 0; i < 10; i++) {
		char instance[32];
		snprintf(instance, sizeof(instance), "host-%05d.example:26970", i);
		assert_starts(cells_row(FIRST_ROW + i), instance);
	}
	int x, y = cells_find("1 warning", &x);
	assert_int_equal(y, FIRST_ROW + 5);
	assert_int_equal(cells_style(y, x), STYLE_WARN);
	y = cells_find("down", &x);
	assert_int_equal(cells_style(y, x), STYLE_BAD);
}

/* A screen has room for none until it is given some. */
static void test_one_host(void **state)
{
	(void)state;
	fleet_screen_close(&screen);
	fleet_screen_open(&screen);
	replace_fleet(1);
	assert_starts(cells_row(FIRST_ROW), "host-00000");
}

static void test_sorts_and_inverts(void **state)
{
	(void)state;
	type(">>>>"); /* by packets: what is not known comes last */
	assert_starts(cells_row(FIRST_ROW), "host-00000");
	assert_starts(cells_row(FIRST_ROW + 9), "host-00007");
	type("I");
	assert_starts(cells_row(FIRST_ROW), "host-00007");
	assert_starts(cells_row(FIRST_ROW + 9), "host-00000");
	type("<<"); /* by name, and no longer inverted */
	assert_starts(cells_row(FIRST_ROW), "host-00009");
	type("<<"); /* by attention, as they came */
	assert_starts(cells_row(FIRST_ROW + 9), "host-00009");
}

static void test_filters_and_searches(void **state)
{
	(void)state;
	press(KEY_F(4));
	type("warning\n");
	assert_starts(cells_row(1), "only: warning");
	assert_starts(cells_row(FIRST_ROW), "host-00005");
	assert_string_equal(cells_row(FIRST_ROW + 1), "");
	type("\\nobody");
	assert_true(ui_shows("No row matches the filter"));
	press(27);
	type("/example");
	assert_starts(cells_row(1), "Search: example");
	type("\n");
	assert_string_equal(screen.table.selected, "host-00005.example:26970");
	type("n");
	assert_string_equal(screen.table.selected, "host-00006.example:26970");
	type("NN");
	assert_string_equal(screen.table.selected, "host-00004.example:26970");
}

static void test_selection_follows_the_host(void **state)
{
	struct fleet_host moved;

	(void)state;
	press(KEY_DOWN);
	press(KEY_DOWN);
	assert_string_equal(screen.table.selected, "host-00002.example:26970");
	moved = fleet.hosts[2];
	fleet.hosts[2] = fleet.hosts[8];
	fleet.hosts[8] = moved;
	fleet_screen_update(&screen, &fleet);
	assert_int_equal(fleet_screen_key(&screen, '\n'), FLEET_WISH_HOST);
	assert_string_equal(screen.table.selected, "host-00002.example:26970");
	assert_int_equal(screen.table.at, 8);
}

static void test_longest_instance(void **state)
{
	(void)state;
	memset(fleet.hosts[0].instance, 'x', FLEET_INSTANCE_LEN - 1);
	fleet_screen_update(&screen, &fleet);
	press(KEY_HOME);
	assert_int_equal(strlen(screen.table.selected), FLEET_INSTANCE_LEN - 1);
}

static void test_ten_thousand(void **state)
{
	(void)state;
	replace_fleet(HOSTS);
	type(">>"); /* by name */
	assert_string_equal(screen.table.selected, "host-00000.example:26970");
	assert_int_equal(screen.table.at, HOSTS - 1);
	press(KEY_HOME);
	assert_starts(cells_row(FIRST_ROW), "host-09999");
	replace_fleet(2);
	assert_starts(cells_row(FIRST_ROW), "host-00001");
}

static void test_nobody(void **state)
{
	const struct failure failure = { .error = -111, .what = "It does not answer" };

	(void)state;
	fleet_clear(&fleet);
	fleet_screen_update(&screen, &fleet);
	fleet_screen_draw(&screen);
	assert_true(ui_shows("Prometheus has no target of this job: see --job"));
	fleet_screen_failure(&screen, &failure);
	fleet_screen_draw(&screen);
	assert_true(ui_shows("It does not answer"));
	press('\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_titles_and_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_host, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sorts_and_inverts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_filters_and_searches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_selection_follows_the_host, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_longest_instance, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ten_thousand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
