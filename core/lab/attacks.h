/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a node of the lab that was taken over sends to this host's protected port. It is on the path
 * from elm, and so has elm's packets to alter and to send again; its own identity is trusted.
 */
#ifndef X0_LAB_ATTACKS_H
#define X0_LAB_ATTACKS_H

#include "base/failure.h"
#include "lab/topology.h"

#define ATTACKER      NODE_CEDAR
#define ATTACK_VICTIM NODE_ELM
#define ATTACK_LINK   "to-elm" /* of the attacker */

struct traffic_node;
struct flow_state;

/* Opens what attacks need, in the attacker's node. Returns 0, or a negative errno with *failure set. */
int attacks_open(struct traffic_node *node, struct failure *failure);

/* Sends one attack, FLOW_ATTACKS or behind it; nothing while no packet of the victim has been seen. */
void attack_send(struct traffic_node *node, struct flow_state *state);

#endif
