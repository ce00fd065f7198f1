// SPDX-License-Identifier: BSD-2-Clause
/* What the menu of F9 offers for the highlighted row of a view. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "class_panel.h"
#include "dialog.h"
#include "mapek/policy.h"
#include "mapek_panel.h"
#include "mesh/rule.h"
#include "mesh_panel.h"
#include "model/names.h"
#include "program_details.h"
#include "programs/xdp_mesh_filter_only.h"

struct dialog_item *dialog_add_item(struct dialog *dialog, const char *label, const char *why_not)
{
	struct dialog_item *item = &dialog->items[dialog->n_items++];

	memset(item, 0, sizeof(*item));
	snprintf(item->label, sizeof(item->label), "%s", label);
	item->why_not = why_not;
	item->action.actor = ACTOR_KEY;
	return item;
}

/* Adds an item that applies a verb of core/control to a program. */
static struct dialog_item *add_program_verb(struct dialog *dialog, const char *label,
	const char *why_not, uint32_t verb, const char *program)
{
	struct dialog_item *item = dialog_add_item(dialog, label, why_not);

	item->action.verb = &control_verbs[verb];
	snprintf(item->action.program, sizeof(item->action.program), "%s", program);
	return item;
}

/* A program that is off has no place to take. */
static void add_replace_items(struct dialog *dialog, const struct snapshot_program *program,
	bool plugin, const char *why_not)
{
	bool runs = program->state == PROGRAM_ON || program->state == PROGRAM_PARTLY;
	struct dialog_item *item;

	if (why_not == NULL && !runs && program->state != PROGRAM_FAILED)
		why_not = "The program is not running.";
	item = add_program_verb(
		dialog, "Replace it by a file", why_not, VERB_PROGRAM_REPLACE, program->name);
	item->asks_file = true;
	if (program->canary_left > 0) {
		add_program_verb(
			dialog, "Keep the new one", why_not, VERB_PROGRAM_KEEP, program->name);
		add_program_verb(dialog, "Take the old one back", why_not, VERB_PROGRAM_TAKE_BACK,
			program->name);
	}
	if (program->replaced_by[0] != '\0')
		add_program_verb(dialog,
			plugin ? "Replace it by its own file" : "Replace it by the built-in object",
			why_not, VERB_PROGRAM_REPLACE, program->name);
}

static void add_program_items(struct dialog *dialog, const struct ui *ui, const char *why_not)
{
	const struct view *view = ui_view(ui);
	int row = table_selected(&ui->tables[ui->view]);
	const struct snapshot_program *program;
	struct dialog_item *item;
	const char *cannot;
	char label[64], name[NAME_LEN];

	if (row < 0 || view->toggle == NULL || ui->view == VIEW_MESH)
		return;
	program = &ui->snapshot->programs[row];
	/* A copy: with sanitizers, gcc 12 warns that item and name may overlap (-Wrestrict). */
	snprintf(name, sizeof(name), "%s", program->name);
	snprintf(label, sizeof(label), "Turn %s", name);
	item = dialog_add_item(dialog, label, why_not);
	cannot = view->toggle(ui->snapshot, (uint32_t)row, &item->action);
	if (item->why_not == NULL)
		item->why_not = cannot;
	snprintf(item->label, sizeof(item->label), "Turn %s %s", name,
		item->action.verb == &control_verbs[VERB_PROGRAM_OFF] && cannot == NULL ? "off"
											: "on");
	const bool plugin = program_plugin(ui->snapshot, name) != NULL;
	if (program->enforcer && !plugin) {
		item = add_program_verb(dialog, program->enforcing ? "Observe" : "Enforce", why_not,
			program->enforcing ? VERB_ENFORCE_OFF : VERB_ENFORCE_ON, name);
		if (item->why_not == NULL && program->state != PROGRAM_ON &&
			program->state != PROGRAM_PARTLY)
			item->why_not = "The program is not running.";
	}
	add_replace_items(dialog, program, plugin, why_not);
}

static void add_rule_items(struct dialog *dialog, const struct ui *ui, const char *why_not)
{
	int row = table_selected(&ui->tables[VIEW_MESH]);
	struct dialog_item *item;

	if (ui->view != VIEW_MESH)
		return;
	if (row >= 0) {
		const struct snapshot_rule *rule = &ui->snapshot->mesh.rules[row];
		char label[64];

		snprintf(label, sizeof(label), "Turn rule %u %s", rule->number,
			rule->enabled ? "off" : "on");
		item = dialog_add_item(dialog, label, why_not);
		item->action.verb = &mesh_filter_verbs[rule->enabled ? MESH_FILTER_RULE_OFF
								     : MESH_FILTER_RULE_ON];
		mesh_mean_rule(&item->action, rule);
		snprintf(label, sizeof(label), "Delete rule %u", rule->number);
		item = dialog_add_item(dialog, label, why_not);
		item->action.verb = &mesh_filter_verbs[MESH_FILTER_RULE_DELETE];
		mesh_mean_rule(&item->action, rule);
	}
	bool only = mesh_only_is_on(&ui->snapshot->mesh);
	item = dialog_add_item(dialog,
		only ? "Mesh ports: let everybody talk" : "Mesh ports: let only neighbours talk",
		why_not);
	item->action.verb = &mesh_filter_verbs[MESH_FILTER_ONLY_NEIGHBOURS];
	item->action.number = !only;
	dialog_add_item(dialog, "Undo the last change", why_not)->action.verb =
		&mesh_filter_verbs[MESH_FILTER_RULE_UNDO];
	item = dialog_add_item(dialog, "Add a rule", why_not);
	item->opens_rule_form = true;
	add_program_verb(dialog,
		ui->snapshot->mesh.enforcing ? "Observe: count, drop nothing"
					     : "Enforce: drop packets that drop rules match",
		why_not, ui->snapshot->mesh.enforcing ? VERB_ENFORCE_OFF : VERB_ENFORCE_ON,
		ui_view(ui)->enforcer->name);
}

static void add_signature_items(struct dialog *dialog, const struct ui *ui, const char *why_not)
{
	const struct snapshot_pqc *pqc = &ui->snapshot->pqc;
	bool enforcing = pqc->mode == PQC_ENFORCE;
	char label[64];

	if (ui->view != VIEW_SIGNATURES)
		return;
	const char *name = ui_view(ui)->enforcer->name;
	if (why_not == NULL && strcmp(pqc->state, program_state_names[PROGRAM_NOT_BUILT]) == 0)
		why_not = "Not built in this version of x0top.";
	snprintf(label, sizeof(label), "Turn %s %s", name, pqc->available ? "off" : "on");
	add_program_verb(
		dialog, label, why_not, pqc->available ? VERB_PROGRAM_OFF : VERB_PROGRAM_ON, name);
	if (why_not == NULL && !pqc->available)
		why_not = "The program is not running.";
	add_program_verb(dialog,
		enforcing ? "Observe: count, drop nothing" : "Enforce: drop refused packets",
		why_not, enforcing ? VERB_ENFORCE_OFF : VERB_ENFORCE_ON, name);
	dialog_add_item(dialog, "Reload the trusted keys", why_not)->action.verb =
		&pqc_verify_verbs[PQC_VERIFY_KEYS_RELOAD];
}

/* The text of a rule that MAPE-K advises is the action that it would do. */
static void add_accept(
	struct dialog *dialog, const struct snapshot_mapek_action *action, const char *why_not)
{
	struct failure ignored;
	struct dialog_item *item = dialog_add_item(dialog, "Do what is advised", why_not);

	if (action_parse(action->action, &item->action, &ignored) < 0)
		item->why_not = "This x0top does not know the action.";
	item->action.actor = ACTOR_KEY;
}

static void add_take_back(struct dialog *dialog, const struct snapshot_mesh *mesh,
	const struct snapshot_mapek_action *action, const char *why_not)
{
	const struct snapshot_rule *rule = mapek_rule(mesh, action->number);
	char label[64];

	snprintf(label, sizeof(label), "Undo action %llu", (unsigned long long)action->number);
	struct dialog_item *item = dialog_add_item(dialog, label, why_not);
	item->action.verb = &mesh_filter_verbs[MESH_FILTER_RULE_DELETE];
	if (rule != NULL)
		mesh_mean_rule(&item->action, rule);
	else if (!mapek_switch_back(action, &item->action) && why_not == NULL)
		item->why_not = "Nothing of it is in force any more.";
}

static void add_target(struct dialog *dialog, uint32_t verb, const char *does, const char *about,
	const char *why_not)
{
	struct failure ignored;
	char text[64];

	snprintf(text, sizeof(text), "%s: %s", does, about);
	struct dialog_item *item = dialog_add_item(dialog, text, why_not);
	item->action.verb = &control_verbs[verb];
	if (control_verbs[verb].operand->parse(about, &item->action, &ignored) < 0)
		item->why_not = "This x0top does not know such a target.";
}

/* Writes the network around an address: /24, or /64. Returns whether there is one: a network has none. */
static bool write_network(const char *address, char *text, size_t size)
{
	struct mesh_prefix prefix;
	struct failure ignored;

	if (rule_parse_prefix(address, &prefix, &ignored) < 0 ||
		prefix.length != (prefix.family == 4 ? 32 : 128))
		return false;
	prefix.length = prefix.family == 4 ? 24 : 64;
	memset(prefix.address + prefix.length / 8, 0, sizeof(prefix.address) - prefix.length / 8);
	rule_format_prefix(&prefix, text, size);
	return true;
}

/* "Never again", or that word taken back. */
static void add_never(struct dialog *dialog, const struct snapshot_mapek *mapek,
	const struct snapshot_mapek_action *action, const char *why_not)
{
	const int spared = spared_find(mapek->spared, mapek->n_spared, action->target);
	char network[MAPEK_TARGET_LEN];

	if (action->target[0] == '\0')
		return;
	if (spared >= 0) {
		add_target(dialog, VERB_MAPEK_AGAIN, "Let policies act again",
			mapek->spared[spared].target, why_not);
		return;
	}
	add_target(dialog, VERB_MAPEK_NEVER, "Never again", action->target, why_not);
	if (write_network(action->target, network, sizeof(network)))
		add_target(dialog, VERB_MAPEK_NEVER, "Never again", network, why_not);
}

static void add_mapek_items(struct dialog *dialog, const struct ui *ui, const char *why_not)
{
	int row = table_selected(&ui->tables[VIEW_MAPEK]);

	if (ui->view != VIEW_MAPEK || row < 0)
		return;
	const struct snapshot_mapek_action *action = &ui->snapshot->mapek.actions[row];
	if (action->state == MAPEK_ADVISED)
		add_accept(dialog, action, why_not);
	if (action->state == MAPEK_IN_FORCE)
		add_take_back(dialog, &ui->snapshot->mesh, action, why_not);
	add_never(dialog, &ui->snapshot->mapek, action, why_not);
}

/* Adds an item that does what a text says, as the command line would. */
__attribute__((format(printf, 4, 5))) static void add_text(
	struct dialog *dialog, const char *why_not, const char *label, const char *format, ...)
{
	struct dialog_item *item = dialog_add_item(dialog, label, why_not);
	struct failure failure = { 0 };
	char text[RULE_LEN];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (action_parse(text, &item->action, &failure) < 0 && item->why_not == NULL)
		item->why_not = "This x0top cannot do it.";
	item->action.actor = ACTOR_KEY;
}

static void add_line_items(
	struct dialog *dialog, const struct snapshot_class_line *line, const char *why_not)
{
	char label[64];

	snprintf(label, sizeof(label), "Delete line %u", line->number);
	struct dialog_item *item = dialog_add_item(dialog, label, why_not);
	item->action.verb = &control_verbs[VERB_CLASS_DELETE];
	class_mean_line(&item->action, line);
	dialog_add_item(dialog, "Undo the last change of lines", why_not)->action.verb =
		&control_verbs[VERB_CLASS_UNDO];
	dialog_add_item(dialog, "Go back to the lines of the configuration", why_not)->action.verb =
		&control_verbs[VERB_CLASS_RESET];
}

static void add_done_items(
	struct dialog *dialog, const struct snapshot_qos_class *class, const char *why_not)
{
	if (class->mark[0] != '\0')
		add_text(dialog, why_not, "Mark it no more", "qos mark %s %s %s none",
			class->interface, class->direction, class->class);
	if (!isnan(class->police))
		add_text(dialog, why_not, "Police it no more", "qos police %s %s %s none",
			class->interface, class->direction, class->class);
	if (!isnan(class->rate))
		add_text(dialog, why_not, "Shape its interface no more", "qos off %s shape",
			class->interface);
	add_text(dialog, why_not, "End all that is done on its interface", "qos off %s",
		class->interface);
	dialog_add_item(dialog, "Undo the last change", why_not)->action.verb =
		&control_verbs[VERB_QOS_UNDO];
}

static void add_class_items(struct dialog *dialog, const struct ui *ui, const char *why_not)
{
	const struct snapshot_class_line *line = class_line_at(ui);
	const struct snapshot_qos_class *done = class_done_at(ui);

	if (line != NULL)
		add_line_items(dialog, line, why_not);
	if (done != NULL)
		add_done_items(dialog, done, why_not);
}

void dialog_add_actions(struct ui *ui)
{
	struct dialog *dialog = &ui->dialog;
	const char *why_not =
		ui->snapshot->self.readonly ? "Read-only: changes are disabled." : NULL;

	add_program_items(dialog, ui, why_not);
	add_rule_items(dialog, ui, why_not);
	add_signature_items(dialog, ui, why_not);
	add_mapek_items(dialog, ui, why_not);
	add_class_items(dialog, ui, why_not);
}
