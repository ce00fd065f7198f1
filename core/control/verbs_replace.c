// SPDX-License-Identifier: BSD-2-Clause
/* The verb that puts another object in a program's place while it works. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "control/operand_program.h"
#include "control/state.h"
#include "control/verbs_replace.h"

#define TRIAL_WORD	  "canary"
#define TRIAL_SECONDS_MAX 3600

/* --- operand --------------------------------------------------------------------------------- */

static int parse(const char *text, struct action *action, struct failure *failure)
{
	struct words words = { 0 };
	uint64_t seconds = 0;
	int error = words_split(&words, text, "a program and a file", failure);

	bool trial = words.n == 4 && strcmp(words.word[2], TRIAL_WORD) == 0;

	if (error == 0 && words.n != 2 && !trial)
		return failure_set(failure, -EINVAL, "Write %s", operand_replacement.usage);
	if (error == 0 && trial && words_number(words.word[3], 1, TRIAL_SECONDS_MAX, &seconds) < 0)
		return failure_set(failure, -EINVAL,
			"\"%.32s\" is not a number of seconds up to %d", words.word[3],
			TRIAL_SECONDS_MAX);
	if (error == 0)
		error = operand_parse_program(words.word[0], action, failure);
	if (error < 0)
		return error;
	if (strlen(words.word[1]) >= sizeof(action->file))
		return failure_set(failure, -EINVAL, "\"%.32s...\" is longer than %zu characters",
			words.word[1], sizeof(action->file) - 1);
	action->canary = (uint32_t)seconds;
	bool built_in = strcmp(words.word[1], REPLACE_BUILT_IN) == 0;
	snprintf(action->file, sizeof(action->file), "%s", built_in ? "" : words.word[1]);
	return 0;
}

static void format(const struct action *action, char *text, size_t size)
{
	char trial[NAME_LEN] = "";

	if (action->canary > 0)
		snprintf(trial, sizeof(trial), " " TRIAL_WORD " %u", action->canary);
	snprintf(text, size, "%s %s%s", action->program,
		action->file[0] == '\0' ? REPLACE_BUILT_IN : action->file, trial);
}

const struct operand operand_replacement = {
	"NAME FILE|" REPLACE_BUILT_IN " [" TRIAL_WORD " SECONDS]", parse, format
};

/* --- changing -------------------------------------------------------------------------------- */

/* Of a plugin that packets pass through it is known only then what another file of it does. */
static bool may_begin_to_drop(const struct program *program)
{
	const struct program_type *type = program->type;

	return program->running && type->read_file != NULL &&
	       type->capabilities & PROGRAM_CAPABILITY(CAP_NET_ADMIN);
}

/* Returns whether the file can be read, and be one of the program's; apply() says why not. */
static bool is_file(const struct program *program, const struct action *action)
{
	struct program_file *file = NULL;
	struct failure ignored;

	if (action->file[0] == '\0' || program->type->read_file != NULL)
		return true;
	if (program_file_read(action->file, program->type->name, &file, &ignored) < 0)
		return false;
	program_file_free(file);
	return true;
}

enum decision replace_verb_decide(const struct verb_call *call, char *sentence, size_t size)
{
	const struct program *program = call->program;

	if (program == NULL)
		return DECISION_DO;
	if (may_begin_to_drop(program) && call->action->actor == ACTOR_KEY) {
		snprintf(sentence, size,
			"What takes the place of %s may drop, change or redirect packets at once. Replace it?",
			program->type->name);
		return DECISION_ASK;
	}
	if (!enforcement_is_on(program) || !is_file(program, call->action))
		return DECISION_DO;
	snprintf(sentence, size,
		"%s protects this host. Let %.150s decide in its place, from the next packet on?",
		program->type->name,
		call->action->file[0] == '\0' ? "this x0top's own" : call->action->file);
	return DECISION_ASK;
}

/* One that failed to start may have left its predecessor in the chain: that is replaced, too. */
static bool is_there(const struct program *program)
{
	return program->running || program->stage_fd >= 0 || enforcement_is_pinned(program);
}

static int may_replace(const struct verb_call *call, struct failure *failure)
{
	const struct program *program = call->program;

	if (program == NULL) {
		operand_no_such_program(call->action->program, failure);
		return !call->orchestrator->settings.adopt_only
			       ? failure->error
			       : failure_remedy(failure,
					 "A plugin lives in the x0top that runs it, if one does: F9 there");
	}
	if (enforcement_is_anothers(program) && enforcement_own(call->orchestrator, failure) < 0)
		return failure->error;
	if (is_there(program))
		return 0;
	if (!call->orchestrator->settings.adopt_only)
		return program_must_run(program, failure);
	failure_set(failure, -ENOENT,
		"%s does not enforce: it lives in the x0top that runs it, if one does",
		program->type->name);
	return failure_remedy(failure, "Replace it there: F9 in the programs view");
}

static int put_in_place(struct program *program, struct program_file *file, uint32_t trial_seconds,
	struct failure *failure)
{
	if (program->running)
		return program_replace(program, file, trial_seconds, failure);
	program_file_free(program->file);
	program->file = file;
	program->file_failure.error = 0;
	return program_start(program, failure);
}

int replace_verb_apply(const struct verb_call *call, struct failure *failure)
{
	struct program *program = call->program;
	struct program_file *file = NULL;
	int error = may_replace(call, failure);

	if (error == 0 && call->action->file[0] != '\0')
		error = program->type->read_file != NULL
				? program->type->read_file(
					  program, call->action->file, &file, failure)
				: program_file_read(
					  call->action->file, program->type->name, &file, failure);
	if (error < 0)
		return error;
	double started = clock_monotonic_seconds();
	error = put_in_place(program, file, call->action->canary, failure);
	if (error == 0)
		snprintf(call->done, DONE_LEN,
			", loaded and in its place after %.0f ms, %u instructions verified",
			(clock_monotonic_seconds() - started) * 1000,
			program->verified_instructions);
	return error;
}

/* --- trials ---------------------------------------------------------------------------------- */

static int end_trial(const struct verb_call *call,
	int (*end)(struct program *program, struct failure *failure), struct failure *failure)
{
	struct program *program = call->program;
	char text[REASON_LEN];
	int error = may_replace(call, failure);

	if (error < 0)
		return error;
	if (program->trial.goes_on)
		trial_describe(program, text, sizeof(text));
	error = end(program, failure);
	if (error == 0)
		snprintf(call->done, DONE_LEN, ": %s", text);
	return error;
}

int replace_verb_keep(const struct verb_call *call, struct failure *failure)
{
	return end_trial(call, trial_keep, failure);
}

int replace_verb_take_back(const struct verb_call *call, struct failure *failure)
{
	return end_trial(call, program_take_back, failure);
}
