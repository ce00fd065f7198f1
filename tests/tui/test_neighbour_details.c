// SPDX-License-Identifier: BSD-2-Clause
/* The details of a neighbour: what is known of it, and nothing else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <curses.h>

#include "tests/lib/cells.h"
#include "tests/lib/ui_fixture.h"

enum { ESCAPE = 27 };

static void put_neighbour(void)
{
	struct snapshot_neighbour *row = &sample.neighbours.neighbours[0];

	sample.neighbours.n_sources = 1;
	sample.neighbours.n_neighbours = 1;
	memset(row, 0, sizeof(*row));
	snprintf(row->address, sizeof(row->address), "10.1.0.7");
	snprintf(row->mac, sizeof(row->mac), "02:00:00:00:00:07");
	snprintf(row->interface, sizeof(row->interface), "mesh0");
	snprintf(row->name, sizeof(row->name), "seven");
	snprintf(row->via, sizeof(row->via), "10.1.0.1");
	snprintf(row->state, sizeof(row->state), "reachable");
	row->quality = row->metric = row->throughput = row->last_seen = NAN;
	row->received_bytes = 2048;
	row->sent_bytes = 1024;
	row->traffic.packets = (struct counter) { 1500, 12 };
	row->traffic.bytes = (struct counter) { 150000, 1200 };
}

/* Fails unless a line has this label, and behind it this text. */
static void assert_line(const char *label, const char *text)
{
	int x, y = cells_find(label, &x);
	const char *row = y < 0 ? "" : cells_row(y);

	if (strstr(row, label) == NULL || strstr(strstr(row, label), text) == NULL)
		fail_msg("\"%s\" with \"%s\" is not in: %s", label, text, row);
}

static void a_neighbour_has_details(void **state)
{
	(void)state;
	put_neighbour();
	ui_sample();
	ui_type("4");
	ui_type("PP");
	assert_true(ui_shows("10.1.0.7"));
	ui_press(KEY_DOWN);
	ui_type("\r");
	assert_line("MAC", "02:00:00:00:00:07");
	assert_line("Interface", "mesh0");
	assert_line("Name  ", "seven");
	assert_line("Via", "10.1.0.1");
	assert_line("State", "reachable");
	assert_line("From it", "12");
	assert_line("Tunnel", "2.05kB received, 1.02kB sent");
	ui_press(ESCAPE);
	sample.neighbours.neighbours[0].traffic.packets.total = COUNT_UNKNOWN;
	sample.neighbours.neighbours[0].sent_bytes = NAN;
	sample.neighbours.neighbours[0].via[0] = '\0';
	ui_sample();
	ui_type("\r");
	assert_line("MAC", "02:00:00:00:00:07");
	assert_false(ui_shows("Tunnel") || ui_shows("From it") || ui_shows("Via "));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, ui_fixture_open, ui_fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_neighbour_has_details),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
