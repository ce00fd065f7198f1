// SPDX-License-Identifier: BSD-2-Clause
#include "control/action.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "programs/programs.h"

/* --- the verbs ------------------------------------------------------------------------------- */

static uint32_t count(const struct verb *verbs)
{
	uint32_t n = 0;

	while (verbs != NULL && verbs[n].object != NULL)
		n++;
	return n;
}

const struct verb *verb_at(uint32_t number)
{
	if (number < CONTROL_VERBS)
		return &control_verbs[number];
	number -= CONTROL_VERBS;
	for (uint32_t i = 0; program_types[i] != NULL; i++) {
		uint32_t n = count(program_types[i]->verbs);
		if (number < n)
			return &program_types[i]->verbs[number];
		number -= n;
	}
	return NULL;
}

const struct verb *verb_find(const char *object, const char *word)
{
	const struct verb *verb;

	for (uint32_t i = 0; (verb = verb_at(i)) != NULL; i++)
		if (strcmp(object, verb->object) == 0 && strcmp(word, verb->word) == 0)
			return verb;
	return NULL;
}

/* --- usage ----------------------------------------------------------------------------------- */

/* Writes "rule delete NUMBER". */
static int format_form(const struct verb *verb, const char *command, char *text, size_t size)
{
	return snprintf(text, size, "%s %s%s%s", command != NULL ? command : verb->object,
		verb->word, verb->operand != NULL ? " " : "",
		verb->operand != NULL ? verb->operand->usage : "");
}

enum { FORM_WIDTH = 38 };

void verbs_format_usage(const char *object, const char *command, char *text, size_t size)
{
	const struct verb *verb;
	size_t length = 0;
	char form[TEXT_LEN];

	text[0] = '\0';
	for (uint32_t i = 0; (verb = verb_at(i)) != NULL && length < size; i++) {
		if (object != NULL && strcmp(verb->object, object) != 0)
			continue;
		int width = format_form(verb, command, form, sizeof(form));
		length += (size_t)snprintf(text + length, size - length, "  %-*s%s%*s%s\n",
			FORM_WIDTH, form, width > FORM_WIDTH ? "\n" : "",
			width > FORM_WIDTH ? 2 + FORM_WIDTH + 1 : 1, "", verb->help);
	}
}

/* Reports an unknown action; the remedy lists the verbs of its object, or all objects. */
static int unknown(const char *text, const struct words *words, struct failure *failure)
{
	const struct verb *verb;
	char forms[FAILURE_SENTENCE_LEN] = "", form[TEXT_LEN];
	size_t length = 0;

	for (uint32_t i = 0; (verb = verb_at(i)) != NULL && length < sizeof(forms); i++) {
		if (strcmp(verb->object, words->word[0]) != 0)
			continue;
		format_form(verb, NULL, form, sizeof(form));
		length += (size_t)snprintf(forms + length, sizeof(forms) - length, "%s\"%s\"",
			length > 0 ? ", " : "", form);
	}
	failure_set(failure, -EINVAL, "\"%s\" is not an action", text);
	if (length > 0)
		return failure_remedy(failure, "Write one of %s", forms);
	for (uint32_t i = 0; (verb = verb_at(i)) != NULL && length < sizeof(forms); i++)
		if (strstr(forms, verb->object) == NULL)
			length += (size_t)snprintf(forms + length, sizeof(forms) - length, "%s%s",
				length > 0 ? ", " : "", verb->object);
	return failure_remedy(failure, "Begin with one of %s", forms);
}

/* --- text ------------------------------------------------------------------------------------ */

int action_parse(const char *text, struct action *action, struct failure *failure)
{
	struct action parsed = { .actor = action->actor,
		.confirmed = action->confirmed,
		.confirm_within = action->confirm_within,
		.token = action->token };
	struct words words;

	int error = words_split(&words, text, "an action", failure);
	if (error)
		return error;
	parsed.verb = words.n >= 2 ? verb_find(words.word[0], words.word[1]) : NULL;
	if (parsed.verb == NULL || (parsed.verb->operand == NULL) != (words.n == 2))
		return unknown(text, &words, failure);
	if (parsed.verb->operand != NULL)
		error = parsed.verb->operand->parse(text + words.offset[2], &parsed, failure);
	if (error)
		return error;
	*action = parsed;
	return 0;
}

void action_format(const struct action *action, char *text, size_t size)
{
	char operand[RULE_LEN] = "";

	if (action->verb == NULL) {
		snprintf(text, size, "no action");
		return;
	}
	if (action->verb->operand != NULL)
		action->verb->operand->format(action, operand, sizeof(operand));
	snprintf(text, size, "%s %s%s%s", action->verb->object, action->verb->word,
		operand[0] != '\0' ? " " : "", operand);
}
