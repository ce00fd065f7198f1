// SPDX-License-Identifier: BSD-2-Clause
/* The event loop: descriptors, timers, signals, and callbacks that change it while it runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/loop.h"

#define MS   UINT64_C(1000000)
#define MANY 20

static struct loop *loop;

/* A source of a test: a pipe that can be read, and what its callback does beside counting. */
struct subject {
	int pipe[2];
	struct loop_source *source;
	unsigned int calls;
	uint32_t what;
	void (*act)(struct subject *subject);
};
static struct subject subjects[MANY];

static void note(void *context, uint32_t what)
{
	struct subject *subject = context;

	subject->calls++;
	subject->what = what;
	if (subject->act != NULL)
		subject->act(subject);
}

static void act_stop(struct subject *subject)
{
	(void)subject;
	loop_stop(loop);
}

static int start(void **state)
{
	(void)state;
	memset(subjects, 0, sizeof(subjects));
	for (size_t i = 0; i < MANY; i++)
		subjects[i].pipe[0] = subjects[i].pipe[1] = -1;
	return loop_open(&loop);
}

static int end(void **state)
{
	(void)state;
	loop_close(loop);
	for (size_t i = 0; i < MANY; i++) {
		fd_close(&subjects[i].pipe[0]);
		fd_close(&subjects[i].pipe[1]);
	}
	return 0;
}

/* Adds a subject's pipe, with a byte in it. */
static struct subject *readable(size_t i, void (*act)(struct subject *subject))
{
	struct subject *subject = &subjects[i];

	if (subject->pipe[0] < 0) {
		assert_int_equal(pipe2(subject->pipe, O_CLOEXEC | O_NONBLOCK), 0);
		assert_int_equal(write(subject->pipe[1], "x", 1), 1);
	}
	subject->act = act;
	assert_int_equal(
		loop_add(loop, subject->pipe[0], EPOLLIN, note, subject, &subject->source), 0);
	return subject;
}

/* One round: what is due now. */
static int run_now(void)
{
	return loop_run_until(loop, 0);
}

static void descriptors_are_level_triggered(void **state)
{
	(void)state;
	struct subject *subject = readable(0, NULL);
	char byte;

	assert_int_equal(run_now(), 0);
	assert_int_equal(run_now(), 0);
	assert_int_equal(subject->calls, 2);
	assert_int_equal(subject->what, EPOLLIN);
	assert_int_equal(read(subject->pipe[0], &byte, 1), 1);
	assert_int_equal(run_now(), 0);
	assert_int_equal(subject->calls, 2);
	fd_close(&subject->pipe[1]);
	assert_int_equal(run_now(), 0);
	assert_int_equal(subject->what, EPOLLHUP);
}

static void wrong_descriptors_are_refused(void **state)
{
	(void)state;
	struct subject *subject = readable(0, NULL);
	struct loop_source *source = subject->source;
	char path[] = "/tmp/x0top-test-loop-XXXXXX";
	int file = mkstemp(path);

	unlink(path);
	assert_int_equal(
		loop_add(loop, subject->pipe[0], EPOLLIN, note, subject, &source), -EEXIST);
	assert_int_equal(loop_add(loop, file, EPOLLIN, note, subject, &source), -EPERM);
	assert_int_equal(loop_add(loop, -1, EPOLLIN, note, subject, &source), -EBADF);
	assert_ptr_equal(source, subject->source);
	close(file);
	loop_remove(NULL);
	loop_close(NULL);
}

static void stop_ends_a_run(void **state)
{
	(void)state;
	readable(0, act_stop);
	readable(1, act_stop);

	loop_stop(loop); /* nothing runs yet: no effect */
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(subjects[0].calls + subjects[1].calls, 1);
	assert_int_equal(loop_run_until(loop, clock_monotonic_ns() + 60000 * MS), 1);
	assert_int_equal(subjects[0].calls + subjects[1].calls, 2);
}

static void a_run_ends_in_time_and_not_before(void **state)
{
	(void)state;
	uint64_t until = clock_monotonic_ns() + 20 * MS;

	assert_int_equal(loop_run_until(loop, until), 0);
	assert_true(clock_monotonic_ns() >= until);
	assert_true(clock_monotonic_ns() < until + 10000 * MS);
}

/* --- removal while events are handled -------------------------------------------------------- */

static void interrupt(int signal)
{
	(void)signal;
}

/* A signal that a handler takes is no end of a run. */
static void an_interrupted_run_goes_on(void **state)
{
	(void)state;
	const struct sigaction handler = { .sa_handler = interrupt };
	const struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { 0 };
	struct sigaction before;

	assert_int_equal(sigaction(SIGALRM, &handler, &before), 0);
	uint64_t until = clock_monotonic_ns() + 50 * MS;
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	int result = loop_run_until(loop, until);
	uint64_t ended = clock_monotonic_ns();
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_int_equal(result, 0);
	assert_true(ended >= until);
}

static void act_remove_itself(struct subject *subject)
{
	loop_remove(subject->source);
	fd_close(&subject->pipe[0]);
}

static void act_remove_all(struct subject *subject)
{
	(void)subject;
	for (size_t i = 0; i < MANY; i++) {
		loop_remove(subjects[i].source);
		subjects[i].source = NULL;
		fd_close(&subjects[i].pipe[0]);
	}
}

/* Takes the place, and the descriptor's number, of all others. */
static void act_replace_others(struct subject *subject)
{
	for (size_t i = 0; i < MANY; i++) {
		struct subject *other = &subjects[i];
		if (other == subject)
			continue;
		loop_remove(other->source);
		fd_close(&other->pipe[0]);
		fd_close(&other->pipe[1]);
		readable(i, NULL);
	}
}

static unsigned int calls(void)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < MANY; i++)
		sum += subjects[i].calls;
	return sum;
}

static void a_callback_removes_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		readable(i, act_remove_itself);
	for (int rounds = 0; rounds < MANY; rounds++)
		assert_int_equal(run_now(), 0);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(subjects[i].calls, 1);
}

static void a_callback_removes_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		readable(i, act_remove_all);
	for (int rounds = 0; rounds < MANY; rounds++)
		assert_int_equal(run_now(), 0);
	assert_int_equal(calls(), 1);
}

static void a_callback_replaces_the_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		readable(i, act_replace_others);
	assert_int_equal(run_now(), 0);
	assert_int_equal(calls(), 1); /* what was fetched for those before is not theirs */
	for (size_t i = 0; i < MANY; i++)
		subjects[i].act = NULL;
	for (int rounds = 0; rounds < MANY; rounds++)
		assert_int_equal(run_now(), 0);
	for (size_t i = 0; i < MANY; i++)
		assert_true(subjects[i].calls > 0);
}

static void act_run_within(struct subject *subject)
{
	subject->act = NULL;
	for (size_t i = 0; i < MANY; i++)
		if (&subjects[i] != subject)
			subjects[i].act = act_remove_all;
	assert_int_equal(run_now(), 0);
}

static void a_run_within_a_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		readable(i, act_run_within);
	for (int rounds = 0; rounds < MANY; rounds++)
		assert_int_equal(run_now(), 0);
	assert_true(calls() >= 2 &&
		    calls() <= 3); /* the first, perhaps itself again, one that removes */
}

static void act_stop_and_run_within(struct subject *subject)
{
	subject->act = NULL;
	loop_stop(loop);
	assert_int_equal(run_now(), 0);
}

static void a_stop_outlives_a_run_within(void **state)
{
	(void)state;
	readable(0, act_stop_and_run_within);
	assert_int_equal(loop_run_until(loop, clock_monotonic_ns() + 60000 * MS), 1);
	assert_int_equal(subjects[0].calls, 2);
}

/* --- timers and signals ---------------------------------------------------------------------- */

static void timers_expire_once_or_periodically(void **state)
{
	(void)state;
	struct subject *timer = &subjects[0];
	uint64_t at = clock_monotonic_ns() + 20 * MS;

	timer->act = act_stop;
	assert_int_equal(loop_add_timer(loop, note, timer, &timer->source), 0);
	assert_int_equal(run_now(), 0);
	assert_int_equal(timer->calls, 0); /* not armed */
	assert_int_equal(loop_timer_at(timer->source, at), 0);
	assert_int_equal(loop_run(loop), 0);
	assert_true(clock_monotonic_ns() >= at);
	assert_int_equal(timer->what, 1);

	assert_int_equal(loop_timer_at(timer->source, 0), 0); /* long past: at once */
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(timer->calls, 2);

	uint64_t began = clock_monotonic_ns();
	assert_int_equal(loop_timer_every(timer->source, 5 * MS), 0);
	for (uint32_t expirations = 0; expirations < 4; expirations += timer->what)
		assert_int_equal(loop_run(loop), 0);
	assert_true(clock_monotonic_ns() >= began + 20 * MS);

	assert_int_equal(loop_timer_every(timer->source, 0), 0);
	unsigned int before = timer->calls;
	assert_int_equal(loop_timer_at(timer->source, UINT64_MAX), 0);
	assert_int_equal(loop_run_until(loop, clock_monotonic_ns() + 20 * MS), 0);
	assert_int_equal(timer->calls, before);
}

static void act_disarm_other(struct subject *subject)
{
	loop_timer_at(subjects[subject == &subjects[0]].source, UINT64_MAX);
}

static void a_timer_that_is_disarmed_in_time_stays_quiet(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		subjects[i].act = act_disarm_other;
		assert_int_equal(loop_add_timer(loop, note, &subjects[i], &subjects[i].source), 0);
		assert_int_equal(loop_timer_at(subjects[i].source, 0), 0);
	}
	assert_int_equal(run_now(), 0);
	assert_int_equal(run_now(), 0);
	assert_int_equal(calls(), 1); /* both were due, and the first disarmed the other */
}

/* What is not set stands on this. */
static void __attribute__((noinline)) fill_stack(void)
{
	volatile char stack[2048];

	for (size_t i = 0; i < sizeof(stack); i++)
		stack[i] = (char)0xff;
}

static void signals_are_events(void **state)
{
	(void)state;
	static const int wanted[] = { SIGUSR1, SIGUSR2 };
	struct subject *signals = &subjects[0];
	static const int wrong[] = { 4711 };
	sigset_t blocked;

	signals->act = act_stop;
	assert_int_equal(loop_add_signals(loop, wrong, 1, note, signals, NULL), -EINVAL);
	fill_stack();
	assert_int_equal(loop_add_signals(loop, wanted, 2, note, signals, &signals->source), 0);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	for (int i = 1; i < SIGRTMIN; i++)
		assert_int_equal(sigismember(&blocked, i), i == SIGUSR1 || i == SIGUSR2);
	assert_int_equal(raise(SIGUSR2), 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(signals->what, SIGUSR2);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(raise(SIGUSR2), 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(signals->what, SIGUSR1);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(signals->what, SIGUSR2);
	assert_int_equal(signals->calls, 3);
}

static void count_after(void *context)
{
	++*(unsigned int *)context;
}

static void after_events_comes_once_a_round(void **state)
{
	(void)state;
	unsigned int rounds = 0;

	loop_after_events(loop, count_after, &rounds);
	assert_int_equal(run_now(), 0);
	assert_int_equal(rounds, 0); /* nothing happened */
	for (size_t i = 0; i < 3; i++)
		readable(i, NULL);
	assert_int_equal(run_now(), 0);
	assert_int_equal(rounds, 1);
	assert_int_equal(calls(), 3);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(descriptors_are_level_triggered),
		TEST(wrong_descriptors_are_refused),
		TEST(stop_ends_a_run),
		TEST(a_run_ends_in_time_and_not_before),
		TEST(an_interrupted_run_goes_on),
		TEST(a_callback_removes_itself),
		TEST(a_callback_removes_all),
		TEST(a_callback_replaces_the_others),
		TEST(a_run_within_a_run),
		TEST(a_stop_outlives_a_run_within),
		TEST(timers_expire_once_or_periodically),
		TEST(a_timer_that_is_disarmed_in_time_stays_quiet),
		TEST(signals_are_events),
		TEST(after_events_comes_once_a_round),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
