// SPDX-License-Identifier: BSD-2-Clause
#include "keys.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "mapek_panel.h"
#include "mesh_panel.h"
#include "programs/xdp_mesh_filter_only.h"

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

/* --- changing ------------------------------------------------------------------------------------- */

static unsigned int run_toggle(struct ui *ui, int code)
{
	const struct view *view = ui_view(ui);
	struct table *table = ui_table(ui);
	int row = table != NULL ? table_selected(table) : -1;
	const char *why_not = "Nothing to toggle here: programs are in view 2, rules in view 4.";
	struct action action = { .actor = ACTOR_KEY };

	(void)code;
	if (view->toggle != NULL)
		why_not = row < 0 ? "No row to toggle."
				  : view->toggle(ui->snapshot, (uint32_t)row, &action);
	if (why_not != NULL) {
		ui_refuse(ui, why_not);
		return DONE;
	}
	ui->action = action;
	return DONE | UI_ACTION;
}

static unsigned int run_menu(struct ui *ui, int code)
{
	(void)code;
	dialog_open(ui, DIALOG_ACTIONS);
	return DONE;
}

static unsigned int run_enforce(struct ui *ui, int code)
{
	const char *name = ui_view(ui)->enforcer->name;
	const struct snapshot_program *program = ui_program(ui->snapshot, ui_view(ui)->enforcer);

	(void)code;
	if (program == NULL || (program->state != PROGRAM_ON && program->state != PROGRAM_PARTLY)) {
		ui_message(ui, "%s is not running: turn it on first.", name);
		return DONE;
	}
	ui->action = (struct action) {
		.actor = ACTOR_KEY,
		.verb = &control_verbs[program->enforcing ? VERB_ENFORCE_OFF : VERB_ENFORCE_ON],
	};
	snprintf(ui->action.program, sizeof(ui->action.program), "%s", name);
	return DONE | UI_ACTION;
}

/* Opens the form: `i` for a place before the highlighted rule, `a` behind the last. */
static unsigned int run_add(struct ui *ui, int code)
{
	struct rule_form form = { 0 };
	int row = table_selected(&ui->tables[VIEW_MESH]);

	if (ui->view == VIEW_CLASSES) {
		dialog_open_class(ui);
		return DONE;
	}
	if (code == 'i' && row >= 0)
		rule_form_set(&form, FORM_PLACE, "%u", ui->snapshot->mesh.rules[row].number);
	dialog_open_rule(ui, &form);
	return DONE;
}

/* Returns the highlighted rule; NULL, and says so, without one. */
static const struct snapshot_rule *selected_rule(struct ui *ui)
{
	int row = table_selected(&ui->tables[VIEW_MESH]);

	if (row < 0)
		ui_refuse(ui, "No rule is highlighted.");
	return row < 0 ? NULL : &ui->snapshot->mesh.rules[row];
}

static unsigned int run_change(struct ui *ui, int code)
{
	const struct snapshot_rule *rule = selected_rule(ui);
	struct rule_form form;

	(void)code;
	if (rule == NULL)
		return DONE;
	rule_form_read(&form, rule);
	dialog_open_rule(ui, &form);
	return DONE;
}

static unsigned int request(struct ui *ui, uint32_t verb, uint32_t number)
{
	ui->action = (struct action) {
		.actor = ACTOR_KEY,
		.verb = &mesh_filter_verbs[verb],
		.number = number,
	};
	return DONE | UI_ACTION;
}

/* A change of a rule that is shown; `to`: where it goes. */
static unsigned int request_of(
	struct ui *ui, uint32_t verb, const struct snapshot_rule *rule, uint32_t to)
{
	unsigned int requested = request(ui, verb, rule->number);

	ui->action.to = to;
	mesh_mean_rule(&ui->action, rule);
	return requested;
}

/* Takes back the highlighted action of MAPE-K. */
static unsigned int undo_mapek(struct ui *ui)
{
	int row = table_selected(&ui->tables[VIEW_MAPEK]);
	const struct snapshot_rule *rule =
		row < 0 ? NULL
			: mapek_rule(&ui->snapshot->mesh, ui->snapshot->mapek.actions[row].number);

	if (rule != NULL)
		return request_of(ui, MESH_FILTER_RULE_DELETE, rule, 0);
	ui_refuse(ui, row < 0 ? "No action is highlighted." : "It has no rule in force.");
	return DONE;
}

/* Undoes the last change, whoever made it; ten of them, one after the other. */
static unsigned int run_undo(struct ui *ui, int code)
{
	(void)code;
	if (ui->view == VIEW_CLASSES) {
		ui->action = (struct action) {
			.actor = ACTOR_KEY,
			.verb = &control_verbs[VERB_CLASS_UNDO],
		};
		return DONE | UI_ACTION;
	}
	return ui->view == VIEW_MAPEK ? undo_mapek(ui) : request(ui, MESH_FILTER_RULE_UNDO, 0);
}

/* Lets only neighbours talk on the mesh ports, or everybody. */
static unsigned int run_only(struct ui *ui, int code)
{
	(void)code;
	return request(ui, MESH_FILTER_ONLY_NEIGHBOURS, !mesh_only_is_on(&ui->snapshot->mesh));
}

static unsigned int run_delete(struct ui *ui, int code)
{
	const struct snapshot_rule *rule = selected_rule(ui);

	(void)code;
	return rule != NULL ? request_of(ui, MESH_FILTER_RULE_DELETE, rule, 0) : DONE;
}

/* Changes places with the rule above or below: the lower of the two moves up. The highlight goes along. */
static unsigned int run_move(struct ui *ui, int code)
{
	const struct snapshot_mesh *mesh = &ui->snapshot->mesh;
	const struct snapshot_rule *lower = selected_rule(ui);

	if (lower == NULL)
		return DONE;
	lower += code == 'K' ? 0 : 1;
	if (lower <= mesh->rules || lower >= mesh->rules + mesh->n_rules) {
		ui_refuse(ui, code == 'K' ? "It is the first rule." : "It is the last rule.");
		return DONE;
	}
	return request_of(ui, MESH_FILTER_RULE_MOVE, lower, lower[-1].number);
}

/* -------------------------------------------------------------------------------------------------- */

#define MESH_PARTS                                                          \
	(IN_VIEW(VIEW_MESH) | IN_VIEW(VIEW_FLOWS) | IN_VIEW(VIEW_SOURCES) | \
		IN_VIEW(VIEW_NEIGHBOURS) | IN_VIEW(VIEW_SETS))
#define IN_MESH	    (IN_VIEW(VIEW_OVERVIEW) | IN_VIEW(VIEW_MESH))
#define IN_RULES    IN_VIEW(VIEW_MESH)
#define CAN_ENFORCE (IN_MESH | MESH_PARTS | IN_VIEW(VIEW_SIGNATURES))
#define CAN_TOGGLE  (IN_MESH | IN_VIEW(VIEW_PROGRAMS))
#define HAS_MENU    (CAN_TOGGLE | IN_VIEW(VIEW_SIGNATURES) | IN_VIEW(VIEW_MAPEK))
#define MAPEK_PARTS (IN_VIEW(VIEW_MAPEK) | IN_VIEW(VIEW_ANOMALIES) | IN_VIEW(VIEW_WATCHED))
#define PROGRAM_PARTS \
	(IN_VIEW(VIEW_PROGRAMS) | IN_VIEW(VIEW_PLUGIN_MAPS) | IN_VIEW(VIEW_PLUGIN_ROWS))
#define HAS_PARTS   (MESH_PARTS | IN_SYSCALLS | MAPEK_PARTS | PROGRAM_PARTS)
#define CAN_ADD	    (MESH_PARTS | IN_VIEW(VIEW_CLASSES))
#define CAN_UNDO    (CAN_ADD | IN_VIEW(VIEW_MAPEK))
#define IN_SYSCALLS (IN_VIEW(VIEW_SYSCALLS) | IN_VIEW(VIEW_SYSCALLS_SECURE))
#define ALWAYS	    IN_EVERY_VIEW

const struct key keys[] = {
	{ { '?', 'h', KEY_F(1) }, "? h F1", "help", "? Help", ALWAYS, false, run_help },
	{ { 'q', KEY_F(10), KEY_CTRL_C }, "q F10 ^C", "quit", "q Quit", ALWAYS, false, run_quit },
	{ { 'e' }, "e", "enforce or observe", "e Enforce", CAN_ENFORCE, true, run_enforce },
	{ { 'a' }, "a", "add a rule, a class line", "a Add", CAN_ADD, true, run_add },
	{ { 'c' }, "c", "mesh: change the rule", "c Change", IN_RULES, true, run_change },
	{ { 'd', KEY_DC }, "d Del", "mesh: delete the rule", NULL, IN_RULES, true, run_delete },
	{ { 'i' }, "i", "mesh: insert before it", NULL, IN_RULES, true, run_add },
	{ { 'K', 'J' }, "K J", "mesh: move up, down", NULL, IN_RULES, true, run_move },
	{ { 's' }, "s", "calls: shared-host variant", "s Shared", IN_SYSCALLS, false, run_secure },
	{ { 'o' }, "o", "mesh: only neighbours, all", NULL, MESH_PARTS, true, run_only },
	{ { 'p', 'P' }, "p P", "next, previous part", "p Part", HAS_PARTS, false, run_part },
	{ { 't' }, "t", "turn the row on or off", "t Toggle", CAN_TOGGLE, true, run_toggle },
	{ { KEY_F(9) }, "F9", "actions for the row", "F9 Menu", HAS_MENU, false, run_menu },
	{ { 'u' }, "u", "undo the last change", "u Undo", CAN_UNDO, true, run_undo },
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
	{ { '\t', KEY_BTAB, KEY_RIGHT, KEY_LEFT }, "Tab S-Tab", "next, previous view", NULL, ALWAYS,
		false, run_next_view },
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
	if (ui_is_replay(ui) && (key->changes || key->run == run_menu))
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
