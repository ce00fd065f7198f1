// SPDX-License-Identifier: BSD-2-Clause
#include "control/action.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "mesh/rule.h"

enum operand { OPERAND_NONE, OPERAND_PROGRAM, OPERAND_NUMBER, OPERAND_RULE };

/* What each verb is called, and what follows it. */
static const struct {
	const char *object;
	const char *verb;
	enum operand operand;
} verbs[ACTION_VERBS] = {
	[ACTION_PROGRAM_ON] = { "program", "on", OPERAND_PROGRAM },
	[ACTION_PROGRAM_OFF] = { "program", "off", OPERAND_PROGRAM },
	[ACTION_ENFORCE_ON] = { "enforce", "on", OPERAND_PROGRAM },
	[ACTION_ENFORCE_OFF] = { "enforce", "off", OPERAND_PROGRAM },
	[ACTION_RULE_ON] = { "rule", "on", OPERAND_NUMBER },
	[ACTION_RULE_OFF] = { "rule", "off", OPERAND_NUMBER },
	[ACTION_RULE_REMOVE] = { "rule", "remove", OPERAND_NUMBER },
	[ACTION_RULE_ADD] = { "rule", "add", OPERAND_RULE },
	[ACTION_KEYS_RELOAD] = { "keys", "reload", OPERAND_NONE },
};

static int unknown(const char *text, struct failure *failure)
{
	failure_set(failure, -EINVAL, "\"%s\" is not an action", text);
	return failure_remedy(failure,
		"Write program|enforce on|off NAME, rule on|off|remove NUMBER, "
		"rule add pass|drop KEY, or keys reload");
}

static int find_verb(const struct words *words)
{
	for (int i = 0; words->n >= 2 && i < ACTION_VERBS; i++)
		if (strcmp(words->word[0], verbs[i].object) == 0 &&
			strcmp(words->word[1], verbs[i].verb) == 0)
			return i;
	return -ENOENT;
}

static int parse_program(const char *name, struct action *action, struct failure *failure)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strlen(name);

	if (length >= sizeof(action->program) || strspn(name, allowed) != length)
		return failure_set(
			failure, -EINVAL, "\"%s\" cannot be the name of a program", name);
	memcpy(action->program, name, length + 1);
	return 0;
}

static int parse_number(const char *word, struct action *action, struct failure *failure)
{
	uint64_t number;

	if (words_number(word, 0, MESH_RULES_MAX - 1, &number) != 0)
		return failure_set(failure, -EINVAL,
			"\"%s\" is not the number of a rule: that is 0 to %d", word,
			MESH_RULES_MAX - 1);
	action->rule = (uint32_t)number;
	return 0;
}

static bool right_length(const struct words *words, enum operand operand)
{
	switch (operand) {
	case OPERAND_NONE:
		return words->n == 2;
	case OPERAND_RULE:
		return words->n >= 3;
	default:
		return words->n == 3;
	}
}

int action_parse(const char *text, struct action *action, struct failure *failure)
{
	struct action parsed = { .actor = action->actor };
	struct words words;

	int error = words_split(&words, text, "an action", failure);
	if (error)
		return error;
	int verb = find_verb(&words);
	if (verb < 0 || !right_length(&words, verbs[verb].operand))
		return unknown(text, failure);
	parsed.verb = (uint32_t)verb;
	switch (verbs[verb].operand) {
	case OPERAND_NONE:
		break;
	case OPERAND_PROGRAM:
		error = parse_program(words.word[2], &parsed, failure);
		break;
	case OPERAND_NUMBER:
		error = parse_number(words.word[2], &parsed, failure);
		break;
	case OPERAND_RULE:
		error = rule_parse(text + words.offset[2], &parsed.new_rule, failure);
		break;
	}
	if (error)
		return error;
	*action = parsed;
	return 0;
}

void action_format(const struct action *action, char *text, size_t size)
{
	char rule[TEXT_LEN];

	if (action->verb >= ACTION_VERBS) {
		snprintf(text, size, "unknown action %u", action->verb);
		return;
	}
	const char *object = verbs[action->verb].object, *verb = verbs[action->verb].verb;
	switch (verbs[action->verb].operand) {
	case OPERAND_NONE:
		snprintf(text, size, "%s %s", object, verb);
		break;
	case OPERAND_PROGRAM:
		snprintf(text, size, "%s %s %s", object, verb, action->program);
		break;
	case OPERAND_NUMBER:
		snprintf(text, size, "%s %s %u", object, verb, action->rule);
		break;
	case OPERAND_RULE:
		rule_format(&action->new_rule, rule, sizeof(rule));
		snprintf(text, size, "%s %s %s", object, verb, rule);
		break;
	}
}
