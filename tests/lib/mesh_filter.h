/* SPDX-License-Identifier: BSD-2-Clause */
/* The mesh filter, enforcing, with the maps by which x0top changes its rules. Aborts the test on failure. */
#ifndef X0_TESTS_MESH_FILTER_H
#define X0_TESTS_MESH_FILTER_H

#include "kernel/map_registry.h"

struct mesh_filter_loaded {
	struct bpf_object *object;
	struct map_registry registry;
	int program;
};

void mesh_filter_load(struct mesh_filter_loaded *filter);
void mesh_filter_unload(struct mesh_filter_loaded *filter);

#endif
