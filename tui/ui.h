/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dashboard: what it shows, what the operator chose, and what a key means. It takes snapshots
 * and gives actions; it opens nothing, waits for nothing and carries nothing out. The event loop
 * does that:
 *
 *	screen_open(&failure);
 *	ui = ui_open(interval);
 *	on a sample:	  result = ui_snapshot(ui, &snapshot);
 *	on input:	  while ((key = screen_key()) >= 0) result |= ui_key(ui, key);
 *	on SIGWINCH:	  screen_resize(); result |= ui_key(ui, KEY_RESIZE);
 *	on SIGTSTP:	  screen_suspend(); result |= UI_REDRAW;
 *	UI_ACTION:	  if not UI_CONFIRMED and orchestrator_decide() says so: ui_ask(question)
 *			  else orchestrator_apply(), then ui_failure() or ui_message()
 *	UI_INTERVAL:	  set the timer to ui_interval(ui)
 *	UI_QUIT:	  leave the loop
 *	UI_REDRAW:	  ui_draw(ui); screen_show();
 *	ui_close(ui); screen_close();
 *
 * Handle the result of each key before the next one: ui_action() holds one action.
 */
#ifndef X0_TUI_UI_H
#define X0_TUI_UI_H

#include "base/failure.h"
#include "control/action.h"
#include "model/snapshot.h"

struct ui;

/* What became of a key, or of a snapshot: flags. */
enum ui_result {
	UI_IGNORED = 0,
	UI_HANDLED = 1 << 0, /* the key means something here */
	UI_REDRAW = 1 << 1, /* what is on the screen is no longer true: draw */
	UI_QUIT = 1 << 2,
	UI_ACTION = 1 << 3, /* carry out ui_action() */
	UI_CONFIRMED = 1 << 4, /* the operator has said yes to it already */
	UI_INTERVAL = 1 << 5, /* ui_interval() has changed */
	UI_RELOAD = 1 << 6, /* the terminal may show anything: screen_clear() before drawing */
};

#define UI_INTERVAL_MIN 0.1
#define UI_INTERVAL_MAX 60.0

/* Returns a dashboard that knows no snapshot yet, or NULL for lack of memory. */
struct ui *ui_open(double interval);
void ui_close(struct ui *ui);

/* Takes a copy of a sample, unless paused. Returns UI_REDRAW if anything is to be drawn. */
unsigned int ui_snapshot(struct ui *ui, const struct snapshot *snapshot);

/* `key` is a character or one of curses' KEY_ codes. Returns flags of enum ui_result. */
unsigned int ui_key(struct ui *ui, int key);

/* Draws everything into stdscr. screen_show() brings to the terminal what has changed. */
void ui_draw(struct ui *ui);

/* The action that UI_ACTION speaks of, as ACTOR_KEY. */
const struct action *ui_action(const struct ui *ui);

/* Seconds between samples: what ui_open() was told, until keys choose UI_INTERVAL_MIN to _MAX. */
double ui_interval(const struct ui *ui);

/* Asks before an action. The default is No; a yes comes from ui_key() with UI_CONFIRMED. */
void ui_ask(struct ui *ui, const char *question, const struct action *action);

/* Says that something was done; goes by itself after some samples. */
void ui_message(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says that something failed and what to do; stays until the next key. */
void ui_failure(struct ui *ui, const struct failure *failure);

#endif
