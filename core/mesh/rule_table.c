// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rule_table.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "kernel/percpu.h"
#include "mesh/compile.h"
#include "mesh/limit.h"
#include "mesh/tables.h"

/* --- reading ------------------------------------------------------------------------------------- */

int64_t rule_table_version(const struct map_registry *maps)
{
	int outer = map_registry_fd(maps, "mesh_set");

	return outer < 0 ? outer : (int64_t)tables_in_force(outer);
}

/* Reads rule by rule: for kernels before 5.7, and where a batch is refused. */
static int read_singly(int map, uint32_t first, struct mesh_rule *rules)
{
	for (uint32_t i = 0, place = first; i < MESH_RULES_MAX; i++, place++)
		if (bpf_map_lookup_elem(map, &place, &rules[i]) < 0)
			return -errno;
	return 0;
}

static int read_rules(int map, uint32_t bank, struct mesh_rule *rules)
{
	uint32_t keys[MESH_RULES_MAX], next, n = MESH_RULES_MAX, first = bank * MESH_RULES_MAX;
	uint32_t before = first - 1;

	/* -ENOENT says that the batch reached the end of the map. */
	if (bpf_map_lookup_batch(map, bank == 0 ? NULL : &before, &next, keys, rules, &n, NULL) <
			0 &&
		errno != ENOENT)
		return read_singly(map, first, rules);
	return n == MESH_RULES_MAX && keys[0] == first ? 0 : read_singly(map, first, rules);
}

/* Finds the bank that the set in force was compiled from. Generations go on from the highest. */
static int find_bank(int map, uint32_t set, struct rule_table *table)
{
	uint32_t generation = 0;
	int found = -EBADMSG;

	for (uint32_t number = 0; number < MESH_BANKS; number++) {
		struct mesh_bank bank;
		if (bpf_map_lookup_elem(map, &number, &bank) < 0)
			return -errno;
		generation = bank.generation > generation ? bank.generation : generation;
		if (set == 0 || bank.set != set)
			continue;
		table->bank = bank;
		table->number = number;
		found = 0;
	}
	table->bank.generation = generation;
	return set == 0 ? 0 : found;
}

int rule_table_read(const struct map_registry *maps, struct rule_table *table)
{
	int banks = map_registry_fd(maps, "mesh_banks"),
	    rules = map_registry_fd(maps, "mesh_rules");
	int64_t set = rule_table_version(maps);

	memset(table, 0, sizeof(*table));
	if (set < 0 || banks < 0 || rules < 0)
		return -ENOENT;
	int error = find_bank(banks, (uint32_t)set, table);
	return error < 0 || set == 0 ? error : read_rules(rules, table->number, table->rules);
}

/* --- new rules ----------------------------------------------------------------------------------- */

static int clear_counts(const struct map_registry *maps, uint32_t id)
{
	int map = map_registry_fd(maps, "mesh_rule_counts");
	struct percpu percpu;

	if (map < 0)
		return map;
	int error = percpu_open(&percpu, sizeof(struct mesh_rule_counts));
	if (error < 0)
		return error;
	error = percpu_clear(&percpu, map, &id);
	percpu_close(&percpu);
	return error;
}

static int set_limit(const struct map_registry *maps, const struct mesh_rule *rule)
{
	int map = map_registry_fd(maps, "mesh_limits");
	uint32_t id = rule->id;
	struct gcra limit = { 0 };

	if (rule->action == MESH_LIMIT)
		limit_set(&limit, rule->unit == MESH_BITS_PER_SECOND, rule->rate, rule->burst);
	return map < 0 ? map : bpf_map_update_elem(map, &id, &limit, BPF_ANY) < 0 ? -errno : 0;
}

static int free_id(const struct rule_table *table)
{
	bool used[MESH_RULES_MAX] = { false };

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (table->rules[i].match != MESH_MATCH_NONE)
			used[table->rules[i].id % MESH_RULES_MAX] = true;
	for (int id = 0; id < MESH_RULES_MAX; id++)
		if (!used[id])
			return id;
	return -ENOSPC;
}

int rule_table_begin_rule(
	const struct map_registry *maps, const struct rule_table *table, struct mesh_rule *rule)
{
	int id = free_id(table);

	if (id < 0)
		return id;
	rule->id = (uint16_t)id;
	int error = clear_counts(maps, rule->id);
	return error < 0 ? error : set_limit(maps, rule);
}

/* --- putting in force ---------------------------------------------------------------------------- */

static int write_rules(int map, uint32_t bank, const struct mesh_rule *rules)
{
	uint32_t keys[MESH_RULES_MAX], n = MESH_RULES_MAX;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		keys[i] = bank * MESH_RULES_MAX + i;
	if (bpf_map_update_batch(map, keys, rules, &n, NULL) == 0)
		return 0;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (bpf_map_update_elem(map, &keys[i], &rules[i], BPF_ANY) < 0)
			return -errno;
	return 0;
}

/* Writes the rules beside those in force, with the set that will be compiled from them. */
static int write_bank(
	const struct map_registry *maps, struct rule_table *table, uint32_t number, uint32_t set)
{
	int banks = map_registry_fd(maps, "mesh_banks"),
	    rules = map_registry_fd(maps, "mesh_rules");
	int error = rules < 0 ? rules : write_rules(rules, number, table->rules);

	table->bank.set = set;
	if (error < 0)
		return error;
	return bpf_map_update_elem(banks, &number, &table->bank, BPF_ANY) < 0 ? -errno : 0;
}

static uint32_t interface_index(const char *name)
{
	char copy[IF_NAMESIZE];

	strncpy(copy, name, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	return if_nametoindex(copy);
}

/* Changes with the index of any interface that a rule names. */
static uint32_t sum_interfaces(const struct rule_table *table)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		const struct mesh_rule *rule = &table->rules[i];
		if (rule->match != MESH_MATCH_NONE && rule->conditions >> MESH_BY_INTERFACE & 1)
			sum = sum * 31 + interface_index(rule->interface) + 1;
	}
	return sum;
}

static int compile(
	const struct rule_table *table, struct mesh_compiled *compiled, struct failure *failure)
{
	struct mesh_source source = {
		.rules = table->rules,
		.generation = table->bank.generation,
		.policy = table->bank.policy,
		.ifindex = interface_index,
	};

	if (getrandom(&source.seed, sizeof(source.seed), 0) != sizeof(source.seed))
		return failure_set(failure, -EIO, "There is no random number for the mesh rules");
	return mesh_compile(&source, compiled, failure);
}

static int refused(int error, struct failure *failure)
{
	return failure_set(
		failure, error, "The kernel refused the changed mesh rules: %s", strerror(-error));
}

/* Refuses rules that name a set: there are none yet. */
static int check_sets(const struct rule_table *table, struct failure *failure)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (table->rules[i].match != MESH_MATCH_NONE && table->rules[i].names[0][0] != '\0')
			return failure_set(failure, -ENOENT, "There is no set @%.*s",
				MESH_SET_NAME_LEN - 1, table->rules[i].names[0]);
	return 0;
}

int rule_table_put(
	const struct map_registry *maps, struct rule_table *table, struct failure *failure)
{
	int outer = map_registry_fd(maps, "mesh_set");
	uint32_t number = table->bank.set != 0 ? 1 - table->number : 0, set = 0;
	struct mesh_compiled compiled;

	table->bank.generation += table->bank.generation == UINT32_MAX ? 2 : 1;
	table->bank.interfaces = sum_interfaces(table);
	int error = check_sets(table, failure);
	if (error == 0)
		error = compile(table, &compiled, failure);
	if (error < 0)
		return error;
	int tables = tables_create(&compiled, &set);
	mesh_compiled_free(&compiled);
	if (tables < 0)
		return refused(tables, failure);
	error = write_bank(maps, table, number, set);
	if (error == 0)
		error = tables_put(outer, tables);
	close(tables);
	table->number = number;
	return error < 0 ? refused(error, failure) : 0;
}

int rule_table_follow(const struct map_registry *maps, struct failure *failure)
{
	struct rule_table *table = rule_table_version(maps) > 0 ? malloc(sizeof(*table)) : NULL;
	int error = 0;

	if (table != NULL && rule_table_read(maps, table) == 0 &&
		table->bank.interfaces != sum_interfaces(table))
		error = rule_table_put(maps, table, failure);
	free(table);
	return error;
}
