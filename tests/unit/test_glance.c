// SPDX-License-Identifier: BSD-2-Clause
/* What a glance samples: always what counts packets, who knows whose they are only when somebody looks, and what a
 * policy may watch only when it is asked for. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "control/state.h"

static struct orchestrator *o;
static unsigned counted, looked, watched, taken, woken;
static double late; /* s that reading the counts takes */
static bool available, watch_available; /* to the thinker, at last */
static double interval;
static bool has_before; /* of what was watched at last */

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

static void watch(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	(void)program, (void)shown;
	watched++;
	has_before = before != NULL;
	now->pqc.available = now->net_events.available = true;
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
	{ .name = "is watched", .glanced = GLANCED_WATCHED, .sample = watch },
	{ .name = "neither", .sample = sample_nothing },
};

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static void on_glance(void *data, const struct snapshot *now)
{
	(void)data;
	taken++;
	available = now->packets.available;
	watch_available = now->pqc.available;
	assert_int_equal(now->net_events.available, watch_available);
	interval = now->interval;
}

static int setup(void **state)
{
	(void)state;
	o = calloc(1, sizeof(*o));
	assert_non_null(o);
	counted = looked = watched = taken = woken = 0;
	late = 0;
	o->glance.timer = -1;
	o->context.event_fd = epoll_create1(EPOLL_CLOEXEC);
	o->thinker.glance = on_glance;
	for (uint32_t i = 0; i < TYPES; i++)
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

static void test_a_glance_looks_when_asked(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 20000000, GLANCED_LOOKING), 0);
	await_glance();
	assert_int_equal(counted, 1);
	assert_int_equal(looked, 1);
	await_glance(); /* it was asked for once */
	assert_int_equal(counted, 2);
	assert_int_equal(looked, 1);
	assert_int_equal(orchestrator_glance_every(o, 20000000, GLANCED_LOOKING), 0);
	await_glance();
	assert_int_equal(looked, 2);
	assert_false(o->context.looking);
	assert_int_equal(watched, 0);
}

/* Its rates are since the glance before, and it has none behind one that was not asked for it. */
static void test_what_is_watched_has_a_glance_before(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 20000000, GLANCED_WATCHED), 0);
	await_glance();
	assert_int_equal(watched, 1);
	assert_false(has_before);
	assert_false(watch_available);
	assert_int_equal(orchestrator_glance_every(o, 20000000, GLANCED_WATCHED), 0);
	await_glance();
	assert_true(has_before);
	assert_true(watch_available);
	await_glance();
	assert_int_equal(watched, 2);
	assert_false(watch_available);
	assert_int_equal(orchestrator_glance_every(o, 20000000, GLANCED_WATCHED), 0);
	await_glance();
	assert_int_equal(watched, 3);
	assert_false(has_before);
	assert_false(watch_available);
	assert_true(o->glance.now->pqc.available);
	assert_int_equal(looked, 0);
}

/* Between glances that are far apart, the first of those that are close has nothing before it. */
static void test_who_begins_anew_takes_the_first_at_once(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 1000000, 0), 0);
	await_glance();
	await_glance();
	assert_true(interval > 0);
	assert_int_equal(orchestrator_glance_every(o, 0, 0), 0);
	assert_int_equal(orchestrator_glance_every(o, 500000000, 0), 0);
	const double began = clock_monotonic_seconds();
	await_glance();
	assert_true(isnan(interval));
	assert_true(clock_monotonic_seconds() - began < 0.4);
}

/* Counts that were read late are judged by nobody, but time goes on. */
static void test_late_counts_say_nothing(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 20000000, GLANCED_WATCHED), 0);
	await_glance();
	late = 0.1;
	assert_int_equal(orchestrator_glance_every(o, 20000000, GLANCED_WATCHED), 0);
	await_glance();
	assert_false(available);
	assert_false(watch_available);
	assert_true(interval > 0);
	late = 0;
	await_glance();
	assert_true(interval > 0.05);
	assert_true(o->glance.now->packets.available);
	late = 0.1;
	await_glance();
	assert_false(available);
	assert_true(o->glance.now->packets.available); /* its counts are there, for the next one */
}

static void on_waking(void *data)
{
	assert_ptr_equal(data, o);
	woken++;
}

/* The kernel has let its limit go: it is to be set again. Whoever thinks nothing is not told. */
static void test_a_wake_is_told(void **state)
{
	struct event event = { .type = EVENT_WAKE, .wake = { .transport = TRANSPORT_TCP } };

	(void)state;
	for (uint32_t i = 0; i < TRANSPORT_PROTOCOLS; i++)
		o->glance.limits.limits[i] = 7;
	event_ring_take(&o->context.ring, &event, sizeof(event));
	o->thinker.data = o;
	o->thinker.woken = on_waking;
	event_ring_take(&o->context.ring, &event, sizeof(event));
	assert_int_equal(woken, 1);
	for (uint32_t i = 0; i < TRANSPORT_PROTOCOLS; i++)
		assert_int_equal(o->glance.limits.limits[i], i == TRANSPORT_TCP ? 0 : 7);
	o->thinker.data = NULL;
}

/* What is open stays as it is; closed, it is nothing, and takes no glance. */
static void test_it_is_opened_once(void **state)
{
	const struct glance before = o->glance;

	(void)state;
	assert_int_equal(glance_open(o), 0);
	assert_int_equal(o->glance.timer, before.timer);
	assert_ptr_equal(o->glance.now, before.now);
	assert_ptr_equal(o->glance.before, before.before);
	assert_int_equal(orchestrator_glance_every(o, 1000000, GLANCED_LOOKING), 0);
	const int timer = o->glance.timer;
	o->glance.timer = -1;
	sleep_for(0.003);
	glance_handle(o);
	assert_int_equal(taken, 0);
	o->glance.timer = timer;
	await_glance();
}

/* Whoever closes twice, or opens again, finds nothing of before. */
static void test_what_is_closed_is_gone(void **state)
{
	const int timer = o->glance.timer;

	(void)state;
	glance_close(o);
	assert_int_equal(o->glance.timer, -1);
	assert_int_equal(timerfd_settime(timer, 0, &(struct itimerspec) { 0 }, NULL), -1);
	assert_int_equal(glance_open(o), 0);
	assert_true(o->glance.timer >= 0);
}

static struct itimerspec timer_of(void)
{
	struct itimerspec timer;

	assert_int_equal(timerfd_gettime(o->glance.timer, &timer), 0);
	return timer;
}

/* The first is due at once, or, of another period, one period from now. The same period goes on as it was. */
static void test_periods(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 2500000000, 0), 0);
	assert_int_equal(timer_of().it_interval.tv_sec, 2);
	assert_int_equal(timer_of().it_interval.tv_nsec, 500000000);
	await_glance();
	assert_int_equal(orchestrator_glance_every(o, 900000000, 0), 0);
	assert_int_equal(timer_of().it_interval.tv_sec, 0);
	assert_int_equal(timer_of().it_interval.tv_nsec, 900000000);
	assert_in_range(timer_of().it_value.tv_nsec, 1, 900000000);
	const long left = timer_of().it_value.tv_nsec;
	sleep_for(0.002);
	assert_int_equal(orchestrator_glance_every(o, 900000000, GLANCED_WATCHED), 0);
	assert_true(timer_of().it_value.tv_nsec < left);
	assert_int_equal(o->glance.parts, GLANCED_WATCHED);
	assert_int_equal(orchestrator_glance_every(o, 0, 0), 0);
	assert_int_equal(timer_of().it_interval.tv_nsec, 0);
	assert_int_equal(timer_of().it_value.tv_nsec, 0);
	o->glance.timer = -1;
	assert_int_equal(orchestrator_glance_every(o, 1000000, 0), -EBADF);
}

/* Two that are closer than 2 ms say nothing of rates: the second is left out. */
static void test_one_that_follows_too_closely_is_left_out(void **state)
{
	(void)state;
	assert_int_equal(orchestrator_glance_every(o, 1000000, 0), 0);
	await_glance();
	for (int i = 0; i < 5; i++) {
		await_glance();
		assert_true(interval >= 0.002);
	}
	/* The first has nothing to be close to. */
	o->glance.taken = false;
	sleep_for(0.002);
	await_glance();
	assert_true(isnan(interval));
}

/* Whoever samples knows that it is for a glance; what does not run is left out; nobody need be told. */
static void test_what_is_sampled(void **state)
{
	const double began = clock_realtime_seconds();

	(void)state;
	o->programs[1].running = false;
	o->context.looking = true; /* somebody looks at samples */
	assert_int_equal(
		orchestrator_glance_every(o, 3000000, GLANCED_LOOKING | GLANCED_WATCHED), 0);
	await_glance();
	assert_true(o->context.glanced);
	assert_true(o->context.looking);
	assert_int_equal(looked, 0);
	assert_int_equal(watched, 1);
	assert_int_equal(o->glance.now->n_programs, 2);
	assert_true(o->glance.now->time >= began);
	assert_true(o->glance.now->time <= clock_realtime_seconds());
	assert_int_equal(o->glance.parts, 0);
	o->thinker.glance = NULL;
	const unsigned before = counted;
	const double end = clock_monotonic_seconds() + 10;
	while (counted == before && clock_monotonic_seconds() < end)
		glance_handle(o);
	assert_int_equal(counted, before + 1);
	assert_int_equal(o->glance.now->n_programs, 1); /* anew */
	assert_int_equal(taken, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_glance_looks_when_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_watched_has_a_glance_before, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_who_begins_anew_takes_the_first_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late_counts_say_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_wake_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_it_is_opened_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_closed_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_periods, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_one_that_follows_too_closely_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_sampled, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
