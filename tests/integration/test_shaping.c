// SPDX-License-Identifier: BSD-2-Clause
/*
 * The root qdisc of an interface: what is there before, while and after it is shaped, as tc(8) shows it, and what a
 * kill in the middle leaves.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "qos/shape.h"
#include "tests/lib/netns.h"
#include "tests/lib/wait.h"

#define LEFT   "x0left"
#define RIGHT  "x0right"
#define OTHERS "x0others"

static struct netlink netlink;
static struct interface left;
static struct failure failure;
static struct shape_state state;

static const struct shape three = {
	.rate = 10000000,
	.fallback = 2,
	.n = 3,
	.classes = {
		{ .number = 1, .priority = 0, .share = 1, .rate = 1000000, .ceiling = 10000000 },
		{ .number = 2, .priority = 1, .share = 2, .rate = 2000000, .ceiling = 10000000 },
		{ .number = 33, .priority = 1, .share = 1, .rate = 500000, .ceiling = 5000000 },
	},
};

/* Other rates, and one class more and one less. */
static const struct shape changed = {
	.rate = UINT64_C(40000000000), /* more than 32 bits of bytes */
	.fallback = 2,
	.n = 3,
	.classes = {
		{ .number = 2, .priority = 2, .share = 3, .rate = 3000000, .ceiling = 20000000 },
		{ .number = 3, .priority = 1, .share = 1, .rate = 500000, .ceiling = 5000000 },
		{ .number = 1, .priority = 0, .share = 1, .rate = UINT64_C(36000000000),
			.ceiling = UINT64_C(40000000000) },
	},
};

static struct shape with_fallback(uint16_t number)
{
	struct shape shape = three;

	shape.fallback = number;
	return shape;
}

static int start(void **unused)
{
	(void)unused;
	netns_enter();
	return netlink_open(&netlink);
}

static int setup(void **unused)
{
	(void)unused;
	failure.error = 0;
	netns_veth(LEFT, RIGHT);
	return interface_find(LEFT, &left);
}

/* Runs a command and keeps what it says. */
static const char *said(const char *command)
{
	static char text[2][8192];
	static int turn;
	char *mine = text[turn ^= 1];
	FILE *pipe = popen(command, "r");

	assert_non_null(pipe);
	mine[fread(mine, 1, sizeof(text[0]) - 1, pipe)] = '\0';
	assert_int_equal(pclose(pipe), 0);
	return mine;
}

static const char *qdiscs(void)
{
	return said("tc qdisc show");
}

static void apply(const struct shape *shape)
{
	if (shape_apply(&netlink, &left, shape, &failure) < 0)
		fail_msg("%s: %s", failure.what, failure.cause);
}

static void read_left(void)
{
	assert_int_equal(shape_read(&netlink, left.ifindex, &state), 0);
}

static void assert_state(const struct shape *shape)
{
	read_left();
	assert_int_equal(state.owner, SHAPE_OURS);
	assert_true(state.whole);
	assert_int_equal(state.fallback, shape->fallback);
	assert_int_equal(state.link.rate, shape->rate);
	assert_int_equal(state.link.ceiling, shape->rate);
	assert_int_equal(state.n, shape->n);
	for (uint16_t i = 0; i < shape->n; i++) {
		const struct shape_class *class = &shape->classes[i];
		const struct shape_class_state *had = state.classes;
		while (had->number != class->number)
			assert_true(++had < state.classes + state.n);
		assert_int_equal(had->rate, class->rate);
		assert_int_equal(had->ceiling, class->ceiling);
		assert_int_equal(had->priority, class->priority);
		assert_true(had->burst > 0 && had->ceiling_burst > 0 && had->quantum >= 1514);
	}
}

/* --- what is there --------------------------------------------------------------------------- */

static void what_was_asked_for_is_there(void **unused)
{
	(void)unused;
	apply(&three);
	assert_state(&three);
	assert_non_null(strstr(said("tc qdisc show dev " LEFT), "qdisc htb 7830: root refcnt"));
	assert_non_null(strstr(said("tc class show dev " LEFT),
		"class htb 7830:2 parent 7830:ff leaf 7832: prio 1 rate 2Mbit ceil 10Mbit"));
	apply(&three);
	assert_state(&three);
}

static void changes_in_place(void **unused)
{
	const struct shape other = with_fallback(33);

	(void)unused;
	apply(&three);
	apply(&changed);
	assert_state(&changed);
	apply(&other);
	assert_state(&other);
	apply(&three);
	assert_state(&three);
}

static bool all_are_sent(void *wanted)
{
	read_left();
	return state.link.packets >= *(const uint64_t *)wanted;
}

/* Packets that wait stay in their queue while the rates change, and other classes come and go. */
static void changes_lose_no_packet(void **unused)
{
	static const uint8_t frame[1000] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	const uint64_t packets = 16; /* all that a queue holds at the lowest rates */
	struct shape slow = three;

	(void)unused;
	slow.classes[1].rate = slow.classes[1].ceiling = 50000;
	apply(&slow);
	netns_send(LEFT, frame, sizeof(frame), packets);
	read_left();
	assert_true(state.classes[1].backlog_packets > 0); /* they take seconds */
	assert_int_equal(
		state.classes[1].backlog_bytes, state.classes[1].backlog_packets * sizeof(frame));
	apply(&changed);
	apply(&three);
	if (!wait_until(all_are_sent, (void *)&packets))
		fail_msg("%d packets of %d are sent", (int)state.link.packets, (int)packets);
	assert_int_equal(state.classes[1].packets, packets);
	assert_int_equal(state.classes[1].bytes, packets * sizeof(frame));
	assert_int_equal(state.classes[1].drops, 0);
	assert_int_equal(state.classes[1].backlog_packets, 0);
}

/* --- what was there comes back --------------------------------------------------------------- */

static const struct {
	const char *before, *make, *remove;
} hosts[] = {
	{ "qdisc noqueue 0: dev " LEFT, "true", "true" },
	{ "qdisc pfifo_fast 0: dev " OTHERS " root",
		"ip link add " OTHERS " type ifb && ip link set " OTHERS " up",
		"ip link del " OTHERS },
	{ "qdisc mq 0: dev " OTHERS " root",
		"ip link add " OTHERS " numtxqueues 4 type ifb && ip link set " OTHERS " up",
		"ip link del " OTHERS },
	{ "qdisc pfifo_fast 0: dev " OTHERS " root",
		"ip tuntap add " OTHERS " mode tun && ip link set " OTHERS " up",
		"ip tuntap del " OTHERS " mode tun" },
};

static void what_was_there_comes_back(void **unused)
{
	struct interface interface;

	(void)unused;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		assert_int_equal(system(hosts[i].make), 0);
		assert_int_equal(interface_find(i == 0 ? LEFT : OTHERS, &interface), 0);
		const char *before = qdiscs();
		assert_non_null(strstr(before, hosts[i].before));
		assert_int_equal(shape_apply(&netlink, &interface, &three, &failure), 0);
		assert_int_equal(shape_leftovers(false), 1);
		assert_int_equal(shape_remove(&netlink, &interface, &failure), 1);
		assert_string_equal(qdiscs(), before);
		assert_int_equal(shape_remove(&netlink, &interface, &failure), 0);
		assert_int_equal(shape_leftovers(false), 0);
		assert_int_equal(system(hosts[i].remove), 0);
	}
}

static void all_of_them_end(void **unused)
{
	struct interface right;

	(void)unused;
	assert_int_equal(interface_find(RIGHT, &right), 0);
	const char *before = qdiscs();
	apply(&three);
	assert_int_equal(shape_apply(&netlink, &right, &three, &failure), 0);
	assert_int_equal(shape_leftovers(true), 2);
	assert_string_equal(qdiscs(), before);
	assert_int_equal(shape_leftovers(true), 0);
}

/* --- somebody else's ------------------------------------------------------------------------- */

static void somebody_else_s_is_left_alone(void **unused)
{
	static const struct {
		const char *make, *sentence;
	} others[] = {
		{ "tc qdisc add dev " LEFT " root handle 1: htb default 5",
			LEFT " has a qdisc of somebody else: htb 1:" },
		{ "tc qdisc add dev " LEFT
		  " root handle 7830: htb default 2", /* without the mark */
			LEFT " has a qdisc of somebody else: htb 7830:" },
		{ "tc qdisc add dev " LEFT " root handle ab: tbf rate 1mbit burst 5k latency 1s",
			LEFT " has a qdisc of somebody else: tbf ab:" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(system(others[i].make), 0);
		const char *before = qdiscs();
		assert_int_equal(shape_apply(&netlink, &left, &three, &failure), -EBUSY);
		assert_string_equal(failure.what, others[i].sentence);
		assert_string_equal(failure.remedy,
			"Remove it, if it is not needed: tc qdisc del dev " LEFT " root");
		assert_int_equal(shape_remove(&netlink, &left, &failure), 0);
		assert_int_equal(shape_leftovers(true), 0);
		assert_string_equal(qdiscs(), before);
		assert_int_equal(system("tc qdisc del dev " LEFT " root"), 0);
	}
}

static void an_interface_that_is_gone(void **unused)
{
	(void)unused;
	netns_delete(LEFT);
	assert_int_equal(shape_apply(&netlink, &left, &three, &failure), -ENODEV);
	assert_string_equal(failure.what, "Cannot shape " LEFT ": No such device");
}

/* --- what cannot be -------------------------------------------------------------------------- */

/* Applies it with a change, which is refused with a sentence. */
#define REFUSED(change, sentence)                                                          \
	do {                                                                               \
		struct shape shape = three;                                                \
		change;                                                                    \
		assert_int_equal(shape_apply(&netlink, &left, &shape, &failure), -EINVAL); \
		assert_non_null(strstr(failure.what, sentence));                           \
	} while (0)

static void what_cannot_be_is_refused(void **unused)
{
	(void)unused;
	const char *before = qdiscs();
	REFUSED(shape.rate = 0, "The rate of a link is from 8000 bit/s to 400 Gbit/s");
	REFUSED(shape.rate = SHAPE_RATE_MAX + 1, "The rate of a link is from");
	REFUSED(shape.classes[1].number = 1, "Class 1 has a number");
	REFUSED(shape.classes[1].number = 0, "Class 0 has a number");
	REFUSED(shape.classes[1].number = 34, "Class 34 has a number");
	REFUSED(shape.classes[1].share = 0, "Class 2 has a number, a priority or a share");
	REFUSED(shape.classes[1].share = 65, "Class 2 has a number, a priority or a share");
	REFUSED(shape.classes[1].priority = 8, "Class 2 has a number, a priority or a share");
	REFUSED(shape.classes[1].rate = 7999, "Class 2 needs a rate of 8000 bit/s or more");
	REFUSED(shape.classes[1].ceiling = 1999999, "and a ceiling from there to");
	REFUSED(shape.classes[1].ceiling = 10000001, "and a ceiling from there to");
	REFUSED(shape.classes[1].rate = 8500001,
		"The classes' rates are 10000001 bit/s together, more than the link's 10000000");
	REFUSED(shape.fallback = 3, "there is no class 3");
	REFUSED(shape.n = 0, "there is no class 2");
	assert_string_equal(qdiscs(), before);
}

/* --- a kill in the middle -------------------------------------------------------------------- */

static void __attribute__((noreturn)) change_traced(const struct shape *shape)
{
	struct netlink mine;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || netlink_open(&mine) < 0)
		_exit(2);
	raise(SIGSTOP);
	int error = shape != NULL ? shape_apply(&mine, &left, shape, &failure)
				  : shape_remove(&mine, &left, &failure);
	_exit(error < 0);
}

/* Kills a change when it begins or ends its `nth` system call. Returns whether it came so far. */
static bool kill_at(const struct shape *shape, int nth)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		change_traced(shape);
	for (int i = 0; waitpid(pid, &status, 0) == pid && WIFSTOPPED(status); i++) {
		if (i < nth) {
			assert_return_code(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), errno);
			continue;
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		return true;
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return false;
}

/* Whether two states were asked for alike: without counts. */
static bool same(const struct shape_state *a, const struct shape_state *b)
{
	bool all = a->owner == b->owner && strcmp(a->kind, b->kind) == 0 &&
		   a->handle == b->handle && a->whole == b->whole && a->fair == b->fair &&
		   a->fallback == b->fallback && a->n == b->n && a->link.rate == b->link.rate;

	for (uint16_t i = 0; i < a->n && all; i++) {
		const struct shape_class_state *x = &a->classes[i], *y = &b->classes[i];
		all = x->number == y->number && x->rate == y->rate && x->ceiling == y->ceiling &&
		      x->priority == y->priority && x->quantum == y->quantum &&
		      x->burst == y->burst && x->ceiling_burst == y->ceiling_burst;
	}
	return all;
}

/* Makes a state and reads it. NULL: not shaped. */
static void make(const struct shape *shape, struct shape_state *made)
{
	if (shape != NULL)
		apply(shape);
	else
		shape_remove(&netlink, &left, &failure);
	read_left();
	*made = state;
}

/* Kills a change at each of its system calls, each time from the state before: it leaves that, or the
 * state after it. */
static void kill_everywhere(const struct shape *before, const struct shape *after)
{
	struct shape_state old, new;
	int kills[2] = { 0 };
	bool again = true;

	make(after, &new);
	for (int nth = 1; again; nth++) {
		make(before, &old);
		again = kill_at(after, nth);
		read_left();
		bool is_new = same(&state, &new);
		assert_true(is_new || same(&state, &old));
		kills[is_new]++;
	}
	assert_true(kills[0] > 0 && kills[1] > 1);
}

static void a_kill_leaves_old_or_new(void **unused)
{
	const struct shape other = with_fallback(33);

	(void)unused;
	kill_everywhere(NULL, &three);
	kill_everywhere(&three, &changed);
	kill_everywhere(&three, &other);
	kill_everywhere(&three, NULL);
}

/* What a kill amid an error could leave: ours, without the class that comes last. */
static void what_is_not_whole_is_made_anew(void **unused)
{
	(void)unused;
	const char *before = qdiscs();
	apply(&three);
	assert_int_equal(system("tc class del dev " LEFT " classid 7830:2"), 0);
	read_left();
	assert_int_equal(state.owner, SHAPE_OURS);
	assert_false(state.whole);
	apply(&changed);
	assert_state(&changed);
	assert_int_equal(system("tc class del dev " LEFT " classid 7830:2"), 0);
	assert_int_equal(shape_leftovers(true), 1);
	assert_string_equal(qdiscs(), before);
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_was_asked_for_is_there),
		test(changes_in_place),
		test(changes_lose_no_packet),
		test(what_was_there_comes_back),
		test(all_of_them_end),
		test(somebody_else_s_is_left_alone),
		test(an_interface_that_is_gone),
		test(what_cannot_be_is_refused),
		test(a_kill_leaves_old_or_new),
		test(what_is_not_whole_is_made_anew),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
