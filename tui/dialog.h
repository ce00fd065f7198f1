/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens, handles and draws the one dialog over the view: question, menu, line, details, help. */
#ifndef X0_TUI_DIALOG_H
#define X0_TUI_DIALOG_H

#include <stdbool.h>

#include "control/action.h"
#include "rule_form.h"
#include "table.h"

struct ui;

enum dialog_kind {
	DIALOG_NONE,
	DIALOG_QUESTION,
	DIALOG_ACTIONS, /* actions for the highlighted row */
	DIALOG_SORT, /* choice of the sort column */
	DIALOG_SEARCH,
	DIALOG_FILTER,
	DIALOG_FILE, /* that takes the place of a program */
	DIALOG_CLASS, /* a line of the traffic classes */
	DIALOG_RULE, /* form for a rule */
	DIALOG_DETAILS,
	DIALOG_ALERTS, /* now and before */
	DIALOG_HELP,
	DIALOG_KINDS,
};

enum {
	DIALOG_ITEMS_MAX = TABLE_COLUMNS_MAX + 1,
	DIALOG_QUESTION_LEN = 512,
	DIALOG_LINE_LEN = PROGRAM_PATH_LEN,
};

struct dialog_item {
	char label[64];
	const char *why_not; /* why it cannot be chosen; NULL: it can */
	struct action action;
	int column; /* of DIALOG_SORT */
	bool opens_rule_form;
	bool asks_file;
};

struct dialog {
	enum dialog_kind kind;
	bool yes; /* DIALOG_QUESTION: Yes is highlighted */
	int n_items;
	int item; /* highlighted */
	int scroll; /* first line shown, of DIALOG_DETAILS and DIALOG_ALERTS */
	int scroll_max; /* set by the last drawing */
	struct action action; /* of DIALOG_QUESTION, DIALOG_FILE and DIALOG_CLASS */
	char question[DIALOG_QUESTION_LEN];
	char line[DIALOG_LINE_LEN];
	char line_before[DIALOG_LINE_LEN]; /* restored by Esc */
	char error[REASON_LEN];
	struct dialog_item items[DIALOG_ITEMS_MAX];
	struct rule_form form;
};

void dialog_close(struct ui *ui);

/* Adds an item of a menu, whose label is copied; `why_not` is kept. Returns it, with no action yet. */
struct dialog_item *dialog_add_item(struct dialog *dialog, const char *label, const char *why_not);

/* Adds what can be done with the highlighted row of the present view; nothing if nothing can. */
void dialog_add_actions(struct ui *ui);

/* Opens a Yes/No question about an action. No is the default. Copies both. */
void dialog_ask(struct ui *ui, const char *question, const struct action *action);

/* Opens a dialog for the present view and its highlighted row. */
void dialog_open(struct ui *ui, enum dialog_kind kind);

/* Opens the line in which a line of the traffic classes is written, for a new one. */
void dialog_open_class(struct ui *ui);

/* Opens the form for a rule with a copy of `form`. */
void dialog_open_rule(struct ui *ui, const struct rule_form *form);

/* Handles a key while a dialog is open. Returns flags of enum ui_result. */
unsigned int dialog_key(struct ui *ui, int key);

/* Draws the open dialog over the screen; nothing if none is open. */
void dialog_draw(struct ui *ui);

#endif
