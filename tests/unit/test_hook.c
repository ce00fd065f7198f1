// SPDX-License-Identifier: BSD-2-Clause
/* Hooks run as an ordinary user, within their time, and leave nothing behind. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kernel/rights.h"
#include "mapek/hook.h"
#include "mapek/measure.h"
#include "tests/lib/holdings.h"

static struct policies policies;
static struct failure failure;
static struct hooks *hooks;
static struct hook_report report;

static void begin(const char *const *arguments, double within)
{
	struct policy *policy = &policies.list[0];
	char *end = policy->hook;

	policies = (struct policies) { .n = 1 };
	snprintf(policy->name, sizeof(policy->name), "page me");
	snprintf(policy->action, sizeof(policy->action), "mapek run page me for {source}");
	policy->series = (uint32_t)measure_find("udp");
	policy->within = within;
	for (; arguments[policy->n_arguments] != NULL; policy->n_arguments++)
		end = stpcpy(end, arguments[policy->n_arguments]) + 1;
	if (hooks_open(&policies, &hooks, &failure) < 0)
		fail_msg("%s", failure.what);
	assert_non_null(hooks);
}

static void order(void)
{
	struct hook_order order = { .action = 7,
		.anomaly = 3,
		.target = "10.9.0.66",
		.reason = "page me: too much",
		.value = 5000.5,
		.low = NAN,
		.high = 20,
		.score = 4 };

	if (hooks_run(hooks, &order, &failure) < 0)
		fail_msg("%s", failure.what);
}

/* Waits for the report, for 20 s at most. */
static void await(void)
{
	const double end = clock_monotonic_seconds() + 20;

	while (!hooks_report(hooks, &report)) {
		assert_true(clock_monotonic_seconds() < end);
		poll(NULL, 0, 5);
	}
	assert_int_equal(report.action, 7);
}

static void run(const char *const *arguments, double within)
{
	begin(arguments, within);
	order();
	await();
}

#define SHELL(script) ((const char *const[]) { "/bin/sh", "-c", script, NULL })

static void has(const char *text)
{
	if (strstr(report.output, text) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", report.output, text);
}

static int tear_down(void **state)
{
	(void)state;
	hooks_close(hooks);
	hooks = NULL;
	return 0;
}

static void test_it_says_how_it_ended(void **state)
{
	(void)state;
	run(SHELL("echo out; echo err >&2; printf '\\033[2J\\303\\244'; exit 3"), 10);
	assert_string_equal(report.ended, "exit 3");
	assert_string_equal(report.output, "out err ?[2J??");
}

static void test_it_is_told_what_is_wrong(void **state)
{
	(void)state;
	setenv("X0TOP_SECRET", "secret", 1);
	run((const char *const[]) { "/usr/bin/env", NULL }, 10);
	assert_string_equal(report.ended, "exit 0");
	has("X0TOP_POLICY=page me");
	has("X0TOP_SERIES=udp");
	has("X0TOP_TARGET=10.9.0.66");
	has("X0TOP_REASON=page me: too much");
	has("X0TOP_ACTION=7");
	has("X0TOP_ANOMALY=3");
	has("X0TOP_VALUE=5000.5");
	has("X0TOP_USUAL_LOW= ");
	has("X0TOP_USUAL_HIGH=20");
	has("X0TOP_SCORE=4");
	assert_null(strstr(report.output, "SECRET"));
	assert_null(strstr(report.output, "HOME="));
}

/* No shell looks at the arguments. */
static void test_the_target_is_an_argument(void **state)
{
	(void)state;
	run((const char *const[]) { "/bin/echo", "limit $HOME {source};", "`id` {source}", NULL },
		10);
	assert_string_equal(report.output, "limit $HOME 10.9.0.66; `id` 10.9.0.66");
}

/*
 * The signals that it ignores, but for two: glibc keeps 32 and 33 to itself, and its posix_spawn(), by which
 * make starts this, leaves them ignored.
 */
static uint64_t ignored(void)
{
	const char *at = strstr(report.output, "SigIgn: ");

	assert_non_null(at);
	return strtoull(at + strlen("SigIgn: "), NULL, 16) & ~(UINT64_C(3) << 31);
}

static void test_it_has_no_rights(void **state)
{
	(void)state;
	run((const char *const[]) { "/bin/grep", "-E",
		    "^(Uid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|SigBlk|SigIgn):",
		    "/proc/self/status", NULL },
		10);
	assert_string_equal(report.ended, "exit 0");
	has("CapInh: 0000000000000000");
	has("CapPrm: 0000000000000000");
	has("CapEff: 0000000000000000");
	has("CapAmb: 0000000000000000");
	has("NoNewPrivs: 1");
	has("SigBlk: 0000000000000000");
	assert_int_equal(ignored(), 0);
	if (geteuid() == 0) {
		assert_null(strstr(report.output, "Uid: 0"));
		has("CapBnd: 0000000000000000");
	}
}

/* The user whose rights x0top gives itself is another one: a hook can neither stop nor trace it. */
static void test_it_is_not_x0top(void **state)
{
	const struct passwd *own = getpwnam(RIGHTS_USER), *nobody = getpwnam("nobody");
	unsigned int uid = 0, gid = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	run(SHELL("id -u; id -g; id -G; kill -0 $PPID && echo; kill -0 1 || echo not"), 10);
	assert_int_equal(sscanf(report.output, "%u %u %u", &uid, &gid, &gid), 3);
	assert_int_not_equal(uid, 0);
	assert_int_not_equal(uid, own != NULL ? own->pw_uid : nobody->pw_uid);
	assert_int_equal(uid, own != NULL ? nobody->pw_uid : 65533);
	has("not");
}

/* Two users are two processes, each with its own policies. */
static void test_it_runs_as_its_user(void **state)
{
	static const char *const as[] = { "", "daemon" };
	char expected[32];

	(void)state;
	if (geteuid() != 0)
		skip();
	policies = (struct policies) { .n = 2 };
	for (uint32_t i = 0; i < 2; i++) {
		struct policy *policy = &policies.list[i];
		snprintf(policy->name, sizeof(policy->name), "page %u", i);
		snprintf(policy->user, sizeof(policy->user), "%s", as[i]);
		memcpy(policy->hook, "/usr/bin/id\0-u", sizeof("/usr/bin/id\0-u"));
		policy->n_arguments = 2;
		policy->within = 10;
	}
	assert_int_equal(hooks_open(&policies, &hooks, &failure), 0);
	for (uint32_t i = 0; i < 2; i++) {
		struct hook_order order = { .action = 7, .policy = i };
		assert_int_equal(hooks_run(hooks, &order, &failure), 0);
		await();
		snprintf(expected, sizeof(expected), "%u", getpwnam("daemon")->pw_uid);
		assert_string_equal(report.ended, "exit 0");
		assert_int_equal(strcmp(report.output, expected) == 0, i == 1);
		assert_string_not_equal(report.output, "0");
	}
}

static void test_users_who_are_not_ordinary(void **state)
{
	static const char *const users[] = { "root", "no such user", RIGHTS_USER };

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		policies = (struct policies) { .n = 1 };
		snprintf(policies.list[0].user, sizeof(policies.list[0].user), "%s", users[i]);
		policies.list[0].n_arguments = 1;
		failure.what[0] = '\0';
		assert_true(hooks_open(&policies, &hooks, &failure) < 0);
		assert_null(hooks);
		assert_true(failure.what[0] != '\0');
	}
}

/* The fourth is the one of ls itself. */
static void test_nothing_is_open(void **state)
{
	(void)state;
	run((const char *const[]) { "/bin/ls", "/proc/self/fd", NULL }, 10);
	assert_string_equal(report.output, "0 1 2 3");
}

/* A process that has made a session of its own is killed, too. */
static void test_it_is_killed_with_all_that_it_started(void **state)
{
	const double began = clock_monotonic_seconds();
	pid_t pids[3];

	(void)state;
	run(SHELL("setsid sleep 100 & echo $!; sleep 100 & echo $!; echo $$; sleep 100"), 1.5);
	assert_string_equal(report.ended, "killed after 1.5s");
	assert_true(clock_monotonic_seconds() - began >= 1.5);
	assert_int_equal(sscanf(report.output, "%d %d %d", &pids[0], &pids[1], &pids[2]), 3);
	for (int i = 0; i < 3; i++)
		assert_true(kill(pids[i], 0) < 0 && errno == ESRCH);
}

static void test_nothing_goes_on_behind_it(void **state)
{
	int pid;

	(void)state;
	run(SHELL("setsid sleep 100 & echo $!"), 10);
	assert_string_equal(report.ended, "exit 0");
	assert_int_equal(sscanf(report.output, "%d", &pid), 1);
	assert_true(kill(pid, 0) < 0 && errno == ESRCH);
}

static void test_its_output_is_bounded(void **state)
{
	(void)state;
	run(SHELL("yes | head -c 3000000; kill -SEGV $$"), 10);
	assert_string_equal(report.ended, "signal 11");
	assert_int_equal(strlen(report.output), sizeof(report.output) - 1);
	hooks_close(hooks);
	run((const char *const[]) { "/usr/bin/yes", NULL }, 0.3);
	assert_string_equal(report.ended, "killed after 0.3s");
}

static void test_what_cannot_run_says_why(void **state)
{
	(void)state;
	run((const char *const[]) { "/nowhere/page", NULL }, 10);
	assert_string_equal(report.ended, "not run: No such file or direct");
	hooks_close(hooks);
	run((const char *const[]) { "/etc/passwd", NULL }, 10);
	assert_string_equal(report.ended, "not run: Permission denied");
}

static void test_so_many_at_once(void **state)
{
	(void)state;
	begin((const char *const[]) { "/bin/sleep", "100", NULL }, 100);
	for (int i = 0; i < HOOKS_AT_ONCE + 2; i++)
		order();
	for (int i = 0; i < 2; i++) {
		await();
		assert_string_equal(report.ended, "not run: others do");
	}
	assert_false(hooks_report(hooks, &report));
}

static void test_an_order_that_names_no_hook(void **state)
{
	struct hook_order wrong = { .action = 7, .policy = 1 };

	(void)state;
	begin((const char *const[]) { "/bin/true", NULL }, 10);
	assert_int_equal(hooks_run(hooks, &wrong, &failure), 0);
	await();
	assert_string_equal(report.ended, "not run: no such hook");
	wrong = (struct hook_order) { .action = 7, .target = "; rm" };
	assert_int_equal(hooks_run(hooks, &wrong, &failure), 0);
	await();
	assert_string_equal(report.ended, "not run: no such hook");
}

/* The only targets with a slash. */
static void test_a_network_is_a_target(void **state)
{
	static const struct {
		const char *target, *output;
	} cases[] = {
		{ "10.9.7.0/24", "10.9.7.0/24 10.9.7.0/24" },
		{ "fd00:9::/48", "fd00:9::/48 fd00:9::/48" },
		{ "02:00:00:00:00:01", "02:00:00:00:00:01 02:00:00:00:00:01" },
		{ "0123456789abcdef", "0123456789abcdef 0123456789abcdef" },
		{ "../ab", NULL },
		{ "10.9.7.0/24/", NULL },
		{ "10.9.7.0/33", NULL },
		{ "/24", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hook_order wanted = { .action = 7 };
		begin((const char *const[]) { "/bin/sh", "-c", "echo $1 $X0TOP_TARGET", "sh",
			      "{source}", NULL },
			10);
		snprintf(wanted.target, sizeof(wanted.target), "%s", cases[i].target);
		assert_int_equal(hooks_run(hooks, &wanted, &failure), 0);
		await();
		assert_string_equal(
			report.ended, cases[i].output != NULL ? "exit 0" : "not run: no such hook");
		if (cases[i].output != NULL)
			has(cases[i].output);
		hooks_close(hooks);
		hooks = NULL;
	}
}

static void test_it_ends_with_x0top(void **state)
{
	const double began = clock_monotonic_seconds();

	(void)state;
	begin((const char *const[]) { "/bin/sleep", "100", NULL }, 100);
	order();
	hooks_close(hooks);
	hooks = NULL;
	assert_true(clock_monotonic_seconds() - began < 20);
}

static void test_without_a_hook_there_is_no_process(void **state)
{
	(void)state;
	policies = (struct policies) { .n = 1 };
	assert_int_equal(hooks_open(&policies, &hooks, &failure), 0);
	assert_null(hooks);
	assert_false(hooks_report(hooks, &report));
	assert_int_equal(hooks_run(hooks, &(struct hook_order) { 0 }, &failure), -ENOENT);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

static void live(void)
{
	run(SHELL("echo out"), 10);
	tear_down(NULL);
	for (int i = 0; i < 200; i++) { /* one is little */
		begin(SHELL("echo out"), 10);
		tear_down(NULL);
	}
}

static void test_nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("hooks", live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_says_how_it_ended),
		TEST(test_nothing_is_held_any_longer),
		TEST(test_it_is_told_what_is_wrong),
		TEST(test_the_target_is_an_argument),
		TEST(test_it_has_no_rights),
		TEST(test_it_is_not_x0top),
		TEST(test_it_runs_as_its_user),
		TEST(test_users_who_are_not_ordinary),
		TEST(test_nothing_is_open),
		TEST(test_it_is_killed_with_all_that_it_started),
		TEST(test_nothing_goes_on_behind_it),
		TEST(test_its_output_is_bounded),
		TEST(test_what_cannot_run_says_why),
		TEST(test_so_many_at_once),
		TEST(test_an_order_that_names_no_hook),
		TEST(test_a_network_is_a_target),
		TEST(test_it_ends_with_x0top),
		TEST(test_without_a_hook_there_is_no_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
