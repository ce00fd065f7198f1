// SPDX-License-Identifier: BSD-2-Clause
/* The verbs that change mesh rules. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "mesh/history.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rule_notes.h"
#include "mesh/rules.h"
#include "model/names.h"
#include "programs/programs.h"
#include "programs/xdp_mesh_filter_audit.h"
#include "programs/xdp_mesh_filter_judge.h"
#include "programs/xdp_mesh_filter_load.h"
#include "programs/xdp_mesh_filter_only.h"
#include "programs/xdp_mesh_filter_sets.h"
#include "programs/xdp_mesh_filter_state.h"
#include "programs/xdp_mesh_filter_undo.h"

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

	if (error == 0 && rest[0] == '\0')
		return failure_set(failure, -EINVAL, "Nothing says where rule %u goes: NUMBER TO",
			action->number);
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

static int parse_policy(const char *text, struct action *action, struct failure *failure)
{
	int policy = names_find(mesh_action_names, text);

	if (policy != MESH_PASS && policy != MESH_DROP)
		return failure_set(failure, -EINVAL, "\"%s\" is not a policy: pass or drop", text);
	action->number = (uint32_t)policy;
	return 0;
}

static void format_policy(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", mesh_action_names[action->number]);
}

static const struct operand operand_policy = { "pass|drop", parse_policy, format_policy };

static int parse_file(const char *text, struct action *action, struct failure *failure)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == ' ')
		length--;
	if (length >= sizeof(action->source))
		return failure_set(failure, -EINVAL, "The path \"%.64s...\" is too long", text);
	snprintf(action->source, sizeof(action->source), "%.*s", (int)length, text);
	return 0;
}

static void format_file(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", action->source);
}

const struct operand operand_settings_file = { "FILE", parse_file, format_file };

/* --- changes --------------------------------------------------------------------------------- */

/* Returns who asks for an action. */
static uint8_t origin_of(const struct action *action)
{
	static const uint8_t origins[ACTORS] = {
		[ACTOR_KEY] = MESH_ORIGIN_OPERATOR,
		[ACTOR_COMMAND_LINE] = MESH_ORIGIN_OPERATOR,
		[ACTOR_CONFIGURATION] = MESH_ORIGIN_FILE,
		[ACTOR_MAPEK] = MESH_ORIGIN_MAPEK,
		[ACTOR_FEED] = MESH_ORIGIN_FEED,
		[ACTOR_ADOPTION] = MESH_ORIGIN_FILE,
		[ACTOR_TIME] = MESH_ORIGIN_OPERATOR,
	};

	return origins[action->actor];
}

/* Returns the change that an action asks for. A rule is from who asks, where it does not say. */
static struct rule_edit edit_of(const struct action *action)
{
	static const enum rule_edit_kind kinds[] = {
		[MESH_FILTER_RULE_ADD] = RULE_EDIT_ADD,
		[MESH_FILTER_RULE_DELETE] = RULE_EDIT_DELETE,
		[MESH_FILTER_RULE_ON] = RULE_EDIT_ON,
		[MESH_FILTER_RULE_OFF] = RULE_EDIT_OFF,
		[MESH_FILTER_RULE_INSERT] = RULE_EDIT_INSERT,
		[MESH_FILTER_RULE_MOVE] = RULE_EDIT_MOVE,
		[MESH_FILTER_RULE_CHANGE] = RULE_EDIT_CHANGE,
		[MESH_FILTER_RULE_FLUSH] = RULE_EDIT_FLUSH,
		[MESH_FILTER_RULE_POLICY] = RULE_EDIT_POLICY,
	};
	struct rule_edit edit = {
		.kind = kinds[action->verb - mesh_filter_verbs],
		.number = action->number,
		.to = action->to,
		.rule = action->rule,
		.policy = action->number,
	};

	if (edit.rule.origin == MESH_ORIGIN_NONE)
		edit.rule.origin = origin_of(action);
	return edit;
}

/* What MAPE-K has done stays when a person's change is rolled back, and it may take it back itself: no person does
 * anything in its name. In a file are the rules that were in force when it was saved. */
static int check_origin(const struct action *action, struct failure *failure)
{
	if (action->rule.origin != MESH_ORIGIN_MAPEK || action->actor == ACTOR_CONFIGURATION ||
		action->actor == ACTOR_MAPEK)
		return 0;
	failure_set(failure, -EINVAL, "Only MAPE-K adds rules of the origin mapek");
	return failure_remedy(failure, "Leave \"origin mapek\" out");
}

static bool is_seen(const struct mesh_rule *rule, const char *seen)
{
	char key[REASON_LEN];

	if (!rule_exists(rule))
		return false;
	rule_format_key(rule, key, sizeof(key));
	return strcmp(key, seen) == 0;
}

/* Finds the rule that the asker saw, which others may have moved since. */
static int find_seen(const struct action *action, const struct rule_table *table,
	struct rule_edit *edit, struct failure *failure)
{
	if (action->seen[0] == '\0' || is_seen(&table->rules[action->number], action->seen))
		return 0;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (is_seen(&table->rules[i], action->seen)) {
			edit->number = i;
			return 0;
		}
	return failure_set(
		failure, -ENOENT, "The mesh rule for %.64s is not there any longer", action->seen);
}

/* Asks if a change of rules cuts the operator's own connection. */
static enum decision decide_edit(
	const struct verb_call *call, struct rule_edit *edit, char *sentence, size_t size)
{
	struct failure ignored; /* apply() reports it */
	struct rule_table *table = rules_begin(&call->program->context->maps, &ignored);
	enum decision decision = DECISION_DO;

	if (table != NULL && find_seen(call->action, table, edit, &ignored) == 0 &&
		rule_edit(table, edit, &ignored) == 0)
		decision = mesh_filter_judge(call->program, table, sentence, size);
	free(table);
	return decision;
}

static enum decision decide(const struct verb_call *call, char *sentence, size_t size)
{
	struct rule_edit edit = edit_of(call->action);

	return decide_edit(call, &edit, sentence, size);
}

/* Returns whether the change leaves all as it is. Then it sets *edit as if it were made. */
static bool changes_nothing(const struct rule_table *table, struct rule_edit *edit)
{
	struct rule_table *changed = malloc(sizeof(*changed));
	struct rule_edit tried = *edit;
	struct failure ignored; /* the change reports it */
	bool same = false;

	if (changed != NULL) {
		*changed = *table;
		same = rule_edit(changed, &tried, &ignored) == 0 &&
		       changed->bank.policy == table->bank.policy &&
		       memcmp(changed->rules, table->rules, sizeof(table->rules)) == 0;
	}
	if (same)
		*edit = tried;
	free(changed);
	return same;
}

/* Makes a change that can be undone; one that changes nothing takes the place of none to undo. */
static int change(const struct verb_call *call, struct rule_edit *edit, struct failure *failure)
{
	const struct map_registry *maps = &call->program->context->maps;
	struct mesh_filter *filter = call->program->state;
	bool remembered = false;

	if (check_origin(call->action, failure) < 0)
		return failure->error;
	if (filter->loading != NULL)
		return rule_edit(filter->loading, edit, failure);
	struct rule_table *table = rules_begin(maps, failure);
	if (table == NULL)
		return failure->error;
	int error = find_seen(call->action, table, edit, failure);
	edit->same = error == 0 && changes_nothing(table, edit);
	if (error == 0 && !edit->same)
		error = mesh_filter_remember(call, table, false, &remembered, failure);
	if (error < 0 || edit->same) {
		free(table);
		return error;
	}
	error = rules_change_read(maps, table, edit, failure);
	if (error < 0 && remembered)
		history_pop(maps);
	return error;
}

/* Writes "; it never decides: rule 0 matches all that it does" about a rule in a shadow, else nothing. */
static void format_shadow(struct program *program, uint32_t number, char *text, size_t size)
{
	const struct mesh_filter *filter = program->state;
	const struct mesh_rule *rules = filter->loading == NULL ? mesh_filter_rules(program) : NULL;
	const char before[] = "; it ";

	text[0] = '\0';
	if (rules == NULL || number >= MESH_RULES_MAX || filter->shadows[number].n == 0)
		return;
	snprintf(text, size, "%s", before);
	shadow_format(&filter->shadows[number], text + strlen(before), size - strlen(before));
}

/* Says where a new rule is, and if it can never match. */
static int apply_add(const struct verb_call *call, struct failure *failure)
{
	struct rule_edit edit = edit_of(call->action);
	char shadow[TEXT_LEN + 8];
	int error = change(call, &edit, failure);

	if (error < 0)
		return error;
	format_shadow(call->program, edit.place, shadow, sizeof(shadow));
	if (edit.next == MESH_RULES_MAX || edit.kind == RULE_EDIT_INSERT)
		snprintf(call->done, DONE_LEN, ", as rule %u%s", edit.place, shadow);
	else
		snprintf(call->done, DONE_LEN,
			", as rule %u, before rule %u: the last number is taken%s", edit.place,
			edit.next, shadow);
	return 0;
}

/* Says which rule it was, or what form it had, for the audit log. */
static int apply_on_rule(const struct verb_call *call, struct failure *failure)
{
	const struct mesh_rule *rules = mesh_filter_rules(call->program);
	struct rule_edit edit = edit_of(call->action);
	const char *before = edit.kind == RULE_EDIT_CHANGE ? ", it was " : ": ";
	char text[RULE_LEN] = "", shadow[TEXT_LEN + 8];
	struct mesh_rule *found = rules != NULL ? malloc(MESH_RULES_MAX * sizeof(*rules)) : NULL;

	if (found != NULL)
		memcpy(found, rules, MESH_RULES_MAX * sizeof(*rules));
	int error = change(call, &edit, failure);
	if (error == 0 && found != NULL && edit.number < MESH_RULES_MAX)
		rule_format(&found[edit.number], text, sizeof(text));
	free(found);
	if (error < 0)
		return error;
	format_shadow(call->program, edit.place, shadow, sizeof(shadow));
	snprintf(call->done, DONE_LEN, "%s%s%s%s", before, text, edit.same ? ", as it is" : "",
		shadow);
	return 0;
}

static int apply_flush(const struct verb_call *call, struct failure *failure)
{
	struct rule_edit edit = edit_of(call->action);
	struct mesh_before *before = mesh_filter_before(call->program);
	int error = change(call, &edit, failure);

	if (error < 0) {
		free(before);
		return error;
	}
	snprintf(call->done, DONE_LEN, ", %u rule%s; the policy stays", edit.gone,
		edit.gone == 1 ? "" : "s");
	mesh_filter_tell_change(call, before);
	return 0;
}

/* Not to be undone: what is over does not come back. */
static int apply_expire(const struct verb_call *call, struct failure *failure)
{
	const struct mesh_rule *rules = mesh_filter_rules(call->program);
	struct rule_edit edit = { .kind = RULE_EDIT_EXPIRE };
	char text[RULE_LEN] = "";

	for (uint32_t i = 0; rules != NULL && i < MESH_RULES_MAX && text[0] == '\0'; i++)
		if (rule_exists(&rules[i]) && rule_time_left(&rules[i]) == 0)
			rule_format(&rules[i], text, sizeof(text));
	int error = rules_change(&call->program->context->maps, &edit, failure);
	if (error == 0)
		snprintf(call->done, DONE_LEN, ", %u rule%s%s%s%s", edit.gone,
			edit.gone == 1 ? "" : "s", edit.gone > 0 ? ": " : "", text,
			edit.gone > 1 ? ", ..." : "");
	return error;
}

static int apply_policy(const struct verb_call *call, struct failure *failure)
{
	const struct mesh_filter *filter = call->program->state;
	struct rule_edit edit = edit_of(call->action);
	uint32_t before = mesh_filter_rules(call->program) != NULL ? filter->policy : MESH_PASS;
	int error = change(call, &edit, failure);

	if (error == 0)
		snprintf(call->done, DONE_LEN, ", it was %s: what no rule matches %s",
			mesh_action_names[before],
			edit.policy == MESH_DROP
				? "is dropped, but ARP, neighbour discovery and DHCP"
				: "passes");
	return error;
}

const struct verb mesh_filter_verbs[] = {
	[MESH_FILTER_RULE_ADD] = { "rule", "add", &operand_rule, "add a mesh rule", decide,
		apply_add },
	[MESH_FILTER_RULE_DELETE] = { "rule", "delete", &operand_rule_number,
		"forget a mesh rule and its counts", decide, apply_on_rule },
	[MESH_FILTER_RULE_ON] = { "rule", "on", &operand_rule_number, "turn a mesh rule on", decide,
		apply_on_rule },
	[MESH_FILTER_RULE_OFF] = { "rule", "off", &operand_rule_number,
		"turn a mesh rule off, keep its counts", decide, apply_on_rule },
	[MESH_FILTER_RULE_INSERT] = { "rule", "insert", &operand_insert,
		"add a mesh rule before another", decide, apply_add },
	[MESH_FILTER_RULE_MOVE] = { "rule", "move", &operand_move,
		"give a mesh rule another number", decide, apply_on_rule },
	[MESH_FILTER_RULE_CHANGE] = { "rule", "change", &operand_insert,
		"give a mesh rule another form", decide, apply_on_rule },
	[MESH_FILTER_RULE_FLUSH] = { "rule", "flush", NULL, "forget all mesh rules", decide,
		apply_flush },
	[MESH_FILTER_RULE_POLICY] = { "rule", "policy", &operand_policy,
		"pass or drop what no mesh rule matches", decide, apply_policy },
	[MESH_FILTER_RULE_LOAD] = { "rule", "load", &operand_settings_file,
		"replace all mesh rules by a file's", mesh_filter_decide_load,
		mesh_filter_apply_load },
	[MESH_FILTER_RULE_UNDO] = { "rule", "undo", NULL, "undo the last change of rules or sets",
		mesh_filter_decide_undo, mesh_filter_apply_undo },
	[MESH_FILTER_RULE_CONFIRM] = { "rule", "confirm", NULL,
		"keep what --confirm-within would undo", NULL, mesh_filter_apply_confirm },
	[MESH_FILTER_RULE_ROLLBACK] = { "rule", "rollback", NULL,
		"undo now what waits for a confirm", mesh_filter_decide_rollback,
		mesh_filter_apply_rollback },
	[MESH_FILTER_RULE_EXPIRE] = { "rule", "expire", NULL, "forget what has expired", NULL,
		apply_expire },
	[MESH_FILTER_SET_LOAD] = { "set", "load", &mesh_set_operand_file,
		"make a set of a file, or replace it", mesh_set_decide, mesh_set_apply },
	[MESH_FILTER_SET_ADD] = { "set", "add", &mesh_set_operand_element,
		"add an element to a set", mesh_set_decide, mesh_set_apply },
	[MESH_FILTER_SET_REMOVE] = { "set", "remove", &mesh_set_operand_element,
		"remove an element from a set", mesh_set_decide, mesh_set_apply },
	[MESH_FILTER_SET_DELETE] = { "set", "delete", &mesh_set_operand_name,
		"forget a set that no rule names", mesh_set_decide, mesh_set_apply },
	[MESH_FILTER_SET_FEED] = { "set", "feed", &mesh_set_operand_feed,
		"let a set follow sources of neighbours", mesh_set_decide_feed,
		mesh_set_apply_feed },
	[MESH_FILTER_SET_FOLLOW] = { "set", "follow", &mesh_set_operand_name,
		"x0top's own: update a feed's set", NULL, mesh_set_apply_follow },
	[MESH_FILTER_ONLY_NEIGHBOURS] = { "rule", "only-neighbours", &mesh_only_operand,
		"keep others off the mesh ports", mesh_only_decide, mesh_only_apply },
	{ .object = NULL },
};
