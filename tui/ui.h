/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dashboard: takes snapshots and keys, draws screens, and returns actions. It opens nothing, waits
 * for nothing and carries out nothing. The event loop does that:
 *
 *	screen_open(&failure);
 *	ui = ui_open(interval);
 *	on a sample:	  result = ui_snapshot(ui, &snapshot);
 *	on input:	  while ((key = screen_key()) >= 0) result |= ui_key(ui, key);
 *	on SIGWINCH:	  screen_resize(); result |= ui_key(ui, KEY_RESIZE);
 *	on SIGTSTP:	  screen_suspend(); result |= UI_REDRAW;
 *	UI_ACTION:	  unless UI_CONFIRMED, if orchestrator_decide() says ask: ui_ask(question)
 *			  else orchestrator_apply(), then ui_failure() or ui_message()
 *	UI_INTERVAL:	  set the timer to ui_interval(ui)
 *	UI_QUIT:	  leave the loop
 *	UI_REDRAW:	  ui_draw(ui); screen_show();
 *	ui_close(ui); screen_close();
 *
 * Handle the result of each key before passing the next: ui_action() holds one action.
 */
#ifndef X0_TUI_UI_H
#define X0_TUI_UI_H

#include "base/failure.h"
#include "control/action.h"
#include "model/snapshot.h"

struct ui;

/* Flags: the effect of a key or a snapshot. */
enum ui_result {
	UI_IGNORED = 0,
	UI_HANDLED = 1 << 0, /* the key has a function here */
	UI_REDRAW = 1 << 1, /* the screen is out of date: draw */
	UI_QUIT = 1 << 2,
	UI_ACTION = 1 << 3, /* carry out ui_action() */
	UI_CONFIRMED = 1 << 4, /* the operator has confirmed it */
	UI_INTERVAL = 1 << 5, /* ui_interval() changed */
	UI_RELOAD = 1 << 6, /* call screen_clear() before drawing */
};

/* Seconds that keys can choose. */
#define UI_INTERVAL_MIN 0.1
#define UI_INTERVAL_MAX 60.0

/* Returns a dashboard without a snapshot, or NULL if memory is short. Free with ui_close(). */
struct ui *ui_open(double interval);
void ui_close(struct ui *ui);

/* Copies a sample, unless paused. Returns UI_REDRAW if the screen changes. */
unsigned int ui_snapshot(struct ui *ui, const struct snapshot *snapshot);

/* Handles a character or a curses KEY_ code. Returns enum ui_result flags. */
unsigned int ui_key(struct ui *ui, int key);

/* Draws everything into stdscr; screen_show() writes it to the terminal. */
void ui_draw(struct ui *ui);

/* Returns the action that UI_ACTION announced, with ACTOR_KEY. */
const struct action *ui_action(const struct ui *ui);

/* Returns the seconds between samples: from ui_open(), then as chosen by keys. */
double ui_interval(const struct ui *ui);

/* Asks before an action; No is the default. On Yes, ui_key() returns UI_CONFIRMED. */
void ui_ask(struct ui *ui, const char *question, const struct action *action);

/* Shows a message for a few samples. */
void ui_message(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Shows a failure and its remedy until the next key. */
void ui_failure(struct ui *ui, const struct failure *failure);

#endif
