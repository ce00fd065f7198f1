// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rules.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/rule.h"
#include "mesh/rule_table.h"
#include "mesh/switches.h"

/* --- failures ------------------------------------------------------------------------------------ */

static int not_loaded(struct failure *failure)
{
	failure_set(failure, -ENOENT, "There are no mesh rules: the mesh filter is not loaded");
	return failure_remedy(failure, "Turn it on first: t in the programs view");
}

static int no_such_rule(uint32_t number, struct failure *failure)
{
	failure_set(failure, -ENOENT, "There is no mesh rule %u", number);
	return failure_remedy(failure, "x0top rules list shows the rules with their numbers");
}

static int same_rule(const struct mesh_rule *rule, uint32_t other, struct failure *failure)
{
	char key[128];

	rule_format_key(rule, key, sizeof(key));
	failure_set(failure, -EEXIST, "Mesh rule %u already matches %s", other, key);
	return failure_remedy(
		failure, "Remove it first: x0top rules remove %u, or F9 in the mesh view", other);
}

static int no_room(struct failure *failure)
{
	failure_set(failure, -ENOSPC, "All %d mesh rules are in use", MESH_RULES_MAX);
	return failure_remedy(
		failure, "Remove one first: x0top rules remove NUMBER, or F9 in the mesh view");
}

static int kernel_refused(int error, struct failure *failure)
{
	return failure_set(
		failure, error, "The kernel refused to add the mesh rule: %s", strerror(-error));
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool is_rule(const struct mesh_rule *rule)
{
	return rule->match != MESH_MATCH_NONE && rule->match < MESH_MATCHES;
}

/* Reads the table into memory to be freed by the caller. */
static struct rule_table *open_table(const struct map_registry *maps, struct failure *failure)
{
	struct rule_table *table = malloc(sizeof(*table));

	if (table == NULL) {
		failure_set(failure, -ENOMEM, "Not enough memory to read the mesh rules");
		return NULL;
	}
	int error = rule_table_read(maps, table);
	if (error == 0)
		return table;
	if (error == -ENOENT)
		not_loaded(failure);
	else
		failure_set(failure, error, "Cannot read the mesh rules: %s", strerror(-error));
	free(table);
	return NULL;
}

int rules_read(const struct map_registry *maps, struct mesh_rule *rules, uint32_t *policy)
{
	struct rule_table *table = malloc(sizeof(*table));

	if (table == NULL)
		return -ENOMEM;
	int error = rule_table_read(maps, table);
	memcpy(rules, table->rules, sizeof(table->rules));
	*policy = table->bank.policy;
	free(table);
	return error;
}

int rules_get(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule)
{
	struct failure ignored;
	struct rule_table *table = number < MESH_RULES_MAX ? open_table(maps, &ignored) : NULL;

	if (table == NULL)
		return -ENOENT;
	*rule = table->rules[number];
	free(table);
	return is_rule(rule) ? 0 : -ENOENT;
}

static bool outlives(const struct mesh_rule *rule, const struct mesh_rule *other)
{
	return rule->expires == 0 || (other->expires != 0 && rule->expires >= other->expires);
}

int rules_shadow(const struct mesh_rule *rules, uint32_t number)
{
	const struct mesh_rule *rule = &rules[number];

	for (uint32_t i = 0; is_rule(rule) && i < number && i < MESH_RULES_MAX; i++)
		if (is_rule(&rules[i]) && rules[i].enabled && rules[i].action != MESH_COUNT &&
			outlives(&rules[i], rule) && rule_covers(&rules[i], rule))
			return (int)i;
	return -ENOENT;
}

/* --- places -------------------------------------------------------------------------------------- */

/*
 * Returns the place behind the last rule, so that a new one comes after all others, or the highest free
 * one where the last number is taken; -ENOSPC without one.
 */
static int find_place(const struct mesh_rule *rules)
{
	int place = -ENOSPC;

	for (int i = MESH_RULES_MAX - 1; i >= 0; i--) {
		bool used = is_rule(&rules[i]);
		if (used && place >= 0)
			break;
		if (!used && (place < 0 || place == i + 1))
			place = i;
	}
	return place;
}

static int find_same(const struct mesh_rule *rules, const struct mesh_rule *rule)
{
	for (int i = 0; i < MESH_RULES_MAX; i++)
		if (is_rule(&rules[i]) && rule_same_key(&rules[i], rule))
			return i;
	return -ENOENT;
}

/* Returns the number of the rule behind `place`, or MESH_RULES_MAX. */
static uint32_t next_rule(const struct mesh_rule *rules, int place)
{
	uint32_t next = (uint32_t)place + 1;

	while (next < MESH_RULES_MAX && !is_rule(&rules[next]))
		next++;
	return next;
}

/* Moves rules from a place on up to the next free one. Returns 0 or -ENOSPC. */
static int make_room(struct mesh_rule *rules, uint32_t place)
{
	uint32_t free_place = place;

	while (free_place < MESH_RULES_MAX && is_rule(&rules[free_place]))
		free_place++;
	if (free_place == MESH_RULES_MAX)
		return -ENOSPC;
	memmove(&rules[place + 1], &rules[place], (free_place - place) * sizeof(*rules));
	memset(&rules[place], 0, sizeof(rules[place]));
	return 0;
}

/* --- changes ------------------------------------------------------------------------------------- */

/* Puts a new rule into a free place of the table. */
static int place_rule(const struct map_registry *maps, struct rule_table *table, uint32_t place,
	const struct mesh_rule *rule, struct failure *failure)
{
	struct mesh_rule added = *rule;
	int error = rule_table_begin_rule(maps, table, &added);

	if (error < 0)
		return kernel_refused(error, failure);
	table->rules[place] = added;
	return 0;
}

struct rule_table *rules_begin(const struct map_registry *maps, struct failure *failure)
{
	return open_table(maps, failure);
}

int rules_add_to(const struct map_registry *maps, struct rule_table *table,
	const struct mesh_rule *rule, uint32_t *next, struct failure *failure)
{
	int same = find_same(table->rules, rule), place = find_place(table->rules);

	if (same >= 0)
		return same_rule(rule, (uint32_t)same, failure);
	if (place < 0)
		return no_room(failure);
	int error = place_rule(maps, table, (uint32_t)place, rule, failure);
	if (error < 0)
		return error;
	*next = next_rule(table->rules, place);
	return place;
}

int rules_commit(const struct map_registry *maps, struct rule_table *table, struct failure *failure)
{
	int error = rule_table_put(maps, table, failure);

	free(table);
	return error;
}

int rules_add(const struct map_registry *maps, const struct mesh_rule *rule, uint32_t *next,
	struct failure *failure)
{
	struct rule_table *table = open_table(maps, failure);

	if (table == NULL)
		return failure->error;
	int place = rules_add_to(maps, table, rule, next, failure);
	int error = place < 0 ? place : rule_table_put(maps, table, failure);
	free(table);
	return error < 0 ? error : place;
}

int rules_insert(const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule,
	struct failure *failure)
{
	struct rule_table *table = open_table(maps, failure);

	if (table == NULL)
		return failure->error;
	int same = find_same(table->rules, rule);
	if (same >= 0)
		same_rule(rule, (uint32_t)same, failure);
	else if (number >= MESH_RULES_MAX || make_room(table->rules, number) < 0)
		no_room(failure);
	else if (place_rule(maps, table, number, rule, failure) == 0)
		rule_table_put(maps, table, failure);
	free(table);
	return failure->error;
}

/* Reads the table, if it has a rule of that number. */
static struct rule_table *open_rule(
	const struct map_registry *maps, uint32_t number, struct failure *failure)
{
	struct rule_table *table = open_table(maps, failure);

	if (table == NULL || (number < MESH_RULES_MAX && is_rule(&table->rules[number])))
		return table;
	no_such_rule(number, failure);
	free(table);
	return NULL;
}

/* Returns whether the kernel's limit of `old` serves for `rule`, too. */
static bool same_limit(const struct mesh_rule *old, const struct mesh_rule *rule)
{
	return rule->action != MESH_LIMIT ||
	       (old->action == MESH_LIMIT && old->unit == rule->unit && old->rate == rule->rate &&
		       old->burst == rule->burst);
}

/* Another limit gets another id: the old one goes on until the new table is in force. */
static int change_rule(const struct map_registry *maps, struct rule_table *table, uint32_t number,
	const struct mesh_rule *rule, struct failure *failure)
{
	const struct mesh_rule *old = &table->rules[number];
	struct mesh_rule changed = *rule;

	if (!same_limit(old, rule))
		return place_rule(maps, table, number, rule, failure);
	changed.id = old->id;
	table->rules[number] = changed;
	return 0;
}

int rules_change(const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule,
	struct failure *failure)
{
	struct rule_table *table = open_rule(maps, number, failure);

	if (table == NULL)
		return failure->error;
	int same = find_same(table->rules, rule);
	if (same >= 0 && (uint32_t)same != number)
		same_rule(rule, (uint32_t)same, failure);
	else if (change_rule(maps, table, number, rule, failure) == 0)
		rule_table_put(maps, table, failure);
	free(table);
	return failure->error;
}

int rules_move(const struct map_registry *maps, uint32_t from, uint32_t to, struct failure *failure)
{
	struct rule_table *table = open_rule(maps, from, failure);

	if (table == NULL)
		return failure->error;
	struct mesh_rule moved = table->rules[from];
	memset(&table->rules[from], 0, sizeof(moved));
	if (to >= MESH_RULES_MAX || make_room(table->rules, to) < 0) {
		no_room(failure);
	} else {
		table->rules[to] = moved;
		rule_table_put(maps, table, failure);
	}
	free(table);
	return failure->error;
}

int rules_remove(const struct map_registry *maps, uint32_t number, struct failure *failure)
{
	struct rule_table *table = open_rule(maps, number, failure);

	if (table == NULL)
		return failure->error;
	memset(&table->rules[number], 0, sizeof(table->rules[number]));
	int error = rule_table_put(maps, table, failure);
	free(table);
	return error;
}

int rules_flush(const struct map_registry *maps, struct failure *failure)
{
	struct rule_table *table = open_table(maps, failure);

	if (table == NULL)
		return failure->error;
	memset(table->rules, 0, sizeof(table->rules));
	int error = rule_table_put(maps, table, failure);
	free(table);
	return error;
}

int rules_switch(const struct map_registry *maps, uint32_t number, bool on, struct failure *failure)
{
	struct rule_table *table = open_rule(maps, number, failure);
	int error = 0;

	if (table == NULL)
		return failure->error;
	if (table->rules[number].enabled != on) {
		error = rule_table_switch(maps, table, number, on);
		if (error < 0)
			failure_set(failure, error,
				"The kernel refused to switch the mesh rule: %s", strerror(-error));
	}
	free(table);
	return error;
}

int rules_set_enforce(const struct map_registry *maps, bool enforce)
{
	return switches_set_enforce(maps, enforce);
}

bool rules_enforced(const struct map_registry *maps)
{
	struct mesh_filter_control control;
	int map = map_registry_fd(maps, "mesh_filter_control");
	uint32_t zero = 0;

	return map >= 0 && bpf_map_lookup_elem(map, &zero, &control) == 0 && control.enforce;
}

/* --- the operator's own connection --------------------------------------------------------------- */

bool rules_match_connection(const struct mesh_rule *rule, const char *address, uint16_t port)
{
	struct mesh_rule packet = {
		.match = MESH_MATCH_SEVERAL,
		.conditions = 1 << MESH_BY_SOURCE | 1 << MESH_BY_PROTOCOL |
			      1 << MESH_BY_DESTINATION_PORT | 1 << MESH_BY_ETHERTYPE,
		.protocol = IPPROTO_TCP,
		.destination_port = { port, port },
	};
	bool v4 = inet_pton(AF_INET, address, packet.source.address) == 1;

	if (!is_rule(rule) || rule->conditions >> MESH_BY_READABLE & 1 ||
		(!v4 && inet_pton(AF_INET6, address, packet.source.address) != 1))
		return false;
	packet.source.family = v4 ? 4 : 6;
	packet.source.length = v4 ? 32 : 128;
	packet.ethertype = v4 ? ETH_P_IP : ETH_P_IPV6;
	return rule_may_meet(rule, &packet);
}
