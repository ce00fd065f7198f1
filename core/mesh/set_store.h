/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps sets in the kernel: xdp_mesh_filter.h describes the map `mesh_sets`. */
#ifndef X0_MESH_SET_STORE_H
#define X0_MESH_SET_STORE_H

#include "kernel/map_registry.h"
#include "mesh/sets.h"

/* Writes sets as bytes, to be freed by the caller; NULL without memory. */
uint8_t *set_store_pack(const struct mesh_sets *sets, size_t *size);

/* Reads such bytes into `sets`, zeroed, to be freed also if it fails. Returns 0, -ENOMEM, or -EBADMSG if they
 * are not whole. */
int set_store_unpack(const uint8_t *bytes, size_t size, struct mesh_sets *sets);

/* Reads the `size` bytes of a store. Returns the sets, to be freed by sets_free(); NULL with *error set to
 * -ENOMEM, -EBADMSG if they are not whole, or another negative errno. */
struct mesh_sets *set_store_read(
	const struct map_registry *maps, uint32_t store, uint32_t size, int *error);

/* Writes sets into a store that is not in force. Returns their size in bytes, 0 without sets, or a negative
 * errno: -EFBIG, with nothing written, if they are more than the map was made for. */
int64_t set_store_write(
	const struct map_registry *maps, uint32_t store, const struct mesh_sets *sets);

#endif
