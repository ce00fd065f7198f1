// SPDX-License-Identifier: BSD-2-Clause
/* Whether the verifier in the kernel knows the time of day: after each way in which clocks are set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/verifier_policy.h"

#define MS	 UINT64_C(1000000)
#define ATTEMPTS 1000 /* this process may have to wait between two readings of clocks */

/* What user space told the kernel, as if clocks had been set by so much since. */
static bool is_right(int64_t tai_set_ns, int64_t set_ns)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		const struct pqc_control control = {
			.tai_offset_ns =
				clock_tai_ns() - clock_realtime_ns() - (uint64_t)tai_set_ns,
			.realtime_offset_ns =
				clock_realtime_ns() - clock_boottime_ns() - (uint64_t)set_ns,
		};
		if (pqc_clock_is_right(&control))
			return true;
	}
	return false;
}

static void nothing_was_set(void **state)
{
	(void)state;
	assert_true(is_right(0, 0));
	assert_true(is_right(5 * (int64_t)MS, 5 * (int64_t)MS));
	assert_true(is_right(-5 * (int64_t)MS, -5 * (int64_t)MS));
}

static void the_clock_was_set(void **state)
{
	(void)state;
	assert_false(is_right(0, 3600 * (int64_t)NS_PER_SECOND));
	assert_false(is_right(0, -3600 * (int64_t)NS_PER_SECOND));
	assert_false(is_right(0, INT64_MAX));
}

/* A daemon that sets the clock tells the kernel of leap seconds: the time of day stays, CLOCK_TAI jumps. */
static void leap_seconds_were_told(void **state)
{
	(void)state;
	assert_false(is_right(37 * (int64_t)NS_PER_SECOND, 0));
	assert_false(is_right(-(int64_t)NS_PER_SECOND, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_was_set),
		cmocka_unit_test(the_clock_was_set),
		cmocka_unit_test(leap_seconds_were_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
