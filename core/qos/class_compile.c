// SPDX-License-Identifier: BSD-2-Clause
/* Lines become rules, which the compiler of mesh rules makes tables of. */
#include "qos/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/resolve.h"
#include "mesh/rule.h"

#define BY(dimension) (1 << (dimension))

/* A port without a source port is that of either end. */
static bool is_of_either_end(const struct mesh_rule *rule)
{
	return rule->conditions & BY(MESH_BY_DESTINATION_PORT) &&
	       !(rule->conditions & BY(MESH_BY_SOURCE_PORT));
}

static void turn_port(struct mesh_rule *rule)
{
	rule->source_port = rule->destination_port;
	rule->destination_port = (struct mesh_range) { 0 };
	rule->sets[MESH_BY_SOURCE_PORT] = rule->sets[MESH_BY_DESTINATION_PORT];
	rule->sets[MESH_BY_DESTINATION_PORT] = 0;
	rule->conditions ^= BY(MESH_BY_DESTINATION_PORT) | BY(MESH_BY_SOURCE_PORT);
}

/* --- cgroups ------------------------------------------------------------------------------------ */

static bool is_within(const char *path, const char *cgroup)
{
	size_t length = strlen(cgroup);

	return strncmp(path, cgroup, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* Keeps the numbers of the cgroups that a line is for, its own and those within it, as bits where rules have the burst
 * of a limit. */
static void set_cgroups(
	const char *const *paths, int n, const struct class_line *line, struct mesh_rule *rule)
{
	rule->burst = 0;
	for (int i = 0; i < n; i++)
		if (line->rule.comment[0] != '\0' && is_within(paths[i], line->rule.comment))
			rule->burst |= UINT64_C(2) << i;
}

/* Returns how far below the root a cgroup is. */
static uint32_t level_of(const char *path)
{
	uint32_t level = 1;

	for (; *path != '\0'; path++)
		level += *path == '/';
	return level;
}

/* What a packet is: received, or sent by a process in none of the cgroups, or in that of a number. */
static bool is_for_kind(const struct mesh_rule *rule, uint32_t kind)
{
	bool sent = kind >= CLASS_KIND_EGRESS;

	if (!(rule->conditions & BY(MESH_BY_READABLE)))
		return true;
	if (rule->comment[0] != '\0')
		return sent && rule->burst >> (kind - CLASS_KIND_EGRESS) & 1;
	return sent == (rule->kind == CLASS_KIND_EGRESS);
}

/* ------------------------------------------------------------------------------------------------ */

/* Makes the rules of all lines, in order. Lines whose sets are not there have none. */
static void make_rules(const struct class_source *source, const struct mesh_sets *sets,
	const char *const *paths, int n_paths, struct mesh_rule *rules, struct failure *unmet)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < source->lines->n; i++) {
		const struct class_line *line = &source->lines->lines[i];
		struct failure missing = { 0 };
		if (resolve_check(&line->rule, sets, &missing) < 0) {
			if (unmet->error == 0)
				*unmet = missing;
			continue;
		}
		rules[n] = line->rule;
		rules[n].enabled = 1;
		rules[n].action = MESH_PASS;
		rules[n].id = (__u16)CLASS_DECISION(i, line->class);
		set_cgroups(paths, n_paths, line, &rules[n]);
		n++;
		if (!is_of_either_end(&line->rule))
			continue;
		rules[n] = rules[n - 1];
		turn_port(&rules[n++]);
	}
}

int classes_compile(const struct class_source *source, struct mesh_compiled *compiled,
	struct failure *unmet, struct failure *failure)
{
	static const struct mesh_sets no_sets;
	const struct mesh_sets *sets = source->sets != NULL ? source->sets : &no_sets;
	struct mesh_rule *rules = calloc(MESH_RULES_MAX, sizeof(*rules));
	struct mesh_elements elements[MESH_SETS_MAX];
	const char *paths[CLASS_CGROUPS_MAX];
	int n_paths = classes_cgroups(source->lines, paths);
	struct mesh_source of_rules = { .rules = rules,
		.sets = elements,
		.n_sets = sets->n,
		.generation = source->generation,
		.policy = MESH_PASS,
		.bank = source->bank,
		.seed = source->seed,
		.ifindex = source->ifindex,
		.no_shorts = true,
		.n_kinds = CLASS_KINDS,
		.is_for_kind = is_for_kind };

	_Static_assert(CLASS_RULES_MAX <= MESH_RULES_MAX, "two rules a line");
	if (rules == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for the classes");
	if (n_paths < 0) {
		free(rules);
		return failure_set(failure, -ENOSPC,
			"Lines of the classes name more than %d cgroups", CLASS_CGROUPS_MAX);
	}
	for (uint32_t i = 0; i < sets->n; i++)
		elements[i] = sets_compiled_form(sets, i);
	make_rules(source, sets, paths, n_paths, rules, unmet);
	int error = resolve_sets(rules, sets, failure);
	if (error == 0)
		error = mesh_compile(&of_rules, compiled, failure);
	for (int i = 0; i < n_paths && error == 0; i++)
		((struct mesh_head *)compiled->lines)->dimensions |=
			CLASS_BY_CGROUP(level_of(paths[i]));
	free(rules);
	return error;
}
