// SPDX-License-Identifier: BSD-2-Clause
/* When MAPE-K looks closely: from a wake until nothing is unusual any more, and what a wake for nothing does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mapek/monitor.h"

static struct monitor monitor;
static double now;

static int setup(void **state)
{
	(void)state;
	monitor = (struct monitor) { 0 };
	now = 1000;
	return 0;
}

/* Takes glances as they are asked for, for so many seconds at most. Returns their number. */
static unsigned look_for(double seconds, bool hot, bool acted)
{
	const double end = now + seconds;
	uint64_t wait = MONITOR_SOON_NS;
	unsigned n = 0;

	for (; wait > 0 && now + (double)wait / 1e9 <= end; n++) {
		now += (double)wait / 1e9;
		wait = monitor_glance(&monitor, hot, acted && n == 0, now);
	}
	return n;
}

static void test_a_wake_for_nothing_is_short(void **state)
{
	unsigned n;

	(void)state;
	assert_true(monitor_arm(&monitor, now) == 1);
	monitor_wake(&monitor, now);
	assert_true(monitor_arm(&monitor, now) == 0);
	n = look_for(10, false, false);
	assert_in_range(n, 50, 80);
	assert_true(now > 1000.5); /* at most two wakes a second */
	assert_true(now < 1001);
	assert_true(monitor_arm(&monitor, now) == 2);
}

/* The last glance is the one after a rest; a wake before it changes nothing. */
static void test_it_rests_before_it_sleeps(void **state)
{
	(void)state;
	monitor_wake(&monitor, now);
	assert_int_equal(monitor_glance(&monitor, false, false, now + 0.31), 500000000);
	assert_false(monitor_wake(&monitor, now + 0.5));
	assert_int_equal(monitor_glance(&monitor, false, false, now + 0.81), 0);
	assert_true(monitor_wake(&monitor, now + 0.82));
}

/* Something may be done about the third glance; then they take less of the processor. */
static void test_the_first_glances_are_the_closest(void **state)
{
	(void)state;
	monitor_wake(&monitor, now);
	assert_int_equal(monitor_glance(&monitor, true, false, now), MONITOR_FIRST_NS);
	assert_true(2 * MONITOR_FIRST_NS >= 5000000);
	assert_int_equal(monitor_glance(&monitor, true, true, now + 0.01), MONITOR_LATER_NS);
	assert_int_equal(monitor_glance(&monitor, true, false, now + 0.35), MONITOR_LATER_NS);
}

static void test_who_does_nothing_looks_less_closely_soon(void **state)
{
	(void)state;
	monitor_wake(&monitor, now);
	assert_int_equal(monitor_glance(&monitor, true, false, now + 0.02), MONITOR_FIRST_NS);
	assert_int_equal(monitor_glance(&monitor, true, false, now + 0.04), MONITOR_SOON_NS);
	assert_int_equal(monitor_glance(&monitor, true, false, now + 0.31), MONITOR_LATER_NS);
}

static void test_limits_rise_and_fall(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		monitor_wake(&monitor, now);
		look_for(10, false, false);
	}
	assert_true(monitor_arm(&monitor, now) == 256);
	assert_true(monitor_arm(&monitor, now + 59) == 256);
	assert_true(monitor_arm(&monitor, now + 61) == 128);
	assert_true(monitor_arm(&monitor, now + 61) == 128);
}

static void test_what_is_acted_upon_leaves_the_limits(void **state)
{
	(void)state;
	monitor_wake(&monitor, now);
	look_for(1, true, true);
	assert_true(monitor.awake);
	look_for(10, false, false);
	assert_false(monitor.awake);
	assert_true(monitor_arm(&monitor, now) == 1);
}

static void test_a_flood_that_lasts_is_left_to_samples(void **state)
{
	(void)state;
	monitor_wake(&monitor, now);
	look_for(60, true, true);
	assert_false(monitor.awake);
	assert_true(now < 1004);
}

static void test_glances_go_on_while_something_new_is_done(void **state)
{
	(void)state;
	monitor_wake(&monitor, now);
	for (int i = 0; i < 20; i++) {
		look_for(1, true, true);
		assert_true(monitor.awake);
	}
}

/* A glance that is taken while it sleeps has found something: closer ones follow, and no limit rises. */
static void test_what_a_seldom_glance_finds_is_looked_at(void **state)
{
	(void)state;
	assert_int_equal(monitor_glance(&monitor, false, false, now), 0);
	assert_false(monitor.awake);
	assert_int_equal(monitor_glance(&monitor, true, false, now), MONITOR_LATER_NS);
	assert_true(monitor.awake);
	assert_true(monitor_arm(&monitor, now) == 1); /* the kernel may still wake for a flood */
	assert_in_range(look_for(10, false, false), 5, 10);
	assert_false(monitor.awake);
	assert_true(monitor_arm(&monitor, now) == 1);
}

/* What lasts is found again by each of them: that is nothing new. */
static void test_what_lasts_is_looked_at_once(void **state)
{
	unsigned n;

	(void)state;
	assert_int_equal(monitor_glance(&monitor, true, false, now), MONITOR_LATER_NS);
	n = look_for(10, true, false);
	assert_in_range(n, 35, 45); /* for two seconds */
	assert_false(monitor.awake);
	assert_int_equal(monitor_glance(&monitor, true, false, now + 1), 0);
	assert_int_equal(monitor_glance(&monitor, false, false, now + 2), 0);
	assert_int_equal(monitor_glance(&monitor, true, false, now + 3), MONITOR_LATER_NS);
}

/* A flood is looked at closely, whatever was looked at before it. */
static void test_a_flood_begins_anew(void **state)
{
	(void)state;
	monitor_glance(&monitor, true, false, now);
	assert_true(monitor_wake(&monitor, now + 1));
	assert_false(monitor_wake(&monitor, now + 1.001)); /* of another protocol */
	assert_int_equal(monitor_glance(&monitor, true, false, now + 1.002), MONITOR_FIRST_NS);
	assert_true(monitor_arm(&monitor, now + 1.01) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_wake_for_nothing_is_short, setup),
		cmocka_unit_test_setup(test_it_rests_before_it_sleeps, setup),
		cmocka_unit_test_setup(test_the_first_glances_are_the_closest, setup),
		cmocka_unit_test_setup(test_who_does_nothing_looks_less_closely_soon, setup),
		cmocka_unit_test_setup(test_limits_rise_and_fall, setup),
		cmocka_unit_test_setup(test_what_is_acted_upon_leaves_the_limits, setup),
		cmocka_unit_test_setup(test_a_flood_that_lasts_is_left_to_samples, setup),
		cmocka_unit_test_setup(test_glances_go_on_while_something_new_is_done, setup),
		cmocka_unit_test_setup(test_what_a_seldom_glance_finds_is_looked_at, setup),
		cmocka_unit_test_setup(test_what_lasts_is_looked_at_once, setup),
		cmocka_unit_test_setup(test_a_flood_begins_anew, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
