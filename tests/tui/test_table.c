// SPDX-License-Identifier: BSD-2-Clause
/* What the operator does to a table: select, sort, filter, search; and what the next sample does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "tests/lib/cells.h"
#include "tests/lib/ui_fixture.h"
#include "tui/keys.h"
#include "tui/row_history.h"

/* Fails unless these stand one below the other. */
static void assert_order(const char *const *names)
{
	int before = -1;

	for (; *names != NULL; names++) {
		int y = cells_find(*names, NULL);

		if (y <= before)
			fail_msg("%s is in row %d, the one before in %d", *names, y, before);
		before = y;
	}
}

static void add_event(const char *text)
{
	struct snapshot_net_events *net = &sample.net_events;
	struct snapshot_event *event = &net->events[net->n_events++];

	*event = net->events[0];
	event->number = net->n_events;
	snprintf(event->text, sizeof(event->text), "%s", text);
}

static void test_selection_follows_the_thing(void **state)
{
	struct snapshot_program moved;

	(void)state;
	ui_type("2");
	assert_starts(ui_highlighted(), "xdp_counter");
	for (int i = 0; i < 3; i++)
		ui_press(KEY_DOWN);
	assert_starts(ui_highlighted(), "tracepoint_net");
	moved = sample.programs[3];
	sample.programs[3] = sample.programs[6];
	sample.programs[6] = moved;
	ui_sample();
	assert_starts(ui_highlighted(), "tracepoint_net");
	assert_int_equal(cells_find("tracepoint_net", NULL), 3 + 6);
	/* Sorted by name it stands elsewhere, and is still the one. */
	ui_type(">");
	assert_starts(ui_highlighted(), "tracepoint_net");
	assert_int_equal(cells_find("tracepoint_net", NULL), 3 + 3);
}

/* A rule inserted above gives all others another number, and history goes along, too. */
static void test_selection_follows_a_rule(void **state)
{
	struct snapshot_mesh *mesh = &sample.mesh;
	char before[128];

	(void)state;
	ui_type("4");
	ui_sample();
	ui_press(KEY_DOWN);
	const struct snapshot_rule chosen = mesh->rules[1];
	snprintf(before, sizeof(before), "%s", ui_highlighted());
	assert_non_null(strstr(before, chosen.key));
	memmove(&mesh->rules[1], &mesh->rules[0], mesh->n_rules * sizeof(mesh->rules[0]));
	mesh->n_rules++;
	memset(mesh->rules[0].key, 'x',
		sizeof(mesh->rules[0].key) - 1); /* longer than a row's key */
	for (uint32_t i = 0; i < mesh->n_rules; i++)
		mesh->rules[i].number = i;
	ui_sample();
	assert_non_null(strstr(ui_highlighted(), chosen.key));
	assert_string_not_equal(ui_highlighted(), before);
	ui_press(KEY_HOME);
	assert_non_null(strstr(ui_highlighted(), "xxx"));
	mesh->rules[1].key[0] = 'y';
	ui_sample();
	assert_non_null(strstr(ui_highlighted(), "xxx"));
}

static void test_selection_when_the_thing_goes(void **state)
{
	(void)state;
	ui_type("4");
	ui_press(KEY_END);
	assert_starts(ui_highlighted(), "    5 ");
	sample.mesh.n_rules--;
	ui_sample();
	assert_starts(ui_highlighted(), "    4 ");
	sample.mesh.n_rules = 0;
	ui_sample();
	assert_string_equal(ui_highlighted(), "");
	assert_true(ui_shows("No rules: all packets pass"));
}

static void test_sort_is_stable_and_inverts(void **state)
{
	static const char *const by_name[] = { "accept4 ", "connect ", "epoll_wait ", "futex ",
		"openat ", "read ", "recvfrom ", "recvmsg ", "sendmsg ", "sendto ", "write ",
		NULL };
	static const char *const by_rate[] = { "read ", "futex ", "write ", "epoll_wait ", NULL };
	static const char *const inverted[] = { "accept4 ", "connect ", "openat ", "sendmsg ",
		NULL };
	static const char *const equal[] = { "read ", "write ", "sendto ", "recvfrom ", "connect ",
		"accept4 ", NULL };

	(void)state;
	ui_type("6>");
	assert_order(by_name);
	ui_type(">");
	assert_order(by_rate);
	ui_type("I");
	assert_order(inverted);
	for (uint32_t i = 0; i < sample.syscalls.n_calls; i++)
		sample.syscalls.calls[i].calls.rate = 5;
	ui_sample();
	assert_order(equal);
	ui_type("I");
	assert_order(equal);
	ui_type("<<");
	assert_order(equal);
}

static void test_an_unknown_rate_is_the_least(void **state)
{
	static const char *const unknown_last[] = { "write ", "sendto ", "read ", "recvfrom ",
		NULL };
	static const char *const unknown_first[] = { "read ", "recvfrom ", "sendto ", "write ",
		NULL };

	(void)state;
	for (uint32_t i = 0; i < sample.syscalls.n_calls; i++)
		sample.syscalls.calls[i].calls.rate = i == 0 || i == 3 ? NAN : 1 / (1.0 + i);
	ui_sample();
	ui_type("6>>");
	assert_order(unknown_last);
	ui_type("I");
	assert_order(unknown_first);
}

/* A head with the arrow that says which way its rows go. */
static void assert_head(const char *head)
{
	if (cells_find(head, NULL) != 2)
		fail_msg("%s is not among the heads: %s", head, cells_row(2));
}

static void test_arrow_points_the_way_rows_go(void **state)
{
	static const char *const rising[] = { "accept4 ", "connect ", "write ", NULL };
	static const char *const falling[] = { "write ", "connect ", "accept4 ", NULL };
	static const char *const busiest[] = { "read ", "futex ", "accept4 ", NULL };
	static const char *const idlest[] = { "accept4 ", "futex ", "read ", NULL };

	(void)state;
	ui_type("6>");
	assert_order(rising);
	assert_head("CALL▲");
	ui_type("I");
	assert_order(falling);
	assert_head("CALL▼");
	ui_type(">");
	assert_order(busiest);
	assert_head("▼CALLS/s");
	ui_type("I");
	assert_order(idlest);
	assert_head("▲CALLS/s");
}

/* Without a sort column the rows are the snapshot's, or those from last to first; what is pinned stays. */
static void test_snapshot_order_inverts(void **state)
{
	static const char *const links[] = { "all ", "mesh0 ", "eth0 ", "wg0 ", NULL };
	static const char *const inverted[] = { "all ", "wg0 ", "eth0 ", "mesh0 ", NULL };
	static const char *const rules[] = { "    1 ", "    2 ", "    5 ", NULL };
	static const char *const rules_inverted[] = { "    5 ", "    2 ", "    1 ", NULL };

	(void)state;
	ui_type("3");
	assert_order(links);
	ui_type("I");
	assert_order(inverted);
	ui_type("4");
	assert_order(rules);
	ui_type("I");
	assert_order(rules_inverted);
	ui_type("I");
	assert_order(rules);
}

/* As many steps as there are orders lead around, either way. */
static void test_sort_columns_follow_each_other(void **state)
{
	const struct table *table = &ui->tables[VIEW_SYSCALLS];
	int seen[TABLE_COLUMNS_MAX + 1], n = 0;

	(void)state;
	ui_type("6");
	int first = table->sort;
	do {
		assert_true(n <= TABLE_COLUMNS_MAX);
		seen[n++] = table->sort;
		if (table->sort != SORT_NONE)
			assert_int_not_equal(table->type->columns[table->sort].kind, COLUMN_GRAPH);
		ui_type(">");
	} while (table->sort != first);
	int columns = 1;
	for (int i = 0; i < table->type->n_columns; i++)
		columns += table->type->columns[i].kind != COLUMN_GRAPH;
	assert_int_equal(n, columns);
	for (int i = n - 1; i >= 0; i--) {
		ui_type("<");
		assert_int_equal(table->sort, seen[i]);
	}
}

/* From the first match back to the last, and on to the first. */
static void test_search_goes_around(void **state)
{
	(void)state;
	ui_type("6/recv\r");
	assert_starts(ui_highlighted(), "recvfrom");
	ui_type("N");
	assert_starts(ui_highlighted(), "recvmsg");
	ui_type("n");
	assert_starts(ui_highlighted(), "recvfrom");
	/* The only match is found again. */
	ui_type("/futex\r");
	assert_starts(ui_highlighted(), "futex");
	ui_type("n");
	assert_starts(ui_highlighted(), "futex");
	ui_type("N");
	assert_starts(ui_highlighted(), "futex");
}

/* Errors and drops of both directions are one number each. */
static void test_errors_of_both_directions_are_added(void **state)
{
	struct snapshot_link *link = &sample.links.links[0];

	(void)state;
	link->receive_errors.rate = 211;
	link->send_errors.rate = 400;
	link->receive_dropped.rate = 122;
	link->send_dropped.rate = 700;
	const struct table_type *type = ui->tables[VIEW_PACKETS].type;
	unsigned found = 0;

	for (int column = 0; column < type->n_columns; column++) {
		struct cell cell = { 0 };

		type->cell(&sample, 1, column, &cell);
		found += strcmp(cell.text, "611") == 0;
		found += strcmp(cell.text, "822") == 0;
	}
	assert_int_equal(found, 2);
}

static struct row_histories histories;

/* One sample with a call that stays, behind one with a name of its own. */
static void record_calls(uint64_t number)
{
	struct snapshot_syscall *calls = sample.syscalls.calls;

	sample.syscalls.n_calls = 2;
	snprintf(calls[0].name, sizeof(calls[0].name), "call%u", (unsigned)number);
	snprintf(calls[1].name, sizeof(calls[1].name), "stays");
	calls[0].calls.rate = 1;
	calls[1].calls.rate = (double)number;
	row_history_record(&histories, ui->tables[VIEW_SYSCALLS].type, &sample, number);
}

/* A row keeps its history while it is there, be there ever so many others before and after. */
static void test_rows_keep_their_history(void **state)
{
	const struct table_type *calls = ui->tables[VIEW_SYSCALLS].type;
	const struct history *history;
	uint64_t number = 0;
	char gone[NAME_LEN];

	(void)state;
	memset(&histories, 0, sizeof(histories));
	assert_null(row_history_find(&histories, calls, "stays"));
	record_calls(++number);
	record_calls(++number);
	history = row_history_find(&histories, calls, "stays");
	assert_int_equal(history->count, 2);
	assert_true(history_value(history, 0) == 2 && history_value(history, 1) == 1);
	assert_int_equal(row_history_find(&histories, calls, "call1")->count, 1);
	assert_null(row_history_find(&histories, ui->tables[VIEW_MESH].type, "stays"));
	assert_null(row_history_find(&histories, calls, "call3"));
	while (number < 4 * ROW_HISTORIES_MAX) {
		record_calls(++number);
		history = row_history_find(&histories, calls, "stays");
		assert_true(history != NULL && history_value(history, 0) == (double)number);
		assert_int_equal(history->count, number < HISTORY_LEN ? number : HISTORY_LEN);
		snprintf(gone, sizeof(gone), "call%u", (unsigned)number);
		assert_int_equal(row_history_find(&histories, calls, gone)->count, 1);
	}
	row_history_record(&histories, NULL, &sample, number + 1);
}

static void test_sort_menu(void **state)
{
	static const char *const by_rate[] = { "read ", "futex ", "write ", "epoll_wait ", NULL };

	(void)state;
	ui_type("6");
	ui_press(KEY_F(6));
	assert_true(ui_shows("Sort by"));
	/* From "snapshot order", the last, around to the first and on to the second. */
	ui_press(KEY_DOWN);
	ui_press(KEY_DOWN);
	ui_type("\r");
	assert_false(ui_shows("Sort by"));
	assert_order(by_rate);
}

static void test_filter(void **state)
{
	(void)state;
	ui_type("4\\DROP");
	assert_int_equal(cells_find("Filter: DROP", NULL), LINES - 1);
	assert_false(ui_shows("fd00::/8"));
	assert_true(ui_shows("10.66.0.0/16"));
	ui_type("\r");
	assert_int_equal(cells_find("filter: DROP", NULL), LINES - 1);
	assert_int_equal(cells_find("1/3", NULL), LINES - 1);
	assert_int_equal(ui_press(KEY_ESCAPE) & UI_QUIT, 0);
	assert_true(ui_shows("fd00::/8"));
	/* Esc while typing brings back what was there before. */
	ui_press(KEY_F(4));
	ui_type("zzz");
	assert_true(ui_shows("No row matches the filter."));
	ui_press(KEY_ESCAPE);
	assert_true(ui_shows("fd00::/8"));
}

/* A view of which nothing is there is no blank screen: it says so. */
static void test_nothing_is_no_blank(void **state)
{
	(void)state;
	snapshot_clear(&sample);
	sample.interval = 1;
	for (enum view_number view = VIEW_OVERVIEW; view < VIEW_PARTS; view++) {
		int lines = 0;
		ui_show(ui, view);
		ui_sample();
		for (int y = 2; y < LINES - 1; y++)
			lines += cells_row(y)[0] != '\0';
		if (strstr(cells_row(2), "\u2500p\u2500") != NULL) /* the parts of a view */
			lines--;
		if (lines < 1)
			fail_msg("%s is blank", views[view]->name);
	}
}

static void test_filter_keeps_all_interfaces(void **state)
{
	(void)state;
	ui_type("3\\eth0\r");
	assert_starts(cells_row(3), "all ");
	assert_starts(cells_row(4), "eth0 ");
	assert_string_equal(cells_row(5), "");
}

static void test_search(void **state)
{
	(void)state;
	ui_type("6/recv");
	assert_starts(ui_highlighted(), "recvfrom");
	ui_type("m");
	assert_starts(ui_highlighted(), "recvmsg");
	ui_type("x");
	assert_int_equal(cells_find("no match", NULL), LINES - 1);
	ui_press(KEY_BACKSPACE);
	ui_press(KEY_BACKSPACE);
	ui_type("\r");
	assert_starts(ui_highlighted(), "recvmsg");
	ui_type("n");
	assert_starts(ui_highlighted(), "recvfrom");
	ui_type("N");
	assert_starts(ui_highlighted(), "recvmsg");
}

static void test_scrolls_and_pages(void **state)
{
	(void)state;
	sample.mesh.n_rules = 300;
	for (uint32_t i = 0; i < 300; i++) {
		sample.mesh.rules[i] = sample.mesh.rules[0];
		sample.mesh.rules[i].number = i;
	}
	ui_sample();
	ui_type("4");
	ui_press(KEY_END);
	assert_starts(ui_highlighted(), "  299 ");
	ui_press(KEY_PPAGE);
	assert_starts(ui_highlighted(), "  286 "); /* 13 rows fit */
	ui_press(KEY_HOME);
	assert_starts(ui_highlighted(), "    0 ");
	ui_press(KEY_NPAGE);
	assert_starts(ui_highlighted(), "   13 ");
}

static void test_events_follow(void **state)
{
	(void)state;
	ui_type("8");
	assert_true(ui_shows("following the newest"));
	assert_non_null(strstr(ui_highlighted(), "bad signature: birch"));
	add_event("the newest of all");
	ui_sample();
	assert_non_null(strstr(ui_highlighted(), "the newest of all"));
	ui_press(KEY_UP);
	assert_non_null(strstr(ui_highlighted(), "bad signature: birch"));
	assert_true(ui_shows("End follows the newest"));
	add_event("one more");
	ui_sample();
	assert_non_null(strstr(ui_highlighted(), "bad signature: birch"));
	ui_press(KEY_END);
	assert_true(ui_shows("following the newest"));
	assert_non_null(strstr(ui_highlighted(), "one more"));
}

static uint32_t count_four(const struct snapshot *snapshot)
{
	(void)snapshot;
	return 4;
}

static void key_by_row(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	(void)snapshot;
	snprintf(key, TABLE_KEY_LEN, "%u", row);
}

static void fill_some(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	(void)snapshot;
	(void)column;
	if (row % 2 == 1)
		cell->value = 15 - row;
}

/* A row that has no value has 0, and not that of the row before. */
static void test_no_value_sorts_as_0(void **state)
{
	static const struct column columns[] = { { "NUMBER", COLUMN_NUMBER, 6, 0, 0 } };
	static const struct table_type type = { .columns = columns,
		.n_columns = 1,
		.count = count_four,
		.key = key_by_row,
		.cell = fill_some };
	static const uint16_t sorted[] = { 1, 3, 0, 2 };
	struct table table;
	uint16_t rows[4];

	(void)state;
	table_open(&table, &type, rows, 4);
	table_update(&table, &sample);
	assert_int_equal(table.n_rows, 4);
	assert_memory_equal(rows, sorted, sizeof(sorted));
}

int main(void)
{
#define SCREEN_TEST(test) cmocka_unit_test_setup_teardown(test, ui_fixture_open, ui_fixture_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_value_sorts_as_0),
		SCREEN_TEST(test_selection_follows_the_thing),
		SCREEN_TEST(test_selection_follows_a_rule),
		SCREEN_TEST(test_selection_when_the_thing_goes),
		SCREEN_TEST(test_an_unknown_rate_is_the_least),
		SCREEN_TEST(test_sort_is_stable_and_inverts),
		SCREEN_TEST(test_arrow_points_the_way_rows_go),
		SCREEN_TEST(test_snapshot_order_inverts),
		SCREEN_TEST(test_sort_columns_follow_each_other),
		SCREEN_TEST(test_search_goes_around),
		SCREEN_TEST(test_errors_of_both_directions_are_added),
		SCREEN_TEST(test_rows_keep_their_history),
		SCREEN_TEST(test_sort_menu),
		SCREEN_TEST(test_filter),
		SCREEN_TEST(test_filter_keeps_all_interfaces),
		SCREEN_TEST(test_nothing_is_no_blank),
		SCREEN_TEST(test_search),
		SCREEN_TEST(test_scrolls_and_pages),
		SCREEN_TEST(test_events_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
