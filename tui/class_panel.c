// SPDX-License-Identifier: BSD-2-Clause
#include "class_panel.h"

#include <stdio.h>
#include <string.h>

#include "class_form.h"
#include "qos_form.h"

enum { DONE = UI_HANDLED | UI_REDRAW };

static struct action action_of(uint32_t verb)
{
	return (struct action) { .actor = ACTOR_KEY, .verb = &control_verbs[verb] };
}

static unsigned int request(struct ui *ui, const struct action *action)
{
	ui->action = *action;
	return DONE | UI_ACTION;
}

/* --- lines --------------------------------------------------------------------------------------- */

/* Returns the highlighted line; NULL, and says so, without one. */
static const struct snapshot_class_line *selected_line(struct ui *ui)
{
	const struct snapshot_class_line *line = class_line_at(ui);

	if (line == NULL)
		ui_refuse(ui, "No line is highlighted.");
	return line;
}

static struct action action_on(uint32_t verb, const struct snapshot_class_line *line)
{
	struct action action = action_of(verb);

	class_mean_line(&action, line);
	return action;
}

unsigned int class_add_line(struct ui *ui, bool before)
{
	const struct snapshot_class_line *line = before ? selected_line(ui) : NULL;
	struct rule_form form;

	if (before && line == NULL)
		return DONE;
	if (ui->view != VIEW_CLASS_LINES) {
		dialog_open_class(ui);
		return DONE;
	}
	class_form_add(&form, line);
	dialog_open_rule(ui, &form);
	return DONE;
}

unsigned int class_change_line(struct ui *ui)
{
	const struct snapshot_class_line *line = selected_line(ui);
	struct rule_form form;

	if (line == NULL)
		return DONE;
	class_form_change(&form, line);
	dialog_open_rule(ui, &form);
	return DONE;
}

unsigned int class_delete_line(struct ui *ui)
{
	const struct snapshot_class_line *line = selected_line(ui);

	if (line == NULL)
		return DONE;
	const struct action action = action_on(VERB_CLASS_DELETE, line);
	return request(ui, &action);
}

/* The lower of the two moves up. The highlight goes along. */
unsigned int class_move_line(struct ui *ui, bool up)
{
	const struct snapshot_tc *tc = &ui->snapshot->tc;
	const struct snapshot_class_line *lower = selected_line(ui);

	if (lower == NULL)
		return DONE;
	lower += up ? 0 : 1;
	if (lower <= tc->lines || lower >= tc->lines + tc->n_lines) {
		ui_refuse(ui, up ? "It is the first line." : "It is the last line.");
		return DONE;
	}
	struct action action = action_on(VERB_CLASS_MOVE, lower);
	action.to = lower[-1].number;
	return request(ui, &action);
}

/* --- what is done to classes --------------------------------------------------------------------- */

/* Returns the name of the highlighted class, or "". */
static const char *class_at(const struct ui *ui)
{
	const struct snapshot_class_line *line = class_line_at(ui);
	const int row = ui->view == VIEW_CLASSES ? table_selected(&ui->tables[VIEW_CLASSES]) : -1;

	return line != NULL ? line->class : row >= 0 ? ui->snapshot->tc.classes[row].name : "";
}

unsigned int class_open_form(struct ui *ui)
{
	struct rule_form form;

	qos_form_begin(&form, ui->snapshot, class_done_at(ui), class_at(ui));
	dialog_open_rule(ui, &form);
	return DONE;
}

unsigned int class_undo(struct ui *ui)
{
	const struct action action =
		action_of(ui->view == VIEW_QOS ? VERB_QOS_UNDO : VERB_CLASS_UNDO);

	return request(ui, &action);
}
