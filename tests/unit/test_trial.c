// SPDX-License-Identifier: BSD-2-Clause
/* programs/trial.c: how much has to go wrong, and by whose word, until a program on trial is taken back. */
#include "programs/trial.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "programs/program.h"

static struct program_outcome done; /* what the program says */
static struct failure failure;

static void outcome(const struct program *program, struct program_outcome *read)
{
	double at = read->at;

	(void)program;
	*read = done;
	read->at = at;
}

static const struct program_type type = { .name = "filter",
	.stage = 1,
	.outcome = outcome,
	.handles = "packets",
	.wrong = "did not pass" };
static struct program_context context;

/* A program that has seen `came` packets, of which `passed` did. */
static struct program make(uint64_t came, uint64_t passed)
{
	done = (struct program_outcome) {
		.came = { came }, .passed = { passed }, .seen = { true }
	};
	return (struct program) {
		.type = &type, .context = &context, .running = true, .trial = { .stage_fd = -1 }
	};
}

static void begin(struct program *program, uint32_t seconds)
{
	const uint8_t tag[PROGRAM_TAG_LEN] = { 1 };

	assert_int_equal(trial_may_begin(program, &failure), 0);
	trial_begin(program, seconds, NULL, tag, trial_share(program));
}

static enum trial_state look(struct program *program)
{
	double left;

	return trial_look(program, &left);
}

/* Packets in flight, and what is tolerated, are no reason: the bound is B > 10 + N / 1000. */
static void some_always_go_wrong(void **state)
{
	struct program program = make(1000, 1000);

	(void)state;
	assert_int_equal(look(&program), TRIAL_NONE);
	begin(&program, 60);
	assert_int_equal(look(&program), TRIAL_GOES_ON);
	done.came[0] += 10000;
	done.passed[0] += 10000 - 20;
	assert_int_equal(look(&program), TRIAL_GOES_ON);
	done.passed[0]--;
	assert_int_equal(look(&program), TRIAL_FAILED);
}

/* A third was dropped before; chance allows 4 deviations more. */
static void what_went_wrong_before_counts(void **state)
{
	struct program program = make(9000, 6000);
	char text[REASON_LEN];

	(void)state;
	begin(&program, 60);
	done.came[0] += 9000;
	done.passed[0] += 6000 - 19 - 4 * 54;
	assert_int_equal(look(&program), TRIAL_GOES_ON);
	trial_describe(&program, text, sizeof(text));
	assert_string_equal(text, "of 9000 packets 3235 did not pass, 33.3% before");
	done.passed[0] -= 10;
	assert_int_equal(look(&program), TRIAL_FAILED);
}

static void who_saw_most_is_believed(void **state)
{
	struct program program = make(0, 0);

	(void)state;
	done.seen[1] = true;
	begin(&program, 60);
	done.came[0] = done.passed[0] = 1000;
	done.came[1] = 1000;
	assert_int_equal(look(&program), TRIAL_FAILED);
	done.seen[1] = false;
	assert_int_equal(look(&program), TRIAL_GOES_ON);
	/* An interface has gone with what came by it. */
	program = make(5000, 5000);
	begin(&program, 60);
	done.came[0] = 100;
	done.passed[0] = 5100;
	assert_int_equal(look(&program), TRIAL_GOES_ON);
	/* What is lost otherwise; a new program begins to count that at zero. */
	program = make(5000, 5000);
	done.lost = 40;
	begin(&program, 60);
	done.lost = 3;
	assert_int_equal(look(&program), TRIAL_GOES_ON);
	done.lost = 51;
	assert_int_equal(look(&program), TRIAL_FAILED);
}

static void time_ends_it(void **state)
{
	struct program program = make(1000, 1000);

	(void)state;
	begin(&program, 0);
	assert_int_equal(look(&program), TRIAL_PASSED);
	assert_int_equal(trial_may_begin(&program, &failure), -EBUSY);
	assert_string_equal(failure.what, "filter is on trial already");
	/* Without the old one in the chain it has to be loaded again; that is the caller's. */
	assert_int_equal(trial_take_back(&program, &failure), TRIAL_LOADS_AGAIN);
	trial_forget(&program);
	assert_int_equal(look(&program), TRIAL_NONE);
	assert_int_equal(trial_take_back(&program, &failure), -ENOENT);
	assert_int_equal(trial_keep(&program, &failure), -ENOENT);
}

static void without_a_witness_there_is_none(void **state)
{
	struct program program = make(1000, 1000);

	(void)state;
	done.seen[0] = false;
	assert_int_equal(trial_may_begin(&program, &failure), -EOPNOTSUPP);
	assert_string_equal(failure.what, "Nothing shows how filter does while it is on trial");
	done.seen[0] = true;
	program.running = false;
	assert_int_equal(trial_may_begin(&program, &failure), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_always_go_wrong),
		cmocka_unit_test(what_went_wrong_before_counts),
		cmocka_unit_test(who_saw_most_is_believed),
		cmocka_unit_test(time_ends_it),
		cmocka_unit_test(without_a_witness_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
