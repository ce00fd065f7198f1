// SPDX-License-Identifier: BSD-2-Clause
#include "dialog.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "keys.h"
#include "model/names.h"
#include "ui_state.h"

enum { DONE = UI_HANDLED | UI_REDRAW };

void dialog_close(struct ui *ui)
{
	ui->dialog.kind = DIALOG_NONE;
}

/* --- opening ------------------------------------------------------------------------------------ */

static void fill_actions(struct ui *ui)
{
	dialog_add_actions(ui);
	if (ui->dialog.n_items == 0) {
		dialog_close(ui);
		ui_refuse(ui, "No actions for this row: programs are in view 2, rules in view 4.");
	}
}

static void fill_sort(struct ui *ui)
{
	const struct table *table = ui_table(ui);

	for (int i = 0; i < table->n_columns; i++) {
		const struct column *column = &table->columns[i];

		if (column->kind == COLUMN_GRAPH)
			continue;
		if (i == table->sort)
			ui->dialog.item = ui->dialog.n_items;
		dialog_add_item(&ui->dialog, column->title, NULL)->column = i;
	}
	if (table->sort == SORT_NONE)
		ui->dialog.item = ui->dialog.n_items;
	dialog_add_item(&ui->dialog, "snapshot order", NULL)->column = SORT_NONE;
}

void dialog_open(struct ui *ui, enum dialog_kind kind)
{
	struct dialog *dialog = &ui->dialog;

	memset(dialog, 0, sizeof(*dialog));
	dialog->kind = kind;
	if (kind == DIALOG_ACTIONS)
		fill_actions(ui);
	if (kind == DIALOG_SORT)
		fill_sort(ui);
	if (kind == DIALOG_FILTER)
		snprintf(dialog->line, sizeof(dialog->line), "%s", ui_table(ui)->filter);
	snprintf(dialog->line_before, sizeof(dialog->line_before), "%s", dialog->line);
}

void dialog_open_class(struct ui *ui)
{
	dialog_open(ui, DIALOG_CLASS);
	ui->dialog.action = (struct action) {
		.actor = ACTOR_KEY,
		.verb = &control_verbs[VERB_CLASS_ADD],
	};
}

void dialog_open_rule(struct ui *ui, const struct rule_form *form)
{
	dialog_open(ui, DIALOG_RULE);
	ui->dialog.form = *form;
	rule_form_learn(&ui->dialog.form, ui->snapshot);
	if (form->values[0][0] == '\0')
		rule_form_set(&ui->dialog.form, FORM_ACTION, "%s", mesh_action_names[MESH_DROP]);
}

void dialog_ask(struct ui *ui, const char *question, const struct action *action)
{
	dialog_open(ui, DIALOG_QUESTION);
	ui->dialog.action = *action;
	snprintf(ui->dialog.question, sizeof(ui->dialog.question), "%s", question);
}

/* --- keys --------------------------------------------------------------------------------------- */

static bool is_enter(int key)
{
	return key == KEY_RETURN || key == '\n' || key == KEY_ENTER;
}

static unsigned int question_answer(struct ui *ui, bool yes)
{
	ui->action = ui->dialog.action;
	dialog_close(ui);
	if (yes)
		return DONE | UI_ACTION | UI_CONFIRMED;
	ui_refuse(ui, "Nothing changed.");
	return DONE;
}

static unsigned int question_key(struct ui *ui, int key)
{
	switch (key) {
	case 'y':
	case 'Y':
		return question_answer(ui, true);
	case 'n':
	case 'N':
	case 'q':
	case KEY_ESCAPE:
		return question_answer(ui, false);
	case KEY_LEFT:
	case KEY_RIGHT:
	case '\t':
	case KEY_BTAB:
		ui->dialog.yes = !ui->dialog.yes;
		return DONE;
	default:
		return is_enter(key) ? question_answer(ui, ui->dialog.yes) : UI_HANDLED;
	}
}

static unsigned int menu_choose(struct ui *ui)
{
	const struct dialog_item *item = &ui->dialog.items[ui->dialog.item];
	enum dialog_kind kind = ui->dialog.kind;

	if (item->why_not != NULL) {
		snprintf(ui->dialog.error, sizeof(ui->dialog.error), "%s", item->why_not);
		return DONE;
	}
	if (kind == DIALOG_SORT) {
		dialog_close(ui);
		table_sort(ui_table(ui), ui->snapshot, item->column);
		return DONE;
	}
	if (item->opens_rule_form) {
		dialog_open_rule(ui, &(const struct rule_form) { 0 });
		return DONE;
	}
	if (item->asks_file) {
		const struct action action = item->action;
		dialog_open(ui, DIALOG_FILE);
		ui->dialog.action = action;
		return DONE;
	}
	ui->action = item->action;
	dialog_close(ui);
	return DONE | UI_ACTION;
}

static unsigned int menu_key(struct ui *ui, int key)
{
	struct dialog *dialog = &ui->dialog;

	dialog->error[0] = '\0';
	if (key == KEY_ESCAPE || key == 'q' || key == KEY_F(9) || key == KEY_F(6))
		dialog_close(ui);
	else if (key == KEY_UP)
		dialog->item = (dialog->item + dialog->n_items - 1) % dialog->n_items;
	else if (key == KEY_DOWN)
		dialog->item = (dialog->item + 1) % dialog->n_items;
	else if (is_enter(key))
		return menu_choose(ui);
	else
		return UI_HANDLED;
	return DONE;
}

/* Applies the typed text at once. */
static void line_changed(struct ui *ui)
{
	struct dialog *dialog = &ui->dialog;
	struct table *table = ui_table(ui);

	dialog->error[0] = '\0';
	if (dialog->kind == DIALOG_SEARCH && dialog->line[0] != '\0' &&
		!table_search(table, ui->snapshot, dialog->line, 0))
		snprintf(dialog->error, sizeof(dialog->error), "no match");
	if (dialog->kind == DIALOG_FILTER) {
		snprintf(table->filter, sizeof(table->filter), "%.*s", TABLE_FILTER_LEN - 1,
			dialog->line);
		table_update(table, ui->snapshot);
	}
}

/* The typed text is the rest of the action. */
static unsigned int operand_enter(struct ui *ui)
{
	struct dialog *dialog = &ui->dialog;
	struct failure failure = { 0 };
	char text[RULE_LEN];

	snprintf(text, sizeof(text), "%s %s %s%s%s", dialog->action.verb->object,
		dialog->action.verb->word, dialog->action.program,
		dialog->action.program[0] != '\0' ? " " : "", dialog->line);
	if (action_parse(text, &dialog->action, &failure) < 0) {
		snprintf(dialog->error, sizeof(dialog->error), "%s", failure.what);
		return DONE;
	}
	ui->action = dialog->action;
	dialog_close(ui);
	return DONE | UI_ACTION;
}

static unsigned int line_enter(struct ui *ui)
{
	struct dialog *dialog = &ui->dialog;

	if (dialog->kind == DIALOG_FILE || dialog->kind == DIALOG_CLASS)
		return operand_enter(ui);

	if (dialog->kind == DIALOG_SEARCH)
		snprintf(
			ui->search, sizeof(ui->search), "%.*s", TABLE_FILTER_LEN - 1, dialog->line);
	dialog_close(ui);
	return DONE;
}

static unsigned int line_key(struct ui *ui, int key)
{
	struct dialog *dialog = &ui->dialog;
	size_t length = strlen(dialog->line);
	bool operand = dialog->kind == DIALOG_FILE || dialog->kind == DIALOG_CLASS;
	size_t room = operand ? DIALOG_LINE_LEN : TABLE_FILTER_LEN;

	if (is_enter(key))
		return line_enter(ui);
	if (key == KEY_ESCAPE) {
		memcpy(dialog->line, dialog->line_before, sizeof(dialog->line));
		line_changed(ui);
		dialog_close(ui);
		return DONE;
	}
	if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && length > 0)
		dialog->line[length - 1] = '\0';
	else if (key == ('u' & 0x1f)) /* Ctrl-U clears the line, as in the terminal driver */
		dialog->line[0] = '\0';
	else if (key < 128 && isprint(key) && length + 1 < room) {
		dialog->line[length] = (char)key;
		dialog->line[length + 1] = '\0';
	} else
		return UI_HANDLED;
	line_changed(ui);
	return DONE;
}

static unsigned int form_done(struct ui *ui)
{
	struct failure failure = { 0 };
	char text[2 * RULE_LEN];

	rule_form_write(&ui->dialog.form, text, sizeof(text));
	if (rule_form_has_lost(&ui->dialog.form, ui->snapshot, &failure) ||
		action_parse(text, &ui->action, &failure) < 0) {
		snprintf(ui->dialog.error, sizeof(ui->dialog.error), "%s", failure.what);
		return DONE;
	}
	ui->action.actor = ACTOR_KEY;
	ui->action.confirmed = false;
	if (ui->dialog.form.type != NULL) /* of mesh rules, rule_form_has_lost() has looked */
		memcpy(ui->action.seen, ui->dialog.form.key, sizeof(ui->action.seen));
	dialog_close(ui);
	return DONE | UI_ACTION;
}

static unsigned int form_key(struct ui *ui, int key)
{
	enum rule_form_result result = rule_form_key(&ui->dialog.form, key);

	ui->dialog.error[0] = '\0';
	if (result == FORM_DONE)
		return form_done(ui);
	if (result == FORM_LEFT)
		dialog_close(ui);
	return result == FORM_IGNORED ? UI_HANDLED : DONE;
}

static unsigned int page_key(struct ui *ui, int key)
{
	struct dialog *dialog = &ui->dialog;

	switch (key) {
	case KEY_UP:
		dialog->scroll--;
		break;
	case KEY_DOWN:
		dialog->scroll++;
		break;
	case KEY_PPAGE:
		dialog->scroll -= 10;
		break;
	case KEY_NPAGE:
		dialog->scroll += 10;
		break;
	case KEY_HOME:
		dialog->scroll = 0;
		break;
	case KEY_END:
		dialog->scroll = dialog->scroll_max;
		break;
	default:
		/* Any other key closes help and details; Ctrl-C and F10 were handled before. */
		dialog_close(ui);
		return DONE;
	}
	if (dialog->scroll > dialog->scroll_max)
		dialog->scroll = dialog->scroll_max;
	if (dialog->scroll < 0)
		dialog->scroll = 0;
	return DONE;
}

unsigned int dialog_key(struct ui *ui, int key)
{
	static unsigned int (*const handlers[DIALOG_KINDS])(struct ui *, int) = {
		[DIALOG_QUESTION] = question_key,
		[DIALOG_ACTIONS] = menu_key,
		[DIALOG_SORT] = menu_key,
		[DIALOG_SEARCH] = line_key,
		[DIALOG_FILTER] = line_key,
		[DIALOG_FILE] = line_key,
		[DIALOG_CLASS] = line_key,
		[DIALOG_RULE] = form_key,
		[DIALOG_DETAILS] = page_key,
		[DIALOG_ALERTS] = page_key,
		[DIALOG_HELP] = page_key,
	};

	if (key == KEY_CTRL_C || key == KEY_F(10))
		return UI_HANDLED | UI_QUIT;
	if (key == KEY_RESIZE || key == KEY_CTRL_L)
		return DONE | (key == KEY_CTRL_L ? UI_RELOAD : 0);
	return handlers[ui->dialog.kind](ui, key);
}
