// SPDX-License-Identifier: BSD-2-Clause
/* Which sources of neighbours are asked, how often, and what is said of those that are looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "neighbours/table.h"

#define BIT(name) (1U << (name))
#define ALL	  (BIT(NEIGHBOUR_SOURCES) - 1)

static unsigned asked[NEIGHBOUR_SOURCES];

static void ask(struct neighbour_source *source)
{
	asked[source->type->name]++;
}

static void open_nothing(struct neighbour_source *source)
{
	(void)source;
}

/* Reports by itself, is asked every 2 s, every 5 s, and every 9 s. */
static const struct neighbour_source_type types[] = {
	{ .name = 0, .open = open_nothing },
	{ .name = 1, .ask_ns = 5 * NS_PER_SECOND, .ask = ask },
	{ .name = 2, .ask_ns = 2 * NS_PER_SECOND, .ask = ask },
	{ .name = 3, .ask_ns = 9 * NS_PER_SECOND, .ask = ask },
};
static struct neighbours table;

static int setup(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	memset(asked, 0, sizeof(asked));
	for (int i = 0; i < 4; i++)
		table.sources[i].type = &types[i];
	return 0;
}

static void each_is_asked_in_its_time(void **state)
{
	const uint64_t now = clock_monotonic_ns();

	(void)state;
	neighbours_ask(&table);
	for (int i = 1; i < 4; i++)
		assert_int_equal(asked[i], 1);
	assert_int_equal(asked[0], 0);
	for (int i = 1; i < 4; i++)
		assert_in_range(table.sources[i].asked_ns, now, clock_monotonic_ns());
	neighbours_ask(&table);
	for (int i = 1; i < 4; i++)
		assert_int_equal(asked[i], 1);
	for (int i = 1; i < 4; i++)
		table.sources[i].asked_ns = now - 5 * NS_PER_SECOND;
	neighbours_ask(&table);
	assert_int_equal(asked[1], 2);
	assert_int_equal(asked[2], 2);
	assert_int_equal(asked[3], 1);
}

/* The shortest of those that are looked at; 0 if none of them is asked. All of the table are asked. */
static void the_shortest_period(void **state)
{
	static const struct {
		uint32_t sources;
		uint64_t seconds;
	} periods[] = { { BIT(1), 5 }, { BIT(2), 2 }, { BIT(1) | BIT(2), 2 },
		{ BIT(1) | BIT(3), 5 }, { BIT(0), 0 }, { BIT(0) | BIT(3), 9 }, { BIT(4), 0 },
		{ 0, 0 }, { ALL, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
		assert_int_equal(neighbours_keep_asking(&table, periods[i].sources),
			periods[i].seconds * NS_PER_SECOND);
	assert_int_equal(asked[1], 1);
	assert_int_equal(asked[3], 1);
}

static void what_is_known_of_sources(void **state)
{
	(void)state;
	table.sources[0].state = SOURCE_LIVE;
	table.sources[1].state = SOURCE_LOST;
	table.sources[2].state = SOURCE_LIVE;
	table.sources[3].forgotten = table.sources[1].forgotten = true;
	for (int i = 0; i < 4; i++)
		table.sources[i].changes = 1U << 4 * i;
	assert_int_equal(neighbours_in_state(&table, ALL, SOURCE_LIVE), BIT(0) | BIT(2));
	assert_int_equal(neighbours_in_state(&table, BIT(2) | BIT(1), SOURCE_LIVE), BIT(2));
	assert_int_equal(neighbours_in_state(&table, ALL, SOURCE_LOST), BIT(1));
	assert_int_equal(neighbours_forgotten(&table, ALL), BIT(1) | BIT(3));
	assert_int_equal(neighbours_forgotten(&table, BIT(3) | BIT(2)), BIT(3));
	assert_int_equal(neighbours_changes(&table, ALL), 0x1111);
	assert_int_equal(neighbours_changes(&table, BIT(0) | BIT(2)), 0x101);
	assert_int_equal(neighbours_changes(&table, 0), 0);
}

/* A source that opens by itself, and has neither come nor said why not, may come yet. */
static void what_may_come_yet(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		table.sources[i].state = SOURCE_ABSENT;
	assert_true(neighbours_pending(&table, ALL));
	assert_true(neighbours_pending(&table, BIT(0)));
	assert_false(neighbours_pending(&table, ALL & ~BIT(0))); /* those that are asked */
	snprintf(table.sources[0].reason, sizeof(table.sources[0].reason), "no socket");
	assert_false(neighbours_pending(&table, ALL));
	table.sources[0].reason[0] = '\0';
	table.sources[0].state = SOURCE_LIVE;
	assert_false(neighbours_pending(&table, ALL));
	table.sources[0].state = SOURCE_ABSENT;
	table.sources[0].type = NULL; /* not wanted */
	assert_false(neighbours_pending(&table, ALL));
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_is_asked_in_its_time),
		test(the_shortest_period),
		test(what_is_known_of_sources),
		test(what_may_come_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
