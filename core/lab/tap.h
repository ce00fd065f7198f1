/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An attacker on the link between alder and this host: each packet of ATTACK_VICTIM to the protected port
 * waits with him, and goes on behind what he sends ahead of it.
 *
 * Ahead of data he sends a copy of it that this host's stack would drop: were it taken
 * for the packet, the packet would be a replay. Once this host knows the victim, he sends ahead of each
 * slice of a message the slice from an address of his own, and slices of messages that never end from
 * many others. (A node that is not known yet he could keep out: x0top-pqc(7).)
 */
#ifndef X0_LAB_TAP_H
#define X0_LAB_TAP_H

#include "base/failure.h"
#include "lab/topology.h"

#define TAP_NODE NODE_ALDER
#define TAP_FROM "to-cedar"
#define TAP_TO	 "to-x0"

struct traffic_node;

/* Opens the tap in its node. Returns 0, or a negative errno with *failure set. */
int tap_open(struct traffic_node *node, struct failure *failure);

#endif
