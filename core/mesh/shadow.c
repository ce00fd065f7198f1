// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/shadow.h"

#include <errno.h>
#include <string.h>

#include "mesh/resolve.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/set_text.h"

#define COMPARED_MAX 16384 /* elements of a set that are looked for in another one */

/* What a rule looks for in a dimension, as a list in order: of its set, or of `one` element. */
static struct mesh_elements values_of(const struct mesh_rule *rule, uint32_t dimension,
	const struct mesh_sets *sets, struct mesh_element *one)
{
	const char *name = resolve_name(rule, dimension);
	int place = name != NULL ? sets_find(sets, name) : -ENOENT;
	struct mesh_elements values = { .n = 1, .elements = one };

	if (name != NULL)
		return place >= 0 ? sets_compiled_form(sets, (uint32_t)place)
				  : (struct mesh_elements) { .kind = MESH_SET_KINDS };
	memset(one, 0, sizeof(*one));
	if (dimension == MESH_BY_SOURCE || dimension == MESH_BY_DESTINATION) {
		values.kind = MESH_SET_PREFIXES;
		one->prefix = dimension == MESH_BY_SOURCE ? rule->source : rule->destination;
	} else if (dimension == MESH_BY_MAC) {
		values.kind = MESH_SET_MACS;
		memcpy(one->mac, rule->mac, sizeof(one->mac));
	} else {
		values.kind = MESH_SET_PORTS;
		one->ports = dimension == MESH_BY_SOURCE_PORT ? rule->source_port
							      : rule->destination_port;
	}
	return values;
}

static bool holds(const struct mesh_elements *wide, const struct mesh_element *element)
{
	return set_find(wide->kind, wide->elements, wide->n, element) != NULL;
}

/* Of elements in order, what holds the first and the last holds those between. */
static bool holds_all(const struct mesh_elements *wide, const struct mesh_elements *narrow)
{
	if (narrow->n == 0 || wide->n == 0 || wide->kind != narrow->kind)
		return false;
	if (wide->n == 1)
		return holds(wide, &narrow->elements[0]) &&
		       holds(wide, &narrow->elements[narrow->n - 1]);
	for (uint32_t i = 0; i < narrow->n && narrow->n <= COMPARED_MAX; i++)
		if (!holds(wide, &narrow->elements[i]))
			return false;
	return narrow->n <= COMPARED_MAX;
}

static bool covers(
	const struct mesh_rule *wide, const struct mesh_rule *narrow, const struct mesh_sets *sets)
{
	uint32_t unsure = 0;

	if (!rule_covers_but_sets(wide, narrow, &unsure) || (unsure != 0 && sets == NULL))
		return false;
	for (uint32_t dimension = 0; dimension < MESH_DIMENSIONS; dimension++) {
		struct mesh_element ones[2];
		if (!(unsure >> dimension & 1))
			continue;
		struct mesh_elements w = values_of(wide, dimension, sets, &ones[0]),
				     n = values_of(narrow, dimension, sets, &ones[1]);
		if (!holds_all(&w, &n))
			return false;
	}
	return true;
}

static bool outlives(const struct mesh_rule *rule, const struct mesh_rule *other)
{
	return rule->expires == 0 || (other->expires != 0 && rule->expires >= other->expires);
}

int rules_shadow(const struct mesh_rule *rules, const struct mesh_sets *sets, uint32_t number)
{
	const struct mesh_rule *rule = &rules[number];

	for (uint32_t i = 0; rule_exists(rule) && i < number && i < MESH_RULES_MAX; i++)
		if (rule_exists(&rules[i]) && rules[i].enabled && rules[i].action != MESH_COUNT &&
			outlives(&rules[i], rule) && covers(&rules[i], rule, sets))
			return (int)i;
	return -ENOENT;
}

bool rules_name_sets(const struct mesh_rule *rules)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		for (uint32_t d = 0; d < MESH_DIMENSIONS; d++)
			if (rule_exists(&rules[i]) && resolve_name(&rules[i], d) != NULL)
				return true;
	return false;
}
