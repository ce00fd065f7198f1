// SPDX-License-Identifier: BSD-2-Clause
/* Takes back what switch_book.h has noted: in time, or after a kill. */
#include <stdio.h>
#include <string.h>

#include "control/state.h"
#include "control/switch_book.h"

#define TOOK   "took back what MAPE-K had done before a kill: %.180s"
#define FAILED "cannot take back what MAPE-K had done: %.100s: %.100s"

/* What was turned off has to run, to enforce. */
static int run_again(struct orchestrator *o, const struct action *done, struct failure *failure)
{
	struct action on = {
		.verb = &control_verbs[VERB_PROGRAM_ON], .actor = ACTOR_MAPEK, .confirmed = true
	}; /* it was on */
	const struct program *program = orchestrator_find(o, done->program);

	if (done->verb != &control_verbs[VERB_PROGRAM_OFF] || program == NULL || program->running)
		return 0;
	memcpy(on.program, done->program, sizeof(on.program));
	return orchestrator_apply(o, &on, failure);
}

int orchestrator_take_back(struct orchestrator *o, const char *text, struct failure *failure)
{
	struct action action = { .verb = NULL };
	struct switch_noted noted;
	int at = -1;

	if (action_parse(text, &action, failure) == 0)
		at = switch_book_find(o, &action, &noted);
	failure->error = 0;
	if (at < 0 || !switch_book_same(&action, &noted.done))
		return 0;
	if (!switch_book_is_done(o, &noted.done)) {
		switch_book_drop(o, at);
		return 0;
	}
	noted.back.actor = ACTOR_MAPEK;
	int error = run_again(o, &noted.done, failure);
	if (error == 0)
		error = orchestrator_apply(o, &noted.back, failure);
	return error < 0 ? error : 1;
}

static void recover(struct orchestrator *o, int at, struct switch_noted *noted)
{
	struct failure failure = { 0 };
	char text[REASON_LEN], done[RULE_LEN];

	if (!switch_book_is_done(o, &noted->done)) {
		switch_book_drop(o, at);
		return;
	}
	action_format(&noted->done, done, sizeof(done));
	noted->back.actor = ACTOR_ADOPTION;
	if (orchestrator_apply(o, &noted->back, &failure) < 0)
		snprintf(text, sizeof(text), FAILED, done, failure.what);
	else
		snprintf(text, sizeof(text), TOOK, done);
	event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "%s", text);
	if (o->notice[0] == '\0')
		memcpy(o->notice, text, sizeof(text));
}

void switch_book_recover(struct orchestrator *o)
{
	struct switch_noted noted;

	if (o->settings.lab || o->lock_fd < 0 || o->readonly_reason[0] != '\0')
		return;
	for (int at = 0; at < SWITCH_BOOK_PLACES; at++)
		if (switch_book_read(o, at, &noted))
			recover(o, at, &noted);
}
