/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows over the view, of which there is at most one: question, menu, line, details, help. */
#ifndef X0_TUI_DIALOG_H
#define X0_TUI_DIALOG_H

#include <stdbool.h>

#include "control/action.h"
#include "table.h"

struct ui;

enum dialog_kind {
	DIALOG_NONE,
	DIALOG_QUESTION,
	DIALOG_ACTIONS, /* what can be done with the highlighted row */
	DIALOG_SORT, /* the column to sort by */
	DIALOG_SEARCH,
	DIALOG_FILTER,
	DIALOG_RULE, /* a line "pass|drop KEY" */
	DIALOG_DETAILS,
	DIALOG_PROBLEMS, /* all of them */
	DIALOG_HELP,
	DIALOG_KINDS,
};

enum { DIALOG_ITEMS_MAX = TABLE_COLUMNS_MAX + 1, DIALOG_QUESTION_LEN = 512 };

struct dialog_item {
	char label[64];
	const char *why_not; /* NULL: can be chosen */
	struct action action;
	int column; /* DIALOG_SORT */
	bool opens_rule_line;
};

struct dialog {
	enum dialog_kind kind;
	bool yes; /* DIALOG_QUESTION: what Enter would say */
	int n_items;
	int item; /* the highlighted one */
	int scroll; /* DIALOG_DETAILS, DIALOG_HELP */
	int scroll_max; /* as of the last drawing */
	struct action action;
	char question[DIALOG_QUESTION_LEN];
	char line[TABLE_KEY_LEN];
	char line_before[TABLE_KEY_LEN]; /* what Esc brings back */
	char error[REASON_LEN];
	struct dialog_item items[DIALOG_ITEMS_MAX];
};

void dialog_close(struct ui *ui);
void dialog_ask(struct ui *ui, const char *question, const struct action *action);
void dialog_open(struct ui *ui, enum dialog_kind kind);

/* Handles a key while a dialog is open. Returns flags of enum ui_result. */
unsigned int dialog_key(struct ui *ui, int key);

void dialog_draw(struct ui *ui);

#endif
