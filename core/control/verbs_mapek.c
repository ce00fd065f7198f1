// SPDX-License-Identifier: BSD-2-Clause
#include "control/verbs_mapek.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/words.h"
#include "control/state.h"
#include "mesh/rule.h"

enum { NODE_BYTES = 8 };

static void format_source(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", action->source);
}

/* Keeps it as it is found elsewhere: a prefix with its length, in small letters. */
static int parse_target(const char *text, struct action *action, struct failure *failure)
{
	struct mesh_prefix prefix;
	uint8_t bytes[NODE_BYTES];
	struct failure ignored;

	if (rule_parse_prefix(text, &prefix, &ignored) == 0)
		rule_format_prefix(&prefix, action->source, sizeof(action->source));
	else if (hex_parse_mac(text, bytes) == 0)
		hex_format_mac(bytes, action->source, sizeof(action->source));
	else if (strlen(text) == 2 * NODE_BYTES && hex_parse(text, bytes, NODE_BYTES) >= 0)
		hex_format(bytes, NODE_BYTES, action->source);
	else
		return failure_set(failure, -EINVAL,
			"\"%.64s\" is not a prefix, a MAC address or the id of a node", text);
	return 0;
}

const struct operand operand_target = { "TARGET", parse_target, format_source };

static int parse_hook(const char *text, struct action *action, struct failure *failure)
{
	if (strlen(text) >= sizeof(action->source) || !words_printable(text))
		return failure_set(failure, -EINVAL, "\"%.64s\" is not the name of a policy", text);
	snprintf(action->source, sizeof(action->source), "%s", text);
	return 0;
}

const struct operand operand_hook = { "POLICY [for TARGET]", parse_hook, format_source };

static int parse_number(const char *text, struct action *action, struct failure *failure)
{
	uint64_t number;

	if (words_number(text, 1, UINT32_MAX, &number) != 0)
		return failure_set(
			failure, -EINVAL, "\"%.64s\" is not the number of an action", text);
	action->number = (uint32_t)number;
	return 0;
}

static void format_number(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%u", action->number);
}

const struct operand operand_mapek_action = { "ID", parse_number, format_number };

int apply_to_thinker(const struct verb_call *call, struct failure *failure)
{
	const struct orchestrator_thinker *thinker = &call->orchestrator->thinker;

	if (thinker->obey != NULL)
		return thinker->obey(thinker->data, call->action, call->done, failure);
	failure_set(failure, -ENOENT, "MAPE-K is off");
	return failure_remedy(failure, "Turn it on: --mapek advise");
}
