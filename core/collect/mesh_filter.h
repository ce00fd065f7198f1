/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_mesh_filter's maps -> the mesh part of a snapshot. */
#ifndef X0_COLLECT_MESH_FILTER_H
#define X0_COLLECT_MESH_FILTER_H

#include "collect/percpu.h"
#include "kernel/map_registry.h"
#include "model/snapshot.h"

/*
 * Fills now->mesh; rates are against `before`, which may be NULL. `rules` is room for
 * MESH_RULES_MAX rules that the caller keeps. Returns 0 or a negative errno.
 */
int collect_mesh_filter(const struct percpu *percpu, const struct map_registry *maps,
	struct mesh_rule *rules, const struct snapshot *before, struct snapshot *now);

#endif
