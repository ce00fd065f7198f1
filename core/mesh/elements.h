/* SPDX-License-Identifier: BSD-2-Clause */
/* Elements of mesh sets. */
#ifndef X0_MESH_ELEMENTS_H
#define X0_MESH_ELEMENTS_H

#include <stdint.h>

#include "xdp_mesh_filter.h"

enum mesh_set_kind {
	MESH_SET_PREFIXES,
	MESH_SET_MACS,
	MESH_SET_PORTS,
	MESH_SET_KINDS,
};

struct mesh_element {
	union {
		struct mesh_prefix prefix;
		__u8 mac[6];
		struct mesh_range ports;
	};
};

struct mesh_elements {
	uint32_t kind; /* enum mesh_set_kind */
	uint32_t n;
	const struct mesh_element *elements; /* not owned */
};

#endif
