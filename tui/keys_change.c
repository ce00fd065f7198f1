// SPDX-License-Identifier: BSD-2-Clause
#include "keys_change.h"

#include <stddef.h>
#include <stdio.h>

#include "class_panel.h"
#include "mapek_panel.h"
#include "mesh_panel.h"
#include "programs/xdp_mesh_filter_only.h"

enum { DONE = UI_HANDLED | UI_REDRAW };

unsigned int key_toggle(struct ui *ui, int code)
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

unsigned int key_menu(struct ui *ui, int code)
{
	(void)code;
	dialog_open(ui, DIALOG_ACTIONS);
	return DONE;
}

unsigned int key_enforce(struct ui *ui, int code)
{
	if (ui_whole(ui) == VIEW_CLASSES)
		return class_open_form(ui);
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
unsigned int key_add(struct ui *ui, int code)
{
	struct rule_form form = { 0 };
	int row = table_selected(&ui->tables[VIEW_MESH]);

	if (ui_whole(ui) == VIEW_CLASSES)
		return class_add_line(ui, code == 'i');
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

unsigned int key_change(struct ui *ui, int code)
{
	struct rule_form form;

	(void)code;
	if (ui->view == VIEW_CLASS_LINES)
		return class_change_line(ui);
	const struct snapshot_rule *rule = selected_rule(ui);
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
	const struct snapshot_mapek_action *action =
		row < 0 ? NULL : &ui->snapshot->mapek.actions[row];
	const struct snapshot_rule *rule =
		action == NULL ? NULL : mapek_rule(&ui->snapshot->mesh, action->number);

	if (rule != NULL)
		return request_of(ui, MESH_FILTER_RULE_DELETE, rule, 0);
	if (action != NULL && mapek_switch_back(action, &ui->action))
		return DONE | UI_ACTION;
	ui_refuse(ui, action == NULL ? "No action is highlighted." : "Nothing of it is in force.");
	return DONE;
}

/* Undoes the last change, whoever made it; ten of them, one after the other. */
unsigned int key_undo(struct ui *ui, int code)
{
	(void)code;
	if (ui_whole(ui) == VIEW_CLASSES)
		return class_undo(ui);
	return ui->view == VIEW_MAPEK ? undo_mapek(ui) : request(ui, MESH_FILTER_RULE_UNDO, 0);
}

/* Lets only neighbours talk on the mesh ports, or everybody. */
unsigned int key_only(struct ui *ui, int code)
{
	(void)code;
	return request(ui, MESH_FILTER_ONLY_NEIGHBOURS, !mesh_only_is_on(&ui->snapshot->mesh));
}

unsigned int key_delete(struct ui *ui, int code)
{
	(void)code;
	if (ui->view == VIEW_CLASS_LINES)
		return class_delete_line(ui);
	const struct snapshot_rule *rule = selected_rule(ui);
	return rule != NULL ? request_of(ui, MESH_FILTER_RULE_DELETE, rule, 0) : DONE;
}

/* Changes places with the rule above or below: the lower of the two moves up. The highlight goes along. */
unsigned int key_move(struct ui *ui, int code)
{
	const struct snapshot_mesh *mesh = &ui->snapshot->mesh;

	if (ui->view == VIEW_CLASS_LINES)
		return class_move_line(ui, code == 'K');
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
