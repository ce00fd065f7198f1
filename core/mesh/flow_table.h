/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the flow table of xdp_mesh_filter, and asks the kernel for whole keys. */
#ifndef X0_MESH_FLOW_TABLE_H
#define X0_MESH_FLOW_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/map_registry.h"
#include "kernel/percpu.h"
#include "mesh/talkers.h"

struct flow_table {
	int map; /* mesh_flows; not owned */
	uint32_t entries;
	int cpus;
	size_t flow_size; /* bytes of one on one CPU: of another version, more than a struct mesh_flow */
	void *flows; /* a batch, on all CPUs */
};

/* Returns the entries of the map, a power of two, or -ENOENT if the filter was never loaded. */
int flow_table_entries(const struct map_registry *maps);

/* Opens the table with room for a batch. Returns 0, to be closed by the caller, or a negative errno. */
int flow_table_open(
	const struct map_registry *maps, const struct percpu *percpu, struct flow_table *table);
void flow_table_close(struct flow_table *table);

/* Adds all flows to the sample that talkers_begin() began. Returns 0 or a negative errno. */
int flow_table_read(const struct flow_table *table, struct talkers *talkers);

/* Makes keys whole for `seconds` from now; 0: no longer. Returns 0 or a negative errno. */
int flow_table_look(const struct map_registry *maps, double seconds);

#endif
