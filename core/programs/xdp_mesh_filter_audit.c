// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mix.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/set_change.h"
#include "programs/program.h"
#include "programs/xdp_mesh_filter_state.h"

#define MORE_LEN sizeof(", and 1024 more; new: 1024 rules") /* room for the last words */

struct mesh_before {
	struct mesh_rule rules[MESH_RULES_MAX];
	uint32_t n_sets;
	struct set_summary {
		char name[MESH_SET_NAME_LEN];
		uint32_t n, hash;
		uint32_t from; /* hash of what else is said of it, but when it changed */
	} sets[MESH_SETS_MAX];
};

/* --- hashes: they tell whether two lines of the log speak of the same -------------------------------- */

static uint32_t fold(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

/* Writes a rule as it would be saved: what it does, not what it has counted. */
static void format_rule(const struct mesh_rule *rule, char text[RULE_LEN])
{
	text[0] = '\0';
	if (rule_exists(rule))
		rule_format_saved(rule, text, RULE_LEN);
}

static uint32_t hash_rules(const struct mesh_rule *rules)
{
	uint64_t hash = MIX_BEGIN;
	char text[RULE_LEN];

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		format_rule(&rules[i], text);
		hash = mix_bytes(hash, text, strlen(text) + 1);
	}
	return fold(hash);
}

static uint32_t hash_set(const struct mesh_set *set)
{
	struct mesh_set said = *set;

	said.changed = 0;
	return fold(mix_bytes(MIX_BEGIN, &said, sizeof(said)));
}

static uint32_t summarize_sets(const struct mesh_sets *sets, struct set_summary *summaries)
{
	for (uint32_t i = 0; i < sets->n; i++) {
		const struct mesh_set *set = &sets->sets[i];
		uint64_t hash = mix_bytes(
			MIX_BEGIN, sets->elements[i], set->n * sizeof(struct mesh_element));
		summaries[i] = (struct set_summary) {
			.n = set->n, .hash = fold(hash), .from = hash_set(set)
		};
		memcpy(summaries[i].name, set->name, sizeof(set->name));
	}
	return sets->n;
}

static struct mesh_before *summarize(const struct program *program)
{
	struct mesh_before *summary = calloc(1, sizeof(*summary));
	struct set_change in_force;
	struct failure ignored;

	if (summary == NULL || set_change_begin(&program->context->maps, &in_force, &ignored) < 0) {
		free(summary);
		return NULL;
	}
	memcpy(summary->rules, in_force.table->rules, sizeof(summary->rules));
	summary->n_sets = summarize_sets(in_force.sets, summary->sets);
	set_change_abandon(&in_force);
	return summary;
}

bool mesh_filter_is_change(const struct mesh_before *before, const struct set_change *change)
{
	struct set_summary sets[MESH_SETS_MAX] = { 0 };

	return before == NULL || summarize_sets(change->sets, sets) != before->n_sets ||
	       memcmp(sets, before->sets, sizeof(sets)) != 0 ||
	       memcmp(change->table->rules, before->rules, sizeof(before->rules)) != 0;
}

struct mesh_before *mesh_filter_before(const struct program *program)
{
	const struct mesh_filter *filter = program->state;

	return filter->loading == NULL ? summarize(program) : NULL;
}

/* --- words --------------------------------------------------------------------------------------- */

/* Appends to call->done all of it, or nothing. Returns whether it had room, with `spare` bytes left. */
static __attribute__((format(printf, 3, 4))) bool tell(
	const struct verb_call *call, size_t spare, const char *format, ...)
{
	size_t length = strlen(call->done);
	va_list arguments;

	va_start(arguments, format);
	int n = vsnprintf(call->done + length, DONE_LEN - length, format, arguments);
	va_end(arguments);
	if ((size_t)n + spare < DONE_LEN - length)
		return true;
	call->done[length] = '\0';
	return false;
}

static bool holds(const struct mesh_rule *rules, const struct mesh_rule *rule)
{
	char text[RULE_LEN], other[RULE_LEN];
	int place = rule_find(rules, rule);

	if (place < 0)
		return false;
	format_rule(rule, text);
	format_rule(&rules[place], other);
	return strcmp(text, other) == 0;
}

/* Tells which of `rules` are not among the others. */
static void tell_rules(const struct verb_call *call, const char *what,
	const struct mesh_rule *rules, const struct mesh_rule *others)
{
	uint32_t told = 0, n = 0;
	char text[RULE_LEN], begin[16];

	snprintf(begin, sizeof(begin), "; %s: ", what);
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		if (!rule_exists(&rules[i]) || holds(others, &rules[i]))
			continue;
		format_rule(&rules[i], text);
		if (told == n++ &&
			tell(call, MORE_LEN, "%s%u %s", told == 0 ? begin : ", ", i, text))
			told++;
	}
	if (told > 0 && told < n)
		tell(call, 0, ", and %u more", n - told);
	else if (told < n)
		tell(call, 0, "%s%u rule%s", begin, n, n == 1 ? "" : "s");
}

static const struct set_summary *find_set(const struct mesh_before *summary, const char *name)
{
	for (uint32_t i = 0; i < summary->n_sets; i++)
		if (strcmp(summary->sets[i].name, name) == 0)
			return &summary->sets[i];
	return NULL;
}

static void tell_sets(const struct verb_call *call, const struct mesh_before *before,
	const struct mesh_before *now)
{
	for (uint32_t i = 0; i < now->n_sets; i++) {
		const struct set_summary *set = &now->sets[i], *old = find_set(before, set->name);
		if (old == NULL)
			tell(call, MORE_LEN, "; new: @%s %u %08x", set->name, set->n, set->hash);
		else if (old->n != set->n || old->hash != set->hash)
			tell(call, MORE_LEN, "; @%s %u %08x, before %u %08x", set->name, set->n,
				set->hash, old->n, old->hash);
	}
	for (uint32_t i = 0; i < before->n_sets; i++) {
		const struct set_summary *old = &before->sets[i];
		if (find_set(now, old->name) == NULL)
			tell(call, MORE_LEN, "; gone: @%s %u %08x", old->name, old->n, old->hash);
	}
}

void mesh_filter_tell_change(const struct verb_call *call, struct mesh_before *before)
{
	struct mesh_before *now = before != NULL ? summarize(call->program) : NULL;

	if (now != NULL) {
		uint32_t old = hash_rules(before->rules), hash = hash_rules(now->rules);
		if (old != hash)
			tell(call, MORE_LEN, "; rules %08x, before %08x", hash, old);
		tell_sets(call, before, now);
		tell_rules(call, "gone", before->rules, now->rules);
		tell_rules(call, "new", now->rules, before->rules);
	}
	free(before);
	free(now);
}
