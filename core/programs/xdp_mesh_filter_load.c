// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/history.h"
#include "mesh/resolve.h"
#include "mesh/rule_edit.h"
#include "programs/xdp_mesh_filter_audit.h"
#include "programs/xdp_mesh_filter_feeds.h"
#include "programs/xdp_mesh_filter_judge.h"
#include "programs/xdp_mesh_filter_sets.h"
#include "programs/xdp_mesh_filter_state.h"
#include "programs/xdp_mesh_filter_undo.h"

void mesh_filter_begin_loading(struct program *program, struct failure *failure)
{
	struct mesh_filter *filter = program->state;
	struct set_change change;

	if (set_change_begin(&program->context->maps, &change, failure) < 0)
		return;
	filter->loading = change.table;
	filter->loading_sets = change.sets;
}

int mesh_filter_end_loading(struct program *program, struct failure *failure)
{
	struct mesh_filter *filter = program->state;
	int error = rules_commit(&program->context->maps, filter->loading, failure);

	filter->loading = NULL;
	sets_free(filter->loading_sets);
	filter->loading_sets = NULL;
	return error;
}

void mesh_filter_abandon_loading(struct program *program)
{
	struct mesh_filter *filter = program->state;

	free(filter->loading);
	filter->loading = NULL;
	sets_free(filter->loading_sets);
	filter->loading_sets = NULL;
}

int mesh_filter_check_sets(
	struct program *program, const struct settings *settings, struct failure *failure)
{
	const struct mesh_filter *filter = program->state;

	for (uint32_t i = 0; i < settings->n_rules; i++) {
		const struct settings_mark *mark = &settings->marks[i];
		int error = resolve_check(&settings->rules[i], filter->loading_sets, failure);
		if (error < 0 && mark->line > 0)
			failure_at(failure, settings->rules_file, mark->line, mark->column);
		if (error < 0)
			return error;
	}
	return 0;
}

void mesh_filter_set_asked(struct program *program, const struct settings_set *asked,
	struct action *action, struct failure *failure)
{
	struct mesh_filter *filter = program->state;

	action->kind = asked->kind;
	snprintf(action->set, sizeof(action->set), "%s", asked->name);
	snprintf(action->source, sizeof(action->source), "%s",
		asked->from == SETTINGS_SET_ELEMENTS ? "configuration" : asked->source);
	action->elements = NULL;
	if (asked->from != SETTINGS_SET_ELEMENTS)
		return;
	filter->feeds.elements.n = 0;
	filter->feeds.elements.kind = asked->kind;
	set_add_file(&filter->feeds.elements, action->source, asked->elements,
		strlen(asked->elements), failure);
	action->elements = &filter->feeds.elements;
}

/* --- a file ---------------------------------------------------------------------------------- */

static int take_set(
	const struct verb_call *call, const struct settings_set *asked, struct failure *failure)
{
	struct action action = { .actor = call->action->actor };
	char done[DONE_LEN];
	const struct verb_call set = { .orchestrator = call->orchestrator,
		.program = call->program,
		.action = &action,
		.text = call->text,
		.done = done };

	mesh_filter_set_asked(call->program, asked, &action, failure);
	return asked->from == SETTINGS_SET_FEED
		       ? mesh_set_apply_feed(&set, failure)
		       : mesh_change_apply(&set, mesh_set_prepare_load, failure);
}

/* Makes filter->loading what the file says. Returns 0, or a negative errno with *failure set and nothing left. */
static int prepare(const struct verb_call *call, struct failure *failure)
{
	const struct settings *settings = call->action->loaded;
	struct mesh_filter *filter = call->program->state;
	struct rule_edit edit = { .kind = RULE_EDIT_REPLACE,
		.policy = settings->mesh_policy,
		.rules = settings->rules,
		.n_rules = settings->n_rules };
	struct rule_edit expire = { .kind = RULE_EDIT_EXPIRE };
	int error = 0;

	mesh_filter_begin_loading(call->program, failure);
	if (filter->loading == NULL)
		return failure->error;
	for (uint32_t i = 0; i < settings->n_sets && error == 0; i++)
		error = take_set(call, &settings->sets[i], failure);
	if (error == 0)
		error = mesh_filter_check_sets(call->program, settings, failure);
	if (error == 0)
		error = rule_edit(filter->loading, &edit, failure);
	if (error == 0)
		error = rule_edit(filter->loading, &expire, failure);
	if (error == 0 && settings->n_sets == 0)
		filter->loading->sets = NULL; /* those in force stay, and need no writing */
	if (error < 0)
		mesh_filter_abandon_loading(call->program);
	return error;
}

enum decision mesh_filter_decide_load(const struct verb_call *call, char *sentence, size_t size)
{
	struct mesh_filter *filter = call->program->state;
	struct failure ignored; /* apply() reports it */

	if (prepare(call, &ignored) < 0)
		return DECISION_DO;
	enum decision decision = mesh_filter_judge(call->program, filter->loading, sentence, size);
	mesh_filter_abandon_loading(call->program);
	return decision;
}

/* Writes how many rules there are, and how many of them never decide. */
static void count_rules(const struct program *program, uint32_t *n, uint32_t *shadowed)
{
	const struct mesh_rule *rules = mesh_filter_rules(program);
	const struct mesh_filter *filter = program->state;

	*n = *shadowed = 0;
	for (uint32_t i = 0; rules != NULL && i < MESH_RULES_MAX; i++) {
		*n += rule_exists(&rules[i]);
		*shadowed += rule_exists(&rules[i]) && filter->shadows[i].n > 0 &&
			     filter->shadows[i].still == 0;
	}
}

int mesh_filter_apply_load(const struct verb_call *call, struct failure *failure)
{
	uint32_t before, after, shadowed, n_sets = call->action->loaded->n_sets;
	struct mesh_before *was = mesh_filter_before(call->program);
	bool remembered = false;
	int error = prepare(call, failure);

	if (error < 0)
		goto out;
	count_rules(call->program, &before, &shadowed);
	error = mesh_filter_remember(call, NULL, n_sets > 0, &remembered, failure);
	if (error < 0)
		mesh_filter_abandon_loading(call->program);
	else
		error = mesh_filter_end_loading(call->program, failure);
	if (error < 0) {
		if (remembered)
			history_pop(&call->program->context->maps);
		goto out;
	}
	count_rules(call->program, &after, &shadowed);
	size_t length = (size_t)snprintf(call->done, DONE_LEN, ", %u rule%s in place of %u", after,
		after == 1 ? "" : "s", before);
	if (n_sets > 0)
		length += (size_t)snprintf(call->done + length, DONE_LEN - length, ", and %u set%s",
			n_sets, n_sets == 1 ? "" : "s");
	if (shadowed > 0)
		snprintf(call->done + length, DONE_LEN - length,
			"; %u never decide: x0top rules list shows which", shadowed);
	mesh_filter_tell_change(call, was);
	return 0;
out:
	free(was);
	return error;
}
