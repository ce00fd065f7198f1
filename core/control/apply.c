// SPDX-License-Identifier: BSD-2-Clause
/* Carrying out actions: the one path by which anything is changed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "control/audit.h"
#include "control/state.h"
#include "kernel/lock.h"

/* What the settings ask of a program that was just started is no change of what is in force. */
static bool is_change(const struct orchestrator *o, const struct action *action)
{
	return o->started || action->verb->operand == &operand_program;
}

/* In the lab nothing of the host is changed, and nothing is written to its log. */
static int open_audit(struct orchestrator *o, struct audit *audit, const struct action *action,
	struct failure *failure)
{
	*audit = (struct audit) { .fd = -1 };
	o->unaudited.error = 0;
	return o->settings.lab ? 0 : audit_open(audit, o->settings.audit, action, failure);
}

/* What the settings ask for at the start is an event only where it fails. */
static void record(struct orchestrator *o, struct audit *audit, const struct action *action,
	const struct failure *failure)
{
	char text[TEXT_LEN / 2];

	action_format(action, text, sizeof(text));
	if (is_change(o, action) || failure->error < 0)
		event_log_add(&o->context.log, 0, EVENT_KIND_ACTION, "%s: %s", text,
			failure->error < 0 ? failure->what : "done");
	int error = audit_write(audit, action, failure);
	audit_close(audit);
	if (error == 0)
		return;
	audit_explain(error, &o->unaudited);
	event_log_add(&o->context.log, 0, EVENT_KIND_ACTION, "%s", o->unaudited.what);
}

static struct verb_call make_call(struct orchestrator *o, const struct action *action)
{
	struct verb_call call = { .orchestrator = o, .action = action };

	call.program = action->verb->operand == &operand_program
			       ? orchestrator_find(o, action->program)
			       : orchestrator_owner(o, action->verb);
	return call;
}

enum decision orchestrator_decide(
	struct orchestrator *o, const struct action *action, char *sentence, size_t size)
{
	struct verb_call call;

	if (action->verb == NULL || action->verb->decide == NULL || action->confirmed)
		return DECISION_DO;
	call = make_call(o, action);
	return action->verb->decide(&call, sentence, size);
}

/* Of one that starts nothing: there is only what is pinned. */
static int nothing_enforces(const struct orchestrator *o, struct failure *failure)
{
	if (o->pins_failure.error < 0) {
		*failure = o->pins_failure;
		return failure->error;
	}
	failure_set(failure, -ENOENT, "No mesh filter enforces on this host");
	return failure_remedy(failure, "x0top --enforce starts one that does");
}

/* Whether the action may be done now: 0, or a negative errno with *failure set. */
static int may_apply(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	char sentence[REASON_LEN];

	if (action->verb == NULL)
		return failure_set(failure, -EINVAL, "There is no such action");
	if (o->readonly_reason[0] != '\0' && is_change(o, action)) {
		failure_set(failure, -EROFS, "%s", o->readonly_reason);
		return failure_remedy(failure, "%s",
			o->pins_failure.error < 0 ? o->pins_failure.remedy
						  : "Start one that may change things");
	}
	if (o->settings.adopt_only && !o->context.pinned)
		return nothing_enforces(o, failure);
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
	failure_set(failure, -ECANCELED, "Not done, for nobody has said yes to: %s", sentence);
	return failure_remedy(failure, "Say so: --yes");
}

int orchestrator_apply(struct orchestrator *o, const struct action *action, struct failure *failure)
{
	failure->error = 0;
	int error = may_apply(o, action, failure);
	if (error < 0)
		return error;
	struct verb_call call = make_call(o, action);
	struct audit audit;
	int lock = o->settings.lab ? -1 : lock_change(failure);
	error = lock >= 0 || o->settings.lab ? open_audit(o, &audit, action, failure) : lock;
	if (error == 0)
		error = action->verb->apply(&call, failure);
	fd_close(&lock);
	record(o, &audit, action, failure);
	return error;
}

const struct failure *orchestrator_unaudited(const struct orchestrator *o)
{
	return o->unaudited.error < 0 ? &o->unaudited : NULL;
}
