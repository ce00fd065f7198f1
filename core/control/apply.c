// SPDX-License-Identifier: BSD-2-Clause
/* Applies actions: every change takes this path. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "control/audit.h"
#include "control/state.h"
#include "control/switch_book.h"
#include "kernel/chain.h"
#include "kernel/keeper.h"
#include "kernel/lock.h"

/* Returns whether the operand of an action names a program. */
static bool names_program(const struct action *action)
{
	return action->verb->operand == &operand_program ||
	       action->verb->operand == &operand_replacement;
}

/* Returns whether an action changes what is done to classes. */
static bool is_qos(const struct action *action)
{
	return action->verb >= &control_verbs[VERB_QOS_PRESET] &&
	       action->verb <= &control_verbs[VERB_QOS_ROLLBACK];
}

/* Returns whether an action changes what is in force; setting up a program just started does not. */
static bool is_change(const struct orchestrator *o, const struct action *action)
{
	return o->started || names_program(action) || is_qos(action);
}

/* Opens the audit log. The lab changes nothing on the host and writes no log. */
static int open_audit(struct orchestrator *o, struct audit *audit, const struct action *action,
	struct failure *failure)
{
	*audit = (struct audit) { .fd = -1 };
	o->unaudited.error = 0;
	return o->settings.lab ? 0 : audit_open(audit, o->settings.audit, action, failure);
}

/* Logs the result. Requests of the settings at the start become events only if they fail. */
static void record(struct orchestrator *o, struct audit *audit, const struct action *action,
	const struct failure *failure)
{
	char text[TEXT_LEN / 2];

	action_format(action, text, sizeof(text));
	if (is_change(o, action) || failure->error < 0)
		event_log_add(&o->context.log, 0, EVENT_KIND_ACTION, "%s: %s%s", text,
			failure->error < 0 ? failure->what : "done",
			failure->error < 0 ? "" : o->done);
	if (audit_finish(audit, action, failure, o->done, &o->unaudited) < 0)
		event_log_add(&o->context.log, 0, EVENT_KIND_ACTION, "%s", o->unaudited.what);
}

static struct verb_call make_call(struct orchestrator *o, const struct action *action)
{
	struct verb_call call = {
		.orchestrator = o, .action = action, .text = o->text, .done = o->done
	};

	o->done[0] = '\0';
	action_format(action, o->text, sizeof(o->text));
	call.program = names_program(action) ? orchestrator_find(o, action->program)
					     : orchestrator_owner(o, action->verb);
	return call;
}

enum decision orchestrator_decide(
	struct orchestrator *o, const struct action *action, char *sentence, size_t size)
{
	struct verb_call call;

	if (action->verb == NULL || action->verb->decide == NULL || action->confirmed ||
		(action->verb->operand == &operand_settings_file && action->loaded == NULL))
		return DECISION_DO; /* or later, with the file */
	call = make_call(o, action);
	return action->verb->decide(&call, sentence, size);
}

int orchestrator_must_know(const struct orchestrator *o, struct failure *failure)
{
	if (o->context.pinned || o->pins_failure.error >= 0)
		return 0;
	*failure = o->pins_failure;
	return failure->error;
}

int orchestrator_must_enforce(const struct orchestrator *o, struct failure *failure)
{
	if (orchestrator_must_know(o, failure) < 0)
		return failure->error;
	if (o->context.pinned)
		return 0;
	if (chain_check_seen(failure) < 0)
		return failure->error;
	failure_set(failure, -ENOENT, "No mesh filter enforces on this host");
	return failure_remedy(failure, "x0top --enforce starts one that does");
}

/* Returns 0 if the action may be applied now, or a negative errno with *failure set. */
static int may_apply(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	char sentence[REASON_LEN];

	if (action->verb == NULL)
		return failure_set(failure, -EINVAL, "Unknown action");
	enforcement_follow_keeper(o);
	if (keeper_lost())
		return failure_set(failure, -EOWNERDEAD, "%s", KEEPER_KILLED);
	if (o->readonly_reason[0] != '\0' && is_change(o, action)) {
		failure_set(failure, -EROFS, "%s", o->readonly_reason);
		return failure_remedy(failure, "%s",
			o->pins_failure.error < 0 ? o->pins_failure.remedy
						  : "Start x0top without --readonly");
	}
	const struct program *program = make_call(o, action).program;
	if (o->settings.adopt_only && program != NULL && program->type->enforced != NULL &&
		program->type->pin == NULL && !enforcement_is_pinned(program) &&
		orchestrator_must_enforce(o, failure) < 0)
		return failure->error;
	switch (orchestrator_decide(o, action, sentence, sizeof(sentence))) {
	case DECISION_DO:
		return 0;
	case DECISION_REFUSE:
		return failure_set(failure, -EBUSY, "%s", sentence);
	case DECISION_ASK:
		break;
	}
	if (o->settings.confirm != NULL && o->settings.confirm(sentence))
		return 0;
	failure_set(failure, -ECANCELED, "Not done, it needs a yes: %s", sentence);
	return failure_remedy(failure, "Confirm it with --yes");
}

/*
 * Takes the lock under which changes are made. Whoever had it before may have taken down what this action is to
 * change: then there is nothing that a change would outlive this process in. Returns 0 or a negative errno, and then
 * has no lock.
 */
static int lock_for(
	struct orchestrator *o, const struct program *program, int *lock, struct failure *failure)
{
	const bool pinned = program != NULL && enforcement_has_pins(program);

	*lock = -1;
	if (o->settings.lab)
		return 0;
	*lock = lock_change(failure);
	if (*lock < 0)
		return *lock;
	if (!o->settings.adopt_only || !pinned)
		return 0;
	enforcement_follow(o);
	if (enforcement_has_pins(program))
		return 0;
	fd_close(lock);
	failure_set(failure, -ENOENT, "%s was taken down meanwhile: nothing was changed",
		program->type->name);
	return failure_remedy(failure, "Start it again: x0top --enforce");
}

static int apply(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	int error = may_apply(o, action, failure);
	if (error < 0)
		return error;
	struct verb_call call = make_call(o, action);
	struct audit audit;
	int lock;
	error = lock_for(o, call.program, &lock, failure);
	if (error < 0)
		return error;
	error = open_audit(o, &audit, action, failure);
	int noted = error == 0 ? switch_book_note(o, action, failure) : error;
	if (noted >= 0) {
		error = action->verb->apply(&call, failure);
		switch_book_settle(o, action, noted > 0, error);
		if (error == 0) /* what failed on the way did not matter */
			failure->error = 0;
	} else {
		error = noted;
	}
	if (error == 0 && call.program != NULL && call.program->running &&
		call.program->type->interfaces_changed != NULL)
		call.program->type->interfaces_changed(call.program);
	fd_close(&lock);
	if (!enforcement_links_pinned(o)) /* with a lock of its own */
		enforcement_pin_links(o);
	record(o, &audit, action, failure);
	return error;
}

/* Reads the file of an action first, unless the caller has: it may have given up the right to. */
int orchestrator_apply(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	struct action loading = *action;
	struct settings *settings = NULL;
	int error = 0;

	failure->error = 0;
	if (action->verb == NULL || action->verb->operand != &operand_settings_file ||
		action->loaded != NULL)
		return apply(o, action, failure);
	settings = malloc(sizeof(*settings));
	if (settings == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read the file");
	settings_default(settings);
	error = settings_read_file(settings, action->source, failure);
	loading.loaded = settings;
	if (error == 0)
		error = apply(o, &loading, failure);
	free(settings);
	return error;
}

const char *orchestrator_done(const struct orchestrator *o)
{
	return o->done;
}

const struct failure *orchestrator_unaudited(const struct orchestrator *o)
{
	return o->unaudited.error < 0 ? &o->unaudited : NULL;
}
