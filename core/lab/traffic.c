// SPDX-License-Identifier: BSD-2-Clause
#include "lab/traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/attacks.h"
#include "lab/peers.h"
#include "lab/traffic_node.h"

#define EVENTS_MAX 16

/* xorshift32 (Marsaglia, 2003). */
uint32_t traffic_random(struct traffic_node *node)
{
	node->random ^= node->random << 13;
	node->random ^= node->random >> 17;
	node->random ^= node->random << 5;
	return node->random;
}

struct sockaddr_in6 traffic_address(enum lab_node node, uint8_t version, uint16_t port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (version == 6) {
		address.sin6_addr = node_address6(node);
	} else {
		struct in_addr address4 = node_address4(node);
		memset(&address.sin6_addr.s6_addr[10], 0xff, 2);
		memcpy(&address.sin6_addr.s6_addr[12], &address4, sizeof(address4));
	}
	return address;
}

int socket_set_option(int file, int level, int option, int value)
{
	return setsockopt(file, level, option, &value, sizeof(value));
}

void socket_set_dscp(int file, uint8_t dscp)
{
	socket_set_option(file, IPPROTO_IP, IP_TOS, dscp << 2);
	socket_set_option(file, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
}

void endpoint_watch(
	struct traffic_node *node, struct endpoint *endpoint, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = endpoint };

	epoll_ctl(node->epoll, operation, endpoint->file, &event);
}

void endpoint_close(struct endpoint *endpoint)
{
	if (endpoint->file >= 0)
		close(endpoint->file);
	endpoint->file = -1;
}

void endpoint_discard(struct traffic_node *node, struct endpoint *endpoint)
{
	char data[READ_LEN];

	(void)node;
	recv(endpoint->file, data, sizeof(data), MSG_DONTWAIT);
}

/* Sends what is due of the flows, and returns how long there is nothing more to send, in milliseconds. */
static int send_due(struct traffic_node *node)
{
	int64_t now = clock_monotonic_ms(), next = INT64_MAX;

	for (size_t i = 0; i < n_lab_flows; i++) {
		struct flow_state *state = &node->flows[i];
		const struct flow *flow = &lab_flows[i];

		if (state->due_ms <= now) {
			for (int n = 0; n < flow->burst; n++)
				sender_send(node, state);
			state->due_ms = now + flow->period_ms * 3 / 4 +
					traffic_random(node) % (flow->period_ms / 2u + 1);
		}
		if (state->due_ms < next)
			next = state->due_ms;
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}

static struct traffic_node *new_node(enum lab_node self)
{
	struct traffic_node *node = calloc(1, sizeof(*node) + n_lab_flows * sizeof(node->flows[0]));

	if (!node)
		return NULL;
	node->self = self;
	node->random = (uint32_t)self + 1;
	node->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		node->connections[i].file = -1;
	for (size_t i = 0; i < n_lab_flows; i++) {
		node->flows[i].endpoint.file = -1;
		node->flows[i].endpoint.flow = &lab_flows[i];
		/* Flows begin one after the other, within a period of each. */
		node->flows[i].due_ms = INT64_MAX;
		if (lab_flows[i].from == self)
			node->flows[i].due_ms = clock_monotonic_ms() +
						traffic_random(node) % lab_flows[i].period_ms;
	}
	return node;
}

int traffic_open(enum lab_node self, struct traffic_node **traffic, struct failure *failure)
{
	struct traffic_node *node = new_node(self);
	int error = node ? 0 : -ENOMEM;

	if (!error)
		error = node->epoll < 0 ? -errno : topology_find_links(self, node->ifindexes);
	if (!error)
		error = services_open(node);
	if (error) {
		free(node); /* its sockets go with the process of the node */
		return failure_set(failure, error, "The lab's node %s cannot open its sockets: %s",
			node_name(self), strerror(-error));
	}
	*traffic = node;
	error = lab_peer_open(node, failure);
	return error ? error : attacks_open(node, failure);
}

/* Does all that is due, and returns how long there is nothing more, in milliseconds; -1: for ever. */
static int work(struct traffic_node *node)
{
	int flows = send_due(node), peer = lab_peer_work(node);

	if (flows < 0 || peer < 0)
		return flows < 0 ? peer : flows;
	return flows < peer ? flows : peer;
}

void traffic_run(struct traffic_node *node)
{
	for (;;) {
		struct epoll_event events[EVENTS_MAX];
		int n = epoll_wait(node->epoll, events, EVENTS_MAX, work(node));

		for (int i = 0; i < n; i++) {
			struct endpoint *endpoint = events[i].data.ptr;
			endpoint->handle(node, endpoint);
		}
	}
}
