/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides about a packet by mesh rules, one after the other, as plainly as possible: the reference for the
 * compiled rules, with which it shares no code.
 */
#ifndef X0_TESTS_MESH_MODEL_H
#define X0_TESTS_MESH_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "mesh/elements.h"
#include "tests/lib/packet_model.h"
#include "xdp_mesh_filter.h"

struct mesh_verdict {
	int rule; /* its place; -1: none matches */
	bool drop; /* limits have room */
	bool unreadable; /* dropped as such */
	uint32_t n_counted;
	uint32_t counted[MESH_COUNTS_MAX]; /* places of the counting rules before it */
};

/* `ifindex`: where the packet comes in, and `named`: the index of a rule's interface; `now`:
 * CLOCK_BOOTTIME. */
void mesh_model_decide(const struct mesh_rule *rules, const struct mesh_elements *sets,
	uint32_t policy, const struct packet_model *packet, uint32_t ifindex,
	uint32_t (*named)(const char *name), uint64_t now, struct mesh_verdict *verdict);

#endif
