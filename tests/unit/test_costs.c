// SPDX-License-Identifier: BSD-2-Clause
/* What all programs take of a core, from what is known of each. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "programs/host.h"

static struct snapshot now;

static void add(uint32_t state, double percent, double timed_runs)
{
	now.programs[now.n_programs++] = (struct snapshot_program) {
		.state = state, .cpu_percent = percent, .timed_runs = timed_runs
	};
}

static int clear(void **state)
{
	(void)state;
	snapshot_clear(&now);
	return 0;
}

static void shares_add_up(void **state)
{
	(void)state;
	add(PROGRAM_ON, 3, 100);
	add(PROGRAM_PARTLY, 4, 100);
	add(PROGRAM_ON, 0, 0);
	add(PROGRAM_OFF, 9, 9);
	collect_self(NULL, &now);
	assert_true(now.self.programs_percent == 7);
	assert_int_equal(now.self.programs_unknown, 0);
	/* Errors of 0.3 and 0.4 make one of 0.5 in 7: that of 196 runs. */
	assert_true(fabs(now.self.programs_samples - 196) < 1e-9);
}

static void what_is_not_known_is_told(void **state)
{
	(void)state;
	add(PROGRAM_ON, NAN, 3);
	collect_self(NULL, &now);
	assert_true(isnan(now.self.programs_percent));
	assert_true(isnan(now.self.cpu_percent));
	assert_int_equal(now.self.programs_unknown, 1);
	add(PROGRAM_ON, 2, 1000);
	now.self.programs_unknown = 0;
	collect_self(NULL, &now);
	assert_true(now.self.programs_percent == 2);
	assert_int_equal(now.self.programs_unknown, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(shares_add_up, clear),
		cmocka_unit_test_setup(what_is_not_known_is_told, clear),
	};

	return cmocka_run_group_tests_name("costs", tests, NULL, NULL);
}
