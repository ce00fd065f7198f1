// SPDX-License-Identifier: BSD-2-Clause
/* Draws dialogs. */
#include <stdio.h>
#include <string.h>

#include "alerts_page.h"
#include "dialog.h"
#include "keys.h"
#include "ui_state.h"

static struct area centered(int height, int width)
{
	if (width > COLS - 2)
		width = COLS - 2;
	if (height > LINES - 2)
		height = LINES - 2;
	return (struct area) { (LINES - height) / 2, (COLS - width) / 2, height, width };
}

static void draw_button(int y, int x, bool chosen, const char *label)
{
	draw_format(y, x, 10, chosen ? STYLE_SELECTED : STYLE_TEXT, "  %s  ", label);
}

static void draw_question(const struct dialog *dialog)
{
	int width = COLS - 8 < 64 ? COLS - 8 : 64;
	int lines = draw_wrapped(0, 0, width - 4, 0, STYLE_TEXT, dialog->question);
	struct area area = centered(lines + 6, width);
	int y = area.y + area.height - 3;

	draw_frame(area, "Confirm");
	draw_wrapped(area.y + 2, area.x + 2, area.width - 4, area.height - 6, STYLE_TEXT,
		dialog->question);
	draw_button(y, area.x + 2, dialog->yes, "Yes");
	draw_button(y, area.x + 11, !dialog->yes, "No");
	draw_text(y, area.x + 20, area.width - 22, STYLE_DIM, "y or n, or arrows and Enter");
}

static void draw_menu(struct dialog *dialog)
{
	struct area area = centered(dialog->n_items + 4, 56);
	int shown = area.height - 4;
	int first = dialog->item >= shown ? dialog->item - shown + 1 : 0;

	draw_frame(area, dialog->kind == DIALOG_SORT ? "Sort by" : "Actions");
	for (int i = 0; i < shown && first + i < dialog->n_items; i++) {
		const struct dialog_item *item = &dialog->items[first + i];
		bool chosen = first + i == dialog->item;
		enum style style = item->why_not != NULL ? STYLE_DISABLED : STYLE_TEXT;

		if (chosen)
			draw_fill(area.y + 1 + i, area.x + 1, area.width - 2, STYLE_SELECTED, L' ');
		draw_text(area.y + 1 + i, area.x + 3, area.width - 6,
			chosen ? STYLE_SELECTED : style, item->label);
	}
	draw_text(area.y + area.height - 2, area.x + 3, area.width - 6,
		dialog->error[0] != '\0' ? STYLE_WARN : STYLE_DIM,
		dialog->error[0] != '\0' ? dialog->error : "Enter chooses, Esc closes");
}

/* Draws search, filter, file and line of a class in the bottom line, where they hide no row; of a long line the end. */
static void draw_bottom_line(const struct dialog *dialog)
{
	static const char *const labels[DIALOG_KINDS] = {
		[DIALOG_SEARCH] = "Search: ",
		[DIALOG_FILTER] = "Filter: ",
		[DIALOG_FILE] = "File: ",
		[DIALOG_CLASS] = "Line: ",
	};
	static const char *const hints[DIALOG_KINDS] = {
		[DIALOG_SEARCH] = "Enter keeps, Esc cancels",
		[DIALOG_FILTER] = "Enter keeps, Esc cancels",
		[DIALOG_FILE] = "Enter replaces; FILE canary 60: on trial",
		[DIALOG_CLASS] = "Enter adds, Esc cancels",
	};
	const char *label = labels[dialog->kind], *hint = hints[dialog->kind], *line = dialog->line;
	int y = LINES - 1, used, length = (int)strlen(line);
	int room = COLS - (int)strlen(label) - (int)strlen(hint) - 5;

	if (room > 0 && length > room)
		line += length - room;

	draw_fill(y, 0, COLS, STYLE_TEXT, L' ');
	used = 1 + draw_text(y, 1, COLS - 2, STYLE_KEY, label);
	used += draw_text(y, used, COLS - used - 2, STYLE_STRONG, line);
	draw_cell(y, used, STYLE_SELECTED, L' ');
	used += 3;
	used += draw_text(y, used, COLS - used, STYLE_WARN, dialog->error);
	if (used < COLS)
		draw_right(y, used, COLS - used - 1, STYLE_DIM, hint);
}

/* Draws lines in a window that scrolls. */
static void draw_page(struct ui *ui, const struct details *details)
{
	struct area area = centered(LINES - 4, COLS - 6 < 100 ? COLS - 6 : 100);
	struct area inside = { area.y + 1, area.x + 2, area.height - 2, area.width - 4 };
	struct dialog *dialog = &ui->dialog;

	draw_frame(area, details->title);
	int needed = details_draw(details, inside, dialog->scroll);
	dialog->scroll_max = needed > inside.height ? needed - inside.height : 0;
	draw_text(area.y + area.height - 1, area.x + 2, area.width - 4, STYLE_DIM,
		dialog->scroll_max > 0 ? " arrows scroll, Esc closes " : " Esc closes ");
}

static void draw_details_page(struct ui *ui)
{
	struct details details = { 0 };
	struct table *table = ui_table(ui);
	int row = table != NULL ? table_selected(table) : -1;

	if (row < 0 || ui_view(ui)->details == NULL)
		return dialog_close(ui);
	ui_view(ui)->details(ui->snapshot, (uint32_t)row, &details);
	draw_page(ui, &details);
}

static void draw_alerts(struct ui *ui)
{
	struct details details = { 0 };

	alerts_page(ui->snapshot, &details);
	draw_page(ui, &details);
}

static const char *help_end(const struct ui *ui, bool disabled)
{
	if (ui->dialog.scroll_max > 0)
		return disabled ? "Arrows scroll; grey keys are disabled."
				: "Arrows scroll, other keys close.";
	return ui_is_replay(ui) ? "A recording: grey keys are disabled."
	       : disabled	? "Read-only: grey keys are disabled."
				: "Any key closes the help.";
}

/* In two columns where words have room in both; what has no room is scrolled to. */
static void draw_help(struct ui *ui)
{
	enum { TWO = 76 };
	const struct key *list[KEYS_MAX];
	const int n = keys_list(ui, list), columns = COLS >= TWO ? 2 : 1,
		  lines = (n + columns - 1) / columns;
	struct area area = centered(lines + 3, columns == 2 ? 86 : 43);
	const int width = (area.width - 4) / columns, shown = area.height - 3;
	const bool disabled = ui_is_replay(ui) || ui->snapshot->self.readonly;
	struct dialog *dialog = &ui->dialog;

	dialog->scroll_max = lines > shown ? lines - shown : 0;
	if (dialog->scroll > dialog->scroll_max)
		dialog->scroll = dialog->scroll_max;
	draw_frame(area, "Keys");
	for (int i = 0; i < n; i++) {
		int row = i % lines - dialog->scroll, y = area.y + 1 + row,
		    x = area.x + 2 + i / lines * width;
		bool off = list[i]->changes && disabled;

		if (row < 0 || row >= shown)
			continue;
		draw_text(y, x, 10, off ? STYLE_DISABLED : STYLE_KEY, list[i]->keys);
		draw_text(y, x + 10, width - 11, off ? STYLE_DISABLED : STYLE_TEXT, list[i]->help);
	}
	draw_text(area.y + area.height - 2, area.x + 2, area.width - 4, STYLE_DIM,
		help_end(ui, disabled));
}

void dialog_draw(struct ui *ui)
{
	switch (ui->dialog.kind) {
	case DIALOG_QUESTION:
		return draw_question(&ui->dialog);
	case DIALOG_ACTIONS:
	case DIALOG_SORT:
		return draw_menu(&ui->dialog);
	case DIALOG_SEARCH:
	case DIALOG_FILTER:
	case DIALOG_FILE:
	case DIALOG_CLASS:
		return draw_bottom_line(&ui->dialog);
	case DIALOG_RULE:
		return rule_form_draw(&ui->dialog.form, ui->dialog.error);
	case DIALOG_DETAILS:
		return draw_details_page(ui);
	case DIALOG_ALERTS:
		return draw_alerts(ui);
	case DIALOG_HELP:
		return draw_help(ui);
	default:
		return;
	}
}
