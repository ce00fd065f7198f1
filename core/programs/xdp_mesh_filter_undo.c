// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_undo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "mesh/history.h"
#include "mesh/resolve.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "programs/program.h"
#include "programs/xdp_mesh_filter_audit.h"
#include "programs/xdp_mesh_filter_judge.h"
#include "programs/xdp_mesh_filter_state.h"

#define LATE_NS \
	(3 * NS_PER_SECOND) /* after the deadline: the process that waits for it is no more */

/* --- remembering ----------------------------------------------------------------------------- */

static int cannot_wait(int error, struct failure *failure)
{
	if (error == -EBUSY) {
		failure_set(failure, error, "Another change waits for a confirm");
		return failure_remedy(failure,
			"Keep it with x0top rules confirm, or undo it with x0top rules rollback");
	}
	return failure_set(
		failure, error, "Cannot remember how to undo the change: %s", strerror(-error));
}

/*
 * While a change waits, people make no other: undone in time, it would take that with it, or leave in force what was
 * judged beside it. A flood does not wait, nor what follows a source.
 */
static bool must_wait(const struct verb_call *call)
{
	uint32_t actor = call->action->actor;

	return (actor == ACTOR_KEY || actor == ACTOR_COMMAND_LINE ||
		       actor == ACTOR_CONFIGURATION) &&
	       history_pending(&call->program->context->maps).token != 0;
}

/* Remembers what is in `table`, and the sets with it if they are to be. */
static int remember(
	const struct verb_call *call, const struct rule_table *table, bool sets, bool *remembered)
{
	const struct map_registry *maps = &call->program->context->maps;
	const struct action *action = call->action;
	struct history_pending pending = { .token = action->token,
		.deadline = clock_boottime_ns() + action->confirm_within * NS_PER_SECOND };
	struct mesh_sets *read = NULL;
	int error = 0;

	if (sets)
		read = rule_table_sets(maps, table, &error);
	if (error == 0)
		error = history_push(maps, table, read, call->text,
			action->confirm_within > 0 ? &pending : NULL);
	sets_free(read);
	*remembered = error == 0;
	return error;
}

int mesh_filter_remember(const struct verb_call *call, const struct rule_table *now, bool sets,
	bool *remembered, struct failure *failure)
{
	*remembered = false;
	if (must_wait(call))
		return cannot_wait(-EBUSY, failure);
	struct rule_table *table =
		now == NULL ? rules_begin(&call->program->context->maps, failure) : NULL;
	if (now == NULL && table == NULL)
		return failure->error;
	int error = remember(call, now != NULL ? now : table, sets, remembered);
	free(table);
	return error < 0 && call->action->confirm_within > 0 ? cannot_wait(error, failure) : 0;
}

/* --- undoing --------------------------------------------------------------------------------- */

/* What was in force before a change, and what is. */
struct undo {
	struct rule_table *before, *now;
	char action[RULE_LEN];
};

static void close_undo(struct undo *undo)
{
	if (undo->before != NULL)
		sets_free((struct mesh_sets *)undo->before->sets);
	free(undo->before);
	free(undo->now);
	*undo = (struct undo) { 0 };
}

static int cannot_undo(int error, struct failure *failure)
{
	if (error == -ENOENT)
		return failure_set(failure, error, "There is no change to undo");
	return failure_set(
		failure, error, "Cannot read what there is to undo: %s", strerror(-error));
}

/* Returns whether a rule has come since a table was in force, from a program, and can be there beside `before`. */
static bool is_later_guest(const struct mesh_rule *rule, const struct rule_table *table,
	const struct rule_table *before)
{
	struct failure ignored;

	return rule_exists(rule) && rule_is_guest(rule->origin) &&
	       rule_find(table->rules, rule) < 0 && rule_find(before->rules, rule) < 0 &&
	       (before->sets == NULL || resolve_check(rule, before->sets, &ignored) == 0);
}

/* Keeps what MAPE-K has added since the change that is pending. */
static void keep_guests(const struct map_registry *maps, struct undo *undo)
{
	struct rule_table *then = calloc(1, sizeof(*then));
	char action[RULE_LEN];
	struct failure ignored; /* what has no room is not kept */

	if (then != NULL && history_read(maps, HISTORY_BEHIND_PENDING, then, action) == 0)
		for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
			struct rule_edit insert = { .kind = RULE_EDIT_INSERT, .number = i };
			insert.rule = undo->now->rules[i];
			if (is_later_guest(&insert.rule, then, undo->before))
				rule_edit(undo->before, &insert, &ignored);
		}
	if (then != NULL)
		sets_free((struct mesh_sets *)then->sets);
	free(then);
}

/* Makes undo->now what it was, without what has expired since. */
static int restore(struct undo *undo, struct failure *failure)
{
	struct rule_edit back = { .kind = RULE_EDIT_REPLACE,
		.policy = undo->before->bank.policy,
		.rules = undo->before->rules,
		.n_rules = MESH_RULES_MAX };
	struct rule_edit expire = { .kind = RULE_EDIT_EXPIRE };

	undo->now->sets = undo->before->sets;
	int error = rule_edit(undo->now, &back, failure);
	return error < 0 ? error : rule_edit(undo->now, &expire, failure);
}

/* Reads the last change, or the pending one. */
static int open_undo(
	const struct map_registry *maps, bool pending, struct undo *undo, struct failure *failure)
{
	*undo = (struct undo) { .before = calloc(1, sizeof(*undo->before)) };
	if (undo->before == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to undo a change");
	int error = history_read(
		maps, pending ? HISTORY_PENDING : HISTORY_LAST, undo->before, undo->action);
	if (error < 0)
		error = cannot_undo(error, failure);
	else
		undo->now = rules_begin(maps, failure);
	if (undo->now != NULL && pending)
		keep_guests(maps, undo);
	if (error == 0)
		error = undo->now == NULL ? failure->error : restore(undo, failure);
	if (error < 0)
		close_undo(undo);
	return error;
}

static enum decision decide(const struct verb_call *call, bool pending, char *sentence, size_t size)
{
	struct failure ignored; /* apply() reports it */
	enum decision decision = DECISION_DO;
	struct undo undo;

	if (open_undo(&call->program->context->maps, pending, &undo, &ignored) < 0)
		return DECISION_DO;
	decision = mesh_filter_judge(call->program, undo.now, sentence, size);
	close_undo(&undo);
	return decision;
}

enum decision mesh_filter_decide_undo(const struct verb_call *call, char *sentence, size_t size)
{
	return decide(call, false, sentence, size);
}

/* Who rolls back may be another operator, who has come since. Time asks nobody. */
enum decision mesh_filter_decide_rollback(const struct verb_call *call, char *sentence, size_t size)
{
	return decide(call, true, sentence, size);
}

/* Puts what was before in force, and says what is undone. Ends `undo`. */
static int put_back(const struct verb_call *call, struct undo *undo, struct failure *failure)
{
	struct mesh_before *before = mesh_filter_before(call->program);
	int error = rules_commit(&call->program->context->maps, undo->now, failure);

	undo->now = NULL;
	snprintf(call->done, DONE_LEN, ", undone: %s", undo->action);
	close_undo(undo);
	if (error == 0)
		mesh_filter_tell_change(call, before);
	else
		free(before);
	return error;
}

/* One that waits for a confirm is itself a change to be undone, and what it undoes is kept until then. */
int mesh_filter_apply_undo(const struct verb_call *call, struct failure *failure)
{
	const struct map_registry *maps = &call->program->context->maps;
	bool waits = call->action->confirm_within > 0, remembered = false;
	struct undo undo;
	int error = open_undo(maps, false, &undo, failure);

	if (error < 0)
		return error;
	if (waits)
		error = mesh_filter_remember(
			call, NULL, undo.before->sets != NULL, &remembered, failure);
	if (error < 0) {
		close_undo(&undo);
		return error;
	}
	error = put_back(call, &undo, failure);
	if (error < 0 ? remembered : !waits)
		history_pop(maps);
	else if (error == 0)
		history_undoes(maps);
	return error;
}

/* --- waiting for a confirm ------------------------------------------------------------------- */

static int nothing_waits(struct failure *failure)
{
	return failure_set(failure, -ENOENT, "No change waits for a confirm");
}

int mesh_filter_apply_confirm(const struct verb_call *call, struct failure *failure)
{
	int error = history_settle(&call->program->context->maps, false);

	if (error == -ENOENT)
		return nothing_waits(failure);
	return error < 0 ? failure_set(failure, error, "Cannot confirm the change: %s",
				   strerror(-error))
			 : 0;
}

int mesh_filter_apply_rollback(const struct verb_call *call, struct failure *failure)
{
	const struct map_registry *maps = &call->program->context->maps;
	uint64_t waits = history_pending(maps).token, token = call->action->token;

	if (waits == 0 || (token != 0 && token != waits))
		return nothing_waits(failure);
	struct undo undo;
	int error = open_undo(maps, true, &undo, failure);
	if (error == 0)
		error = put_back(call, &undo, failure);
	if (error == 0)
		history_settle(maps, true);
	return error;
}

bool mesh_filter_is_late(const struct program *program, uint64_t *token)
{
	struct mesh_filter *filter = program->state;
	uint64_t now = clock_boottime_ns();

	if (filter->pending.token == 0 || now < filter->pending.deadline + LATE_NS)
		return false;
	/* A yes changes no rule, so that this is the first look after it. */
	filter->pending = history_pending(&program->context->maps);
	if (filter->pending.token == 0 || now < filter->pending.deadline + LATE_NS)
		return false;
	*token = filter->pending.token;
	filter->pending.deadline = now; /* if it cannot be undone now, it is tried again */
	return true;
}
