/* SPDX-License-Identifier: BSD-2-Clause */
/* Elements of mesh sets. */
#ifndef X0_MESH_ELEMENTS_H
#define X0_MESH_ELEMENTS_H

#include <stdint.h>

#include "xdp_mesh_filter.h"

struct mesh_element {
	union {
		struct mesh_prefix prefix;
		__u8 mac[6];
		struct mesh_range ports;
		__u8 node[8];
	};
};

struct mesh_elements {
	uint32_t kind; /* enum mesh_set_kind */
	uint32_t n;
	const struct mesh_element *elements; /* not owned */
};

#endif
