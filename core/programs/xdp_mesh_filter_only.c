// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_only.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/resolve.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "neighbours/feed.h"
#include "packet_headers.h"
#include "programs/xdp_mesh_filter_change.h"
#include "programs/xdp_mesh_filter_feeds.h"

#define NEIGHBOURS "neighbours"
#define PORTS	   "mesh-ports"
#define SWITCH	   "only-neighbours" /* the source of the set of ports that it made */

#define ITEM(number, argument) number,
static const uint16_t ports[] = { MESH_PORT_LIST(ITEM, ) };

static const char *const rules[] = { "pass from @" NEIGHBOURS " udp @" PORTS, "drop udp @" PORTS };

static int parse(const char *text, struct action *action, struct failure *failure)
{
	bool on = strcmp(text, "on") == 0;

	if (!on && strcmp(text, "off") != 0)
		return failure_set(failure, -EINVAL, "\"%.32s\" is neither on nor off", text);
	action->number = on;
	return 0;
}

static void format(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", action->number != 0 ? "on" : "off");
}

const struct operand mesh_only_operand = { "on|off", parse, format };

/* --- on ------------------------------------------------------------------------------------------ */

static int nobody(struct failure *failure)
{
	failure_set(failure, -ENODATA,
		"No neighbour is known: all packets to the mesh ports would be dropped");
	return failure_remedy(failure,
		"See which sources there are: x0top --once; or make the set @" NEIGHBOURS
		" of a file: x0top sets load NAME FILE");
}

/* Puts the set of all neighbours into the change. One that the operator wrote stays. */
static int take_neighbours(
	struct program_context *context, struct set_change *change, struct failure *failure)
{
	struct mesh_set set = { .name = NEIGHBOURS,
		.origin = MESH_ORIGIN_FEED,
		.feed = FEED_SOURCES,
		.source = "all" };
	struct set_elements elements = { .kind = MESH_SET_PREFIXES };
	int place = sets_find(change->sets, NEIGHBOURS);

	if (place >= 0 && change->sets->sets[place].origin != MESH_ORIGIN_FEED)
		return change->sets->sets[place].n > 0 ? 0 : nobody(failure);
	if (place >= 0)
		set = change->sets->sets[place];
	elements.kind = set.kind;
	int error = mesh_feeds_collect(context, set.feed, &elements, &set.live, failure);
	if (error == 0 && elements.n == 0)
		error = nobody(failure);
	if (error == 0)
		error = set_change_take(change, &set, &elements, failure);
	free(elements.list);
	return error;
}

static int take_ports(struct set_change *change, struct failure *failure)
{
	const struct mesh_set set = {
		.name = PORTS, .origin = MESH_ORIGIN_OPERATOR, .source = SWITCH
	};
	struct set_elements elements = { .kind = MESH_SET_PORTS };
	int error = 0;

	if (sets_find(change->sets, PORTS) >= 0)
		return 0;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]) && error == 0; i++) {
		struct mesh_element element = { .prefix = { 0 } };
		element.ports = (struct mesh_range) { ports[i], ports[i] };
		error = set_add(&elements, &element);
	}
	error = error < 0 ? failure_set(failure, error, "Not enough memory for the set")
			  : set_change_take(change, &set, &elements, failure);
	free(elements.list);
	return error;
}

static int read_rule(size_t i, struct mesh_rule *rule, struct failure *failure)
{
	int error = rule_parse(rules[i], rule, failure);

	rule->origin = MESH_ORIGIN_OPERATOR;
	return error;
}

static int take_rules(struct set_change *change, struct failure *failure)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct rule_edit edit = { .kind = RULE_EDIT_ADD };
		int error = read_rule(i, &edit.rule, failure);
		int place = error < 0 ? error : rule_find(change->table->rules, &edit.rule);
		if (place >= 0)
			change->table->rules[place].enabled = 1;
		else if (error == 0)
			error = rule_edit(change->table, &edit, failure);
		if (error < 0)
			return error;
	}
	return 0;
}

static int switch_on(
	struct program_context *context, struct set_change *change, struct failure *failure)
{
	int error = take_neighbours(context, change, failure);

	if (error == 0)
		error = take_ports(change, failure);
	return error == 0 ? take_rules(change, failure) : error;
}

/* --- off ----------------------------------------------------------------------------------------- */

/* Removes a set that the switch made, unless a rule of somebody else's names it. */
static void leave_set(struct set_change *change, const char *name, const char *source)
{
	int place = sets_find(change->sets, name);

	if (place >= 0 && strcmp(change->sets->sets[place].source, source) == 0 &&
		resolve_user(change->table->rules, name) < 0)
		sets_remove(change->sets, (uint32_t)place);
}

static int switch_off(struct set_change *change, struct failure *failure)
{
	uint32_t removed = 0;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct mesh_rule rule;
		int error = read_rule(i, &rule, failure);
		int place = error < 0 ? error : rule_find(change->table->rules, &rule);
		if (place < 0)
			continue;
		memset(&change->table->rules[place], 0, sizeof(rule));
		removed++;
	}
	if (removed == 0)
		return failure_set(failure, -ENOENT,
			"Others than neighbours may talk on the mesh ports already");
	leave_set(change, NEIGHBOURS, "all");
	leave_set(change, PORTS, SWITCH);
	return 0;
}

static int prepare(const struct verb_call *call, struct set_change *change, struct failure *failure)
{
	return call->action->number != 0 ? switch_on(call->program->context, change, failure)
					 : switch_off(change, failure);
}

enum decision mesh_only_decide(const struct verb_call *call, char *sentence, size_t size)
{
	return mesh_change_decide(call, prepare, sentence, size);
}

int mesh_only_apply(const struct verb_call *call, struct failure *failure)
{
	return mesh_change_apply(call, prepare, failure);
}

bool mesh_only_is_on(const struct snapshot_mesh *mesh)
{
	char key[sizeof(mesh->rules[0].key)];
	struct failure ignored;
	struct mesh_rule rule;

	if (read_rule(1, &rule, &ignored) < 0)
		return false;
	rule_format_key(&rule, key, sizeof(key));
	for (uint32_t i = 0; i < mesh->n_rules; i++)
		if (mesh->rules[i].enabled && mesh->rules[i].action == rule.action &&
			strcmp(mesh->rules[i].key, key) == 0)
			return true;
	return false;
}
