// SPDX-License-Identifier: BSD-2-Clause
/* Defines the verbs for any program: on and off, enforcing on and off. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/action.h"
#include "control/operand_program.h"
#include "control/qos_recover.h"
#include "control/qos_undo.h"
#include "control/state.h"
#include "control/verbs_classes.h"
#include "control/verbs_mapek.h"
#include "control/verbs_qos.h"
#include "control/verbs_replace.h"
#include "programs/native.h"

static int check_chain(const struct verb_call *call, struct failure *failure)
{
	const struct program *program = call->program;

	if (program == NULL)
		return operand_no_such_program(call->action->program, failure);
	if (!program->context->look_only || program->type->stage == XDP_ROOT)
		return 0;
	return enforcement_own(call->orchestrator, failure);
}

static int apply_program_on(const struct verb_call *call, struct failure *failure)
{
	int error = check_chain(call, failure);

	return error < 0 ? error : program_start(call->program, failure);
}

/* Asks about a key; and MAPE-K, for what it drops may be the operator's. Who has written it has said so. */
static enum decision decide_program_on(const struct verb_call *call, char *sentence, size_t size)
{
	const struct program *program = call->program;
	const uint32_t actor = call->action->actor;

	if (program == NULL || program->running || !program_drops(program) ||
		(actor != ACTOR_KEY && actor != ACTOR_MAPEK))
		return DECISION_DO;
	snprintf(sentence, size,
		"%s can drop, change or redirect packets as soon as it runs. Switch it on?",
		program->type->name);
	return DECISION_ASK;
}

/* What is pinned apart acts on classes: that ends on all interfaces, also if this is killed in it. */
static int switch_off(const struct verb_call *call, struct failure *failure)
{
	struct orchestrator *o = call->orchestrator;
	bool begun = call->program->type->pin != NULL && enforcement_own(o, failure) == 0 &&
		     qos_remember_end(o, call->text);
	int error = enforcement_off(o, call->program, failure);

	if (begun)
		qos_settle(o);
	return error;
}

static int apply_program_off(const struct verb_call *call, struct failure *failure)
{
	int error = check_chain(call, failure);

	if (error == 0 && enforcement_is_on(call->program))
		error = switch_off(call, failure);
	if (error == 0)
		program_stop(call->program);
	return error;
}

/* Reports a program that cannot enforce; the remedy names those that can. */
static int cannot_enforce(const struct verb_call *call, struct failure *failure)
{
	const struct orchestrator *o = call->orchestrator;
	char names[FAILURE_SENTENCE_LEN] = "";
	size_t length = 0;

	for (uint32_t i = 0; i < o->n_programs && length < sizeof(names); i++)
		if (o->programs[i].type->enforce != NULL)
			length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
				length > 0 ? " or " : "", o->programs[i].type->name);
	failure_set(failure, -EINVAL, "%s does not enforce anything", call->action->program);
	return failure_remedy(failure, "Use %s", names);
}

static int apply_enforce_on(const struct verb_call *call, struct failure *failure)
{
	if (call->program == NULL || call->program->type->enforce == NULL)
		return cannot_enforce(call, failure);
	int error = program_must_run(call->program, failure);
	if (error == 0)
		error = enforcement_on(call->orchestrator, call->program, failure);
	/* At the start, what else was asked for and is not in force stays an error. */
	if (error == 0 && call->orchestrator->started)
		call->program->unmet.error = 0;
	return error;
}

static int apply_enforce_off(const struct verb_call *call, struct failure *failure)
{
	if (call->program == NULL || call->program->type->enforce == NULL)
		return cannot_enforce(call, failure);
	return switch_off(call, failure);
}

/*
 * Asks about every key, which is easily pressed; about command lines and files only if enforcing may cut
 * the operator's own connection.
 */
static enum decision decide_enforce_on(const struct verb_call *call, char *sentence, size_t size)
{
	const struct program *program = call->program;

	if (program == NULL || program->type->enforce == NULL || !program->running)
		return DECISION_DO; /* apply() reports the mistake */
	bool dangerous = program->type->enforce_question(call->program, sentence, size);
	native_append(program->context, sentence, size);
	return dangerous || call->action->actor == ACTOR_KEY ? DECISION_ASK : DECISION_DO;
}

static enum decision decide_off(const struct verb_call *call, char *sentence, size_t size)
{
	const struct program *program = call->program;

	if (program == NULL || program->type->enforced == NULL ||
		!program->type->enforced(program) || call->action->actor != ACTOR_KEY)
		return DECISION_DO;
	snprintf(sentence, size, "%s protects this host. Stop dropping?", program->type->name);
	return DECISION_ASK;
}

const struct verb control_verbs[] = {
	[VERB_PROGRAM_ON] = { "program", "on", &operand_program, "start a program",
		decide_program_on, apply_program_on },
	[VERB_PROGRAM_OFF] = { "program", "off", &operand_program, "stop a program", decide_off,
		apply_program_off },
	[VERB_PROGRAM_REPLACE] = { "program", "replace", &operand_replacement,
		"put another in its place while it works", replace_verb_decide,
		replace_verb_apply },
	[VERB_PROGRAM_KEEP] = { "program", "keep", &operand_program,
		"end its trial: the new one stays", NULL, replace_verb_keep },
	[VERB_PROGRAM_TAKE_BACK] = { "program", "take-back", &operand_program,
		"end its trial: the old one is back", NULL, replace_verb_take_back },
	[VERB_ENFORCE_ON] = { "enforce", "on", &operand_program,
		"let it drop, also after x0top exits", decide_enforce_on, apply_enforce_on },
	[VERB_ENFORCE_OFF] = { "enforce", "off", &operand_program, "let it only observe",
		decide_off, apply_enforce_off },
	[VERB_MAPEK_NEVER] = { "mapek", "never", &operand_target,
		"let no policy act on a source any more", NULL, apply_to_thinker },
	[VERB_MAPEK_AGAIN] = { "mapek", "again", &operand_target, "take that back", NULL,
		apply_to_thinker },
	[VERB_MAPEK_RUN] = { "mapek", "run", &operand_hook, "run the hook that a policy advises",
		NULL, apply_to_thinker },
	[VERB_MAPEK_UNDO] = { "mapek", "undo", &operand_mapek_action, "undo an action of a policy",
		NULL, apply_to_thinker },
	[VERB_CLASS_ADD] = { "class", "add", &operand_class_line,
		"add a line before the default ones", NULL, class_verb_add },
	[VERB_CLASS_INSERT] = { "class", "insert", &operand_class_numbered,
		"add a line before another", NULL, class_verb_insert },
	[VERB_CLASS_EDIT] = { "class", "edit", &operand_class_numbered, "give a line another form",
		NULL, class_verb_edit },
	[VERB_CLASS_DELETE] = { "class", "delete", &operand_class_number, "forget a line", NULL,
		class_verb_delete },
	[VERB_CLASS_MOVE] = { "class", "move", &operand_class_move, "give a line another number",
		NULL, class_verb_move },
	[VERB_CLASS_LOAD] = { "class", "load", &operand_settings_file,
		"put a file's lines in force", NULL, class_verb_load },
	[VERB_CLASS_RESET] = { "class", "reset", NULL, "go back to the configuration's", NULL,
		class_verb_reset },
	[VERB_CLASS_UNDO] = { "class", "undo", NULL, "undo the last change of lines", NULL,
		class_verb_undo },
	[VERB_QOS_PRESET] = { "qos", "preset", &operand_qos_preset, "shape what it sends, by class",
		qos_decide_preset, qos_apply_preset },
	[VERB_QOS_RATE] = { "qos", "rate", &operand_qos_rate, "change what a class may send",
		qos_decide_rate, qos_apply_rate },
	[VERB_QOS_MARK] = { "qos", "mark", &operand_qos_mark, "rewrite the code point of a class",
		qos_decide_mark, qos_apply_mark },
	[VERB_QOS_POLICE] = { "qos", "police", &operand_qos_police,
		"drop what a class has beyond a rate", qos_decide_police, qos_apply_police },
	[VERB_QOS_ON] = { "qos", "on", &operand_qos_mode, "switch a mode on again", qos_decide_on,
		qos_apply_on },
	[VERB_QOS_OFF] = { "qos", "off", &operand_qos_off, "switch a mode off, or forget all",
		qos_decide_off, qos_apply_off },
	[VERB_QOS_LOAD] = { "qos", "load", &operand_settings_file, "do what a file says under qos",
		qos_decide_load, qos_apply_load },
	[VERB_QOS_UNDO] = { "qos", "undo", NULL, "undo the last of these changes", qos_decide_undo,
		qos_apply_undo },
	[VERB_QOS_CONFIRM] = { "qos", "confirm", NULL, "keep what --confirm-within would undo",
		NULL, qos_apply_confirm },
	[VERB_QOS_ROLLBACK] = { "qos", "rollback", NULL, "undo it now", NULL, qos_apply_rollback },
	{ .object = NULL },
};
