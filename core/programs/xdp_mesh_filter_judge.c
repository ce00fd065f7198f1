// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_judge.h"

#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>

#include "mesh/lockout.h"
#include "mesh/rule.h"
#include "mesh/rules.h"
#include "programs/connection.h"
#include "programs/program.h"

/* Returns whether a rule takes ARP or neighbour discovery, and not the connection's own packets. */
static bool takes_the_way(const struct mesh_rule *rule)
{
	return rule->conditions >> MESH_BY_READABLE & 1 ||
	       (rule->conditions >> MESH_BY_ETHERTYPE & 1 && rule->ethertype == ETH_P_ARP);
}

static void name_cut(const struct rule_table *table, int cut, char *text, size_t size)
{
	char rule[RULE_LEN];

	if (cut == LOCKOUT_POLICY) {
		snprintf(text, size,
			"No rule surely passes your own SSH connection, which the policy drops");
		return;
	}
	const bool limits = table->rules[cut].action == MESH_LIMIT;
	rule_format_key(&table->rules[cut], rule, sizeof(rule));
	snprintf(text, size, "Mesh rule %d (%s %.80s) %s your own SSH connection", cut,
		limits ? "limit" : "drop", rule,
		limits				    ? "starves"
		: takes_the_way(&table->rules[cut]) ? "drops what is needed by"
						    : "drops");
}

static struct lockout_table view_of(const struct rule_table *table, const struct mesh_sets *sets)
{
	return (struct lockout_table) { table->rules, table->bank.policy, sets };
}

enum decision mesh_filter_judge(
	struct program *program, const struct rule_table *after, char *sentence, size_t size)
{
	const struct map_registry *maps = &program->context->maps;
	struct connection connection;
	struct failure ignored;
	char what[REASON_LEN];
	int error, cut = LOCKOUT_NONE;

	if (!rules_enforced(maps) || !connection_find(&connection))
		return DECISION_DO;
	struct rule_table *now = rules_begin(maps, &ignored);
	struct mesh_sets *sets = now != NULL ? rule_table_sets(maps, now, &error) : NULL;
	if (now != NULL) {
		struct lockout_table before = view_of(now, sets),
				     then = view_of(
					     after, after->sets != NULL ? after->sets : sets);
		cut = lockout_compare(&before, &then, connection.address, connection.port);
	}
	sets_free(sets);
	free(now);
	if (cut == LOCKOUT_NONE)
		return DECISION_DO;
	name_cut(after, cut, what, sizeof(what));
	snprintf(sentence, size, "%s from %s. Continue?", what, connection.address);
	return DECISION_ASK;
}

bool mesh_filter_would_cut(struct program *program, char *sentence, size_t size)
{
	const struct map_registry *maps = &program->context->maps;
	struct connection connection;
	struct failure ignored;
	char what[REASON_LEN];
	int error, cut = LOCKOUT_NONE;

	if (!connection_find(&connection))
		return false;
	struct rule_table *now = rules_begin(maps, &ignored);
	struct mesh_sets *sets = now != NULL ? rule_table_sets(maps, now, &error) : NULL;
	if (now != NULL) {
		struct lockout_table table = view_of(now, sets);
		cut = lockout_find(&table, connection.address, connection.port);
	}
	if (cut != LOCKOUT_NONE) {
		name_cut(now, cut, what, sizeof(what));
		snprintf(sentence, size, "%s from %s. Enforce anyway?", what, connection.address);
	}
	sets_free(sets);
	free(now);
	return cut != LOCKOUT_NONE;
}
