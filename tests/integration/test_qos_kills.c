// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who changes what is done to the classes of interfaces is killed at each call that changes something: the next x0top
 * finds what was before the change, or what it asked for, and nothing in between. X0_KILLS=all: also at the calls
 * before and after what is remembered, which pin and unpin.
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
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "control/audit.h"
#include "control/enforcement.h"
#include "control/orchestrator.h"
#include "kernel/messages.h"
#include "kernel/pins.h"
#include "programs/programs.h"
#include "qos/shape.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"

#define LEFT	  "v0"
#define RIGHT	  "v1"
#define UPLINK	  "qos preset uplink " LEFT " 10Mbit/s"
#define BULK_LAST "qos preset bulk-last " LEFT " 20Mbit/s"
#define MARK	  "qos mark " LEFT " out bulk cs1"
#define UPLINK2	  "qos preset uplink " RIGHT " 5Mbit/s"
#define MARK2	  "qos mark " RIGHT " in bulk cs1"
#define UNDO	  "qos undo"
#define FILE_NAME "/run/two.yaml"
#define LOAD	  "qos load " FILE_NAME
#define END	  "enforce off tc_classifier"
#define DOWN	  "programs down"

enum { BEFORE_MAX = 4, LINKS = 2, LINE = 1024 };

/* What is done to the packets of an interface. */
struct seen_link {
	struct class_acts acts; /* without the name */
	struct shape shape;
};

struct seen {
	struct seen_link links[LINKS];
};

static struct netlink netlink;
static struct interface links[LINKS];

/* --- what is there --------------------------------------------------------------------------- */

static void read_acts(const char *interface, struct class_acts *acts)
{
	int map = bpf_obj_get(PINS_FOLDER "/class_acts");

	*acts = (struct class_acts) { 0 };
	for (uint32_t slot = 0; map >= 0; slot++) {
		struct class_acts found;
		if (bpf_map_lookup_elem(map, &slot, &found) < 0)
			break;
		if (strcmp(found.interface, interface) == 0)
			*acts = found;
	}
	memset(acts->interface, 0, sizeof(acts->interface));
	acts->ifindex = 0;
	fd_close(&map);
}

static struct seen look(void)
{
	struct shape_state state;
	struct seen seen;

	memset(&seen, 0, sizeof(seen));
	for (int i = 0; i < LINKS; i++) {
		read_acts(links[i].name, &seen.links[i].acts);
		assert_int_equal(shape_read(&netlink, links[i].ifindex, &state), 0);
		if (state.owner == SHAPE_OURS)
			shape_asked(&state, &seen.links[i].shape);
	}
	return seen;
}

static bool same_acts(const struct seen_link *a, const struct seen_link *b)
{
	return memcmp(&a->acts, &b->acts, sizeof(a->acts)) == 0;
}

static bool same_shape(const struct seen_link *a, const struct seen_link *b)
{
	return a->shape.rate == b->shape.rate && a->shape.fallback == b->shape.fallback &&
	       a->shape.n == b->shape.n &&
	       memcmp(a->shape.classes, b->shape.classes,
		       a->shape.n * sizeof(a->shape.classes[0])) == 0;
}

static bool same_link(const struct seen_link *a, const struct seen_link *b)
{
	return same_acts(a, b) && same_shape(a, b);
}

static bool same(const struct seen *a, const struct seen *b)
{
	return same_link(&a->links[0], &b->links[0]) && same_link(&a->links[1], &b->links[1]);
}

/* Whether each part of it is that of one of the others. */
static bool is_of(const struct seen *seen, const struct seen *a, const struct seen *b)
{
	bool all = true;

	for (int i = 0; i < LINKS; i++) {
		const struct seen_link *link = &seen->links[i];
		all &= same_acts(link, &a->links[i]) || same_acts(link, &b->links[i]);
		all &= same_shape(link, &a->links[i]) || same_shape(link, &b->links[i]);
	}
	return all;
}

/* --- changes ---------------------------------------------------------------------------------- */

/* For a change; NULL: to look. What ends all is a dashboard's. */
static struct orchestrator *open_x0top(const char *text)
{
	static struct settings settings;
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };

	messages_capture(false);
	settings_default(&settings);
	settings.adopt_only = text == NULL || strcmp(text, END) != 0;
	if (text != NULL) {
		settings.classes_only = true;
		settings.n_only = 1;
		snprintf(settings.only[0], sizeof(settings.only[0]), "%s",
			program_tc_classifier.name);
		settings.n_interfaces = LINKS;
		for (int i = 0; i < LINKS; i++)
			snprintf(settings.interfaces[i], sizeof(settings.interfaces[i]), "%s",
				links[i].name);
	}
	if (orchestrator_open(&settings, &orchestrator, &failure) == 0)
		return orchestrator;
	fprintf(stderr, "%s: %s\n", failure.what, failure.cause);
	_exit(2);
}

static int end_all(struct failure *failure)
{
	struct enforcement_removed removed;

	return enforcement_down(AUDIT_BEST_EFFORT, &removed, failure);
}

static int apply(const char *text, struct orchestrator *orchestrator, struct failure *failure)
{
	struct action action = { .actor = ACTOR_COMMAND_LINE, .confirmed = true };
	int error = strcmp(text, DOWN) == 0 ? 0 : action_parse(text, &action, failure);

	if (error == 0)
		error = strcmp(text, DOWN) == 0
				? end_all(failure)
				: orchestrator_apply(orchestrator, &action, failure);
	return error;
}

/* In a process of its own: applies an action, NULL: none. Stopped before it, if it is traced. */
static void __attribute__((noreturn)) run(const char *text, bool traced)
{
	bool down = text != NULL && strcmp(text, DOWN) == 0;
	struct orchestrator *orchestrator = down ? NULL : open_x0top(text);
	struct failure failure = { 0 };

	if (traced && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0))
		_exit(2);
	if (text != NULL && apply(text, orchestrator, &failure) < 0) {
		fprintf(stderr, "%s: %s: %s\n", text, failure.what, failure.cause);
		_exit(1);
	}
	if (orchestrator != NULL)
		orchestrator_close(orchestrator);
	_exit(0);
}

static void change(const char *text)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		run(text, false);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s fails", text != NULL ? text : "opening");
}

/* --- kills ------------------------------------------------------------------------------------ */

/* Whether a message to rtnetlink asks for more than an answer. */
static bool is_change(pid_t pid, const struct __ptrace_syscall_info *call)
{
	struct nlmsghdr header;
	struct iovec mine = { &header, sizeof(header) };
	struct iovec theirs = { (void *)(uintptr_t)call->entry.args[1], sizeof(header) };

	return process_vm_readv(pid, &mine, 1, &theirs, 1, 0) == sizeof(header) &&
	       header.nlmsg_type >= RTM_BASE && (header.nlmsg_type & 3) < 2;
}

/* Whether a system call that begins is one to be killed at; *remembers: it writes what there was. */
static bool is_point(pid_t pid, const struct __ptrace_syscall_info *call, bool *remembers)
{
	/* Who owns a lock writes a line there. */
	*remembers = call->entry.nr == __NR_pwrite64 && call->entry.args[2] > LINE;
	switch (call->entry.nr) {
	case __NR_pwrite64:
		return *remembers;
	case __NR_unlinkat:
	case __NR_ftruncate:
		return true;
	case __NR_sendto:
		return is_change(pid, call);
	case __NR_bpf:
		return call->entry.args[0] == BPF_MAP_UPDATE_ELEM ||
		       call->entry.args[0] == BPF_OBJ_PIN || call->entry.args[0] == BPF_LINK_UPDATE;
	}
	return false;
}

/*
 * Makes a change that is killed when it begins its `nth` point, counted from what it remembers first, or from its
 * start if `all`. Returns whether there was one.
 */
static bool kill_at(const char *text, int nth, bool all)
{
	struct __ptrace_syscall_info call;
	int status, points = 0, remembered = 0;
	pid_t pid = fork();

	if (pid == 0)
		run(text, true);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_return_code(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD), errno);
	assert_return_code(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), errno);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		bool remembers;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call) > 0 &&
			call.op == PTRACE_SYSCALL_INFO_ENTRY && is_point(pid, &call, &remembers)) {
			remembered += remembers;
			if ((all || (remembered > 0 && remembered <= 2)) && ++points == nth) {
				kill(pid, SIGKILL);
				assert_int_equal(waitpid(pid, &status, 0), pid);
				return true;
			}
			/* The second time is the end of a change of several steps. */
			remembered += remembers && remembered == 2;
		}
		assert_return_code(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), errno);
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return false;
}

static const struct {
	const char *before[BEFORE_MAX], *change;
	bool all; /* only with X0_KILLS=all: much like another */
} changes[] = {
	{ { NULL }, UPLINK, true },
	{ { UPLINK, NULL }, BULK_LAST, true },
	{ { UPLINK, NULL }, "qos rate " LEFT " bulk 2Mbit/s share 3", true },
	{ { UPLINK, NULL }, MARK, false },
	{ { UPLINK, MARK, NULL }, "qos off " LEFT, true },
	{ { UPLINK, MARK, NULL }, "qos off " LEFT " shape", true },
	{ { MARK, UPLINK, NULL }, UNDO, true },
	/* Of two interfaces: */
	{ { UPLINK, MARK2, NULL }, LOAD, false },
	{ { UPLINK, MARK2, LOAD, NULL }, UNDO, true },
	{ { UPLINK, UPLINK2, NULL }, DOWN, false },
	{ { UPLINK, UPLINK2, NULL }, END, true },
};

static void prepare(const char *const *before)
{
	for (; *before != NULL; before++)
		change(*before);
}

static void clean(void)
{
	struct seen seen = look(), none;

	memset(&none, 0, sizeof(none));
	if (!same_link(&seen.links[0], &none.links[0]))
		change("qos off " LEFT);
	if (!same_link(&seen.links[1], &none.links[1]))
		change("qos off " RIGHT);
	seen = look();
	assert_true(same(&seen, &none));
}

static void kill_everywhere(const char *const *before, const char *text, bool all)
{
	struct seen old, new, now;
	int kills[2] = { 0 };

	prepare(before);
	old = look();
	change(text);
	new = look();
	assert_false(same(&old, &new));
	clean();
	prepare(before);
	for (int nth = 1; kill_at(text, nth, all); nth++) {
		now = look();
		/* The lines of a file are done one by one. */
		if (strcmp(text, LOAD) != 0 && !is_of(&now, &old, &new))
			fail_msg("%s, killed at %d: neither old nor new", text, nth);
		change(NULL); /* the next x0top */
		now = look();
		bool is_new = same(&now, &new);
		if (!is_new && !same(&now, &old))
			fail_msg("%s, killed at %d: half of it stays", text, nth);
		kills[is_new]++;
		/* What was put back is not to be undone any more. */
		if (!is_new && strcmp(text, UNDO) != 0)
			continue;
		clean();
		prepare(before);
	}
	printf("%-36s killed at %d points: old at %d, new at %d\n", text, kills[0] + kills[1],
		kills[0], kills[1]);
	assert_true(kills[0] + kills[1] > 1);
	now = look();
	assert_true(same(&now, &new)); /* the last time it was not killed */
	clean();
}

static void a_kill_leaves_old_or_new(void **state)
{
	const char *kills = getenv("X0_KILLS");
	bool all = kills != NULL && strcmp(kills, "all") == 0;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (all || !changes[i].all)
			kill_everywhere(changes[i].before, changes[i].change, all);
}

/* What is asked for of both, in place of what they have. */
static void write_file(void)
{
	FILE *file = fopen(FILE_NAME, "w");

	assert_non_null(file);
	fputs("qos:\n  - mark " LEFT " out bulk cs1\n  - preset uplink " RIGHT " 5Mbit/s\n", file);
	assert_int_equal(fclose(file), 0);
}

static int start(void **state)
{
	(void)state;
	host_enter(true);
	netns_veth(LEFT, RIGHT);
	write_file();
	return interface_find(LEFT, &links[0]) < 0 || interface_find(RIGHT, &links[1]) < 0 ||
	       netlink_open(&netlink) < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kill_leaves_old_or_new),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
