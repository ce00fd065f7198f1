/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the lab's traffic: a node, its sockets, and what serving and sending share. */
#ifndef X0_LAB_TRAFFIC_NODE_H
#define X0_LAB_TRAFFIC_NODE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "lab/flows.h"
#include "lab/topology.h"

#define CONNECTIONS_MAX	  32 /* accepted at once */
#define READ_LEN	  16384
#define STREAM_TIMEOUT_MS 5000 /* unacknowledged for so long, a connection is given up */

struct traffic_node;
struct lab_peer;
struct attacker;

/* A socket in the loop; file < 0: none. `handle` closes no endpoint but its own. */
struct lab_socket {
	int file;
	bool echo;
	void (*handle)(struct traffic_node *node, struct lab_socket *sock);
	const struct flow *flow; /* of a client */
};

struct flow_state {
	struct lab_socket sock;
	int64_t due_ms;
	uint16_t sequence;
};

struct traffic_node {
	enum lab_node self;
	uint32_t random;
	int epoll;
	int scanner; /* raw IPv4 */
	int datagram; /* unconnected UDP */
	uint32_t ifindexes[LAB_LINKS]; /* 0: not a link of this node */
	struct lab_socket services[LAB_SERVICES];
	struct lab_socket hellos, originators;
	struct lab_peer *peer; /* NULL: it is none */
	struct attacker *attacker; /* NULL: it is none */
	struct lab_socket connections[CONNECTIONS_MAX];
	struct flow_state flows[]; /* by index in lab_flows; those of other nodes are never due */
};

/* The same numbers on every run, and different ones from node to node. */
uint32_t traffic_random(struct traffic_node *node);

/* All sockets are of IPv6: with version 4, the address is a mapped one. */
struct sockaddr_in6 traffic_address(enum lab_node node, uint8_t version, uint16_t port);

int socket_set_option(int file, int level, int option, int value);
void socket_set_dscp(int file, uint8_t dscp);

/* Operation EPOLL_CTL_ADD or EPOLL_CTL_MOD, events EPOLLIN or EPOLLOUT. */
void lab_socket_watch(
	struct traffic_node *node, struct lab_socket *sock, int operation, uint32_t events);
void lab_socket_close(struct lab_socket *sock);

/* A handler for what is to be received but not looked at. */
void lab_socket_discard(struct traffic_node *node, struct lab_socket *sock);

/* Opens what the node serves and what it sends frames with. Returns 0 or a negative errno. */
int services_open(struct traffic_node *node);

/* Sends one packet of a flow, over a connection that is opened when there is none. */
void sender_send(struct traffic_node *node, struct flow_state *state);

#endif
