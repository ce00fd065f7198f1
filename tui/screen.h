/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens the terminal, reads keys, shows what was drawn, and restores the terminal. No other file calls
 * curses' newterm and endwin. Installs signal handlers for crashes only: the event loop reads the
 * signals that end, stop or resize from a file descriptor.
 */
#ifndef X0_TUI_SCREEN_H
#define X0_TUI_SCREEN_H

#include "base/failure.h"

/*
 * Takes over the terminal on standard input and output. NO_COLOR turns colours off; without a UTF-8
 * locale (it calls setlocale()) drawing is ASCII. Returns 0, or leaves the terminal untouched and sets
 * *failure: -ENOTTY without a terminal, -ENOTSUP if TERM is unset, unknown or lacks a capability.
 */
int screen_open(struct failure *failure);

/* Restores the terminal as screen_open() found it. Does nothing if it is not open. */
void screen_close(void);

/* Returns the next key typed, a character or KEY_ code, or -1 if there is none. Never waits. */
int screen_key(void);

/* Writes to the terminal the cells that changed since the last call. */
void screen_show(void);

/* Makes the next screen_show() write every cell. */
void screen_clear(void);

/* Reads the new size after SIGWINCH. The caller then passes KEY_RESIZE to ui_key(). */
void screen_resize(void);

/* Restores the terminal, stops this process as SIGTSTP would, and takes it again on SIGCONT. */
void screen_suspend(void);

#endif
