/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The topology of the lab's mesh: nodes, links, addresses and routes. Addresses number nodes from 1.
 * cedar was taken over and attacks:
 *
 *	x0 ---- mesh0 ---- alder ------ cedar ----.
 *	 | `--- mesh1 ---- birch ------ dogwood -- elm
 *	 `----- mesh2 ---- thistle (a scanner)
 */
#ifndef X0_LAB_TOPOLOGY_H
#define X0_LAB_TOPOLOGY_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"

enum lab_node {
	NODE_X0, /* this host's end */
	NODE_ALDER,
	NODE_BIRCH,
	NODE_CEDAR,
	NODE_DOGWOOD,
	NODE_ELM,
	NODE_THISTLE,
	LAB_NODES,
};

/* A veth pair: end 0 in nodes[0], end 1 in nodes[1]. */
struct lab_link {
	uint8_t nodes[2]; /* enum lab_node */
	const char *interfaces[2];
};

#define LAB_LINKS 7

extern const struct lab_link lab_links[LAB_LINKS];

const char *node_name(enum lab_node node);

/* Return 10.88.N.1 and fd88:0:0:N::1. A node's prefixes are 10.88.N.0/24 and fd88:0:0:N::/64. */
struct in_addr node_address4(enum lab_node node);
struct in6_addr node_address6(enum lab_node node);

/* Sets the MAC address of a node's end of a link. */
void node_mac(enum lab_node node, unsigned int link, uint8_t mac[6]);

/*
 * Creates the veth pairs between the network namespaces of the processes `pids`, one per node. Returns
 * 0, or a negative errno with *failure set.
 */
int topology_create_links(const pid_t pids[LAB_NODES], struct failure *failure);

/*
 * Configure the current network namespace for a node: topology_prepare() sets the kernel's settings
 * before there are interfaces, topology_configure() sets addresses, routes and links up. Return 0, or a
 * negative errno with *failure set.
 */
int topology_prepare(struct failure *failure);
int topology_configure(enum lab_node node, struct failure *failure);

/* Finds the interfaces of `node` in the current namespace, by link; 0 for links of others. Returns 0 or
 * a negative errno. */
int topology_find_links(enum lab_node node, uint32_t ifindexes[LAB_LINKS]);

#endif
