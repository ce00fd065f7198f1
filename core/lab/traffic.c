// SPDX-License-Identifier: BSD-2-Clause
#include "lab/traffic.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lab/flows.h"
#include "lab/frames.h"

#define CONNECTIONS_MAX	  32 /* accepted at once */
#define EVENTS_MAX	  16
#define READ_LEN	  16384
#define STREAM_TIMEOUT_MS 5000 /* unacknowledged for so long, a connection is given up */
#define SCAN_SOURCE_PORT  40000
#define SCAN_PORTS	  1024 /* a scan begins below it */
#define BABEL_DSCP	  48 /* CS6 (RFC 8966, section 4) */
#define LOSS_ONE_IN	  32

struct traffic_node;

/* A file descriptor in the loop; file < 0: none. */
struct endpoint {
	int file;
	bool echo;
	void (*handle)(struct traffic_node *node, struct endpoint *endpoint);
	const struct flow *flow; /* of a client */
};

struct flow_state {
	struct endpoint endpoint;
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
	struct endpoint services[LAB_SERVICES];
	struct endpoint hellos, originators;
	struct endpoint connections[CONNECTIONS_MAX];
	struct flow_state flows[]; /* by index in lab_flows; those of other nodes are never due */
};

static const uint8_t payload[FLOW_SIZE_MAX];

/* --- help ----------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* xorshift32 (Marsaglia, 2003): the same on every run, and different from node to node. */
static uint32_t next_random(struct traffic_node *node)
{
	node->random ^= node->random << 13;
	node->random ^= node->random >> 17;
	node->random ^= node->random << 5;
	return node->random;
}

/* All sockets are of IPv6: an IPv4 address is a mapped one. */
static struct sockaddr_in6 socket_address(enum lab_node node, uint8_t version, uint16_t port)
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

static int set_option(int file, int level, int option, int value)
{
	return setsockopt(file, level, option, &value, sizeof(value));
}

static void set_dscp(int file, uint8_t dscp)
{
	set_option(file, IPPROTO_IP, IP_TOS, dscp << 2);
	set_option(file, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
}

static void watch(
	struct traffic_node *node, struct endpoint *endpoint, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = endpoint };

	epoll_ctl(node->epoll, operation, endpoint->file, &event);
}

static void close_endpoint(struct endpoint *endpoint)
{
	if (endpoint->file >= 0)
		close(endpoint->file);
	endpoint->file = -1;
}

/* --- serving -------------------------------------------------------------------------------- */

static void serve_stream(struct traffic_node *node, struct endpoint *endpoint)
{
	char data[READ_LEN];
	ssize_t size = recv(endpoint->file, data, sizeof(data), MSG_DONTWAIT);

	(void)node;
	if (size == 0 || (size < 0 && errno != EAGAIN))
		close_endpoint(endpoint);
	else if (size > 0 && endpoint->echo)
		send(endpoint->file, data, (size_t)size, MSG_DONTWAIT);
}

static void serve_datagram(struct traffic_node *node, struct endpoint *endpoint)
{
	struct sockaddr_in6 from;
	socklen_t from_size = sizeof(from);
	char data[READ_LEN];
	ssize_t size = recvfrom(endpoint->file, data, sizeof(data), MSG_DONTWAIT,
		(struct sockaddr *)&from, &from_size);

	(void)node;
	if (size >= 0 && endpoint->echo)
		sendto(endpoint->file, data, (size_t)size, MSG_DONTWAIT, (struct sockaddr *)&from,
			from_size);
}

static void discard(struct traffic_node *node, struct endpoint *endpoint)
{
	char data[READ_LEN];

	(void)node;
	recv(endpoint->file, data, sizeof(data), MSG_DONTWAIT);
}

static void accept_stream(struct traffic_node *node, struct endpoint *listener)
{
	int file = accept4(listener->file, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	for (int i = 0; file >= 0 && i < CONNECTIONS_MAX; i++) {
		struct endpoint *connection = &node->connections[i];
		if (connection->file >= 0)
			continue;
		*connection = (struct endpoint) {
			.file = file,
			.echo = listener->echo,
			.handle = serve_stream,
		};
		watch(node, connection, EPOLL_CTL_ADD, EPOLLIN);
		return;
	}
	if (file >= 0)
		close(file);
}

/*
 * Loses a segment now and then between IP and TCP, as a bad link would: to the sender it is lost
 * for good, and it repeats it. (netem is missing on many kernels.)
 */
static int attach_loss(int file)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM)),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, LOSS_ONE_IN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog program = {
		.len = sizeof(instructions) / sizeof(instructions[0]),
		.filter = instructions,
	};

	return setsockopt(file, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* Connections inherit all options of their listener. */
static int prepare_listener(int file, const struct service *service)
{
	if (set_option(file, SOL_SOCKET, SO_REUSEADDR, 1) < 0 ||
		set_option(file, SOL_SOCKET, SO_KEEPALIVE, 1) < 0 ||
		set_option(file, IPPROTO_TCP, TCP_KEEPIDLE, 30) < 0 ||
		set_option(file, IPPROTO_TCP, TCP_USER_TIMEOUT, STREAM_TIMEOUT_MS) < 0 ||
		set_option(file, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
		return -1;
	return service->lossy ? attach_loss(file) : 0;
}

static int open_service(
	struct traffic_node *node, const struct service *service, struct endpoint *endpoint)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(service->port) };
	bool stream = service->protocol == IPPROTO_TCP;
	int file =
		socket(AF_INET6, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC,
			service->protocol);

	endpoint->file = file;
	endpoint->echo = service->echo;
	endpoint->handle = stream ? accept_stream : serve_datagram;
	if (file < 0 || set_option(file, IPPROTO_IPV6, IPV6_V6ONLY, 0) < 0 ||
		(stream && prepare_listener(file, service) < 0) ||
		bind(file, (struct sockaddr *)&any, sizeof(any)) < 0 ||
		(stream && listen(file, SOMAXCONN) < 0))
		return -errno;
	set_dscp(file, service->dscp);
	watch(node, endpoint, EPOLL_CTL_ADD, EPOLLIN);
	return 0;
}

/* Nodes hear the announcements of their neighbours; what they do with them is none of the lab's. */
static int open_hellos(struct traffic_node *node)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(BABEL_PORT) };
	struct ipv6_mreq membership = { .ipv6mr_multiaddr.s6_addr = BABEL_GROUP };
	int file = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	node->hellos.file = file;
	node->hellos.handle = discard;
	if (file < 0 || set_option(file, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) < 0 ||
		bind(file, (struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	set_dscp(file, BABEL_DSCP);
	for (int link = 0; link < LAB_LINKS; link++) {
		membership.ipv6mr_interface = node->ifindexes[link];
		if (node->ifindexes[link] && setsockopt(file, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,
						     &membership, sizeof(membership)) < 0)
			return -errno;
	}
	watch(node, &node->hellos, EPOLL_CTL_ADD, EPOLLIN);
	return 0;
}

static int open_frames(struct traffic_node *node)
{
	node->originators.handle = discard;
	node->originators.file =
		socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETHERTYPE_BATMAN));
	/* With IPPROTO_RAW it sends whole packets and receives none. */
	node->scanner = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
	node->datagram = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (node->originators.file < 0 || node->scanner < 0 || node->datagram < 0)
		return -errno;
	watch(node, &node->originators, EPOLL_CTL_ADD, EPOLLIN);
	return 0;
}

/* --- sending -------------------------------------------------------------------------------- */

static void handle_stream_client(struct traffic_node *node, struct endpoint *endpoint)
{
	char data[READ_LEN];
	ssize_t size = recv(endpoint->file, data, sizeof(data), MSG_DONTWAIT);

	(void)node;
	if (size == 0 || (size < 0 && errno != EAGAIN))
		close_endpoint(endpoint);
}

/* The connection is there, or was refused: send the request, and wait for the end of the answer. */
static void handle_request_client(struct traffic_node *node, struct endpoint *endpoint)
{
	if (send(endpoint->file, payload, endpoint->flow->size, MSG_DONTWAIT) < 0) {
		close_endpoint(endpoint);
		return;
	}
	shutdown(endpoint->file, SHUT_WR);
	endpoint->handle = handle_stream_client;
	watch(node, endpoint, EPOLL_CTL_MOD, EPOLLIN);
}

/* A connected (or connecting) socket to the service of a flow. */
static void open_client(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->endpoint.flow;
	const struct service *service = &lab_services[flow->service];
	struct sockaddr_in6 to = socket_address(flow->to, flow->version, service->port);
	bool stream = service->protocol == IPPROTO_TCP;
	int file = socket(
		AF_INET6, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (file < 0)
		return;
	set_dscp(file, service->dscp);
	if (stream) {
		set_option(file, IPPROTO_TCP, TCP_NODELAY, 1);
		set_option(file, IPPROTO_TCP, TCP_USER_TIMEOUT, STREAM_TIMEOUT_MS);
	}
	state->endpoint.file = file;
	if (connect(file, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) {
		close_endpoint(&state->endpoint);
		return;
	}
	state->endpoint.handle = !stream		      ? discard
				 : flow->kind == FLOW_REQUEST ? handle_request_client
							      : handle_stream_client;
	watch(node, &state->endpoint, EPOLL_CTL_ADD,
		flow->kind == FLOW_REQUEST ? EPOLLOUT : EPOLLIN);
}

static void send_datagram(struct traffic_node *node, struct flow_state *state)
{
	if (state->endpoint.file < 0)
		open_client(node, state);
	send(state->endpoint.file, payload, state->endpoint.flow->size, MSG_DONTWAIT);
}

static void send_stream(struct traffic_node *node, struct flow_state *state)
{
	if (state->endpoint.file < 0) {
		open_client(node, state);
		return;
	}
	if (send(state->endpoint.file, payload, state->endpoint.flow->size, MSG_DONTWAIT) < 0 &&
		errno != EAGAIN)
		close_endpoint(&state->endpoint);
}

static void send_request(struct traffic_node *node, struct flow_state *state)
{
	/* One that was never answered has had its time. */
	close_endpoint(&state->endpoint);
	open_client(node, state);
}

static void open_ping(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->endpoint.flow;
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_addr = node_address4(flow->to) };
	struct sockaddr_in6 to6 = socket_address(flow->to, 6, 0);
	bool ipv6 = flow->version == 6;
	int file = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

	state->endpoint.file = file;
	state->endpoint.handle = discard;
	if (file < 0 || (ipv6 ? connect(file, (struct sockaddr *)&to6, sizeof(to6))
			      : connect(file, (struct sockaddr *)&to4, sizeof(to4))) < 0)
		close_endpoint(&state->endpoint);
	else
		watch(node, &state->endpoint, EPOLL_CTL_ADD, EPOLLIN);
}

static void send_ping(struct traffic_node *node, struct flow_state *state)
{
	/* ICMPv6 has the same header (RFC 4443); identifier and checksum come from the kernel. */
	struct {
		struct icmphdr header;
		uint8_t data[FLOW_SIZE_MAX];
	} echo = { .header.type = ICMP_ECHO };
	const struct flow *flow = state->endpoint.flow;

	if (flow->version == 6)
		echo.header.type = ICMP6_ECHO_REQUEST;
	echo.header.un.echo.sequence = htons(state->sequence++);
	if (state->endpoint.file < 0)
		open_ping(node, state);
	send(state->endpoint.file, &echo, sizeof(echo.header) + flow->size, MSG_DONTWAIT);
}

static void send_hello(struct traffic_node *node, struct flow_state *state)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(BABEL_PORT),
		.sin6_addr.s6_addr = BABEL_GROUP,
	};
	uint8_t frame[FRAME_LEN_MAX];
	size_t size = frame_hello(frame, state->sequence++, state->endpoint.flow->period_ms);

	for (int link = 0; link < LAB_LINKS; link++) {
		to.sin6_scope_id = node->ifindexes[link];
		if (node->ifindexes[link])
			sendto(node->hellos.file, frame, size, MSG_DONTWAIT, (struct sockaddr *)&to,
				sizeof(to));
	}
}

static void send_frame(struct traffic_node *node, int link, const uint8_t *frame, size_t size)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)node->ifindexes[link],
	};

	/* The ethertype as it stands in the frame. */
	memcpy(&to.sll_protocol, frame + 2 * ETHER_ADDR_LEN, sizeof(to.sll_protocol));
	sendto(node->originators.file, frame, size, MSG_DONTWAIT, (struct sockaddr *)&to,
		sizeof(to));
}

static void send_originator(struct traffic_node *node, struct flow_state *state)
{
	const uint8_t forged[] = FORGED_MAC;
	uint8_t frame[FRAME_LEN_MAX];
	uint8_t mac[6];

	for (int link = 0; link < LAB_LINKS; link++) {
		if (!node->ifindexes[link])
			continue;
		node_mac(node->self, (unsigned int)link, mac);
		size_t size = frame_originator(frame,
			state->endpoint.flow->kind == FLOW_FORGED ? forged : mac, state->sequence);
		send_frame(node, link, frame, size);
	}
	state->sequence++;
}

static void send_tagged(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->endpoint.flow;
	const struct service *service = &lab_services[SERVICE_LOG];
	struct frame_endpoint source = { .port = service->port };
	struct frame_endpoint destination = { .port = service->port };
	uint8_t frame[FRAME_LEN_MAX];

	source.address = node_address4(flow->from);
	destination.address = node_address4(flow->to);
	for (int link = 0; link < LAB_LINKS; link++) {
		const uint8_t *ends = lab_links[link].nodes;
		if (!node->ifindexes[link] || (ends[0] != flow->to && ends[1] != flow->to))
			continue;
		node_mac(flow->from, (unsigned int)link, source.mac);
		node_mac(flow->to, (unsigned int)link, destination.mac);
		size_t size = frame_tagged(frame, &source, &destination, service->dscp, flow->size);
		send_frame(node, link, frame, size);
	}
}

/* The next port of a scan; now and then a new one begins. */
static uint16_t next_port(struct traffic_node *node, struct flow_state *state)
{
	if (state->sequence % 16 == 0)
		state->sequence = (uint16_t)(1 + next_random(node) % SCAN_PORTS);
	return state->sequence++;
}

static void send_scan_tcp(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->endpoint.flow;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = node_address4(flow->to) };
	uint8_t frame[FRAME_LEN_MAX];
	size_t size = frame_syn(frame, node_address4(flow->from), to.sin_addr, SCAN_SOURCE_PORT,
		next_port(node, state), next_random(node));

	sendto(node->scanner, frame, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}

static void send_scan_udp(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->endpoint.flow;
	struct sockaddr_in6 to = socket_address(flow->to, flow->version, next_port(node, state));

	sendto(node->datagram, payload, flow->size, MSG_DONTWAIT, (struct sockaddr *)&to,
		sizeof(to));
}

static void (*const senders[FLOW_KINDS])(struct traffic_node *node, struct flow_state *state) = {
	[FLOW_DATAGRAM] = send_datagram,
	[FLOW_STREAM] = send_stream,
	[FLOW_REQUEST] = send_request,
	[FLOW_PING] = send_ping,
	[FLOW_HELLO] = send_hello,
	[FLOW_ORIGINATOR] = send_originator,
	[FLOW_FORGED] = send_originator,
	[FLOW_TAGGED] = send_tagged,
	[FLOW_SCAN_TCP] = send_scan_tcp,
	[FLOW_SCAN_UDP] = send_scan_udp,
};

/* Sends what is due and returns how long there is nothing more to send, in milliseconds. */
static int send_due(struct traffic_node *node)
{
	int64_t now = now_ms(), next = INT64_MAX;

	for (size_t i = 0; i < n_lab_flows; i++) {
		struct flow_state *state = &node->flows[i];
		const struct flow *flow = &lab_flows[i];

		if (state->due_ms <= now) {
			for (int n = 0; n < flow->burst; n++)
				senders[flow->kind](node, state);
			state->due_ms = now + flow->period_ms * 3 / 4 +
					next_random(node) % (flow->period_ms / 2u + 1);
		}
		if (state->due_ms < next)
			next = state->due_ms;
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}

/* --- a node's life -------------------------------------------------------------------------- */

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
			node->flows[i].due_ms =
				now_ms() + next_random(node) % lab_flows[i].period_ms;
	}
	return node;
}

int traffic_open(enum lab_node self, struct traffic_node **traffic, struct failure *failure)
{
	struct traffic_node *node = new_node(self);
	int error = node ? 0 : -ENOMEM;

	if (!error)
		error = node->epoll < 0 ? -errno : topology_find_links(self, node->ifindexes);
	for (int i = SERVICE_NONE + 1; !error && i < LAB_SERVICES; i++) {
		if (!lab_services[i].closed)
			error = open_service(node, &lab_services[i], &node->services[i]);
	}
	if (!error)
		error = open_hellos(node);
	if (!error)
		error = open_frames(node);
	if (error)
		return failure_set(failure, error, "The lab's node %s cannot open its sockets: %s.",
			node_name(self), strerror(-error));
	*traffic = node;
	return 0;
}

void traffic_run(struct traffic_node *node)
{
	for (;;) {
		struct epoll_event events[EVENTS_MAX];
		int n = epoll_wait(node->epoll, events, EVENTS_MAX, send_due(node));

		for (int i = 0; i < n; i++) {
			struct endpoint *endpoint = events[i].data.ptr;
			endpoint->handle(node, endpoint);
		}
	}
}
