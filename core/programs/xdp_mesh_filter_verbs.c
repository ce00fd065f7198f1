// SPDX-License-Identifier: BSD-2-Clause
/* The verbs that change mesh rules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "mesh/rule.h"
#include "mesh/rules.h"
#include "programs/connection.h"
#include "programs/programs.h"
#include "programs/xdp_mesh_filter_only.h"
#include "programs/xdp_mesh_filter_sets.h"
#include "programs/xdp_mesh_filter_state.h"

/* --- operands -------------------------------------------------------------------------------- */

static int parse_rule(const char *text, struct action *action, struct failure *failure)
{
	bool off = strncmp(text, "off ", strlen("off ")) == 0;
	int error = rule_parse(off ? text + strlen("off ") : text, &action->rule, failure);

	if (error == 0)
		action->rule.enabled = !off;
	return error;
}

static void format_rule(const struct action *action, char *text, size_t size)
{
	char rule[RULE_LEN];

	rule_format(&action->rule, rule, sizeof(rule));
	snprintf(text, size, "%s%s", action->rule.enabled ? "" : "off ", rule);
}

static const struct operand operand_rule = { "[off] RULE", parse_rule, format_rule };

static int parse_number(const char *text, struct action *action, struct failure *failure)
{
	uint64_t number;

	if (words_number(text, 0, MESH_RULES_MAX - 1, &number) != 0)
		return failure_set(failure, -EINVAL, "\"%s\" is not a rule number, 0 to %d", text,
			MESH_RULES_MAX - 1);
	action->number = (uint32_t)number;
	return 0;
}

static void format_number(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%u", action->number);
}

static const struct operand operand_rule_number = { "NUMBER", parse_number, format_number };

/* Reads the number that begins the text. Returns the rest in *rest. */
static int parse_first_number(
	const char *text, struct action *action, const char **rest, struct failure *failure)
{
	char number[8];
	size_t length = strcspn(text, " ");

	if (length >= sizeof(number))
		return parse_number(text, action, failure);
	memcpy(number, text, length);
	number[length] = '\0';
	*rest = text + length + strspn(text + length, " ");
	return parse_number(number, action, failure);
}

static int parse_insert(const char *text, struct action *action, struct failure *failure)
{
	const char *rest;
	int error = parse_first_number(text, action, &rest, failure);

	return error < 0 ? error : parse_rule(rest, action, failure);
}

static void format_insert(const struct action *action, char *text, size_t size)
{
	size_t length = (size_t)snprintf(text, size, "%u ", action->number);

	if (length < size)
		format_rule(action, text + length, size - length);
}

static const struct operand operand_insert = { "NUMBER [off] RULE", parse_insert, format_insert };

static int parse_move(const char *text, struct action *action, struct failure *failure)
{
	struct action to = { 0 };
	const char *rest;
	int error = parse_first_number(text, action, &rest, failure);

	if (error == 0)
		error = parse_number(rest, &to, failure);
	action->to = to.number;
	return error;
}

static void format_move(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%u %u", action->number, action->to);
}

static const struct operand operand_move = { "NUMBER TO", parse_move, format_move };

bool mesh_filter_cuts(const struct mesh_rule *rule, const struct connection *connection)
{
	return rule->enabled && rule->action == MESH_DROP &&
	       rules_match_connection(rule, connection->address, connection->port);
}

/* Asks if the rule cuts the operator's own connection once it is on. */
static enum decision decide_rule(
	const struct verb_call *call, const struct mesh_rule *asked, char *sentence, size_t size)
{
	struct mesh_rule rule = *asked;
	struct connection connection;
	char key[NAME_LEN * 2];

	rule.enabled = true;
	if (!rules_enforced(&call->program->context->maps) || !connection_find(&connection) ||
		!mesh_filter_cuts(&rule, &connection))
		return DECISION_DO;
	rule_format_key(&rule, key, sizeof(key));
	snprintf(sentence, size, "Dropping %s cuts your own SSH connection from %s. Continue?", key,
		connection.address);
	return DECISION_ASK;
}

static enum decision decide_add(const struct verb_call *call, char *sentence, size_t size)
{
	return call->action->rule.enabled ? decide_rule(call, &call->action->rule, sentence, size)
					  : DECISION_DO;
}

static enum decision decide_on(const struct verb_call *call, char *sentence, size_t size)
{
	struct mesh_rule rule;

	if (rules_get(&call->program->context->maps, call->action->number, &rule) < 0)
		return DECISION_DO; /* apply() reports that no rule has the number */
	return decide_rule(call, &rule, sentence, size);
}

/* Finds a rule that is on and drops the connection. Returns its number, or -ENOENT. */
static int find_cut(struct program *program, const struct connection *connection)
{
	const struct mesh_rule *rules = mesh_filter_rules(program);

	for (int i = 0; rules != NULL && i < MESH_RULES_MAX; i++)
		if (rules[i].match != MESH_MATCH_NONE && mesh_filter_cuts(&rules[i], connection))
			return i;
	return -ENOENT;
}

/* Asks if the rule passes the operator's own connection and another rule would drop it. */
static enum decision decide_without(const struct verb_call *call, char *sentence, size_t size)
{
	const struct map_registry *maps = &call->program->context->maps;
	struct connection connection;
	struct mesh_rule rule;

	if (rules_get(maps, call->action->number, &rule) < 0)
		return DECISION_DO; /* apply() reports that no rule has the number */
	if (!rule.enabled || rule.action != MESH_PASS || !rules_enforced(maps) ||
		!connection_find(&connection) ||
		!rules_match_connection(&rule, connection.address, connection.port))
		return DECISION_DO;
	int cut = find_cut(call->program, &connection);
	if (cut < 0)
		return DECISION_DO;
	snprintf(sentence, size,
		"Mesh rule %u passes your own SSH connection from %s; rule %d would drop it. "
		"Continue?",
		call->action->number, connection.address, cut);
	return DECISION_ASK;
}

/* Asks if the rule drops the operator's own connection in its new form, or passed it in the old one. */
static enum decision decide_change(const struct verb_call *call, char *sentence, size_t size)
{
	enum decision decision = decide_add(call, sentence, size);

	return decision != DECISION_DO ? decision : decide_without(call, sentence, size);
}

/* A rule that drops may come before one that passes, or the other way round. */
static enum decision decide_move(const struct verb_call *call, char *sentence, size_t size)
{
	struct mesh_rule rule;

	if (rules_get(&call->program->context->maps, call->action->number, &rule) < 0)
		return DECISION_DO; /* apply() reports that no rule has the number */
	if (rule.enabled && rule.action == MESH_DROP)
		return decide_rule(call, &rule, sentence, size);
	return decide_without(call, sentence, size);
}

/* Returns the number of the rule that decides about all of a rule's packets, or -ENOENT. */
static int find_shadow(struct program *program, uint32_t number)
{
	const struct mesh_filter *filter = program->state;
	const struct mesh_rule *rules = filter->loading == NULL ? mesh_filter_rules(program) : NULL;

	return rules != NULL ? rules_shadow(rules, number) : -ENOENT;
}

/* Returns the rule of an action as the kernel gets it: with who asks for it, where it does not say. */
static struct mesh_rule asked_rule(const struct action *action)
{
	static const uint8_t origins[ACTORS] = {
		[ACTOR_KEY] = MESH_ORIGIN_OPERATOR,
		[ACTOR_COMMAND_LINE] = MESH_ORIGIN_OPERATOR,
		[ACTOR_CONFIGURATION] = MESH_ORIGIN_FILE,
		[ACTOR_MAPEK] = MESH_ORIGIN_MAPEK,
		[ACTOR_ADOPTION] = MESH_ORIGIN_FILE,
	};
	struct mesh_rule rule = action->rule;

	if (rule.origin == MESH_ORIGIN_NONE)
		rule.origin = origins[action->actor];
	return rule;
}

static int apply_add(const struct verb_call *call, struct failure *failure)
{
	const struct map_registry *maps = &call->program->context->maps;
	struct mesh_filter *filter = call->program->state;
	struct mesh_rule rule = asked_rule(call->action);
	uint32_t next;
	int number = filter->loading != NULL
			     ? rules_add_to(maps, filter->loading, &rule, &next, failure)
			     : rules_add(maps, &rule, &next, failure);

	if (number < 0)
		return number;
	int shadow = find_shadow(call->program, (uint32_t)number);
	if (shadow >= 0)
		snprintf(call->done, TEXT_LEN,
			", as rule %d; it never decides: rule %d matches all that it does", number,
			shadow);
	else if (next == MESH_RULES_MAX)
		snprintf(call->done, TEXT_LEN, ", as rule %d", number);
	else
		snprintf(call->done, TEXT_LEN,
			", as rule %d, before rule %u: the last number is taken", number, next);
	return 0;
}

static int apply_insert(const struct verb_call *call, struct failure *failure)
{
	struct mesh_rule rule = asked_rule(call->action);

	return rules_insert(&call->program->context->maps, call->action->number, &rule, failure);
}

static int apply_change(const struct verb_call *call, struct failure *failure)
{
	struct mesh_rule rule = asked_rule(call->action);

	return rules_change(&call->program->context->maps, call->action->number, &rule, failure);
}

static int apply_move(const struct verb_call *call, struct failure *failure)
{
	return rules_move(
		&call->program->context->maps, call->action->number, call->action->to, failure);
}

static int apply_flush(const struct verb_call *call, struct failure *failure)
{
	return rules_flush(&call->program->context->maps, failure);
}

static int apply_remove(const struct verb_call *call, struct failure *failure)
{
	return rules_remove(&call->program->context->maps, call->action->number, failure);
}

static int apply_on(const struct verb_call *call, struct failure *failure)
{
	return rules_switch(&call->program->context->maps, call->action->number, true, failure);
}

static int apply_off(const struct verb_call *call, struct failure *failure)
{
	return rules_switch(&call->program->context->maps, call->action->number, false, failure);
}

const struct verb mesh_filter_verbs[] = {
	[MESH_FILTER_RULE_ADD] = { "rule", "add", &operand_rule, "add a mesh rule", decide_add,
		apply_add },
	[MESH_FILTER_RULE_REMOVE] = { "rule", "remove", &operand_rule_number,
		"forget a mesh rule and its counts", decide_without, apply_remove },
	[MESH_FILTER_RULE_ON] = { "rule", "on", &operand_rule_number, "turn a mesh rule on",
		decide_on, apply_on },
	[MESH_FILTER_RULE_OFF] = { "rule", "off", &operand_rule_number,
		"turn a mesh rule off, keep its counts", decide_without, apply_off },
	[MESH_FILTER_RULE_INSERT] = { "rule", "insert", &operand_insert,
		"add a mesh rule before another", decide_add, apply_insert },
	[MESH_FILTER_RULE_MOVE] = { "rule", "move", &operand_move,
		"give a mesh rule another number", decide_move, apply_move },
	[MESH_FILTER_RULE_FLUSH] = { "rule", "flush", NULL, "forget all mesh rules", NULL,
		apply_flush },
	[MESH_FILTER_RULE_CHANGE] = { "rule", "change", &operand_insert,
		"give a mesh rule another form", decide_change, apply_change },
	[MESH_FILTER_SET_LOAD] = { "set", "load", &mesh_set_operand_file,
		"make a set of a file, or replace it", NULL, mesh_set_apply_load },
	[MESH_FILTER_SET_ADD] = { "set", "add", &mesh_set_operand_element,
		"add an element to a set", NULL, mesh_set_apply_add },
	[MESH_FILTER_SET_REMOVE] = { "set", "remove", &mesh_set_operand_element,
		"remove an element from a set", NULL, mesh_set_apply_remove },
	[MESH_FILTER_SET_DELETE] = { "set", "delete", &mesh_set_operand_name,
		"forget a set that no rule names", NULL, mesh_set_apply_delete },
	[MESH_FILTER_SET_FEED] = { "set", "feed", &mesh_set_operand_feed,
		"let a set follow sources of neighbours", NULL, mesh_set_apply_feed },
	[MESH_FILTER_SET_FOLLOW] = { "set", "follow", &mesh_set_operand_name,
		"x0top's own: bring a feed's set up to date", NULL, mesh_set_apply_follow },
	[MESH_FILTER_ONLY_NEIGHBOURS] = { "rule", "only-neighbours", &mesh_only_operand,
		"let only neighbours talk on the mesh ports", NULL, mesh_only_apply },
	{ .object = NULL },
};
