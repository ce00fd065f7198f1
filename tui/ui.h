/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dashboard: takes snapshots and keys, draws screens, and returns actions. It opens nothing,
 * waits for nothing and carries out nothing. The event loop does that:
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
 *	UI_REPLAY:	  ui_wish(ui) of the recording that ui_replay() told of
 *	UI_QUIT:	  leave the loop
 *	UI_REDRAW:	  ui_draw(ui); screen_show();
 *	ui_close(ui); screen_close();
 *
 * Handle the result of each key before passing the next: ui_action() holds one action.
 */
#ifndef X0_TUI_UI_H
#define X0_TUI_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "control/action.h"
#include "model/look.h"
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
	UI_REPLAY = 1 << 7, /* carry out ui_wish() */
	UI_BACK = 1 << 8, /* Esc, and there is nothing here to close */
};

/* Where a replay is. */
struct ui_replay {
	uint32_t at, count; /* samples, from 0 on */
	double speed; /* 1: as fast as it was recorded */
	bool playing;
	double span; /* from the first to the last, s, of what a Prometheus has; 0: it is a recording */
	double interval; /* between samples, s; 0: as ui_open() was told */
};

/* What a key wishes of a replay. */
struct ui_wish {
	enum {
		UI_WISH_STEP, /* a sample, and pause */
		UI_WISH_MINUTE,
		UI_WISH_TENTH, /* of the recording */
		UI_WISH_END, /* the first sample, or the last */
		UI_WISH_SPEED, /* half, or twice */
		UI_WISH_PLAY, /* pause, or go on */
		UI_WISH_SPAN, /* a longer time of a Prometheus, or a shorter one */
	} kind;
	int direction; /* -1 back, 1 forward */
};

/* Seconds that keys can choose. */
#define UI_INTERVAL_MIN 0.1
#define UI_INTERVAL_MAX 60.0

/* Returns a dashboard without a snapshot, or NULL if memory is short. Free with ui_close(). */
struct ui *ui_open(double interval);
void ui_close(struct ui *ui);

/* Copies a sample, unless paused. Returns UI_REDRAW if the screen changes. */
unsigned int ui_snapshot(struct ui *ui, const struct snapshot *snapshot);

/* Tells that samples come from a recording, and where it is: whenever that changes. */
void ui_replay(struct ui *ui, const struct ui_replay *replay);

/* Forgets all samples: the next one does not follow those before. */
void ui_rewind(struct ui *ui);

/* Returns the wish that UI_REPLAY announced. */
const struct ui_wish *ui_wish(const struct ui *ui);

/* Handles a character or a curses KEY_ code. Returns enum ui_result flags. */
unsigned int ui_key(struct ui *ui, int key);

/* Draws everything into stdscr; screen_show() writes it to the terminal. */
void ui_draw(struct ui *ui);

/* Returns what the screen shows, as bits of enum look, so that samples shall have it. */
unsigned int ui_looks(const struct ui *ui);

/* Fills in how the entries on the screen are sorted; all zero: none are, or as they come. */
void ui_sort(const struct ui *ui, struct look_sort *sort);

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
