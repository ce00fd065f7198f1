/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a node of the lab: its services, and the flows that it sends. */
#ifndef X0_LAB_TRAFFIC_H
#define X0_LAB_TRAFFIC_H

#include "base/failure.h"
#include "lab/scenes.h"
#include "lab/topology.h"

struct traffic_node;

/*
 * Opens the services of a node in the current network namespace, which has its links; its scenes follow
 * `plan`. Returns 0 with *traffic, which lives as long as the process, or a negative errno with *failure set.
 */
int traffic_open(enum lab_node node, const struct scene_plan *plan, struct traffic_node **traffic,
	struct failure *failure);

/* Serves and sends until the process is killed. */
void traffic_run(struct traffic_node *traffic) __attribute__((noreturn));

#endif
