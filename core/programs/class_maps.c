// SPDX-License-Identifier: BSD-2-Clause
#include "programs/class_maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "kernel/cgroup.h"
#include "kernel/map_value.h"
#include "mesh/rule_table.h"
#include "mesh/tables.h"

static uint32_t interface_index(const char *name)
{
	return if_nametoindex(name);
}

static uint64_t sum_interfaces(const struct class_lines *lines)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < lines->n; i++) {
		const struct mesh_rule *rule = &lines->lines[i].rule;
		if (rule->conditions >> MESH_BY_INTERFACE & 1)
			sum += (uint64_t)if_nametoindex(rule->interface) * (i + 1);
	}
	return sum;
}

static uint64_t sum_cgroups(const struct class_lines *lines)
{
	const char *paths[CLASS_CGROUPS_MAX];
	uint64_t sum = 0, id;
	int n = classes_cgroups(lines, paths);

	for (int i = 0; i < n; i++)
		if (cgroup_id(paths[i], &id) == 0)
			sum += id * (uint64_t)(i + 1);
	return sum;
}

static void say_no_cgroup(const char *path, struct failure *unmet)
{
	if (unmet->error < 0)
		return;
	if (!cgroup_known())
		failure_set(unmet, -ENOTSUP, "This kernel does not tell the cgroup of a packet");
	else
		failure_set(unmet, -ENOENT,
			"A line of the classes names a cgroup that is not there: %s", path);
}

/* Enters the cgroups for the lines that will be in force. */
static int put_cgroups(const struct map_registry *maps, const struct class_lines *lines,
	uint32_t generation, struct failure *unmet)
{
	const char *paths[CLASS_CGROUPS_MAX];
	int map = map_registry_fd(maps, "class_cgroups"), n = classes_cgroups(lines, paths);

	for (int i = 0; i < n; i++) {
		struct class_cgroup_key key = { .generation = generation };
		const uint32_t number = (uint32_t)i + 1;
		if (!cgroup_known() || cgroup_id(paths[i], (uint64_t *)&key.id) < 0)
			say_no_cgroup(paths[i], unmet);
		else if (bpf_map_update_elem(map, &key, &number, BPF_ANY) < 0)
			return -errno;
	}
	return 0;
}

/* Forgets those of lines that are in force no more, or did not come to be. */
static void drop_cgroups(const struct map_registry *maps, uint32_t generation)
{
	int map = map_registry_fd(maps, "class_cgroups");
	struct class_cgroup_key old[8 * (CLASS_CGROUPS_MAX + 1)], key, *from = NULL;
	uint32_t n = 0;

	while (n < sizeof(old) / sizeof(old[0]) && bpf_map_get_next_key(map, from, &key) == 0) {
		old[n] = key;
		from = &old[n++];
	}
	for (uint32_t i = 0; i < n; i++)
		if (old[i].generation != generation)
			bpf_map_delete_elem(map, &old[i]);
}

static int64_t sets_version(const struct map_registry *maps, const struct class_lines *lines)
{
	int64_t version = classes_name_sets(lines) ? rule_table_version(maps) : 0;

	return version < 0 ? 0 : version;
}

/* Reads the sets of the mesh rules. Returns NULL if there are none. */
static struct mesh_sets *read_sets(const struct map_registry *maps, const struct class_lines *lines)
{
	struct rule_table *table = classes_name_sets(lines) ? malloc(sizeof(*table)) : NULL;
	struct mesh_sets *sets = NULL;
	int error = 0;

	if (table != NULL && rule_table_read(maps, table) == 0)
		sets = rule_table_sets(maps, table, &error);
	free(table);
	return sets;
}

/* Writes compiled lines beside those in force, and puts them there. */
static int put(const struct map_registry *maps, const struct mesh_compiled *compiled,
	const struct class_bank *bank)
{
	uint32_t zero = 0;
	int error = tables_put_map(
		compiled, map_registry_fd(maps, "class_lines"), map_registry_fd(maps, "class_set"));

	return error < 0 ? error
			 : map_value_write(
				   map_registry_fd(maps, "class_bank"), &zero, bank, sizeof(*bank));
}

/* Reads what is in force, and says what follows. Returns the generation of what is in *now. */
static int next_bank(const struct map_registry *maps, struct class_bank *bank, uint32_t *now)
{
	int map = map_registry_fd(maps, "class_bank");
	uint32_t zero = 0;

	if (map < 0)
		return map;
	int error = map_value_read(map, &zero, bank, sizeof(*bank));
	if (error < 0)
		return error;
	*now = bank->generation;
	bank->number = (bank->number + 1) % CLASS_BANKS;
	bank->generation += bank->generation + 1 == 0 ? 2 : 1;
	return 0;
}

static int refused(int error, struct failure *failure)
{
	return failure_set(failure, error, "The kernel refused the lines of the classes: %s",
		strerror(-error));
}

int class_maps_put(const struct map_registry *maps, const struct class_lines *lines,
	struct class_maps *state, struct failure *failure)
{
	struct class_source source = { .lines = lines, .ifindex = interface_index };
	struct class_maps made = { .sets = sets_version(maps, lines),
		.interfaces = sum_interfaces(lines),
		.cgroups = sum_cgroups(lines) };
	struct mesh_compiled compiled;
	struct class_bank bank;
	uint32_t in_force = 0;
	int error = next_bank(maps, &bank, &in_force);

	if (error < 0)
		return refused(error, failure);
	if (getrandom(&source.seed, sizeof(source.seed), 0) != sizeof(source.seed))
		return failure_set(failure, -EIO, "There is no random number for the classes");
	source.generation = bank.generation;
	source.bank = bank.number;
	struct mesh_sets *sets = read_sets(maps, lines);
	source.sets = sets;
	error = classes_compile(&source, &compiled, &made.unmet, failure);
	sets_free(sets);
	if (error < 0)
		return error;
	drop_cgroups(maps, in_force);
	error = put_cgroups(maps, lines, bank.generation, &made.unmet);
	if (error == 0)
		error = put(maps, &compiled, &bank);
	mesh_compiled_free(&compiled);
	if (error < 0)
		return refused(error, failure);
	drop_cgroups(maps, bank.generation);
	*state = made;
	return 0;
}

bool class_maps_are_old(const struct map_registry *maps, const struct class_lines *lines,
	const struct class_maps *state)
{
	return sets_version(maps, lines) != state->sets ||
	       (classes_name_interfaces(lines) && sum_interfaces(lines) != state->interfaces) ||
	       sum_cgroups(lines) != state->cgroups;
}
