/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of rules in memory: what is asked about and what is put in force are made by the same functions. */
#ifndef X0_MESH_RULE_EDIT_H
#define X0_MESH_RULE_EDIT_H

#include <stdbool.h>

#include "mesh/rule_table.h"

enum rule_edit_kind {
	RULE_EDIT_ADD, /* behind the last rule; is the last number taken, where the highest gap begins */
	RULE_EDIT_INSERT, /* at `number`; rules from there to the next free number move up by one */
	RULE_EDIT_CHANGE, /* another form; it keeps its number and, but for another limit, its counters */
	RULE_EDIT_MOVE, /* from `number` to `to`, as RULE_EDIT_INSERT */
	RULE_EDIT_DELETE,
	RULE_EDIT_ON,
	RULE_EDIT_OFF,
	RULE_EDIT_FLUSH,
	RULE_EDIT_POLICY,
	RULE_EDIT_REPLACE, /* by `rules`, in order; those that were there keep their counters */
	RULE_EDIT_EXPIRE, /* forgets the rules that have expired */
};

struct rule_edit {
	enum rule_edit_kind kind;
	uint32_t number, to;
	struct mesh_rule
		rule; /* ADD, INSERT, CHANGE; its origin is who asks: a feed or MAPE-K changes no others' */
	uint32_t policy; /* POLICY, REPLACE: MESH_PASS or MESH_DROP */
	const struct mesh_rule *rules; /* REPLACE, not owned */
	uint32_t n_rules;
	/* Set by rule_edit(): where the rule is; of the rule behind it, MESH_RULES_MAX without one; rules that
	 * were forgotten. */
	uint32_t place, next, gone;
	bool same; /* set by who makes the change: it leaves all as it is */
};

/*
 * Makes the change in `table`. New rules get the id MESH_NO_RULE. Returns 0, or a negative errno with
 * *failure set and the table of no use: -EEXIST if another rule has the same key, -ENOSPC if the table is
 * full, -ENOENT if there is no rule `number`, -EPERM if it is not the asker's, -ETIME if the new one has
 * expired.
 */
int rule_edit(struct rule_table *table, struct rule_edit *edit, struct failure *failure);

/* Returns whether a table's entry is a rule. */
bool rule_exists(const struct mesh_rule *rule);

/* Returns whether rules of an origin are asked for by a program, MAPE-K or a feed: they give way to people's. */
bool rule_is_guest(uint32_t origin);

/* Returns the number of the rule with the same conditions among MESH_RULES_MAX, or -ENOENT. */
int rule_find(const struct mesh_rule *rules, const struct mesh_rule *rule);

#endif
