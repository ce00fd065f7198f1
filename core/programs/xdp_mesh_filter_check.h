/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks the kernel what becomes of a frame: by the rules in force, and without a trace in their counts. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_CHECK_H
#define X0_PROGRAMS_XDP_MESH_FILTER_CHECK_H

#include "mesh/rule_table.h"
#include "packet_headers.h"
#include "programs/program.h"

struct mesh_verdict {
	int rule; /* place of the rule that decides; -ENOENT: none */
	bool dropped; /* while enforcing */
	bool unreadable; /* its headers hide from the rules */
	bool enforcing; /* the filter in force */
	uint32_t n_counted;
	uint32_t counted[MESH_COUNTS_MAX]; /* places of the rules that count it on its way */
	struct packet_headers headers; /* as the kernel read them */
};

/*
 * Lets a second mesh filter judge a frame that comes in by an interface, 0: loopback. It is loaded for that
 * alone: it has the compiled rules and the switches in common with the one in force, and its own counts,
 * flows and limits. `table`: the rules in force. Returns 0, or a negative errno with *failure set.
 */
int mesh_check_frame(const struct program_context *context, const struct rule_table *table,
	const void *frame, size_t size, uint32_t ifindex, struct mesh_verdict *verdict,
	struct failure *failure);

#endif
