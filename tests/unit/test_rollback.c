// SPDX-License-Identifier: BSD-2-Clause
/*
 * What undoes a change that nobody confirms: the process that waits, and the question on the terminal. In place of the
 * orchestrator, this test; it and that process share its memory. No time passes: what is waited for has come.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/orchestrator.h"

static int fake_open(uint32_t audit, struct orchestrator **orchestrator, struct failure *failure);
static int fake_apply(
	struct orchestrator *orchestrator, const struct action *action, struct failure *failure);
static int fake_enforcing_apply(struct orchestrator *orchestrator, const struct action *action);
static struct history_pending fake_pending(const struct orchestrator *orchestrator);
static uint64_t fake_boottime(void);
static int fake_settime(
	int timer, int flags, const struct itimerspec *then, struct itimerspec *before);
static int fake_poll(struct pollfd *fds, nfds_t n, int timeout);
static int fake_ppoll(
	struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask);

#define enforcing_open	     fake_open
#define enforcing_apply	     fake_enforcing_apply
#define orchestrator_apply   fake_apply
#define orchestrator_pending fake_pending
#define orchestrator_close(orchestrator) \
	do {                             \
	} while (0)
#define clock_boottime_ns fake_boottime
#define timerfd_settime	  fake_settime
#define poll		  fake_poll
#define ppoll		  fake_ppoll
#include "../../cli/rollback.c"
#undef clock_boottime_ns
#undef poll
#undef ppoll

#define SECOND UINT64_C(1000000000)

static struct shared {
	uint64_t now;
	pid_t session; /* of the test */
	struct history_pending pending;
	uint32_t audit;
	int open_failures, apply_failures; /* so many more */
	int opened, undone, waits;
	uint64_t waited_until; /* last */
	bool watched; /* a change is waited for, too */
	bool is_own_session, confirms_meanwhile, told_to_end;
	int kills; /* so many more processes are killed while they wait */
	struct action action; /* last */
	int poll_timeout;
} * shared;

static int fake_open(uint32_t audit, struct orchestrator **orchestrator, struct failure *failure)
{
	*orchestrator = NULL;
	shared->opened++;
	shared->audit = audit;
	shared->is_own_session = getsid(0) != shared->session;
	if (shared->open_failures-- > 0)
		return failure_set(failure, -EBUSY, "busy");
	return 0;
}

static struct history_pending fake_pending(const struct orchestrator *orchestrator)
{
	(void)orchestrator;
	return shared->pending;
}

static int fake_apply(
	struct orchestrator *orchestrator, const struct action *action, struct failure *failure)
{
	(void)orchestrator;
	shared->action = *action;
	if (shared->apply_failures-- > 0)
		return failure_set(failure, -EBUSY, "busy");
	shared->undone++;
	shared->pending.token = 0;
	return 0;
}

static int fake_enforcing_apply(struct orchestrator *orchestrator, const struct action *action)
{
	struct failure failure;

	return fake_apply(orchestrator, action, &failure) == 0 ? EXIT_ALL_RAN : EXIT_SOME_FAILED;
}

static uint64_t fake_boottime(void)
{
	return shared->now;
}

static int fake_settime(
	int timer, int flags, const struct itimerspec *then, struct itimerspec *before)
{
	assert_true(timer >= 0);
	assert_int_equal(flags, TFD_TIMER_ABSTIME);
	assert_null(before);
	shared->waits++;
	shared->waited_until =
		(uint64_t)then->it_value.tv_sec * SECOND + (uint64_t)then->it_value.tv_nsec;
	return 0;
}

static int fake_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	shared->poll_timeout = timeout;
	return (poll)(fds, n, timeout);
}

/* The time has come, or the operator confirms first, or the process is killed or told to end. */
static int fake_ppoll(
	struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	const struct timespec at_once = { 0 };

	assert_null(timeout);
	assert_int_equal(n, 2);
	if (shared->kills > 0) {
		shared->kills--;
		kill(getpid(), SIGKILL);
	}
	shared->watched = fds[n - 1].fd >= 0;
	if (shared->told_to_end) {
		kill(getpid(), SIGTERM);
		return (ppoll)(fds, n, &at_once, mask);
	}
	if (shared->confirms_meanwhile)
		shared->pending.token = 0;
	else if (shared->waited_until > shared->now)
		shared->now = shared->waited_until;
	return 1;
}

static int setup(void **state)
{
	(void)state;
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	shared->now = 1000 * SECOND;
	shared->session = getsid(0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(shared, sizeof(*shared));
}

/* Starts the process, lets it know of the change, and waits for its end. */
static void run(bool armed, uint64_t deadline)
{
	struct rollback rollback = { .alive = -1 };
	struct failure failure;
	int status;

	assert_int_equal(rollback_start(&rollback, 7, &failure), 0);
	assert_true(rollback.token & 1);
	if (shared->pending.token == 0)
		shared->pending.token = rollback.token;
	shared->pending.deadline = deadline;
	if (armed)
		assert_true(rollback_arm(&rollback));
	close(rollback.alive);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	if (shared->undone > 0)
		assert_int_equal(shared->action.token, rollback.token);
}

/* --- the process --------------------------------------------------------------------------------- */

static void test_it_undoes_at_the_deadline(void **state)
{
	(void)state;
	run(true, 1060 * SECOND + 5);
	assert_int_equal(shared->undone, 1);
	assert_int_equal(shared->waits, 1);
	assert_int_equal(shared->waited_until, 1060 * SECOND + 5);
	assert_int_equal(shared->opened, 2);
	assert_int_equal(shared->audit, 7);
	assert_true(shared->is_own_session);
	assert_ptr_equal(shared->action.verb, &mesh_filter_verbs[MESH_FILTER_RULE_ROLLBACK]);
	assert_int_equal(shared->action.actor, ACTOR_TIME);
	assert_true(shared->action.confirmed);
}

/* x0top was killed: perhaps before it could say that the change is made. */
static void test_it_undoes_what_a_killed_x0top_made(void **state)
{
	(void)state;
	run(false, 1003 * SECOND);
	assert_int_equal(shared->undone, 1);
	assert_int_equal(shared->waited_until, 1003 * SECOND);
}

static void test_what_is_over_is_undone_at_once(void **state)
{
	(void)state;
	run(true, 1000 * SECOND);
	assert_int_equal(shared->undone, 1);
	assert_int_equal(shared->waits, 0);
}

static void test_what_is_confirmed_stays(void **state)
{
	(void)state;
	shared->confirms_meanwhile = true;
	run(true, 1060 * SECOND);
	assert_int_equal(shared->undone, 0);
	assert_int_equal(shared->opened, 2);
	assert_int_equal(shared->waits, 1);
}

static void test_changes_of_others_stay(void **state)
{
	(void)state;
	shared->pending.token = 3; /* no random number */
	run(true, 900 * SECOND);
	assert_int_equal(shared->undone, 0);
	assert_int_equal(shared->opened, 1);
	assert_int_equal(shared->pending.token, 3);
}

/* A second after each failure, twenty times in all. */
static void test_it_tries_again(void **state)
{
	(void)state;
	shared->open_failures = 2;
	shared->apply_failures = 1;
	run(true, 1000 * SECOND);
	assert_int_equal(shared->undone, 1);
	assert_int_equal(shared->opened, 4);
	assert_int_equal(shared->waits, 3);
	assert_int_equal(shared->waited_until, 1003 * SECOND);
	assert_false(shared->watched);
}

static void test_it_gives_up(void **state)
{
	(void)state;
	shared->open_failures = 1000;
	run(true, 1000 * SECOND);
	assert_int_equal(shared->undone, 0);
	assert_int_equal(shared->opened, 20);
}

/* Each successor knows of the change, whether x0top is still there or not. */
static void test_another_takes_the_place_of_one_that_is_killed(void **state)
{
	(void)state;
	shared->kills = 3;
	run(true, 1060 * SECOND);
	assert_int_equal(shared->kills, 0);
	assert_int_equal(shared->undone, 1);
	assert_int_equal(shared->waits, 4);
	shared->kills = 1;
	run(false, 1070 * SECOND);
	assert_int_equal(shared->undone, 2);
}

/* A session that ends with all that is left of it: then nobody is there who could say yes. */
static void test_told_to_end_it_undoes_at_once(void **state)
{
	(void)state;
	shared->told_to_end = true;
	run(true, 1060 * SECOND);
	assert_int_equal(shared->undone, 1);
	assert_int_equal(shared->waits, 1);
	assert_true(shared->now < 1060 * SECOND);
}

/* One that is killed again and again is not made for ever. */
static void test_successors_come_to_an_end(void **state)
{
	(void)state;
	shared->kills = 1000;
	run(true, 1060 * SECOND);
	assert_int_equal(shared->kills, 1000 - 20);
	assert_int_equal(shared->undone, 0);
}

/* Returns a change whose process is dead: killed before or after it could know of it. */
static struct rollback lonely(bool armed)
{
	struct rollback rollback = { .token = 5 };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	rollback.alive = ends[0];
	if (armed)
		assert_true(rollback_arm(&rollback));
	close(ends[1]);
	return rollback;
}

static void test_without_anybody_x0top_undoes_it(void **state)
{
	struct rollback rollback = lonely(false);

	(void)state;
	assert_false(rollback_arm(&rollback)); /* and no signal ends it */
	shared->pending = (struct history_pending) { 3, 1060 * SECOND };
	assert_int_equal(rollback_at_once(&rollback, NULL), EXIT_ALL_RAN);
	assert_int_equal(shared->undone, 0);
	shared->pending.token = 5;
	assert_int_equal(rollback_at_once(&rollback, NULL), EXIT_SOME_FAILED);
	assert_int_equal(shared->undone, 1);
	assert_ptr_equal(shared->action.verb, &mesh_filter_verbs[MESH_FILTER_RULE_ROLLBACK]);
	close(rollback.alive);
}

/* --- the operator -------------------------------------------------------------------------------- */

static char printed[512];

/* Asks with a line typed on a terminal; NULL: there is none; "": nothing is typed. Returns the status. */
static int ask_about(const struct rollback *rollback, const char *typed)
{
	int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
	int master = -1, slave = -1, file = memfd_create("printed", 0),
	    null = open("/dev/null", O_RDWR);

	fflush(stdout);
	if (typed != NULL) {
		assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
		assert_int_equal(write(master, typed, strlen(typed)), strlen(typed));
	}
	dup2(typed != NULL ? slave : null, STDIN_FILENO);
	dup2(typed != NULL ? slave : file, STDERR_FILENO);
	dup2(file, STDOUT_FILENO);
	clearerr(stdin);
	int status = rollback_ask(rollback, NULL);
	fflush(stdout);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	memset(printed, 0, sizeof(printed));
	assert_true(pread(file, printed, sizeof(printed) - 1, 0) >= 0);
	if (typed != NULL) {
		struct pollfd said = { .fd = master, .events = POLLIN };
		size_t length = 0;
		while (length < sizeof(printed) - 1 && (poll)(&said, 1, 100) > 0) {
			ssize_t n = read(master, printed + length, sizeof(printed) - 1 - length);
			if (n <= 0)
				break;
			length += (size_t)n;
		}
		close(slave);
		close(master);
	}
	close(in);
	close(out);
	close(error);
	close(file);
	close(null);
	return status;
}

static int ask(const char *typed)
{
	const struct rollback rollback = { .about = ROLLBACK_RULES, .alive = -1, .token = 5 };

	return ask_about(&rollback, typed);
}

static void test_without_a_terminal_it_says_how_to_keep_it(void **state)
{
	(void)state;
	shared->pending = (struct history_pending) { 5, 1060 * SECOND - SECOND / 10 };
	assert_int_equal(ask(NULL), EXIT_ALL_RAN);
	assert_string_equal(printed, "It is undone in 60 s, unless x0top rules confirm keeps it\n");
	shared->pending.deadline = 999 * SECOND; /* the time is over */
	assert_int_equal(ask(NULL), EXIT_ALL_RAN);
	assert_string_equal(printed, "It is undone in 0 s, unless x0top rules confirm keeps it\n");
	assert_null(shared->action.verb);
}

static void test_what_changed_nothing_is_not_asked_about(void **state)
{
	(void)state;
	for (uint64_t others = 0; others < 2; others++) {
		shared->pending = (struct history_pending) { others, 1060 * SECOND };
		assert_int_equal(ask("y\n"), EXIT_ALL_RAN);
		assert_null(strstr(printed, "Keep it"));
		assert_non_null(strstr(printed, "Nothing of it waits for a confirm"));
		assert_null(shared->action.verb);
	}
}

static void test_the_terminal_is_asked(void **state)
{
	static const struct {
		const char *typed;
		uint32_t verb;
	} cases[] = {
		{ "y\n", MESH_FILTER_RULE_CONFIRM },
		{ "Yes\n", MESH_FILTER_RULE_CONFIRM },
		{ "n\n", MESH_FILTER_RULE_ROLLBACK },
		{ "\n", MESH_FILTER_RULE_ROLLBACK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		shared->pending = (struct history_pending) { 5, 1002 * SECOND };
		assert_int_equal(ask(cases[i].typed), EXIT_ALL_RAN);
		assert_non_null(strstr(printed, "x0top: It is undone in 2 s. Keep it? [y/N] "));
		assert_ptr_equal(shared->action.verb, &mesh_filter_verbs[cases[i].verb]);
		assert_int_equal(shared->action.actor, ACTOR_COMMAND_LINE);
		assert_true(shared->action.confirmed);
		assert_int_equal(shared->poll_timeout, 2001);
	}
}

/* Who says nothing in time leaves it to the process. */
static void test_no_answer_leaves_it(void **state)
{
	(void)state;
	shared->pending = (struct history_pending) { 5, 1000 * SECOND };
	assert_int_equal(ask(""), EXIT_SOME_FAILED);
	assert_null(shared->action.verb);
	assert_int_equal(shared->poll_timeout, 0);
}

static void test_no_answer_and_no_process(void **state)
{
	(void)state;
	for (int armed = 0; armed < 2; armed++) {
		struct rollback rollback = lonely(armed);
		shared->pending = (struct history_pending) { 5, 1000 * SECOND };
		assert_int_equal(ask_about(&rollback, ""), EXIT_SOME_FAILED);
		assert_int_equal(shared->undone, armed + 1);
		close(rollback.alive);
	}
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_it_undoes_at_the_deadline),
		test(test_it_undoes_what_a_killed_x0top_made),
		test(test_what_is_over_is_undone_at_once),
		test(test_what_is_confirmed_stays),
		test(test_changes_of_others_stay),
		test(test_it_tries_again),
		test(test_it_gives_up),
		test(test_another_takes_the_place_of_one_that_is_killed),
		test(test_told_to_end_it_undoes_at_once),
		test(test_successors_come_to_an_end),
		test(test_without_anybody_x0top_undoes_it),
		test(test_without_a_terminal_it_says_how_to_keep_it),
		test(test_what_changed_nothing_is_not_asked_about),
		test(test_the_terminal_is_asked),
		test(test_no_answer_leaves_it),
		test(test_no_answer_and_no_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
