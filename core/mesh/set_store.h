/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps sets in the kernel: xdp_mesh_filter.h describes the map `mesh_sets`. */
#ifndef X0_MESH_SET_STORE_H
#define X0_MESH_SET_STORE_H

#include "kernel/map_registry.h"
#include "mesh/sets.h"

/* Reads the `size` bytes of a store. Returns the sets, to be freed by sets_free(); NULL with *error set to
 * -ENOMEM, -EBADMSG if they are not whole, or another negative errno. */
struct mesh_sets *set_store_read(
	const struct map_registry *maps, uint32_t store, uint32_t size, int *error);

/* Writes sets into a store that is not in force. Returns their size in bytes, 0 without sets, or a negative
 * errno. */
int64_t set_store_write(
	const struct map_registry *maps, uint32_t store, const struct mesh_sets *sets);

#endif
