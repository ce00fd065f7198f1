// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_undo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/qos_floor.h"
#include "control/verbs_qos.h"
#include "qos/act_history.h"

/* The process that waits for the confirm has so long to undo the change; as for mesh rules. */
#define LATE_NS (2 * NS_PER_SECOND)

/* --- remembering ----------------------------------------------------------------------------- */

static bool one_waits(void)
{
	struct act_history pending = { .token = 0 };

	if (act_history_read(&pending) == 0)
		act_history_free(&pending);
	return pending.token != 0;
}

/* One in its place would keep it for good. */
static int another_waits(struct failure *failure)
{
	failure_set(failure, -EBUSY, "Another change waits for a confirm");
	return failure_remedy(
		failure, "Keep it with x0top qos confirm, or undo it with x0top qos rollback");
}

/* Writes what the targets have. Returns 0 or a negative errno. */
static int write_targets(
	struct act_history *history, const struct qos_target *targets, const char *text)
{
	history->before = calloc(history->n, sizeof(*history->before));
	if (history->before == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < history->n; i++)
		qos_keep(&targets[i], &history->before[i]);
	snprintf(history->action, sizeof(history->action), "%s", text);
	int error = act_history_write(history);
	act_history_free(history);
	return error;
}

static int remember(const struct verb_call *call, const struct qos_target *targets, uint32_t n,
	bool steps, struct failure *failure)
{
	const struct action *action = call->action;
	struct act_history history = { .begun = steps ? ACT_STEPS : ACT_SETTLED, .n = n };

	if (action->confirm_within > 0) {
		history.token = action->token;
		history.deadline = clock_boottime_ns() + action->confirm_within * NS_PER_SECOND;
	}
	int error = write_targets(&history, targets, call->text);
	if (error == 0 || action->confirm_within == 0)
		return 0;
	return failure_set(
		failure, error, "Cannot remember how to undo the change: %s", strerror(-error));
}

/* What MAPE-K does is taken back by itself, also after a kill: nobody is to undo that. */
static bool is_by_itself(const struct action *action)
{
	return action->actor == ACTOR_MAPEK || action->actor == ACTOR_ADOPTION;
}

/* What the operator can undo waits until the steps are done. Best effort: a kill half way is put back at least. */
static int remember_between(const struct verb_call *call, const struct qos_target *targets,
	uint32_t n, struct failure *failure)
{
	struct orchestrator *o = call->orchestrator;

	qos_forget_before(o);
	act_history_read(&o->qos_before);
	o->qos_between = true;
	return remember(call, targets, n, true, failure);
}

int qos_remember(const struct verb_call *call, const struct qos_target *targets, uint32_t n,
	bool steps, struct failure *failure)
{
	const bool by_itself = is_by_itself(call->action);

	if (call->orchestrator->qos_part)
		return 0;
	if (one_waits())
		return by_itself ? 0 : another_waits(failure);
	if (by_itself)
		return steps ? remember_between(call, targets, n, failure) : 0;
	return remember(call, targets, n, steps, failure);
}

void qos_forget_before(struct orchestrator *o)
{
	act_history_free(&o->qos_before);
	o->qos_between = false;
}

static void settle_between(struct orchestrator *o)
{
	if (o->qos_before.n > 0)
		act_history_write(&o->qos_before);
	else
		act_history_forget();
	qos_forget_before(o);
}

void qos_settle(struct orchestrator *o)
{
	struct act_history history;

	if (o->qos_between) {
		settle_between(o);
	} else if (!o->qos_part && act_history_read(&history) == 0) {
		history.begun = ACT_SETTLED;
		act_history_write(&history);
		act_history_free(&history);
	}
}

/* --- putting back ---------------------------------------------------------------------------- */

static int put(struct qos_target *target, const struct act_before *before, struct failure *failure)
{
	struct class_acts acts = before->acts;

	snprintf(acts.interface, sizeof(acts.interface), "%s", target->interface.name);
	acts.ifindex = target->interface.ifindex;
	int error = qos_put_shape(target, &acts, before->shaped ? &before->shape : NULL, failure);
	return error < 0 ? error : 0;
}

int qos_put_all(struct qos_target *targets, const struct act_before *before, uint32_t n,
	struct failure *failure)
{
	struct act_before *now = calloc(n, sizeof(*now));
	struct failure ignored = { 0 };
	int error = now != NULL ? 0 : failure_set(failure, -ENOMEM, "Not enough memory");
	uint32_t i = 0;

	for (; i < n && error == 0; i++) {
		qos_keep(&targets[i], &now[i]);
		error = put(&targets[i], &before[i], failure);
	}
	/* The one that failed has what it had. */
	for (uint32_t k = 0; error < 0 && k + 1 < i; k++)
		put(&targets[k], &now[k], &ignored);
	free(now);
	return error;
}

/* --- undoing --------------------------------------------------------------------------------- */

/* An undo of a change that was of some interfaces. */
struct undo {
	const struct verb_call *call;
	struct act_history
		history; /* its list begins with those of the targets; the others are gone */
	struct qos_target *targets;
	uint32_t n; /* targets that are open */
};

static int cannot_undo(int error, struct failure *failure)
{
	if (error == -ENOENT)
		return failure_set(failure, error, "There is no change to undo");
	return failure_set(
		failure, error, "Cannot read what there is to undo: %s", strerror(-error));
}

/* Reads what is to be undone; with a token of the action, only what waits with it. */
static int read_history(struct undo *undo, bool pending, struct failure *failure)
{
	const uint64_t token = undo->call->action->token;
	int error = act_history_read(&undo->history);

	if (error < 0)
		return cannot_undo(error, failure);
	if (pending && (undo->history.token == 0 || (token != 0 && token != undo->history.token)))
		return failure_set(failure, -ENOENT, "No change waits for a confirm");
	undo->targets = calloc(undo->history.n, sizeof(*undo->targets));
	return undo->targets != NULL ? 0 : failure_set(failure, -ENOMEM, "Not enough memory");
}

static int open_one(struct undo *undo, const struct act_before *before, struct failure *failure)
{
	struct action action = *undo->call->action;
	struct verb_call call = *undo->call;

	snprintf(action.interface, sizeof(action.interface), "%s", before->interface);
	call.action = &action;
	return qos_begin(&call, &undo->targets[undo->n], failure);
}

/* What would be in force on an interface when it comes back. */
static void put_back_gone(const struct orchestrator *o, const struct act_before *before)
{
	const struct map_registry *maps = &o->context.maps;
	int slot = class_acts_find(maps, before->interface);

	if (slot >= 0)
		class_acts_write(maps, (uint32_t)slot, &before->acts);
}

static void move_to(struct act_history *history, uint32_t from, uint32_t to)
{
	const struct act_before moved = history->before[from];

	history->before[from] = history->before[to];
	history->before[to] = moved;
}

/* Of several interfaces, one that is gone has no packets: the others have again what they had. */
static int open_all(struct undo *undo, struct failure *failure)
{
	struct act_history *history = &undo->history;
	int error = 0;

	for (uint32_t i = 0; i < history->n && error == 0; i++) {
		error = open_one(undo, &history->before[i], failure);
		if (error == 0)
			move_to(history, i, undo->n++);
		else if (error == -ENODEV && (undo->n > 0 || i + 1 < history->n))
			error = failure->error = 0;
	}
	return error;
}

static int keep_floor(const struct undo *undo, struct failure *failure)
{
	int error = 0;

	for (uint32_t i = 0; i < undo->n && error == 0; i++) {
		const struct act_before *before = &undo->history.before[i];
		error = qos_keep_floor(&undo->targets[i], &before->acts,
			before->shaped ? &before->shape : NULL, failure);
	}
	return error;
}

static int do_undo(struct undo *undo, bool pending, struct failure *failure)
{
	struct action action = *undo->call->action;
	struct verb_call call = *undo->call;
	int error = open_all(undo, failure);

	/* What time brings back is what the change was confirmed against. */
	if (error == 0 && !pending)
		error = keep_floor(undo, failure);
	action.confirm_within = 0;
	call.action = &action;
	if (error == 0)
		error = remember(&call, undo->targets, undo->n, true, failure);
	if (error < 0)
		return error;
	error = qos_put_all(undo->targets, undo->history.before, undo->n, failure);
	for (uint32_t i = undo->n; i < undo->history.n && error == 0; i++)
		put_back_gone(call.orchestrator, &undo->history.before[i]);
	qos_settle(call.orchestrator);
	return error;
}

/* Puts back what was before the last change, which can then be undone itself. */
static int apply_undo(const struct verb_call *call, bool pending, struct failure *failure)
{
	struct undo undo = { .call = call };
	int error = read_history(&undo, pending, failure);

	if (error == 0)
		error = do_undo(&undo, pending, failure);
	for (uint32_t i = 0; i < undo.n; i++)
		qos_end(&undo.targets[i]);
	if (error == 0)
		snprintf(call->done, DONE_LEN, ", undone: %.200s", undo.history.action);
	free(undo.targets);
	act_history_free(&undo.history);
	return error;
}

int qos_apply_undo(const struct verb_call *call, struct failure *failure)
{
	return apply_undo(call, false, failure);
}

int qos_apply_rollback(const struct verb_call *call, struct failure *failure)
{
	return apply_undo(call, true, failure);
}

int qos_apply_confirm(const struct verb_call *call, struct failure *failure)
{
	struct act_history history;
	int error = act_history_read(&history);
	bool waits = error == 0 && history.token != 0;

	(void)call;
	history.token = 0;
	if (waits)
		error = act_history_write(&history);
	act_history_free(&history);
	if (error == -ENOENT || (error == 0 && !waits))
		return failure_set(failure, -ENOENT, "No change waits for a confirm");
	return error < 0 ? failure_set(failure, error, "Cannot confirm the change: %s",
				   strerror(-error))
			 : 0;
}

/* --- in time --------------------------------------------------------------------------------- */

uint64_t qos_late(struct orchestrator *o)
{
	const uint64_t now = clock_boottime_ns();
	struct act_history history;
	uint64_t token = 0;

	if (o->settings.lab || now < o->qos_again)
		return 0;
	if (act_history_read(&history) == 0 && now >= history.deadline + LATE_NS)
		token = history.token;
	act_history_free(&history);
	if (token != 0)
		o->qos_again = now + LATE_NS; /* if it cannot be undone now */
	return token;
}
