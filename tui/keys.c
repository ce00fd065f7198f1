// SPDX-License-Identifier: BSD-2-Clause
#include "keys.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "keys_change.h"

enum { DONE = UI_HANDLED | UI_REDRAW };

/* --- looking ------------------------------------------------------------------------------------ */

static unsigned int run_quit(struct ui *ui, int code)
{
	(void)ui;
	(void)code;
	return UI_HANDLED | UI_QUIT;
}

static unsigned int run_help(struct ui *ui, int code)
{
	(void)code;
	dialog_open(ui, DIALOG_HELP);
	return DONE;
}

static unsigned int move_highlight(struct ui *ui, int rows)
{
	struct table *table = ui_table(ui);

	if (table == NULL)
		return UI_HANDLED;
	table_move(table, ui->snapshot, rows);
	/* In the list of events, the last row follows the newest event. */
	table->follow = ui->view == VIEW_EVENTS && table->at + 1 >= table->n_rows;
	return DONE;
}

static unsigned int run_row(struct ui *ui, int code)
{
	return move_highlight(ui, code == KEY_UP ? -1 : 1);
}

static unsigned int run_page(struct ui *ui, int code)
{
	struct table *table = ui_table(ui);
	int page = table != NULL && table->page > 0 ? (int)table->page : 1;

	return move_highlight(ui, code == KEY_PPAGE ? -page : page);
}

static unsigned int run_end(struct ui *ui, int code)
{
	return move_highlight(ui, code == KEY_HOME ? TABLE_FIRST : TABLE_LAST);
}

static unsigned int run_next_view(struct ui *ui, int code)
{
	int step = code == KEY_BTAB || code == KEY_LEFT ? VIEWS - 1 : 1;

	ui_show(ui, ui->parts[(ui_whole(ui) + (unsigned int)step) % VIEWS]);
	return DONE;
}

static unsigned int run_view(struct ui *ui, int code)
{
	ui_show(ui, ui->parts[code - '1']);
	return DONE;
}

static unsigned int run_part(struct ui *ui, int code)
{
	ui_show(ui, ui_next_part(ui, code == 'P' ? -1 : 1));
	return DONE;
}

static unsigned int run_details(struct ui *ui, int code)
{
	int row = ui_table(ui) != NULL ? table_selected(ui_table(ui)) : -1;

	(void)code;
	if (row >= 0 && ui_view(ui)->enter != NULL)
		ui_view(ui)->enter(ui, (uint32_t)row);
	else if (ui_view(ui)->details == NULL || table_selected(ui_table(ui)) < 0)
		ui_refuse(ui, "No details here.");
	else
		dialog_open(ui, DIALOG_DETAILS);
	return DONE;
}

static unsigned int run_alerts(struct ui *ui, int code)
{
	(void)code;
	dialog_open(ui, DIALOG_ALERTS);
	return DONE;
}

/* Esc clears one thing at a time, first a message, then the filter. It never quits. */
static unsigned int run_escape(struct ui *ui, int code)
{
	struct table *table = ui_table(ui);

	(void)code;
	const bool message = ui->message.what[0] != '\0';
	ui->message.what[0] = '\0';
	if (message)
		return DONE;
	if (table == NULL || table->filter[0] == '\0')
		return DONE | UI_BACK;
	table->filter[0] = '\0';
	table_update(table, ui->snapshot);
	return DONE;
}

static unsigned int run_pause(struct ui *ui, int code)
{
	(void)code;
	ui->paused = !ui->paused;
	return DONE;
}

static unsigned int run_interval(struct ui *ui, int code)
{
	static const double steps[] = { UI_INTERVAL_MIN, 0.2, 0.5, 1, 2, 5, 10, 30,
		UI_INTERVAL_MAX };
	const int n_steps = sizeof(steps) / sizeof(steps[0]);
	int at = 0;

	/* `+` lengthens the interval. From between two steps, go to the next one in that
	 * direction. */
	if (code == '-') {
		while (at + 1 < n_steps && steps[at + 1] < ui->interval)
			at++;
	} else {
		while (at + 1 < n_steps && steps[at] <= ui->interval)
			at++;
	}
	if (code == '-' ? steps[at] >= ui->interval : steps[at] <= ui->interval)
		return UI_HANDLED;
	ui->interval = steps[at];
	return DONE | UI_INTERVAL;
}

static unsigned int run_redraw(struct ui *ui, int code)
{
	(void)ui;
	return DONE | (code == KEY_CTRL_L ? UI_RELOAD : 0);
}

/* --- tables --------------------------------------------------------------------------------------- */

static unsigned int open_for_table(struct ui *ui, enum dialog_kind kind)
{
	if (ui_table(ui) == NULL)
		ui_refuse(ui, "No table in this view.");
	else
		dialog_open(ui, kind);
	return DONE;
}

static unsigned int run_search(struct ui *ui, int code)
{
	(void)code;
	return open_for_table(ui, DIALOG_SEARCH);
}

static unsigned int run_search_next(struct ui *ui, int code)
{
	struct table *table = ui_table(ui);

	if (table == NULL || ui->search[0] == '\0')
		ui_refuse(ui, "No search yet: press / to search.");
	else if (!table_search(table, ui->snapshot, ui->search, code == 'n' ? 1 : -1))
		ui_refuse(ui, "No row matches the search.");
	return DONE;
}

static unsigned int run_filter(struct ui *ui, int code)
{
	(void)code;
	return open_for_table(ui, DIALOG_FILTER);
}

static unsigned int run_sort(struct ui *ui, int code)
{
	struct table *table = ui_table(ui);

	if (code == KEY_F(6) || table == NULL)
		return open_for_table(ui, DIALOG_SORT);
	table->inverted = false;
	table->sort = table_next_sort(table, code == '<' ? -1 : 1);
	table_update(table, ui->snapshot);
	return DONE;
}

static unsigned int run_invert(struct ui *ui, int code)
{
	struct table *table = ui_table(ui);

	(void)code;
	if (table != NULL) {
		table->inverted = !table->inverted;
		table_update(table, ui->snapshot);
	}
	return DONE;
}

static unsigned int run_secure(struct ui *ui, int code)
{
	(void)code;
	ui_show(ui, ui_next_part(ui, 1));
	return DONE;
}

/* -------------------------------------------------------------------------------------------------- */

#define MESH_PARTS                                                          \
	(IN_VIEW(VIEW_MESH) | IN_VIEW(VIEW_FLOWS) | IN_VIEW(VIEW_SOURCES) | \
		IN_VIEW(VIEW_NEIGHBOURS) | IN_VIEW(VIEW_SETS))
#define IN_MESH	    (IN_VIEW(VIEW_OVERVIEW) | IN_VIEW(VIEW_MESH))
#define IN_RULES    (IN_VIEW(VIEW_MESH) | IN_LINES)
#define CLASS_PARTS (IN_VIEW(VIEW_CLASSES) | IN_VIEW(VIEW_SHARES) | IN_LINES | IN_VIEW(VIEW_QOS))
#define IN_LINES    IN_VIEW(VIEW_CLASS_LINES)
#define CAN_ENFORCE (IN_MESH | MESH_PARTS | CLASS_PARTS | IN_VIEW(VIEW_SIGNATURES))
#define CAN_TOGGLE  (IN_MESH | IN_VIEW(VIEW_PROGRAMS))
#define HAS_MENU \
	(CAN_TOGGLE | IN_VIEW(VIEW_SIGNATURES) | IN_VIEW(VIEW_MAPEK) | IN_LINES | IN_VIEW(VIEW_QOS))
#define MAPEK_PARTS (IN_VIEW(VIEW_MAPEK) | IN_VIEW(VIEW_ANOMALIES) | IN_VIEW(VIEW_WATCHED))
#define PROGRAM_PARTS \
	(IN_VIEW(VIEW_PROGRAMS) | IN_VIEW(VIEW_PLUGIN_MAPS) | IN_VIEW(VIEW_PLUGIN_ROWS))
#define HAS_PARTS   (MESH_PARTS | CLASS_PARTS | IN_SYSCALLS | MAPEK_PARTS | PROGRAM_PARTS)
#define CAN_ADD	    (MESH_PARTS | CLASS_PARTS)
#define CAN_UNDO    (CAN_ADD | IN_VIEW(VIEW_MAPEK))
#define IN_SYSCALLS (IN_VIEW(VIEW_SYSCALLS) | IN_VIEW(VIEW_SYSCALLS_SECURE))
#define ALWAYS	    IN_EVERY_VIEW

const struct key keys[] = {
	{ { '?', 'h', KEY_F(1) }, "? h F1", "help", "? Help", ALWAYS, false, run_help },
	{ { 'q', KEY_F(10), KEY_CTRL_C }, "q F10 ^C", "quit", "q Quit", ALWAYS, false, run_quit },
	{ { 'e' }, "e", "enforce, observe; do QoS", "e Enforce", CAN_ENFORCE, true, key_enforce },
	{ { 'a' }, "a", "add a rule, a class line", "a Add", CAN_ADD, true, key_add },
	{ { 'c' }, "c", "change the rule, the line", "c Change", IN_RULES, true, key_change },
	{ { 'd', KEY_DC }, "d Del", "delete the rule, the line", NULL, IN_RULES, true, key_delete },
	{ { 'i' }, "i", "insert one before it", NULL, IN_RULES, true, key_add },
	{ { 'K', 'J' }, "K J", "move it up, down", NULL, IN_RULES, true, key_move },
	{ { 's' }, "s", "calls: shared-host variant", "s Shared", IN_SYSCALLS, false, run_secure },
	{ { 'o' }, "o", "mesh: only neighbours, all", NULL, MESH_PARTS, true, key_only },
	{ { 'p', 'P' }, "p P", "next, previous part", "p Part", HAS_PARTS, false, run_part },
	{ { 't' }, "t", "turn the row on or off", "t Toggle", CAN_TOGGLE, true, key_toggle },
	{ { KEY_F(9) }, "F9", "actions for the row", "F9 Menu", HAS_MENU, false, key_menu },
	{ { 'u' }, "u", "undo the last change", "u Undo", CAN_UNDO, true, key_undo },
	{ { KEY_RETURN, '\n', KEY_ENTER }, "Enter", "details of the row", "Enter Details", ALWAYS,
		false, run_details },
	{ { 'w' }, "w", "alerts, also past ones", NULL, ALWAYS, false, run_alerts },
	{ { '/' }, "/", "search", "/ Search", ALWAYS, false, run_search },
	{ { 'n', 'N' }, "n N", "next, previous match", NULL, ALWAYS, false, run_search_next },
	{ { '\\', KEY_F(4) }, "\\ F4", "filter rows", "F4 Filter", ALWAYS, false, run_filter },
	{ { '<', '>', KEY_F(6) }, "< > F6", "choose the sort column", "F6 Sort", ALWAYS, false,
		run_sort },
	{ { 'I' }, "I", "invert the order", NULL, ALWAYS, false, run_invert },
	{ { ' ', 'Z' }, "Space Z", "pause, resume", "Space Pause", ALWAYS, false, run_pause },
	{ { '+', '-' }, "+ -", "interval between samples", NULL, ALWAYS, false, run_interval },
	{ { KEY_UP, KEY_DOWN }, "Up Down", "previous, next row", NULL, ALWAYS, false, run_row },
	{ { KEY_PPAGE, KEY_NPAGE }, "PgUp PgDn", "page up, down", NULL, ALWAYS, false, run_page },
	{ { KEY_HOME, KEY_END }, "Home End", "first, last row", NULL, ALWAYS, false, run_end },
	{ { '\t', KEY_BTAB }, "Tab S-Tab", "next, previous view", NULL, ALWAYS, false,
		run_next_view },
	{ { KEY_LEFT, KEY_RIGHT }, "L/R arrow", "previous, next view", NULL, ALWAYS, false,
		run_next_view },
	{ { '1', '2', '3', '4', '5', '6', '7', '8', '9' }, "1 to 9", "choose a view", NULL, ALWAYS,
		false, run_view },
	{ { KEY_ESCAPE }, "Esc", "close, clear the filter", NULL, ALWAYS, false, run_escape },
	{ { KEY_CTRL_L, KEY_RESIZE }, "Ctrl-L", "redraw the screen", NULL, ALWAYS, false,
		run_redraw },
};

const int n_keys = sizeof(keys) / sizeof(keys[0]);

/* Returns the key of a table that has this code, or NULL. */
static const struct key *find_in(const struct key *table, int n, int code)
{
	for (int i = 0; i < n; i++)
		for (int c = 0; c < KEY_CODES_MAX && table[i].codes[c] != 0; c++)
			if (table[i].codes[c] == code)
				return &table[i];
	return NULL;
}

static const struct key *key_find(const struct ui *ui, int code)
{
	const struct key *key = NULL;

	if (ui_is_past(ui))
		key = find_in(past_keys, n_past_keys, code);
	if (key == NULL && ui_is_replay(ui))
		key = find_in(replay_keys, n_replay_keys, code);
	return key != NULL ? key : find_in(keys, n_keys, code);
}

/* Adds the keys of a table that no other takes precedence of. */
static int list_keys(
	const struct ui *ui, const struct key *table, int count, const struct key **list, int n)
{
	for (int i = 0; i < count; i++)
		if (key_find(ui, table[i].codes[0]) == &table[i])
			list[n++] = &table[i];
	return n;
}

int keys_list(const struct ui *ui, const struct key *list[KEYS_MAX])
{
	enum { FIRST = 2 }; /* help and quit: the line at the bottom has no room for all */
	int n = list_keys(ui, keys, FIRST, list, 0);

	n = list_keys(ui, past_keys, n_past_keys, list, n);
	n = list_keys(ui, replay_keys, n_replay_keys, list, n);
	return list_keys(ui, keys + FIRST, n_keys - FIRST, list, n);
}

const char *key_why_not(const struct ui *ui, const struct key *key)
{
	if ((key->views & IN_VIEW(ui->view)) == 0)
		return "This key works in another view: press ? for help.";
	if (ui_is_replay(ui) && (key->changes || key->run == key_menu))
		return ui_is_past(ui) ? "This is the past: nothing can be changed."
				      : "This is a recording: nothing can be changed.";
	if (key->changes && ui->snapshot->self.readonly)
		return "Read-only: changes are disabled.";
	return NULL;
}

unsigned int keys_run(struct ui *ui, int code)
{
	const struct key *key = key_find(ui, code);
	const char *why_not;

	if (key == NULL)
		return UI_IGNORED;
	/* The next key clears a message; Esc does nothing else. */
	if (code != KEY_ESCAPE)
		ui->message.what[0] = '\0';
	why_not = key_why_not(ui, key);
	if (why_not != NULL) {
		ui_refuse(ui, why_not);
		return DONE;
	}
	return key->run(ui, code) | UI_REDRAW;
}
