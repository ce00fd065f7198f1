/* SPDX-License-Identifier: BSD-2-Clause */
/* State of a lab node's traffic: its sockets, services and flows. */
#ifndef X0_LAB_TRAFFIC_NODE_H
#define X0_LAB_TRAFFIC_NODE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "lab/flows.h"
#include "lab/scenes.h"
#include "lab/topology.h"

#define CONNECTIONS_MAX	  32 /* accepted at once */
#define READ_LEN	  16384
#define STREAM_TIMEOUT_MS 5000 /* without acknowledgement, before a connection is closed */

struct traffic_node;
struct lab_peer;
struct attacker;
struct tap;

/* A socket in the loop; file -1: none. `handle` may close this socket only. */
struct lab_socket {
	int file;
	struct traffic_node *node; /* set by lab_socket_watch(), like `source` */
	struct loop_source *source;
	bool echo;
	void (*handle)(struct traffic_node *node, struct lab_socket *sock);
	const struct flow *flow; /* of a client */
};

struct flow_state {
	struct lab_socket sock;
	const struct scene_flow *scene; /* NULL: of the traffic that is always there */
	int64_t due_ms;
	uint16_t sequence;
	uint32_t forged; /* packets from forged addresses so far */
};

struct traffic_node {
	enum lab_node self;
	uint32_t random;
	struct loop *loop;
	int scanner; /* raw IPv4 */
	int datagram; /* unconnected UDP */
	uint32_t ifindexes[LAB_LINKS]; /* 0: not a link of this node */
	struct lab_socket services[LAB_SERVICES];
	struct lab_socket hellos, originators;
	struct lab_peer *peer; /* NULL: it has none */
	struct attacker *attacker; /* NULL: it does not attack */
	struct tap *tap; /* NULL: nobody attacks its link */
	struct lab_socket connections[CONNECTIONS_MAX];
	struct scene_plan plan;
	int64_t began_ms;
	size_t n_flows;
	struct flow_state
		flows[]; /* lab_flows[], then scene_flows[]; flows of other nodes are never due */
};

/* Returns pseudo-random numbers, the same on every run, different in each node. */
uint32_t traffic_random(struct traffic_node *node);

/* Returns a node's address for an IPv6 socket; for version 4, the mapped form. */
struct sockaddr_in6 traffic_address(enum lab_node node, uint8_t version, uint16_t port);

int socket_set_option(int file, int level, int option, int value);
void socket_set_dscp(int file, uint8_t dscp);

/* Makes the loop call sock->handle on EPOLLIN or EPOLLOUT, in place of earlier events. Returns 0
 * or a negative errno. */
int lab_socket_watch(struct traffic_node *node, struct lab_socket *sock, uint32_t events);

/* Takes the socket out of the loop and closes it. Does nothing if there is none. */
void lab_socket_close(struct lab_socket *sock);

/* A handler that receives and ignores. */
void lab_socket_discard(struct traffic_node *node, struct lab_socket *sock);

/* Opens the node's services and the sockets for frames. Returns 0 or a negative errno. */
int services_open(struct traffic_node *node);

/* Sends one packet of a flow; opens a connection if there is none. */
void sender_send(struct traffic_node *node, struct flow_state *state);

#endif
