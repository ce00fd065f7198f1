/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks which mesh rule in force decides about a packet. */
#ifndef X0_CONTROL_CHECK_H
#define X0_CONTROL_CHECK_H

#include "control/orchestrator.h"
#include "programs/class_check.h"
#include "programs/xdp_mesh_filter_check.h"

struct mesh_checked {
	struct mesh_verdict verdict;
	struct rule_table *table; /* the rules and sets that were asked */
	struct mesh_sets *sets;
};

/* Lets the kernel judge a frame that comes in by an interface, 0: by none: see mesh_check_frame(). Returns 0
 * with *checked to be freed, or a negative errno with *failure set. */
int orchestrator_check(const struct orchestrator *orchestrator, const void *frame, size_t size,
	uint32_t ifindex, struct mesh_checked *checked, struct failure *failure);

/* Lets the kernel tell which line of the traffic classes decides: see class_check(). */
int orchestrator_check_class(const struct orchestrator *orchestrator,
	const struct class_lines *lines, const struct class_packet *packet,
	struct class_checked *checked, struct failure *failure);

void mesh_checked_free(struct mesh_checked *checked);

#endif
