/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads whole keys of the flow table: the one place beside the kernel's that knows how they are laid out. */
#ifndef X0_MESH_FLOW_KEY_H
#define X0_MESH_FLOW_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "packet_headers.h"
#include "xdp_mesh_filter.h"

struct flow_key {
	struct packet_headers
		headers; /* but for `transport` and `dscp`, which are no part of a key */
	uint32_t ifindex;
	bool hiding; /* the headers hide addresses or ports from rules */
};

/* Returns whether a key has all fields, whatever rules look at. */
bool flow_key_is_whole(const __u64 key[MESH_FLOW_WORDS]);

/* Reads a whole key. */
void flow_key_read(const __u64 key[MESH_FLOW_WORDS], struct flow_key *flow);

/* Forgets what does not tell flows apart: which packets are fragments, malformed, of neighbour discovery
 * or DHCP. */
void flow_key_simplify(__u64 key[MESH_FLOW_WORDS]);

#endif
