// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/policy_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "control/action.h"
#include "mesh/rule.h"
#include "programs/program.h"
#include "programs/programs.h"

/* Stand for a target: an address of RFC 5737, which nobody has, and a local one of Ethernet. */
static const char *const anybody[] = {
	[POLICY_NOBODY] = "",
	[POLICY_SOURCES] = "198.51.100.1",
	[POLICY_SENDERS] = "02:00:00:00:00:01",
	[POLICY_NODES] = "198.51.100.1",
};

/* What MAPE-K may do. Each verb has one that takes it back, or its rules expire by themselves. */
static const struct permitted {
	const char *object, *word, *opposite;
} permitted[] = {
	{ "rule", "add", NULL }, { "rule", "insert", NULL }, { "program", "on", "off" },
	{ "program", "off", "on" }, { "enforce", "on", "off" }, { "enforce", "off", "on" },
	{ "mapek", "run", NULL }, /* of a policy with "run" */
	{ "qos", "mark", NULL }, { "qos", "police", NULL }, /* "none" takes them back */
	{ "qos", "rate", NULL }, /* what it was before does */
};

static const struct permitted *find(const struct verb *verb)
{
	for (size_t i = 0; i < sizeof(permitted) / sizeof(permitted[0]); i++)
		if (strcmp(permitted[i].object, verb->object) == 0 &&
			strcmp(permitted[i].word, verb->word) == 0)
			return &permitted[i];
	return NULL;
}

static bool is_rule(const struct action *action)
{
	return strcmp(action->verb->object, "rule") == 0;
}

static bool is_qos(const struct action *action)
{
	return strcmp(action->verb->object, "qos") == 0;
}

static int parse(const struct policy *policy, struct action *action, struct failure *failure)
{
	char text[RULE_LEN], about[MAPEK_TARGET_LEN];

	*action = (struct action) { .actor = ACTOR_MAPEK };
	policy_about(policy, anybody[policy_target(policy)], about, sizeof(about));
	policy_action(policy, about, text, sizeof(text));
	return action_parse(text, action, failure);
}

/* --- one policy ------------------------------------------------------------------------------- */

static bool names_sender(const struct mesh_rule *rule)
{
	return rule->conditions & (1 << MESH_BY_SOURCE | 1 << MESH_BY_MAC);
}

/* A prefix that is so short holds too many to be a source: a service has no connection to spare. */
static bool is_short(const struct mesh_prefix *prefix)
{
	return prefix->family != 0 && prefix->length < (prefix->family == 4 ? 8 : 16);
}

/* A limit of all TCP takes the operator's connection with it; one of another protocol does not. */
static bool may_hit_everybody(const struct mesh_rule *rule)
{
	if (names_sender(rule))
		return is_short(&rule->source);
	if (rule->action == MESH_COUNT)
		return false;
	return rule->action == MESH_DROP || !(rule->conditions & 1 << MESH_BY_PROTOCOL) ||
	       rule->protocol == IPPROTO_TCP;
}

static bool overlap(const struct mesh_prefix *a, const struct mesh_prefix *b)
{
	return a->family == b->family && rule_same_start(a->address, b->address,
						 a->length < b->length ? a->length : b->length);
}

static int check_sender(const struct policies *policies, const struct mesh_rule *rule,
	const struct connection *own, struct failure *failure)
{
	struct mesh_prefix host = { 0 };
	char text[TEXT_LEN];

	if (rule->source.family == 0)
		return 0;
	for (uint32_t i = 0; i < policies->n_never; i++) {
		if (!overlap(&policies->never[i], &rule->source))
			continue;
		rule_format_prefix(&policies->never[i], text, sizeof(text));
		return failure_set(
			failure, -EINVAL, "Its rule is about %s, which \"never\" spares", text);
	}
	if (own != NULL && rule_parse_prefix(own->address, &host, failure) == 0 &&
		overlap(&host, &rule->source))
		return failure_set(failure, -EINVAL,
			"Its rule could cut off your own connection, from %s", own->address);
	return 0;
}

#define FRAME_BITS (8 * 1514) /* of the largest packet of Ethernet */

/* A limit in bits has to let as many packets pass, be they as large as they can be. */
static int check_limit(
	const struct policies *policies, const struct mesh_rule *rule, struct failure *failure)
{
	const uint64_t bits = policies->least * FRAME_BITS;

	if (rule->action != MESH_LIMIT)
		return 0;
	if (rule->unit == MESH_BITS_PER_SECOND && rule->rate < bits)
		return failure_set(failure, -EINVAL,
			"Its limit is lower than \"least\" allows: %llu packets of 1,514 bytes are %.4g Mbit/s",
			(unsigned long long)policies->least, (double)bits / 1e6);
	return rule->unit == MESH_PACKETS_PER_SECOND && rule->rate < policies->least
		       ? failure_set(failure, -EINVAL, "Its limit is lower than \"least\" allows")
		       : 0;
}

/* Returns whether a rule is about what stands for a target: the plan looks at whom it would be about, and the lockout at
 * the rule. */
static bool is_about_anybody(const struct policy *policy, const struct mesh_rule *rule)
{
	char about[MAPEK_TARGET_LEN];
	struct mesh_prefix prefix;
	struct failure ignored;

	policy_about(policy, anybody[policy_target(policy)], about, sizeof(about));
	return rule_parse_prefix(about, &prefix, &ignored) == 0 &&
	       memcmp(&prefix, &rule->source, sizeof(prefix)) == 0;
}

static int check_rule(const struct policies *policies, const struct policy *policy,
	const struct mesh_rule *rule, const struct connection *own, struct failure *failure)
{
	if (rule->action == MESH_PASS)
		return failure_set(
			failure, -EINVAL, "A policy drops, limits or counts: its rule passes");
	if (rule->expires != 0 || rule->origin != MESH_ORIGIN_NONE || rule->comment[0] != '\0')
		return failure_set(failure, -EINVAL,
			"The rule has notes of its own: leave \"for\", \"origin\" and \"comment\" away");
	if (may_hit_everybody(rule))
		return failure_set(failure, -EINVAL,
			"Its rule could cut everybody off, you too: name {source}, a prefix or a MAC address");
	int error = check_limit(policies, rule, failure);
	return error < 0 || is_about_anybody(policy, rule)
		       ? error
		       : check_sender(policies, rule, own, failure);
}

/* Whose rules are the operator's may cut the operator off: what they drop once they are in force is not known here. */
static int check_switch(const struct action *action, struct failure *failure)
{
	const struct program_type *type = program_type_find(action->program);

	if (action->verb != &control_verbs[VERB_ENFORCE_ON] || type == NULL || type->verbs == NULL)
		return 0;
	for (const struct verb *verb = type->verbs; verb->object != NULL; verb++)
		if (strcmp(verb->object, "rule") == 0)
			return failure_set(failure, -EINVAL,
				"A policy may not do \"enforce on %s\": its rules could cut you off",
				action->program);
	return 0;
}

/* What a policy does to a class ends by itself. */
static int check_qos(const struct policies *policies, const struct policy *policy,
	const struct action *action, struct failure *failure)
{
	const uint64_t bits = policies->least * FRAME_BITS;
	const bool marks = action->verb == &control_verbs[VERB_QOS_MARK];

	if (policy_target(policy) != POLICY_NOBODY)
		return failure_set(failure, -EINVAL,
			"A class is nobody's: \"%s\" stands for nothing here",
			policy_placeholders[policy_target(policy)]);
	if (marks ? action->dscp < 0 : action->rate == 0)
		return failure_set(failure, -EINVAL,
			"A policy marks or polices a class, or changes its rate: the end of that comes by itself");
	if (!marks && action->rate < bits)
		return failure_set(failure, -EINVAL,
			"Its rate is lower than \"least\" allows: %llu packets of 1,514 bytes are %.4g Mbit/s",
			(unsigned long long)policies->least, (double)bits / 1e6);
	return 0;
}

int policy_check(const struct policies *policies, const struct policy *policy,
	const struct connection *own, struct failure *failure)
{
	struct action action;

	if (policy->action[0] == '\0')
		return 0;
	int error = parse(policy, &action, failure);
	if (error < 0)
		return error;
	if (find(action.verb) == NULL ||
		(strcmp(action.verb->object, "mapek") == 0 && policy->n_arguments == 0))
		return failure_set(failure, -EINVAL,
			"A policy may not do \"%s %s\": only rule add and insert, program and enforce on and off, qos mark, police and rate",
			action.verb->object, action.verb->word);
	if (is_qos(&action))
		return check_qos(policies, policy, &action, failure);
	return is_rule(&action) ? check_rule(policies, policy, &action.rule, own, failure)
				: check_switch(&action, failure);
}

/* --- two policies ----------------------------------------------------------------------------- */

static bool same_rule(const struct mesh_rule *a, const struct mesh_rule *b)
{
	return a->action == b->action && a->rate == b->rate && a->unit == b->unit &&
	       a->burst == b->burst;
}

/* Returns whether two are about the same class, and differ. */
static bool contradict_class(const struct action *a, const struct action *b)
{
	return a->verb == b->verb && a->direction == b->direction &&
	       strcmp(a->interface, b->interface) == 0 && strcmp(a->class, b->class) == 0 &&
	       (a->rate != b->rate || a->more != b->more || a->dscp != b->dscp ||
		       a->share != b->share || a->priority != b->priority);
}

/* Returns whether an action stops the program that has another's verb, or without which it does nothing. */
static bool stops_owner(const struct action *stops, const struct action *other)
{
	const struct program_type *type = program_type_find(stops->program);

	if (is_qos(other))
		return strcmp(stops->verb->word, "off") == 0 && type == &program_tc_classifier;
	if (strcmp(stops->verb->word, "off") != 0 || type == NULL || type->verbs == NULL)
		return false;
	for (const struct verb *verb = type->verbs; verb->object != NULL; verb++)
		if (verb == other->verb)
			return true;
	return false;
}

/* Returns whether an action stops the program that another lets enforce. */
static bool stops_mode(const struct action *stops, const struct action *other)
{
	return stops->verb == &control_verbs[VERB_PROGRAM_OFF] &&
	       other->verb == &control_verbs[VERB_ENFORCE_ON] &&
	       strcmp(stops->program, other->program) == 0;
}

/* Returns whether the two ask for opposite states, or for two rules where there can be one, or one for what the
 * other stops. */
static bool contradict(const struct action *a, const struct action *b)
{
	const struct permitted *one = find(a->verb), *other = find(b->verb);

	if (is_rule(a) && is_rule(b))
		return rule_same_key(&a->rule, &b->rule) && !same_rule(&a->rule, &b->rule);
	if (is_rule(a) || is_rule(b))
		return is_rule(a) ? stops_owner(b, a) : stops_owner(a, b);
	if (is_qos(a) && is_qos(b))
		return contradict_class(a, b);
	if (is_qos(a) || is_qos(b))
		return is_qos(a) ? stops_owner(b, a) : stops_owner(a, b);
	if (stops_mode(a, b) || stops_mode(b, a))
		return true;
	return one->opposite != NULL && strcmp(one->object, other->object) == 0 &&
	       strcmp(one->opposite, other->word) == 0 && strcmp(a->program, b->program) == 0;
}

int policy_check_pair(
	const struct policy *policy, const struct policy *other, struct failure *failure)
{
	struct action mine, theirs;
	int error;

	if (strcmp(policy->name, other->name) == 0)
		return failure_set(
			failure, -EINVAL, "The policy on line %zu has this name, too", other->line);
	if (policy->action[0] == '\0' || other->action[0] == '\0')
		return 0;
	error = parse(policy, &mine, failure);
	if (error == 0)
		error = parse(other, &theirs, failure);
	if (error == 0 && contradict(&mine, &theirs))
		return failure_set(failure, -EINVAL, "It contradicts \"%s\" on line %zu: %.120s",
			other->name, other->line, other->action);
	return error;
}
