// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rule_table.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "kernel/map_value.h"
#include "kernel/percpu.h"
#include "mesh/compile.h"
#include "mesh/limit.h"
#include "mesh/resolve.h"
#include "mesh/set_store.h"
#include "mesh/switches.h"
#include "mesh/tables.h"

#define READS_MAX 100

/* --- reading ------------------------------------------------------------------------------------- */

static int64_t set_in_force(const struct map_registry *maps)
{
	return tables_in_force(map_registry_fd(maps, "mesh_filter_control"));
}

/* The number of the set in force, above the number of switches, modulo 2^31. */
int64_t rule_table_version(const struct map_registry *maps)
{
	int64_t set = set_in_force(maps);

	return set <= 0 ? set : set << 31 | switches_sum(maps);
}

/* Reads rule by rule: for kernels before 5.7, where a batch is refused, and where a rule has grown. */
static int read_singly(int map, uint32_t first, struct mesh_rule *rules)
{
	int error;

	for (uint32_t i = 0, place = first; i < MESH_RULES_MAX; i++, place++)
		if ((error = map_value_read(map, &place, &rules[i], sizeof(rules[i]))) < 0)
			return error;
	return 0;
}

/* Returns whether rules are in the kernel as they are here. */
static bool are_as_known(int map)
{
	size_t size;

	return map_value_size(map, sizeof(struct mesh_rule), &size) == 0 &&
	       size == sizeof(struct mesh_rule);
}

static int read_rules(int map, uint32_t bank, struct mesh_rule *rules)
{
	uint32_t keys[MESH_RULES_MAX], next, n = MESH_RULES_MAX, first = bank * MESH_RULES_MAX;
	uint32_t before = first - 1;

	if (!are_as_known(map))
		return read_singly(map, first, rules);
	/* -ENOENT says that the batch reached the end of the map. */
	if (bpf_map_lookup_batch(map, bank == 0 ? NULL : &before, &next, keys, rules, &n, NULL) <
			0 &&
		errno != ENOENT)
		return read_singly(map, first, rules);
	return n == MESH_RULES_MAX && keys[0] == first ? 0 : read_singly(map, first, rules);
}

/* Finds the bank of the set in force. Generations go on from the highest. */
static int find_bank(int map, uint32_t set, struct rule_table *table)
{
	uint32_t generation = 0;
	int found = -EBADMSG;

	for (uint32_t number = 0; number < MESH_BANKS; number++) {
		struct mesh_bank bank;
		int error = map_value_read(map, &number, &bank, sizeof(bank));
		if (error < 0)
			return error;
		generation = bank.generation > generation ? bank.generation : generation;
		if (set == 0 || bank.set != set || set % MESH_BANKS != number)
			continue;
		table->bank = bank;
		table->number = number;
		found = 0;
	}
	table->bank.generation = generation;
	return set == 0 ? 0 : found;
}

static void mark_ids(const struct mesh_rule *rules, bool used[MESH_RULES_MAX])
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (rules[i].match != MESH_MATCH_NONE && rules[i].id < MESH_RULES_MAX)
			used[rules[i].id] = true;
}

static int read_set(const struct map_registry *maps, int64_t set, struct rule_table *table)
{
	int banks = map_registry_fd(maps, "mesh_banks"),
	    rules = map_registry_fd(maps, "mesh_rules");

	memset(table, 0, sizeof(*table));
	if (set < 0 || banks < 0 || rules < 0)
		return -ENOENT;
	int error = find_bank(banks, (uint32_t)set, table);
	if (error < 0 || set == 0)
		return error;
	error = read_rules(rules, table->number, table->rules);
	mark_ids(table->rules, table->used);
	return error < 0 ? error : switches_read(maps, table->number, table->rules);
}

/* Again, if others have changed them meanwhile. */
int rule_table_read(const struct map_registry *maps, struct rule_table *table)
{
	int64_t set = set_in_force(maps);
	int error = read_set(maps, set, table);

	for (int tries = 0; tries < READS_MAX && set_in_force(maps) != set; tries++) {
		set = set_in_force(maps);
		error = read_set(maps, set, table);
	}
	return error;
}

struct mesh_sets *rule_table_sets(
	const struct map_registry *maps, const struct rule_table *table, int *error)
{
	return set_store_read(maps, table->bank.store, table->bank.sets_size, error);
}

int rule_table_switch(
	const struct map_registry *maps, struct rule_table *table, uint32_t place, bool on)
{
	table->rules[place].enabled = on;
	return switches_write(maps, table->number, table->rules);
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
	return map < 0 ? map : map_value_write(map, &id, &limit, sizeof(limit));
}

static int free_id(const bool used[MESH_RULES_MAX])
{
	for (int id = 0; id < MESH_RULES_MAX; id++)
		if (!used[id])
			return id;
	return -ENOSPC;
}

/*
 * Finds an id for a new rule: one of a rule in force only if there is no other, for its counts and its limit
 * begin anew at once, and the rule goes on until the new ones are in force.
 */
static int new_id(const struct rule_table *table)
{
	bool used[MESH_RULES_MAX];

	memcpy(used, table->used, sizeof(used));
	mark_ids(table->rules, used);
	int id = free_id(used);
	if (id >= 0)
		return id;
	memset(used, 0, sizeof(used));
	mark_ids(table->rules, used);
	return free_id(used);
}

/* Gives a new rule an id of its own, with its counts and its limit as they begin. */
static int begin_rule(
	const struct map_registry *maps, const struct rule_table *table, struct mesh_rule *rule)
{
	int id = new_id(table);

	if (id < 0)
		return id;
	rule->id = (uint16_t)id;
	int error = clear_counts(maps, rule->id);
	return error < 0 ? error : set_limit(maps, rule);
}

static int begin_rules(const struct map_registry *maps, struct rule_table *table)
{
	int error = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX && error == 0; i++)
		if (table->rules[i].match != MESH_MATCH_NONE && table->rules[i].id == MESH_NO_RULE)
			error = begin_rule(maps, table, &table->rules[i]);
	return error;
}

/* --- putting in force ---------------------------------------------------------------------------- */

static int write_rules(int map, uint32_t bank, const struct mesh_rule *rules)
{
	uint32_t keys[MESH_RULES_MAX], n = MESH_RULES_MAX;
	int error = 0;

	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		keys[i] = bank * MESH_RULES_MAX + i;
	if (are_as_known(map) && bpf_map_update_batch(map, keys, rules, &n, NULL) == 0)
		return 0;
	for (uint32_t i = 0; i < MESH_RULES_MAX && error == 0; i++)
		error = map_value_write(map, &keys[i], &rules[i], sizeof(rules[i]));
	return error;
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
	return map_value_write(banks, &number, &table->bank, sizeof(table->bank));
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

static bool has_shorts(const struct map_registry *maps)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	int map = map_registry_fd(maps, "mesh_shorts");

	return map >= 0 && bpf_obj_get_info_by_fd(map, &info, &size) == 0 &&
	       info.max_entries >= MESH_BANKS * MESH_SHORT_BUCKETS;
}

static int compile(const struct map_registry *maps, const struct rule_table *table,
	const struct mesh_sets *sets, uint32_t number, struct mesh_compiled *compiled,
	struct failure *failure)
{
	struct mesh_elements elements[MESH_SETS_MAX];
	struct mesh_rule *rules = malloc(sizeof(table->rules));
	struct mesh_source source = {
		.rules = rules,
		.sets = elements,
		.n_sets = sets->n,
		.generation = table->bank.generation,
		.policy = table->bank.policy,
		.bank = number,
		.no_shorts = !has_shorts(maps),
		.ifindex = interface_index,
	};

	if (rules == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory for the mesh rules");
	for (uint32_t i = 0; i < sets->n; i++)
		elements[i] = sets_compiled_form(sets, i);
	memcpy(rules, table->rules, sizeof(table->rules));
	int error = resolve_sets(rules, sets, failure);
	if (error == 0 && getrandom(&source.seed, sizeof(source.seed), 0) != sizeof(source.seed))
		error = failure_set(failure, -EIO, "There is no random number for the mesh rules");
	if (error == 0)
		error = mesh_compile(&source, compiled, failure);
	free(rules);
	return error;
}

static int refused(int error, struct failure *failure)
{
	if (error == -EFBIG) {
		failure_set(failure, -ENOSPC,
			"The sets of the mesh rules have more elements than there is room for");
		return failure_remedy(
			failure, "Shorten them, or load the filter without the setting \"small\"");
	}
	return failure_set(
		failure, error, "The kernel refused the changed mesh rules: %s", strerror(-error));
}

/* Writes the sets beside those in force, if they are others. */
static int write_sets(const struct map_registry *maps, struct rule_table *table)
{
	if (table->sets == NULL)
		return 0;
	int64_t size = set_store_write(maps, 1 - table->bank.store % MESH_SET_STORES, table->sets);
	if (size < 0)
		return (int)size;
	table->bank.store = 1 - table->bank.store % MESH_SET_STORES;
	table->bank.sets_size = (uint32_t)size;
	return 0;
}

static struct tables_maps tables_of(const struct map_registry *maps)
{
	return (struct tables_maps) { .near = map_registry_fd(maps, "mesh_near"),
		.lines = map_registry_fd(maps, "mesh_lines"),
		.shorts = map_registry_fd(maps, "mesh_shorts"),
		.control = map_registry_fd(maps, "mesh_filter_control") };
}

/* Makes a bank that is not in force one that no packet meets, and that few rules are written to at once: after a
 * change, or before the next if x0top was killed meanwhile. */
static int retire(const struct map_registry *maps, uint32_t number, bool prepare)
{
	const struct tables_maps tables = tables_of(maps);
	int banks = map_registry_fd(maps, "mesh_banks");
	struct mesh_bank bank;
	int error = map_value_read(banks, &number, &bank, sizeof(bank));

	if (error < 0)
		return error;
	if (bank.set == 0 && (!prepare || tables_retired(&tables, number)))
		return 0;
	error = tables_retire(&tables, number);
	bank.set = 0;
	return error < 0 ? error : map_value_write(banks, &number, &bank, sizeof(bank));
}

/* Puts compiled rules in force, with what they were compiled from. */
static int put(const struct map_registry *maps, struct rule_table *table, uint32_t set,
	const struct mesh_compiled *compiled)
{
	const struct tables_maps tables = tables_of(maps);
	uint32_t number = set % MESH_BANKS;
	int error = retire(maps, number, false);

	if (error == 0)
		error = tables_write(compiled, &tables);
	if (error == 0)
		error = write_sets(maps, table);
	if (error == 0)
		error = write_bank(maps, table, number, set);
	if (error == 0)
		error = switches_begin(maps, number, table->rules);
	if (error == 0)
		error = tables_put(tables.control, set);
	if (error == 0)
		(void)retire(maps, 1 - number, true); /* else the next change does it */
	return error;
}

/* Numbers begin anywhere: those of a filter that was loaded again are others. */
static uint32_t next_set(uint32_t set)
{
	if (set == 0 && getrandom(&set, sizeof(set), 0) != sizeof(set))
		set = 0;
	return set >= UINT32_MAX - 1 ? MESH_BANKS + (set + 1) % MESH_BANKS : set + 1;
}

static int put_with(const struct map_registry *maps, struct rule_table *table,
	const struct mesh_sets *sets, struct failure *failure)
{
	uint32_t set = next_set(table->bank.set), number = set % MESH_BANKS;
	struct mesh_compiled compiled;

	/* The kernel tells flows of other rules by it: it goes on from all switches before, and
	 * from the times at which rules expired. */
	table->bank.generation += switches_sum(maps) + MESH_RULES_MAX + 1;
	table->bank.generation += table->bank.generation == 0;
	table->bank.interfaces = sum_interfaces(table);
	int error = compile(maps, table, sets, number, &compiled, failure);
	if (error < 0)
		return error;
	error = put(maps, table, set, &compiled);
	mesh_compiled_free(&compiled);
	table->number = number;
	return error < 0 ? refused(error, failure) : 0;
}

int rule_table_put(
	const struct map_registry *maps, struct rule_table *table, struct failure *failure)
{
	struct mesh_sets *read = NULL;
	int error = begin_rules(maps, table);

	if (error < 0)
		return refused(error, failure);
	if (table->sets == NULL)
		read = rule_table_sets(maps, table, &error);
	if (error < 0)
		return failure_set(failure, error, "Cannot read the sets of the mesh rules: %s",
			strerror(-error));
	error = put_with(maps, table, table->sets != NULL ? table->sets : read, failure);
	sets_free(read);
	return error;
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
