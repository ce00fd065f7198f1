// SPDX-License-Identifier: BSD-2-Clause
/*
 * Both latency tracers by tracepoints: one attached pair serves both, whichever is switched on or off
 * first, and each goes on counting. Counts are exact, so the calls are ones that nobody else makes.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "control/state.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "syscall_latency_secure.h"
#include "tests/lib/opened.h"
#include "tests/lib/wait.h"

#define EXACT  "kprobe_syscall_latency"
#define SECURE "kprobe_syscall_latency_secure"
#define CALLS  20000

#define CALLS_AT_ONCE 20

static void only(const char *program)
{
	snprintf(opened.settings.only[opened.settings.n_only++], NAME_LEN, "%s", program);
}

static int set_up(void **state)
{
	(void)state;
	messages_capture(false);
	settings_default(&opened.settings);
	only(EXACT);
	only(SECURE);
	opened.settings.syscalls_attach = SYSCALLS_WANT_TRACEPOINT;
	opened.settings.syscalls_chosen = true;
	opened.settings.n_syscalls = 1;
	snprintf(opened.settings.syscalls[0], NAME_LEN, "sched_get_priority_max");
	opened_open();
	opened_sample();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	opened_close();
	return 0;
}

static const struct tracer_pair *pair(void)
{
	return &opened.orchestrator->context.tracers;
}

static uint64_t exact_calls(void)
{
	return opened.now.syscalls.n_calls > 0 ? opened.now.syscalls.calls[0].calls.total : 0;
}

static uint64_t secure_calls(void)
{
	return opened.now.syscalls_secure.n_calls > 0
		       ? opened.now.syscalls_secure.calls[0].calls.total
		       : 0;
}

/* What the kernel skips from 7.0 on, where a task is preempted within a program. */
static uint64_t missed(void)
{
	return pair()->leader == NULL ? 0 : object_missed_runs(pair()->leader->object);
}

/* Makes calls and checks what each tracer has counted of them; the secure one withholds some. */
static void assert_counting(bool exact, bool secure)
{
	uint64_t withheld = (uint64_t)opened.orchestrator->context.percpu.cpus * SECURE_BUCKETS *
			    (SECURE_STEP - 1);
	uint64_t missed_before = missed();

	opened_sample();
	uint64_t exact_before = exact_calls(), secure_before = secure_calls();
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_sched_get_priority_max, SCHED_OTHER);
	opened_sample();
	if (exact)
		assert_in_range(
			exact_calls() - exact_before, CALLS - (missed() - missed_before), CALLS);
	if (secure)
		assert_in_range(secure_calls() - secure_before, CALLS - withheld, CALLS + withheld);
	assert_int_equal(opened_program(EXACT)->state, exact ? PROGRAM_ON : PROGRAM_OFF);
	assert_int_equal(opened_program(SECURE)->state, secure ? PROGRAM_ON : PROGRAM_OFF);
}

static void assert_one_pair(void)
{
	assert_non_null(pair()->leader);
	assert_non_null(pair()->follower);
	assert_int_equal(pair()->leader->links.n, 2);
	assert_int_equal(pair()->follower->links.n, 0);
	assert_true(pair()->follower->follows);
}

static void both_share_a_pair(void **state)
{
	(void)state;
	assert_one_pair();
	assert_counting(true, true);
	assert_string_equal(opened.now.syscalls_secure.attached, "tracepoint");
	assert_true(opened_program(SECURE)->ns_per_run > 0);
}

static void follower_goes_on_alone(void **state)
{
	(void)state;
	opened_act("program off " EXACT);
	assert_null(pair()->leader);
	assert_int_equal(pair()->follower->links.n, 2);
	assert_false(pair()->follower->follows);
	assert_counting(false, true);
	opened_act("program on " EXACT);
	assert_one_pair();
	assert_counting(true, true);
}

static void leader_goes_on_alone(void **state)
{
	(void)state;
	opened_act("program off " SECURE);
	assert_null(pair()->follower);
	assert_counting(true, false);
	opened_act("program on " SECURE);
	assert_one_pair();
	assert_counting(true, true);
}

static uint64_t loss(const char *what)
{
	for (uint32_t i = 0; i < opened.now.self.n_losses; i++)
		if (strcmp(opened.now.self.losses[i].what, what) == 0)
			return opened.now.self.losses[i].count.total;
	return 0;
}

/* While one is detached, its exits go last: else calls between seem to have none. */
static void changes_amid_calls_lose_no_exit(void **state)
{
	(void)state;
	pid_t child = fork();
	while (child == 0) {
		for (int i = 0; i < CALLS_AT_ONCE; i++)
			syscall(SYS_sched_get_priority_max, SCHED_OTHER);
		breathe();
	}
	assert_true(child > 0);
	uint64_t end = clock_monotonic_ns() + 2 * NS_PER_SECOND;
	for (int i = 0; i < 40 && clock_monotonic_ns() < end; i++) {
		opened_act("program off " EXACT);
		opened_act("program on " EXACT);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	opened_act("program off " EXACT);
	opened_sample();
	assert_int_equal(loss("secure: exit not seen"), 0);
	assert_counting(false, true);
}

static void both_go(void **state)
{
	(void)state;
	opened_act("program off " SECURE);
	opened_act("program off " EXACT);
	assert_null(pair()->leader);
	assert_null(pair()->follower);
	opened_act("program on " SECURE);
	assert_int_equal(pair()->follower->links.n, 2);
	assert_counting(false, true);
}

/* Runs of a tracer are those of its pair, at entry and exit; a follower's is one a call. */
static void follower_runs_once_a_call(void **state)
{
	const uint64_t *runs = &opened_program(SECURE)->runs.total;
	uint64_t alone;

	(void)state;
	assert_counting(true, true);
	assert_int_equal(*runs, secure_calls());
	opened_act("program off " EXACT);
	opened_sample();
	alone = *runs - secure_calls();
	assert_int_equal(alone, 0);
	uint64_t before = secure_calls();
	assert_counting(false, true);
	assert_int_equal(*runs, before + 2 * (secure_calls() - before));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_share_a_pair),
		TEST(follower_goes_on_alone),
		TEST(leader_goes_on_alone),
		TEST(changes_amid_calls_lose_no_exit),
		TEST(both_go),
		TEST(follower_runs_once_a_call),
	};

	return cmocka_run_group_tests_name("syscall_pair", tests, NULL, NULL);
}
