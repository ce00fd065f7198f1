// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rules.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/percpu.h"
#include "mesh/rule.h"

static const char *const index_maps[MESH_MATCHES] = {
	[MESH_MATCH_PREFIX4] = "mesh_prefixes4",
	[MESH_MATCH_PREFIX6] = "mesh_prefixes6",
	[MESH_MATCH_MAC] = "mesh_macs",
	[MESH_MATCH_PORT] = "mesh_ports",
};

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

static int kernel_refused(int error, const char *what, struct failure *failure)
{
	return failure_set(failure, error, "The kernel refused to %s: %s", what, strerror(-error));
}

/* Adds a rule's key to its index, or removes it. */
static int update_index(
	const struct map_registry *maps, const struct mesh_rule *rule, uint32_t number, bool add)
{
	int map = map_registry_fd(maps, index_maps[rule->match]);

	if (map < 0)
		return map;
	/* The keys share their first byte in the union, so any member's address will do. */
	const void *key = &rule->prefix4;
	int error = add ? bpf_map_update_elem(map, key, &number, BPF_ANY)
			: bpf_map_delete_elem(map, key);
	if (error < 0 && !(errno == ENOENT && !add))
		return -errno;
	return 0;
}

static int write_rule(
	const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule)
{
	int map = map_registry_fd(maps, "mesh_rules");

	return map < 0 ? map : bpf_map_update_elem(map, &number, rule, BPF_ANY) < 0 ? -errno : 0;
}

static int clear_counts(const struct map_registry *maps, uint32_t number)
{
	int map = map_registry_fd(maps, "mesh_rule_counts");
	struct percpu percpu;

	if (map < 0)
		return map;
	int error = percpu_open(&percpu, sizeof(struct mesh_rule_counts));
	if (error < 0)
		return error;
	error = percpu_clear(&percpu, map, &number);
	percpu_close(&percpu);
	return error;
}

/* Returns whether an element is a rule, not empty or being removed. */
static bool is_rule(const struct mesh_rule *rule)
{
	return rule->match != MESH_MATCH_NONE && rule->match < MESH_MATCHES &&
	       rule->unsettled != MESH_GOES_AWAY;
}

int rules_get(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule)
{
	int map = map_registry_fd(maps, "mesh_rules");

	if (map < 0 || number >= MESH_RULES_MAX || bpf_map_lookup_elem(map, &number, rule) < 0)
		return -ENOENT;
	return is_rule(rule) ? 0 : -ENOENT;
}

/* Reads a table element by element: for kernels before 5.6, and where a batch is refused. */
static int read_singly(int map, struct mesh_rule *rules)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (bpf_map_lookup_elem(map, &i, &rules[i]) < 0)
			return -errno;
	return 0;
}

/* Reads the whole table, settled or not. */
static int read_table(const struct map_registry *maps, struct mesh_rule *rules)
{
	int map = map_registry_fd(maps, "mesh_rules");
	uint32_t keys[MESH_RULES_MAX], next, n = MESH_RULES_MAX;

	if (map < 0)
		return map;
	/* -ENOENT says that the batch reached the end of the map. */
	if (bpf_map_lookup_batch(map, NULL, &next, keys, rules, &n, NULL) < 0 && errno != ENOENT)
		return read_singly(map, rules);
	return n == MESH_RULES_MAX ? 0 : read_singly(map, rules);
}

int rules_read(const struct map_registry *maps, struct mesh_rule *rules)
{
	int error = read_table(maps, rules);

	for (uint32_t i = 0; i < MESH_RULES_MAX && error == 0; i++)
		if (!is_rule(&rules[i]))
			rules[i] = (struct mesh_rule) { 0 };
	return error;
}

/* --- repair of interrupted changes --------------------------------------------------------- */

/* Returns the number that an index holds for the rule's key, or a negative errno. */
static int64_t index_leads_to(const struct map_registry *maps, const struct mesh_rule *rule)
{
	uint32_t number;
	int map = map_registry_fd(maps, index_maps[rule->match]);

	if (map < 0)
		return map;
	if (bpf_map_lookup_elem(map, &rule->prefix4, &number) < 0)
		return -errno;
	return number;
}

/* Removes a rule that is off from its index, and settles it. */
static int settle(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule)
{
	bool away = rule->unsettled == MESH_GOES_AWAY;
	int error = 0;

	if (index_leads_to(maps, rule) == number)
		error = update_index(maps, rule, number, false);
	if (error < 0)
		return error;
	*rule = away ? (struct mesh_rule) { 0 } : *rule;
	rule->unsettled = MESH_SETTLED;
	return write_rule(maps, number, rule);
}

static bool is_unsettled(const struct mesh_rule *rule)
{
	return rule->unsettled != MESH_SETTLED && rule->match != MESH_MATCH_NONE &&
	       rule->match < MESH_MATCHES;
}

/* Reads the table, and settles the unsettled rules. */
static int read_settled(const struct map_registry *maps, struct mesh_rule *rules)
{
	int error = read_table(maps, rules);

	for (uint32_t i = 0; i < MESH_RULES_MAX && error == 0; i++)
		if (is_unsettled(&rules[i]))
			error = settle(maps, i, &rules[i]);
	return error;
}

/* Adds rules that are on to indexes that lack them: without an entry they match nothing. Returns
 * their number or a negative errno. */
static int restore_indexes(const struct map_registry *maps, const struct mesh_rule *rules)
{
	int restored = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (!is_rule(&rules[i]) || !rules[i].enabled ||
			index_leads_to(maps, &rules[i]) == (int64_t)i)
			continue;
		int error = update_index(maps, &rules[i], i, true);
		if (error < 0)
			return error;
		restored++;
	}
	return restored;
}

/* Returns whether an index entry leads to a rule that is on and has this key. */
static bool leads_right(
	const struct mesh_rule *rules, uint32_t match, const struct mesh_rule *key, uint32_t number)
{
	return number < MESH_RULES_MAX && rules[number].enabled && rules[number].match == match &&
	       rule_same_key(&rules[number], key);
}

/* Removes entries of one index that lead to no rule or to another one. Reads the next key before
 * removing one, or the walk would begin again. */
static int clear_index(
	const struct map_registry *maps, const struct mesh_rule *rules, uint32_t match)
{
	struct mesh_rule key = { .match = (uint8_t)match }, next = key;
	int map = map_registry_fd(maps, index_maps[match]), removed = 0;
	uint32_t number;

	if (map < 0)
		return 0;
	bool more = bpf_map_get_next_key(map, NULL, &key.prefix4) == 0;
	for (uint32_t n = 0; more && n < 2 * MESH_RULES_MAX; n++) {
		more = bpf_map_get_next_key(map, &key.prefix4, &next.prefix4) == 0;
		if (bpf_map_lookup_elem(map, &key.prefix4, &number) == 0 &&
			!leads_right(rules, match, &key, number) &&
			bpf_map_delete_elem(map, &key.prefix4) == 0)
			removed++;
		key = next;
	}
	return removed;
}

static uint32_t count_unsettled(const struct mesh_rule *rules)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		n += is_unsettled(&rules[i]);
	return n;
}

int rules_repair(const struct map_registry *maps)
{
	struct mesh_rule *rules = calloc(MESH_RULES_MAX, sizeof(*rules));

	if (rules == NULL)
		return -ENOMEM;
	int error = read_table(maps, rules), repaired = 0;
	if (error == 0) {
		repaired = (int)count_unsettled(rules);
		error = read_settled(maps, rules);
	}
	for (uint32_t match = MESH_MATCH_NONE + 1; match < MESH_MATCHES && error == 0; match++)
		repaired += clear_index(maps, rules, match);
	if (error == 0)
		error = restore_indexes(maps, rules);
	free(rules);
	return error < 0 ? error : repaired + error;
}

/* --- changes --------------------------------------------------------------------------------- */

/*
 * Returns the place behind the last rule, so that a new one comes after all others, or the highest free one
 * where the last number is taken. Or a negative errno: -EEXIST with the rule of this key in *other.
 */
static int find_place(const struct mesh_rule *rules, const struct mesh_rule *rule, uint32_t *other)
{
	int place = -ENOSPC;
	bool behind = true;

	for (uint32_t i = MESH_RULES_MAX; i-- > 0;) {
		if (rules[i].match == MESH_MATCH_NONE) {
			if (behind || place < 0)
				place = (int)i;
			continue;
		}
		behind = false;
		if (!rule_same_key(&rules[i], rule))
			continue;
		*other = i;
		return -EEXIST;
	}
	return place;
}

/* Turns a rule on: marks it, adds it to its index, then makes the one write that packets see. */
static int write_on(const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule,
	uint8_t unsettled)
{
	struct mesh_rule on = *rule;

	on.enabled = false;
	on.unsettled = unsettled;
	int error = write_rule(maps, number, &on);
	if (error == 0)
		error = update_index(maps, rule, number, true);
	on.enabled = true;
	on.unsettled = MESH_SETTLED;
	if (error == 0)
		error = write_rule(maps, number, &on);
	if (error == 0)
		return 0;
	on.enabled = false;
	on.unsettled = unsettled;
	settle(maps, number, &on);
	return error;
}

/* Turns a rule off or removes it: packets see the first write. */
static int write_off(const struct map_registry *maps, uint32_t number, const struct mesh_rule *rule,
	uint8_t unsettled)
{
	struct mesh_rule off = *rule;

	off.enabled = false;
	off.unsettled = unsettled;
	int error = write_rule(maps, number, &off);
	return error == 0 ? settle(maps, number, &off) : error;
}

/* Reads the table into memory to be freed by the caller, and settles unsettled rules. */
static int open_table(
	const struct map_registry *maps, struct mesh_rule **rules, struct failure *failure)
{
	*rules = calloc(MESH_RULES_MAX, sizeof(**rules));
	if (*rules == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read the mesh rules");
	return read_settled(maps, *rules) < 0 ? not_loaded(failure) : 0;
}

static int no_place(
	int error, const struct mesh_rule *rule, uint32_t other, struct failure *failure)
{
	char key[64];

	if (error == -EEXIST) {
		rule_format_key(rule, key, sizeof(key));
		failure_set(failure, error, "Mesh rule %u already matches %s", other, key);
		return failure_remedy(failure,
			"Remove it first: x0top rules remove %u, or F9 in the mesh view", other);
	}
	failure_set(failure, error, "All %d mesh rules are in use", MESH_RULES_MAX);
	return failure_remedy(
		failure, "Remove one first: x0top rules remove NUMBER, or F9 in the mesh view");
}

/* Returns the number of the rule behind `place`, or MESH_RULES_MAX. */
static uint32_t next_rule(const struct mesh_rule *rules, int place)
{
	uint32_t next = (uint32_t)place + 1;

	while (next < MESH_RULES_MAX && rules[next].match == MESH_MATCH_NONE)
		next++;
	return next;
}

int rules_add(const struct map_registry *maps, const struct mesh_rule *rule, uint32_t *next,
	struct failure *failure)
{
	struct mesh_rule *rules;
	uint32_t other = 0;
	int error = open_table(maps, &rules, failure);
	int place = error < 0 ? error : find_place(rules, rule, &other);

	if (place >= 0)
		*next = next_rule(rules, place);
	free(rules);
	if (error < 0)
		return error;
	if (place < 0)
		return no_place(place, rule, other, failure);
	error = clear_counts(maps, (uint32_t)place);
	if (error == 0)
		error = rule->enabled ? write_on(maps, (uint32_t)place, rule, MESH_GOES_AWAY)
				      : write_rule(maps, (uint32_t)place, rule);
	return error == 0 ? place : kernel_refused(error, "add the mesh rule", failure);
}

/* Reads one rule that a caller changes. */
static int find_rule(const struct map_registry *maps, uint32_t number, struct mesh_rule *rule,
	struct failure *failure)
{
	struct mesh_rule *rules;
	int error = open_table(maps, &rules, failure);

	if (error == 0 && (number >= MESH_RULES_MAX || !is_rule(&rules[number])))
		error = no_such_rule(number, failure);
	if (error == 0)
		*rule = rules[number];
	free(rules);
	return error;
}

int rules_remove(const struct map_registry *maps, uint32_t number, struct failure *failure)
{
	struct mesh_rule rule;
	int error = find_rule(maps, number, &rule, failure);

	if (error < 0)
		return error;
	error = write_off(maps, number, &rule, MESH_GOES_AWAY);
	return error == 0 ? 0 : kernel_refused(error, "remove the mesh rule", failure);
}

int rules_switch(const struct map_registry *maps, uint32_t number, bool on, struct failure *failure)
{
	struct mesh_rule rule;
	int error = find_rule(maps, number, &rule, failure);

	if (error < 0 || rule.enabled == on)
		return error;
	error = on ? write_on(maps, number, &rule, MESH_GOES_OFF)
		   : write_off(maps, number, &rule, MESH_GOES_OFF);
	return error == 0 ? 0 : kernel_refused(error, "switch the mesh rule", failure);
}

int rules_set_enforce(const struct map_registry *maps, bool enforce)
{
	struct mesh_filter_control control = { .enforce = enforce };
	int map = map_registry_fd(maps, "mesh_filter_control");
	uint32_t zero = 0;

	return map < 0 ? map : bpf_map_update_elem(map, &zero, &control, BPF_ANY) < 0 ? -errno : 0;
}

bool rules_enforced(const struct map_registry *maps)
{
	struct mesh_filter_control control;
	int map = map_registry_fd(maps, "mesh_filter_control");
	uint32_t zero = 0;

	return map >= 0 && bpf_map_lookup_elem(map, &zero, &control) == 0 && control.enforce;
}

bool rules_match_connection(const struct mesh_rule *rule, const char *address, uint16_t port)
{
	uint8_t v4[4], v6[16];

	switch (rule->match) {
	case MESH_MATCH_PREFIX4:
		return inet_pton(AF_INET, address, v4) == 1 &&
		       rule_same_start(rule->prefix4.address, v4, rule->prefix4.length);
	case MESH_MATCH_PREFIX6:
		return inet_pton(AF_INET6, address, v6) == 1 &&
		       rule_same_start(rule->prefix6.address, v6, rule->prefix6.length);
	case MESH_MATCH_PORT:
		return rule->port.protocol == IPPROTO_TCP && ntohs(rule->port.port) == port;
	case MESH_MATCH_MAC:
		return true;
	}
	return false;
}
