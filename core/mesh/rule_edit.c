// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rule_edit.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "mesh/rule.h"
#include "mesh/rule_notes.h"
#include "model/names.h"

/* --- failures ------------------------------------------------------------------------------------ */

static int no_such_rule(uint32_t number, struct failure *failure)
{
	failure_set(failure, -ENOENT, "There is no mesh rule %u", number);
	return failure_remedy(failure, "x0top rules list shows the rules with their numbers");
}

static int same_rule(const struct mesh_rule *rule, uint32_t other, struct failure *failure)
{
	char key[RULE_LEN];

	rule_format_key(rule, key, sizeof(key));
	failure_set(failure, -EEXIST, "Mesh rule %u already matches %s", other, key);
	return failure_remedy(
		failure, "Delete it first: x0top rules delete %u, or F9 in the mesh view", other);
}

static int no_room(struct failure *failure)
{
	failure_set(failure, -ENOSPC, "All %d mesh rules are in use", MESH_RULES_MAX);
	return failure_remedy(
		failure, "Delete one first: x0top rules delete NUMBER, or F9 in the mesh view");
}

/* --- places -------------------------------------------------------------------------------------- */

bool rule_exists(const struct mesh_rule *rule)
{
	return rule->match != MESH_MATCH_NONE && rule->match < MESH_MATCHES;
}

/*
 * Returns the place behind the last rule, so that a new one comes after all others; where the last number is
 * taken, that where the highest gap begins; -ENOSPC without one.
 */
static int find_place(const struct mesh_rule *rules)
{
	int place = -ENOSPC;

	for (int i = MESH_RULES_MAX - 1; i >= 0; i--) {
		bool used = rule_exists(&rules[i]);
		if (used && place >= 0)
			break;
		if (!used && (place < 0 || place == i + 1))
			place = i;
	}
	return place;
}

int rule_find(const struct mesh_rule *rules, const struct mesh_rule *rule)
{
	for (int i = 0; i < MESH_RULES_MAX; i++)
		if (rule_exists(&rules[i]) && rule_same_key(&rules[i], rule))
			return i;
	return -ENOENT;
}

/* Returns the number of the rule behind `place`, or MESH_RULES_MAX. */
static uint32_t next_rule(const struct mesh_rule *rules, uint32_t place)
{
	uint32_t next = place + 1;

	while (next < MESH_RULES_MAX && !rule_exists(&rules[next]))
		next++;
	return next;
}

/* Moves rules from a place on up to the next free one. Returns 0 or -ENOSPC. */
static int make_room(struct mesh_rule *rules, uint32_t place)
{
	uint32_t free_place = place;

	while (free_place < MESH_RULES_MAX && rule_exists(&rules[free_place]))
		free_place++;
	if (free_place >= MESH_RULES_MAX)
		return -ENOSPC;
	memmove(&rules[place + 1], &rules[place], (free_place - place) * sizeof(*rules));
	memset(&rules[place], 0, sizeof(rules[place]));
	return 0;
}

/* --- whose rules --------------------------------------------------------------------------------- */

bool rule_is_guest(uint32_t origin)
{
	return origin == MESH_ORIGIN_FEED || origin == MESH_ORIGIN_MAPEK;
}

static int check_owner(const struct rule_edit *edit, const struct mesh_rule *rule, uint32_t number,
	struct failure *failure)
{
	if (!rule_is_guest(edit->rule.origin) || edit->rule.origin == rule->origin)
		return 0;
	return failure_set(failure, -EPERM, "Mesh rule %u is not of the origin %s", number,
		mesh_origin_names[edit->rule.origin]);
}

/* --- changes ------------------------------------------------------------------------------------- */

/* Checks a new rule. One that a program asked for and that has the same key is forgotten. */
static int check_new(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	int same = rule_find(table->rules, &edit->rule);

	if (rule_time_left(&edit->rule) == 0)
		return failure_set(failure, -ETIME, "The time of the mesh rule is over");
	if (same < 0)
		return 0;
	if (rule_is_guest(edit->rule.origin) || !rule_is_guest(table->rules[same].origin))
		return same_rule(&edit->rule, (uint32_t)same, failure);
	memset(&table->rules[same], 0, sizeof(table->rules[same]));
	return 0;
}

static int place_new(struct rule_table *table, struct rule_edit *edit)
{
	table->rules[edit->place] = edit->rule;
	table->rules[edit->place].id = MESH_NO_RULE;
	edit->next = next_rule(table->rules, edit->place);
	return 0;
}

static int add(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	int error = check_new(table, edit, failure);
	int place = error < 0 ? error : find_place(table->rules);

	if (error == 0 && place < 0)
		return no_room(failure);
	edit->place = (uint32_t)place;
	return error < 0 ? error : place_new(table, edit);
}

static int insert(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	int error = check_new(table, edit, failure);

	if (error < 0)
		return error;
	if (edit->number >= MESH_RULES_MAX || make_room(table->rules, edit->number) < 0)
		return no_room(failure);
	edit->place = edit->number;
	return place_new(table, edit);
}

/* Returns whether the kernel's limit of `old` serves for `rule`, too. */
static bool same_limit(const struct mesh_rule *old, const struct mesh_rule *rule)
{
	return rule->action != MESH_LIMIT ||
	       (old->action == MESH_LIMIT && old->unit == rule->unit && old->rate == rule->rate &&
		       old->burst == rule->burst);
}

/* Another limit gets another id: the old one goes on until the new table is in force. */
static int change(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	struct mesh_rule old = table->rules[edit->number];
	int same = rule_find(table->rules, &edit->rule);

	if (same >= 0 && (uint32_t)same != edit->number)
		return same_rule(&edit->rule, (uint32_t)same, failure);
	edit->place = edit->number;
	place_new(table, edit);
	if (same_limit(&old, &edit->rule))
		table->rules[edit->place].id = old.id;
	return 0;
}

static int move(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	struct mesh_rule moved = table->rules[edit->number];

	memset(&table->rules[edit->number], 0, sizeof(moved));
	if (edit->to >= MESH_RULES_MAX || make_room(table->rules, edit->to) < 0)
		return no_room(failure);
	table->rules[edit->to] = moved;
	edit->place = edit->to;
	return 0;
}

static int delete (struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	(void)failure;
	memset(&table->rules[edit->number], 0, sizeof(table->rules[edit->number]));
	return 0;
}

static int toggle(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	(void)failure;
	table->rules[edit->number].enabled = edit->kind == RULE_EDIT_ON;
	edit->place = edit->number;
	return 0;
}

static int flush(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	(void)failure;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		edit->gone += rule_exists(&table->rules[i]);
	memset(table->rules, 0, sizeof(table->rules));
	return 0;
}

static int set_policy(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	(void)failure;
	table->bank.policy = edit->policy;
	return 0;
}

/* A rule that does the same keeps its id, so its counters. */
static uint16_t id_of(const struct mesh_rule *rules, const struct mesh_rule *rule)
{
	int same = rule_find(rules, rule);

	return same >= 0 && rules[same].action == rule->action && same_limit(&rules[same], rule)
		       ? rules[same].id
		       : MESH_NO_RULE;
}

static int replace(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	struct mesh_rule before[MESH_RULES_MAX];

	memcpy(before, table->rules, sizeof(before));
	memset(table->rules, 0, sizeof(table->rules));
	for (uint32_t i = 0; i < edit->n_rules && i < MESH_RULES_MAX; i++) {
		if (!rule_exists(&edit->rules[i]))
			continue; /* a free place */
		int same = rule_find(table->rules, &edit->rules[i]);
		if (same >= 0)
			return same_rule(&edit->rules[i], (uint32_t)same, failure);
		table->rules[i] = edit->rules[i];
		table->rules[i].id = id_of(before, &edit->rules[i]);
	}
	table->bank.policy = edit->policy;
	return 0;
}

static int expire(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	(void)failure;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (!rule_exists(&table->rules[i]) || rule_time_left(&table->rules[i]) > 0)
			continue;
		memset(&table->rules[i], 0, sizeof(table->rules[i]));
		edit->gone++;
	}
	return 0;
}

static const struct {
	int (*make)(struct rule_table *table, struct rule_edit *edit, struct failure *failure);
	bool of_a_rule; /* that is there, at `number` */
} edits[] = {
	[RULE_EDIT_ADD] = { add, false },
	[RULE_EDIT_INSERT] = { insert, false },
	[RULE_EDIT_CHANGE] = { change, true },
	[RULE_EDIT_MOVE] = { move, true },
	[RULE_EDIT_DELETE] = { delete, true },
	[RULE_EDIT_ON] = { toggle, true },
	[RULE_EDIT_OFF] = { toggle, true },
	[RULE_EDIT_FLUSH] = { flush, false },
	[RULE_EDIT_POLICY] = { set_policy, false },
	[RULE_EDIT_REPLACE] = { replace, false },
	[RULE_EDIT_EXPIRE] = { expire, false },
};

int rule_edit(struct rule_table *table, struct rule_edit *edit, struct failure *failure)
{
	const struct mesh_rule *rule = &table->rules[edit->number % MESH_RULES_MAX];

	edit->place = edit->next = MESH_RULES_MAX;
	edit->gone = 0;
	if (edits[edit->kind].of_a_rule) {
		if (edit->number >= MESH_RULES_MAX || !rule_exists(rule))
			return no_such_rule(edit->number, failure);
		if (check_owner(edit, rule, edit->number, failure) < 0)
			return failure->error;
	}
	return edits[edit->kind].make(table, edit, failure);
}
