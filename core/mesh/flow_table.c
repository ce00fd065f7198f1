// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/flow_table.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "kernel/map_value.h"

enum { BATCH = 64 };

int flow_table_entries(const struct map_registry *maps)
{
	int map = map_registry_fd(maps, "mesh_flows");
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	if (map < 0)
		return map;
	return bpf_obj_get_info_by_fd(map, &info, &size) < 0 ? -errno : (int)info.max_entries;
}

int flow_table_open(
	const struct map_registry *maps, const struct percpu *percpu, struct flow_table *table)
{
	int entries = flow_table_entries(maps);

	if (entries < 0)
		return entries;
	table->map = map_registry_fd(maps, "mesh_flows");
	table->entries = (uint32_t)entries;
	table->cpus = percpu->cpus;
	int error = map_value_size(table->map, sizeof(struct mesh_flow), &table->flow_size);
	if (error < 0)
		return error;
	table->flows = calloc((size_t)BATCH * (size_t)percpu->cpus, table->flow_size);
	return table->flows != NULL ? 0 : -ENOMEM;
}

void flow_table_close(struct flow_table *table)
{
	free(table->flows);
	*table = (struct flow_table) { 0 };
}

/* Adds an entry on all CPUs, the one at a place of `flows`. */
static void add_entry(
	const struct flow_table *table, uint32_t entry, uint32_t place, struct talkers *talkers)
{
	const char *flows = (const char *)table->flows;

	for (uint32_t cpu = 0; cpu < (uint32_t)table->cpus; cpu++) {
		const size_t at = (size_t)place * (uint32_t)table->cpus + cpu;
		const struct mesh_flow *flow = (const void *)(flows + at * table->flow_size);
		if (flow->generation != 0)
			talkers_add(talkers, cpu * table->entries + entry, flow);
	}
}

/* Entry by entry: kernels before 5.13 (f008d732ab18) have no batches of per-CPU arrays. */
static int read_singly(const struct flow_table *table, uint32_t entry, struct talkers *talkers)
{
	for (; entry < table->entries; entry++) {
		if (bpf_map_lookup_elem(table->map, &entry, table->flows) < 0)
			return -errno;
		add_entry(table, entry, 0, talkers);
	}
	return 0;
}

int flow_table_read(const struct flow_table *table, struct talkers *talkers)
{
	uint32_t keys[BATCH], at, n = BATCH;

	for (uint32_t entry = 0; entry < table->entries; entry += n) {
		n = BATCH;
		/* -ENOENT says that the batch reached the end of the map. */
		if (bpf_map_lookup_batch(table->map, entry == 0 ? NULL : &at, &at, keys,
			    table->flows, &n, NULL) < 0 &&
			errno != ENOENT)
			return read_singly(table, entry, talkers);
		if (n == 0)
			break;
		for (uint32_t i = 0; i < n; i++)
			add_entry(table, keys[i], i, talkers);
	}
	return 0;
}

int flow_table_look(const struct map_registry *maps, double seconds)
{
	int map = map_registry_fd(maps, "mesh_looking");
	const struct mesh_looking looking = {
		.until_ns = clock_monotonic_ns() + (uint64_t)(seconds * 1e9),
		.dimensions = seconds > 0 ? ~0U : 0,
	};
	uint32_t zero = 0;

	if (map < 0)
		return map;
	return map_value_write(map, &zero, &looking, sizeof(looking));
}
