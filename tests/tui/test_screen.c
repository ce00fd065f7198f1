// SPDX-License-Identifier: BSD-2-Clause
/*
 * The terminal is given back as it was: on a normal end, on a crash, while stopped. And where there
 * is no terminal to draw on, that is said before anything is touched. Each test runs a child on a
 * pseudo-terminal of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/snapshot_sample.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/ui.h"

enum { OUTPUT_MAX = 1 << 20, DEADLINE_S = 20, EXIT_REFUSED = 40 };

struct terminal {
	pid_t child;
	int fd; /* the other end of its terminal */
	struct termios before;
	size_t length;
	char output[OUTPUT_MAX];
};

static struct terminal t;

/* --- in the child --------------------------------------------------------------------------------- */

static struct ui *draw_something(void)
{
	static struct snapshot sample;
	struct failure failure = { 0 };
	struct ui *ui;

	if (screen_open(&failure) < 0) {
		dprintf(STDOUT_FILENO, "%s %s\n", failure.what, failure.remedy);
		_exit(EXIT_REFUSED);
	}
	ui = ui_open(1);
	snapshot_sample(&sample);
	ui_snapshot(ui, &sample);
	ui_draw(ui);
	screen_show();
	return ui;
}

static void child_ends(void)
{
	struct ui *ui = draw_something();

	ui_close(ui);
	screen_close();
	screen_close(); /* twice does no harm */
	_exit(0);
}

static int crash; /* the signal */

static void child_crashes(void)
{
	struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	draw_something();
	raise(crash);
	_exit(1);
}

static void child_is_suspended(void)
{
	struct ui *ui = draw_something();

	screen_suspend();
	ui_message(ui, "going on again");
	ui_draw(ui);
	screen_show();
	ui_close(ui);
	screen_close();
	_exit(0);
}

/* Echoes what keys it reads as a message on the screen, until q. */
static void child_reads_keys(void)
{
	struct ui *ui = draw_something();
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	bool quit = false;

	while (!quit && poll(&in, 1, DEADLINE_S * 1000) > 0) {
		int key;

		while ((key = screen_key()) >= 0) {
			ui_message(ui, "[key %d]", key);
			ui_draw(ui);
			screen_clear(); /* so that all of the message is sent, not what differs */
			screen_show();
			quit = quit || key == 'q';
		}
	}
	ui_close(ui);
	screen_close();
	_exit(0);
}

/* Which of curses' own signal handlers are there: none may be. */
static void child_tells_handlers(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH, SIGHUP };
	int foreign = 0;

	draw_something();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction action;

		sigaction(signals[i], NULL, &action);
		foreign += action.sa_handler != SIG_DFL;
	}
	screen_close();
	_exit(foreign);
}

/* --- around it ------------------------------------------------------------------------------------ */

static void start(void (*child)(void), const char *term)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int slave;

	memset(&t, 0, sizeof(t));
	assert_int_equal(openpty(&t.fd, &slave, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(slave, &t.before), 0);
	t.child = fork();
	assert_true(t.child >= 0);
	if (t.child == 0) {
		close(t.fd);
		login_tty(slave);
		for (int number = 1; number < NSIG; number++)
			signal(number, SIG_DFL); /* not cmocka's */
		unsetenv("LINES");
		unsetenv("COLUMNS");
		setenv("LC_ALL", "C.UTF-8", 1);
		if (term != NULL)
			setenv("TERM", term, 1);
		else
			unsetenv("TERM");
		child();
		_exit(1);
	}
	/* The slave stays open here, so that its settings can be read when the child is gone. */
	assert_true(slave > 0);
	fcntl(t.fd, F_SETFL, O_NONBLOCK);
}

static void read_output(void)
{
	struct pollfd in = { .fd = t.fd, .events = POLLIN };
	ssize_t got;

	poll(&in, 1, 50);
	while ((got = read(t.fd, t.output + t.length, OUTPUT_MAX - 1 - t.length)) > 0)
		t.length += (size_t)got;
}

/* Reads until the child ends or, with `stopped`, stops. Returns its status. */
static int wait_child(bool stopped)
{
	double deadline = clock_monotonic_seconds() + DEADLINE_S;
	int status = 0;

	while (clock_monotonic_seconds() < deadline) {
		read_output();
		if (waitpid(t.child, &status, WNOHANG | (stopped ? WUNTRACED : 0)) == t.child) {
			read_output();
			return status;
		}
	}
	kill(t.child, SIGKILL);
	waitpid(t.child, &status, 0);
	fail_msg("the child did not end");
	return -1;
}

static bool said(const char *text)
{
	return memmem(t.output, t.length, text, strlen(text)) != NULL;
}

static void wait_until_said(const char *text)
{
	double deadline = clock_monotonic_seconds() + DEADLINE_S;

	while (clock_monotonic_seconds() < deadline && !said(text))
		read_output();
	if (!said(text)) {
		kill(t.child, SIGKILL);
		waitpid(t.child, NULL, 0);
		fail_msg("the screen never showed %s", text);
	}
}

/* The settings are those of before, and the last words to the terminal leave the other screen. */
static void assert_restored(void)
{
	/* musl has room for more characters than the kernel fills in. */
	struct termios after = { 0 };

	assert_int_equal(tcgetattr(t.fd, &after), 0);
	assert_int_equal(after.c_lflag, t.before.c_lflag);
	assert_int_equal(after.c_iflag, t.before.c_iflag);
	assert_int_equal(after.c_oflag, t.before.c_oflag);
	assert_memory_equal(after.c_cc, t.before.c_cc, sizeof(after.c_cc));
	assert_true(said("\x1b[?1049h"));
	const char *enter = memmem(t.output, t.length, "\x1b[?1049h", 8);
	const char *leave = NULL, *at = t.output;
	while ((at = memmem(at, t.length - (size_t)(at - t.output), "\x1b[?1049l", 8)) != NULL)
		leave = at++;
	assert_non_null(leave);
	assert_true(leave > enter);
	/* And the cursor is there again. */
	assert_true(said("\x1b[?25h"));
}

static void finish(void)
{
	close(t.fd);
}

/* --- the tests ------------------------------------------------------------------------------------ */

static void test_normal_end(void **state)
{
	(void)state;
	start(child_ends, "xterm-256color");
	assert_int_equal(wait_child(false), 0);
	assert_true(said("xdp_counter"));
	assert_restored();
	finish();
}

static void test_crash(void **state)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT };
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		crash = crashes[i];
		start(child_crashes, "xterm-256color");
		status = wait_child(false);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), crash);
		assert_restored();
		finish();
	}
}

static void test_suspend(void **state)
{
	int status;

	(void)state;
	start(child_is_suspended, "xterm-256color");
	status = wait_child(true);
	assert_true(WIFSTOPPED(status));
	assert_restored();
	kill(t.child, SIGCONT);
	wait_until_said("going on again");
	assert_int_equal(wait_child(false), 0);
	assert_restored();
	finish();
}

static void test_keys(void **state)
{
	static const struct {
		const char *typed, *shown;
	} typed[] = { { "t", "[key 116]" }, { "\x1bOA", "[key 259]" }, { "\x1b", "[key 27]" },
		{ "\r", "[key 13]" }, { "\t", "[key 9]" } };

	(void)state;
	start(child_reads_keys, "xterm-256color");
	wait_until_said("xdp_counter");
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		t.length = 0;
		assert_true(write(t.fd, typed[i].typed, strlen(typed[i].typed)) > 0);
		wait_until_said(typed[i].shown);
	}
	assert_true(write(t.fd, "q", 1) == 1);
	assert_int_equal(wait_child(false), 0);
	finish();
}

static void test_no_foreign_handlers(void **state)
{
	(void)state;
	start(child_tells_handlers, "xterm-256color");
	assert_int_equal(wait_child(false), 0);
	finish();
}

static void assert_refused(const char *term, const char *what)
{
	start(child_ends, term);
	int status = wait_child(false);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_REFUSED);
	assert_true(said(what));
	assert_false(said("\x1b"));
	finish();
}

static void test_terminals_that_cannot(void **state)
{
	(void)state;
	assert_refused(NULL, "TERM is not set");
	assert_refused("", "TERM is not set");
	assert_refused("dumb", "TERM is dumb");
	assert_refused("no-such-terminal", "Unknown terminal type \"no-such-terminal\"");
}

/* Without a terminal at all: this test's own standard input may be one, so both are replaced. */
static void test_no_terminal(void **state)
{
	struct failure failure = { 0 };
	int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO), null = open("/dev/null", O_RDWR);

	(void)state;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	int error = screen_open(&failure);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	close(out);
	close(null);
	assert_int_equal(error, -ENOTTY);
	assert_int_equal(failure.error, -ENOTTY);
	assert_non_null(strstr(failure.what, "terminal"));
	assert_non_null(strstr(failure.remedy, "x0top --once"));
	screen_close(); /* never opened: nothing happens */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal_end),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_suspend),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_no_foreign_handlers),
		cmocka_unit_test(test_terminals_that_cannot),
		cmocka_unit_test(test_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
