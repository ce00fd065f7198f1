/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells whether rules let a connection go on: that of the operator who changes them. */
#ifndef X0_MESH_LOCKOUT_H
#define X0_MESH_LOCKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "mesh/sets.h"
#include "xdp_mesh_filter.h"

/* A whole table, as it is or would be in force. */
struct lockout_table {
	const struct mesh_rule *rules; /* MESH_RULES_MAX */
	uint32_t policy;
	const struct mesh_sets *sets; /* NULL: their elements are unknown */
};

#define LOCKOUT_NONE   (-1) /* the connection goes on */
#define LOCKOUT_POLICY (-2) /* the policy would drop it */

/*
 * Returns the number of the rule that may drop packets of a TCP connection from `address` (IPv4 or IPv6 in
 * text) to the local port `port`, or ARP or neighbour discovery, by which the way to that address is found; or
 * LOCKOUT_*. What is unknown here counts for the worse: the sender's MAC address and port, the interface, the VLAN,
 * and what a set will hold that follows something. A limit below 100 packets/s or 1 Mbit/s starves a connection, and
 * counts as if it dropped it; others let it go on.
 */
int lockout_find(const struct lockout_table *table, const char *address, uint16_t port);

/*
 * Returns as lockout_find() of `after`, of connections that `before` passes: the connection is there, so that of rules
 * that were there before, those that would have dropped it do not match it, and one that is needed to pass it does.
 * One that `before` drops in any case goes on if nothing else drops it. `before` NULL: nothing was dropped.
 */
int lockout_compare(const struct lockout_table *before, const struct lockout_table *after,
	const char *address, uint16_t port);

#endif
