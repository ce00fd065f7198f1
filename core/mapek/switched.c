// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/switched.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/action.h"
#include "control/switch_book.h"

static const struct pair {
	unsigned int on, off;
	bool mode; /* of a program that runs */
} pairs[] = {
	{ VERB_PROGRAM_ON, VERB_PROGRAM_OFF, false },
	{ VERB_ENFORCE_ON, VERB_ENFORCE_OFF, true },
};

/* Returns the pair of an action, with what it asks for; NULL if it switches nothing. */
static const struct pair *read_action(const char *text, struct action *action, bool *on)
{
	struct failure ignored;

	*action = (struct action) { .verb = NULL };
	if (action_parse(text, action, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		*on = action->verb == &control_verbs[pairs[i].on];
		if (*on || action->verb == &control_verbs[pairs[i].off])
			return &pairs[i];
	}
	return NULL;
}

void switched_take(struct switched *switched, const struct snapshot *snapshot)
{
	switched->n = 0;
	for (uint32_t i = 0; i < snapshot->n_programs; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];
		struct switched_program *taken = &switched->list[switched->n++];
		snprintf(taken->name, sizeof(taken->name), "%s", program->name);
		taken->runs = program->state == PROGRAM_ON || program->state == PROGRAM_PARTLY;
		taken->enforces = program->enforcing;
	}
}

int switched_is(const struct switched *switched, const char *text)
{
	struct action action;
	bool on;
	const struct pair *pair = read_action(text, &action, &on);

	for (uint32_t i = 0; pair != NULL && i < switched->n; i++)
		if (strcmp(switched->list[i].name, action.program) == 0)
			return (pair->mode ? switched->list[i].enforces : switched->list[i].runs) ==
			       on;
	return -ENOENT;
}

/* Returns whether an action is about a class, and makes of it the one that ends that. */
static bool end_class(struct action *action)
{
	action->dscp = -1;
	action->rate = action->more = action->priority = 0;
	return action->verb == &control_verbs[VERB_QOS_MARK] ||
	       action->verb == &control_verbs[VERB_QOS_POLICE];
}

bool switched_stays(const char *text)
{
	struct action action = { .verb = NULL };
	struct failure ignored;

	return action_parse(text, &action, &ignored) == 0 && switch_book_has(&action);
}

bool switched_back(const char *text, char *back, size_t size)
{
	struct action action;
	bool on;
	const struct pair *pair = read_action(text, &action, &on);

	if (pair == NULL && !end_class(&action))
		return false;
	if (pair != NULL)
		action.verb = &control_verbs[on ? pair->off : pair->on];
	action_format(&action, back, size);
	return true;
}
