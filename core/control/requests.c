// SPDX-License-Identifier: BSD-2-Clause
#include "control/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/qos_lines.h"
#include "control/state.h"

/* Applies a request. A failure stays with the program as unmet. */
static void apply_asked(
	struct orchestrator *o, struct program *program, const struct action *action)
{
	struct failure failure;
	char text[TEXT_LEN];

	if (orchestrator_apply(o, action, &failure) >= 0 || failure.error == -EEXIST)
		return;
	action_format(action, text, sizeof(text));
	failure_set(&program->unmet, failure.error, "Not in force: %s. %.200s", text, failure.what);
	failure_remedy(&program->unmet, "%s", failure.remedy);
	failure_cause(&program->unmet, "%s", failure.cause);
}

static void apply_asked_actions(struct orchestrator *o, struct program *program)
{
	struct action action = { .actor = ACTOR_CONFIGURATION };

	for (uint32_t i = 0; program->running && program->type->asked_action != NULL &&
			     program->type->asked_action(program, i, &action);
		i++)
		apply_asked(o, program, &action);
}

static void enforce_as_asked(struct orchestrator *o, struct program *program)
{
	struct action action = {
		.verb = &control_verbs[VERB_ENFORCE_ON],
		.actor = o->settings.enforce_actor,
		.confirmed = o->settings.assume_yes,
	};

	if (program->type->enforce_asked == NULL || !program->type->enforce_asked(&o->settings) ||
		o->settings.adopt_only || enforcement_is_on(program))
		return;
	snprintf(action.program, sizeof(action.program), "%s", program->type->name);
	apply_asked(o, program, &action);
}

/* Returns whether anything is done to classes on an interface: what an operator has changed stays. */
static bool acts_on(struct orchestrator *o, const char *interface)
{
	struct qos_lines *lines = malloc(sizeof(*lines));
	struct failure ignored;
	bool acts = lines == NULL || qos_lines_read(o, interface, true, lines, &ignored) < 0 ||
		    lines->n > 0;

	free(lines);
	return acts;
}

/* Does to classes what the settings ask for, where nothing is done yet. */
static void act_as_asked(struct orchestrator *o)
{
	struct program *classifier = orchestrator_find(o, program_tc_classifier.name);
	bool due[SETTINGS_QOS_MAX] = { false };
	struct failure ignored;
	struct qos_line line;

	if (o->settings.adopt_only || classifier == NULL || !classifier->asked)
		return;
	/* Before the first of them: several may be about one interface. */
	for (uint32_t i = 0; i < o->settings.n_qos; i++)
		due[i] = qos_line_parse(o->settings.qos[i], &line, &ignored) == 0 &&
			 !acts_on(o, line.action.interface);
	for (uint32_t i = 0; i < o->settings.n_qos; i++) {
		struct action action = {
			.actor = ACTOR_CONFIGURATION, .confirmed = true, /* by who wrote the file */
		};
		char text[RULE_LEN];
		snprintf(text, sizeof(text), SETTINGS_QOS " %s", o->settings.qos[i]);
		if (due[i] && action_parse(text, &action, &ignored) == 0)
			apply_asked(o, classifier, &action);
	}
}

void requests_apply(struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		apply_asked_actions(o, &o->programs[i]);
	for (uint32_t i = 0; i < o->n_programs; i++)
		enforce_as_asked(o, &o->programs[i]);
	act_as_asked(o);
	o->started = true;
}
