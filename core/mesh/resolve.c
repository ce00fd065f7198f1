// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/resolve.h"

#include <errno.h>
#include <string.h>

#include "model/names.h"

/* What a dimension takes: a bit for each kind of set. */
static const struct {
	uint32_t kinds;
	const char *what;
} dimensions[MESH_DIMENSIONS] = {
	[MESH_BY_SOURCE] = { 1 << MESH_SET_PREFIXES | 1 << MESH_SET_NODES, "addresses" },
	[MESH_BY_DESTINATION] = { 1 << MESH_SET_PREFIXES | 1 << MESH_SET_NODES, "addresses" },
	[MESH_BY_MAC] = { 1 << MESH_SET_MACS, "MAC addresses" },
	[MESH_BY_SOURCE_PORT] = { 1 << MESH_SET_PORTS, "ports" },
	[MESH_BY_DESTINATION_PORT] = { 1 << MESH_SET_PORTS, "ports" },
};

const char *resolve_name(const struct mesh_rule *rule, uint32_t dimension)
{
	uint32_t number = rule->sets[dimension];

	return number > 0 && number <= MESH_RULE_SETS_MAX ? rule->names[number - 1] : NULL;
}

bool resolve_takes(uint32_t dimension, uint32_t kind)
{
	return dimensions[dimension].kinds >> kind & 1;
}

static int resolve(struct mesh_rule *rule, uint32_t dimension, const struct mesh_sets *sets,
	struct failure *failure)
{
	const char *name = resolve_name(rule, dimension);

	if (name == NULL)
		return 0;
	int place = sets_find(sets, name);
	if (place < 0) {
		failure_set(failure, -ENOENT, "There is no set @%.*s", MESH_SET_NAME_LEN - 1, name);
		return failure_remedy(failure, "Make it first: x0top sets load NAME FILE");
	}
	uint32_t kind = sets->sets[place].kind;
	if (!resolve_takes(dimension, kind))
		return failure_set(failure, -EINVAL,
			"The set @%.*s holds %s: a mesh rule looks for %s there",
			MESH_SET_NAME_LEN - 1, name, mesh_set_kind_names[kind],
			dimensions[dimension].what);
	rule->sets[dimension] = (__u8)(1 + place);
	return 0;
}

static int resolve_rule(
	struct mesh_rule *rule, const struct mesh_sets *sets, struct failure *failure)
{
	int error = 0;

	for (uint32_t d = 0; d < MESH_DIMENSIONS && error == 0; d++)
		error = resolve(rule, d, sets, failure);
	return error;
}

int resolve_check(
	const struct mesh_rule *rule, const struct mesh_sets *sets, struct failure *failure)
{
	struct mesh_rule copy = *rule;

	return resolve_rule(&copy, sets, failure);
}

int resolve_sets(struct mesh_rule *rules, const struct mesh_sets *sets, struct failure *failure)
{
	int error = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX && error == 0; i++) {
		if (rules[i].match == MESH_MATCH_NONE)
			continue;
		rules[i].enabled = 1;
		error = resolve_rule(&rules[i], sets, failure);
	}
	return error;
}

int resolve_user(const struct mesh_rule *rules, const char *name)
{
	for (int i = 0; i < MESH_RULES_MAX; i++)
		for (uint32_t d = 0; d < MESH_DIMENSIONS; d++) {
			const char *used = resolve_name(&rules[i], d);
			if (rules[i].match != MESH_MATCH_NONE && used != NULL &&
				strncmp(used, name, MESH_SET_NAME_LEN) == 0)
				return i;
		}
	return -ENOENT;
}
