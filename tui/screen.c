// SPDX-License-Identifier: BSD-2-Clause
#include "screen.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "style.h"

/* curses.h and term.h have a macro of this name, which hides termios. */
#undef lines

enum { ESCAPE_DELAY_MS = 25, RESTORE_LEN = 256, CRASH_STACK = 32 * 1024 };

static bool is_open;
static SCREEN *terminal;

/* --- crashes -------------------------------------------------------------------------------------- */

/* SIGILL, or SIGTRAP on arm64: an index is beyond its array. */
static const int crash_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT };
enum { CRASH_SIGNALS = sizeof(crash_signals) / sizeof(crash_signals[0]) };

/* Prepared beforehand: a signal handler may only write it. */
static struct {
	struct termios settings;
	char sequence[RESTORE_LEN];
	size_t length;
	struct sigaction before[CRASH_SIGNALS];
} restore;

static char crash_stack[CRASH_STACK];

static int restore_put(int character)
{
	if (restore.length < RESTORE_LEN)
		restore.sequence[restore.length++] = (char)character;
	return character;
}

/* Restores the terminal with async-signal-safe calls only (signal-safety(7)). */
static void on_crash(int number)
{
	ssize_t written = write(STDOUT_FILENO, restore.sequence, restore.length);

	(void)written;
	tcsetattr(STDIN_FILENO, TCSANOW, &restore.settings);
	for (int i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &restore.before[i], NULL);
	raise(number);
}

static void prepare_restore(void)
{
	/* Attributes off, keypad mode off, alternate screen off, cursor visible. */
	static const char *const capabilities[] = { "sgr0", "rmkx", "rmcup", "cnorm" };
	const char *move = tigetstr("cup"), *clear = tigetstr("el");

	restore.length = 0;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	if (tigetstr("rmcup") == NULL && clear != NULL && clear != (char *)-1) {
		tputs(tiparm(move, LINES - 1, 0), 1, restore_put);
		tputs(clear, 1, restore_put);
	}
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		const char *string = tigetstr((char *)capabilities[i]);

		/* NOLINTNEXTLINE(performance-no-int-to-ptr): terminfo's word for "not a string" */
		if (string != NULL && string != (char *)-1)
			tputs(string, 1, restore_put);
	}
}

/* Without an alternate screen, what was drawn stays: clears at least the line where the shell goes on. */
static void clear_last_line(void)
{
	const char *string = tigetstr("el");

	/* NOLINTNEXTLINE(performance-no-int-to-ptr): terminfo's word for "not a string" */
	if (tigetstr("rmcup") != NULL || string == NULL || string == (char *)-1)
		return;
	putp(string);
	fflush(stdout);
}

static void catch_crashes(void)
{
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = crash_stack, .ss_size = sizeof(crash_stack) };

	sigaltstack(&stack, NULL);
	sigfillset(&action.sa_mask);
	for (int i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &action, &restore.before[i]);
}

static void release_crashes(void)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	for (int i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &restore.before[i], NULL);
	sigaltstack(&none, NULL);
}

/* --- opening -------------------------------------------------------------------------------------- */

/*
 * newterm() replaces the default action of these with handlers that are not async-signal-safe. It
 * leaves ignored signals alone.
 */
static const int curses_signals[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
enum { CURSES_SIGNALS = sizeof(curses_signals) / sizeof(curses_signals[0]) };

static SCREEN *newterm_without_handlers(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before[CURSES_SIGNALS];
	sigset_t all, mask;
	SCREEN *opened;

	/* Blocked meanwhile: an ignored signal would be lost. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &mask);
	for (int i = 0; i < CURSES_SIGNALS; i++)
		sigaction(curses_signals[i], &ignore, &before[i]);
	opened = newterm(NULL, stdout, stdin);
	for (int i = 0; i < CURSES_SIGNALS; i++)
		sigaction(curses_signals[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return opened;
}

/* Checks that the terminal can place the cursor and clear the screen. */
static int check_terminal(struct failure *failure)
{
	const char *term = getenv("TERM");
	int error;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		failure_set(failure, -ENOTTY, "The dashboard needs a terminal");
		return failure_remedy(failure, "Run x0top --once for a snapshot as text");
	}
	if (term == NULL || *term == '\0' || strcmp(term, "dumb") == 0) {
		failure_set(failure, -ENOTSUP, "The dashboard cannot be drawn: TERM is %s",
			term == NULL || *term == '\0' ? "not set" : "dumb");
		return failure_remedy(failure, "Set TERM to your terminal's type, like "
					       "TERM=xterm-256color, or run x0top --once");
	}
	if (setupterm(NULL, STDOUT_FILENO, &error) != OK) {
		failure_set(failure, -ENOTSUP, "Unknown terminal type \"%.64s\"", term);
		return failure_remedy(failure, "Install its description (package ncurses-term), or "
					       "try TERM=xterm");
	}
	if (tigetstr("cup") == NULL || tigetstr("clear") == NULL) {
		failure_set(
			failure, -ENOTSUP, "The terminal \"%.64s\" cannot move its cursor", term);
		return failure_remedy(failure, "Run x0top --once for a snapshot as text");
	}
	return 0;
}

/* Returns whether to draw beyond ASCII: the font of the Linux console lacks most glyphs. */
static bool can_unicode(void)
{
	const char *term = getenv("TERM");

	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 && term != NULL &&
	       strcmp(term, "linux") != 0;
}

static void set_modes(void)
{
	const char *no_color = getenv("NO_COLOR");

	set_escdelay(ESCAPE_DELAY_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	style_open(no_color == NULL || *no_color == '\0', can_unicode());
}

int screen_open(struct failure *failure)
{
	int error;

	setlocale(LC_CTYPE, "");
	error = check_terminal(failure);
	if (error < 0)
		return error;
	if (tcgetattr(STDIN_FILENO, &restore.settings) < 0)
		return failure_set(failure, -errno, "Cannot read the terminal's settings: %s",
			strerror(errno));
	terminal = newterm_without_handlers();
	if (terminal == NULL)
		return failure_set(
			failure, -ENOTSUP, "Cannot open the terminal \"%.64s\"", getenv("TERM"));
	is_open = true;
	prepare_restore();
	catch_crashes();
	set_modes();
	return 0;
}

void screen_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	release_crashes();
	endwin();
	clear_last_line();
	delscreen(terminal);
	terminal = NULL;
	tcsetattr(STDIN_FILENO, TCSANOW, &restore.settings);
}

/* --- while open ----------------------------------------------------------------------------------- */

int screen_key(void)
{
	int key = getch();

	return key == ERR ? -1 : key;
}

void screen_show(void)
{
	wnoutrefresh(stdscr);
	doupdate();
}

void screen_clear(void)
{
	clearok(stdscr, TRUE);
}

void screen_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resize_term(size.ws_row, size.ws_col);
	screen_clear();
}

void screen_suspend(void)
{
	endwin();
	clear_last_line();
	raise(SIGSTOP);
	reset_prog_mode();
	screen_resize();
}
