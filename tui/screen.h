/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal: opening it, reading keys, showing what was drawn, giving it back as it was. Nobody
 * else calls curses' initscr and endwin. It installs no handlers but for crashes: signals that end,
 * stop or resize are the event loop's, which reads them from a file descriptor.
 */
#ifndef X0_TUI_SCREEN_H
#define X0_TUI_SCREEN_H

#include "base/failure.h"

/*
 * Takes over the terminal on standard input and output. Colours are off if NO_COLOR is set, drawing
 * is ASCII without a UTF-8 locale (setlocale() is called here). Returns 0, or with the terminal
 * untouched and *failure set: -ENOTTY if there is no terminal, -ENOTSUP if TERM is unset, unknown or
 * cannot do it.
 */
int screen_open(struct failure *failure);

/* Gives the terminal back as screen_open() found it. Does nothing if it is not open. */
void screen_close(void);

/* The next key that was typed, a character or KEY_ code; -1 if there is none. Never waits. */
int screen_key(void);

/* Brings to the terminal what has changed since the last time. */
void screen_show(void);

/* Forgets what the terminal shows, so that screen_show() writes all of it. */
void screen_clear(void);

/* Learns the new size, after SIGWINCH. Then give KEY_RESIZE to ui_key(). */
void screen_resize(void);

/* Gives the terminal back, stops this process as SIGTSTP would, and takes it again on SIGCONT. */
void screen_suspend(void);

#endif
