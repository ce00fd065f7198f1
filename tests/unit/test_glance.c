// SPDX-License-Identifier: BSD-2-Clause
/* What a glance samples: always what counts packets, and who knows whose they are only when somebody looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "control/state.h"

static unsigned counted, looked, taken;
static double late; /* s that reading the counts takes */
static bool available; /* to the thinker, at last */
static double interval;

static void sleep_for(double seconds)
{
	usleep((useconds_t)(seconds * 1e6));
}

static void count(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	(void)program, (void)before, (void)shown;
	counted++;
	now->packets.available = true;
	if (late > 0)
		sleep_for(late);
}

static void look(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	(void)before, (void)now, (void)shown;
	assert_true(program->context->looking);
	looked++;
	sleep_for(0.01); /* which makes no count late */
}

static void sample_nothing(struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown)
{
	(void)program, (void)before, (void)now, (void)shown;
	fail();
}

static const struct program_type types[] = {
	{ .name = "counts", .glanced = GLANCED_ALWAYS, .sample = count },
	{ .name = "looks", .glanced = GLANCED_LOOKING, .sample = look },
	{ .name = "neither", .sample = sample_nothing },
};

static void on_glance(void *data, const struct snapshot *now)
{
	(void)data;
	taken++;
	available = now->packets.available;
	interval = now->interval;
}

static struct orchestrator *o;

static int setup(void **state)
{
	(void)state;
	o = calloc(1, sizeof(*o));
	assert_non_null(o);
	counted = looked = taken = 0;
	late = 0;
	o->glance.timer = -1;
	o->context.event_fd = epoll_create1(EPOLL_CLOEXEC);
	o->thinker.glance = on_glance;
	for (uint32_t i = 0; i < 3; i++)
		o->programs[o->n_programs++] = (struct program) {
			.type = &types[i], .context = &o->context, .running = true
		};
	assert_int_equal(glance_open(o), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	glance_close(o);
	close(o->context.event_fd);
	free(o);
	return 0;
}

/* Handles the timer until one more glance is taken. */
static void await_glance(void)
{
	const double end = clock_monotonic_seconds() + 10;
	const unsigned before = taken;

	while (taken == before && clock_monotonic_seconds() < end)
		glance_handle(o);
	assert_int_equal(taken, before + 1);
}

static void test_the_first_looks_and_others_when_asked(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 20000000, false), 0);
	await_glance();
	assert_int_equal(counted, 1);
	assert_int_equal(looked, 1);
	await_glance();
	assert_int_equal(counted, 2);
	assert_int_equal(looked, 1);
	assert_int_equal(orchestrator_glance_every(o, 20000000, true), 0);
	await_glance();
	assert_int_equal(looked, 2);
	await_glance(); /* it was asked for once */
	assert_int_equal(looked, 2);
	assert_false(o->context.looking);
}

/* Counts that were read late are judged by nobody, but time goes on. */
static void test_late_counts_say_nothing(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 20000000, false), 0);
	await_glance();
	late = 0.1;
	await_glance();
	assert_false(available);
	assert_true(interval > 0);
	late = 0;
	await_glance();
	assert_true(interval > 0.05);
	assert_true(o->glance.now->packets.available);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_first_looks_and_others_when_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late_counts_say_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
