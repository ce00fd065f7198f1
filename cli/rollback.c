// SPDX-License-Identifier: BSD-2-Clause
#include "cli/rollback.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "cli/command.h"
#include "cli/enforcing.h"
#include "kernel/lock.h"
#include "programs/programs.h"
#include "qos/act_history.h"

#define ATTEMPTS   20 /* a second apart: the kernel, or a lock, may be short of something */
#define SUCCESSORS 20 /* of a process that is killed */

/* --- the process --------------------------------------------------------------------------------- */

/* What differs between the kinds of changes. */
static const struct kind {
	const char *file; /* that says what is pending */
	const char *command; /* "x0top rules" */
	const struct verb *rollback, *confirm;
} kinds[] = {
	[ROLLBACK_RULES] = { LOCK_UNDO, "x0top rules",
		&mesh_filter_verbs[MESH_FILTER_RULE_ROLLBACK],
		&mesh_filter_verbs[MESH_FILTER_RULE_CONFIRM] },
	[ROLLBACK_QOS] = { LOCK_QOS, "x0top qos", &control_verbs[VERB_QOS_ROLLBACK],
		&control_verbs[VERB_QOS_CONFIRM] },
};

static int open_for(
	uint32_t about, uint32_t audit, struct orchestrator **orchestrator, struct failure *failure)
{
	return about == ROLLBACK_QOS
		       ? enforcing_open_classes(NULL, NULL, audit, orchestrator, failure)
		       : enforcing_open(audit, orchestrator, failure);
}

static struct history_pending pending_of(uint32_t about, const struct orchestrator *orchestrator)
{
	struct act_history history;

	if (about == ROLLBACK_RULES)
		return orchestrator_pending(orchestrator);
	if (act_history_read(&history) < 0)
		return (struct history_pending) { 0 };
	act_history_free(&history);
	return (struct history_pending) { history.token, history.deadline };
}

static void leave_terminal(void)
{
	fd_leave_terminal();
	prctl(PR_SET_NAME, "x0top-rollback");
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN); /* it ends with the process that works */
}

static volatile sig_atomic_t must_end;

static void note_end(int number)
{
	(void)number;
	must_end = 1;
}

/* Whoever ends the operator's session, and all that it has left, asks first: then there is nobody left to wait for. */
static void expect_end(void)
{
	const struct sigaction action = { .sa_handler = note_end };
	sigset_t end;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Waits for a time of CLOCK_BOOTTIME, for a change since the last drain(), or for SIGTERM. */
static void wait_until(uint64_t boot_ns, int changes)
{
	struct itimerspec then = { .it_value = { .tv_sec = (time_t)(boot_ns / NS_PER_SECOND),
					   .tv_nsec = (long)(boot_ns % NS_PER_SECOND) } };
	int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	struct pollfd ready[] = { { .fd = timer, .events = POLLIN },
		{ .fd = changes, .events = POLLIN } };
	sigset_t none;

	sigemptyset(&none);
	if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &then, NULL) == 0)
		ppoll(ready, 2, NULL, &none);
	fd_close(&timer);
}

/* Watches the file that says what is pending. Where that cannot be, the time alone tells. */
static int watch_changes(uint32_t about)
{
	int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (changes >= 0)
		inotify_add_watch(changes, kinds[about].file, IN_MODIFY);
	return changes;
}

static void drain(int changes)
{
	char events[4096];

	while (changes >= 0 && read(changes, events, sizeof(events)) > 0)
		;
}

enum state {
	SETTLED, /* nothing of the token is pending, perhaps because it was rolled back now */
	WAITS, /* for *deadline */
	FAILED,
};

static bool is_early(const struct history_pending *pending)
{
	return !must_end && pending->deadline > clock_boottime_ns();
}

static enum state roll_back(uint32_t about, uint32_t audit, uint64_t token, uint64_t *deadline)
{
	struct action action = { .verb = kinds[about].rollback,
		.actor = ACTOR_TIME,
		.confirmed = true,
		.token = token };
	struct orchestrator *orchestrator = NULL;
	struct failure failure = { 0 };
	enum state state = SETTLED;

	/* An open one would keep others from changes meanwhile. */
	struct history_pending known =
		about == ROLLBACK_QOS ? pending_of(about, NULL) : (struct history_pending) { 0 };
	if (about == ROLLBACK_QOS && (known.token != token || is_early(&known))) {
		*deadline = known.deadline;
		return known.token == token ? WAITS : SETTLED;
	}
	if (open_for(about, audit, &orchestrator, &failure) < 0)
		return FAILED;
	struct history_pending pending = pending_of(about, orchestrator);
	*deadline = pending.deadline;
	if (pending.token == token && is_early(&pending))
		state = WAITS;
	else if (pending.token == token && orchestrator_apply(orchestrator, &action, &failure) < 0)
		state = FAILED;
	orchestrator_close(orchestrator);
	return state;
}

/*
 * Leaves the work to a process of its own, and puts another in the place of one that is killed. Its own end is none to
 * that one. Returns in the process that works.
 */
static void stand_behind(void)
{
	int status;

	for (int i = 0; i < SUCCESSORS; i++) {
		pid_t pid = fork();
		if (pid <= 0)
			return; /* who cannot have another works alone */
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status))
			_exit(0);
	}
	_exit(0);
}

static void watch(uint32_t about, int alive, uint32_t audit, uint64_t token)
{
	uint64_t deadline = 0;
	int failures = 0;
	char byte;

	leave_terminal();
	stand_behind();
	expect_end();
	/* A byte: the change is made. The end: x0top is gone, and may have made it. The byte stays for a successor. */
	while (recv(alive, &byte, 1, MSG_PEEK) < 0 && errno == EINTR)
		;
	int changes = watch_changes(about);
	while (failures < ATTEMPTS) {
		drain(changes);
		enum state state = roll_back(about, audit, token, &deadline);
		if (state == SETTLED)
			break;
		failures += state == FAILED;
		wait_until(state == WAITS ? deadline : clock_boottime_ns() + NS_PER_SECOND,
			state == WAITS ? changes : -1);
	}
	_exit(0);
}

int rollback_start(struct rollback *rollback, uint32_t audit, struct failure *failure)
{
	int ends[2];

	if (getrandom(&rollback->token, sizeof(rollback->token), 0) != sizeof(rollback->token))
		return failure_set(failure, -EIO, "There is no random number");
	rollback->token |= 1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return failure_set(failure, -errno, "Cannot make a socket: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[1]);
		watch(rollback->about, ends[0], audit, rollback->token);
	}
	close(ends[0]);
	rollback->alive = ends[1];
	if (pid > 0)
		return 0;
	close(ends[1]);
	return failure_set(failure, -errno,
		"Cannot start the process that would undo the change: %s", strerror(errno));
}

bool rollback_arm(const struct rollback *rollback)
{
	return send(rollback->alive, "", 1, MSG_NOSIGNAL) == 1;
}

/* --- the operator -------------------------------------------------------------------------------- */

/* Waits for a line of the terminal, up to the deadline. Returns its first letter, or 0. */
static int answer(uint64_t deadline)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[16];

	for (;;) {
		uint64_t now = clock_boottime_ns();
		int left = deadline > now ? (int)((deadline - now) / 1000000 + 1) : 0;
		int ready = poll(&input, 1, left);
		if (ready > 0)
			return fgets(line, sizeof(line), stdin) != NULL ? line[0] : 0;
		if (ready == 0 || errno != EINTR)
			return 0;
	}
}

static int apply(struct orchestrator *orchestrator, const struct verb *verb)
{
	const struct action action = {
		.verb = verb, .actor = ACTOR_COMMAND_LINE, .confirmed = true
	};

	return enforcing_apply(orchestrator, &action);
}

/* Returns whether the processes that would undo the change have ended, or were killed. */
static bool nobody_is_left(const struct rollback *rollback)
{
	char byte;
	ssize_t n = recv(rollback->alive, &byte, 1, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno == ECONNRESET); /* they leave what they were told */
}

int rollback_at_once(const struct rollback *rollback, struct orchestrator *orchestrator)
{
	struct failure failure = { 0 };

	if (pending_of(rollback->about, orchestrator).token != rollback->token)
		return EXIT_ALL_RAN; /* it changed nothing */
	failure_set(&failure, -ESRCH,
		"x0top-rollback was killed, which would undo the change in time: it is undone now");
	command_failed(&failure, false);
	apply(orchestrator, kinds[rollback->about].rollback);
	return EXIT_SOME_FAILED;
}

void rollback_notice(const struct orchestrator *orchestrator)
{
	if (pending_of(ROLLBACK_RULES, orchestrator).token != 0)
		fprintf(stderr,
			"x0top: A change waits for a confirm, and others for its end: x0top rules confirm.\n");
}

int rollback_ask(const struct rollback *rollback, struct orchestrator *orchestrator)
{
	const struct kind *kind = &kinds[rollback->about];
	struct history_pending pending = pending_of(rollback->about, orchestrator);
	uint64_t now = clock_boottime_ns();
	unsigned long left =
		pending.deadline > now
			? (unsigned long)((pending.deadline - now + NS_PER_SECOND / 2) /
					  NS_PER_SECOND)
			: 0;

	if (pending.token != rollback->token || pending.token == 0) {
		/* It changed nothing, or what cannot be undone; what others wait for is theirs. */
		fprintf(stderr, "x0top: Nothing of it waits for a confirm.\n");
		return EXIT_ALL_RAN;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		printf("It is undone in %lu s, unless %s confirm keeps it\n", left, kind->command);
		return EXIT_ALL_RAN;
	}
	fprintf(stderr, "x0top: It is undone in %lu s. Keep it? [y/N] ", left);
	int letter = answer(pending.deadline);
	if (letter == 0 && nobody_is_left(rollback) &&
		pending_of(rollback->about, orchestrator).token == rollback->token)
		return rollback_at_once(rollback, orchestrator);
	if (letter == 'y' || letter == 'Y')
		return apply(orchestrator, kind->confirm);
	return letter != 0 ? apply(orchestrator, kind->rollback) : EXIT_SOME_FAILED;
}
