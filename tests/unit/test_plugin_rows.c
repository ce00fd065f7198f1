// SPDX-License-Identifier: BSD-2-Clause
/* Which rows of a large map are kept: the first by rank, in whatever order the map has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../core/plugins/plugin_table.c"
#include "tests/lib/fields_fill.h"

enum { N = 200 };

static struct plugin_table table;
static double ranks[N];

static void open_table(uint32_t room)
{
	table = (struct plugin_table) { .room = room, .stride = 16, .key_room = 8 };
	assert_int_equal(open_rows(&table, &table.reading), 0);
}

static int descending(const void *one, const void *other)
{
	const double a = *(const double *)one, b = *(const double *)other;

	return (a < b) - (a > b);
}

/* Puts entries in, each with its rank in its row, and expects the first of them, in order. */
static void expect_first(uint32_t room, uint32_t n)
{
	double sorted[N];

	open_table(room);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *row = place(&table, ranks[i]);
		if (row != NULL)
			memcpy(row + table.key_room, &ranks[i], sizeof(ranks[i]));
	}
	sort(&table.reading);
	memcpy(sorted, ranks, n * sizeof(ranks[0]));
	qsort(sorted, n, sizeof(sorted[0]), descending);
	assert_int_equal(table.reading.n, n < room ? n : room);
	for (uint32_t i = 0; i < table.reading.n; i++) {
		double kept;
		memcpy(&kept,
			row_of(&table, &table.reading, table.reading.order[i]) + table.key_room,
			sizeof(kept));
		if (kept != sorted[i])
			fail_msg("%u of %u, room for %u: %g instead of %g", i, n, room, kept,
				sorted[i]);
	}
	close_rows(&table.reading);
}

static void expect_first_of_all(void)
{
	for (uint32_t room = 1; room <= 20; room++)
		for (uint32_t n = 0; n <= 3 * room; n++)
			expect_first(room, n);
	expect_first(64, N);
}

static void test_by_chance(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++)
		ranks[i] = (double)(random_next() % 1000000);
	expect_first_of_all();
}

static void test_rising_and_falling(void **state)
{
	(void)state;
	for (int sign = -1; sign <= 1; sign++) { /* 0: all the same */
		for (int i = 0; i < N; i++)
			ranks[i] = sign * (double)i;
		expect_first_of_all();
	}
}

static void test_many_are_equal(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++)
		ranks[i] = (double)(random_next() % 5);
	expect_first_of_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_chance),
		cmocka_unit_test(test_rising_and_falling),
		cmocka_unit_test(test_many_are_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
