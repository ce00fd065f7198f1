/* SPDX-License-Identifier: BSD-2-Clause */
/* Explains why a rule matches a packet: condition by condition. */
#ifndef X0_MESH_EXPLAIN_H
#define X0_MESH_EXPLAIN_H

#include "mesh/sets.h"
#include "packet_headers.h"

enum { EXPLAIN_LEN = 128 };

struct explained {
	char condition[EXPLAIN_LEN]; /* "from @blocked" */
	char value[EXPLAIN_LEN]; /* of the packet: "10.9.0.4" */
	char element
		[EXPLAIN_LEN]; /* of the set, that holds it; empty: the condition names no set */
};

/*
 * Explains the conditions of a rule, in their order, into `list`, MESH_DIMENSIONS of them. `interface`: where
 * the packet came in. Returns their number.
 */
uint32_t explain_rule(const struct mesh_rule *rule, const struct mesh_sets *sets,
	const struct packet_headers *headers, const char *interface, struct explained *list);

#endif
