/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attacks of a lab node that was taken over, against this host's protected port. It is on elm's
 * path and alters and replays elm's packets; its own identity is trusted.
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

/* Makes a packet socket receive only UDP over IPv4 without options to the protected port. Returns 0 or -1
 * with errno set. */
int attacks_filter_packets(int file);

/* Opens the sockets for attacks in the attacker's node. Returns 0, or a negative errno with
 * *failure set. */
int attacks_open(struct traffic_node *node, struct failure *failure);

/* Sends one attack, of kind FLOW_ATTACKS or above; nothing before a packet of the victim was
 * seen. */
void attack_send(struct traffic_node *node, struct flow_state *state);

#endif
