// SPDX-License-Identifier: BSD-2-Clause
/* Sends a lab node's flows, by kind. */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "lab/attacks.h"
#include "lab/frames.h"
#include "lab/peers.h"
#include "lab/traffic_node.h"

#define SCAN_SOURCE_PORT 40000
#define FLOOD_PORT	 40001
#define SCAN_PORTS	 1024 /* scans start at or below this port */

static const uint8_t payload[FLOW_SIZE_MAX];

static void handle_stream_client(struct traffic_node *node, struct lab_socket *sock)
{
	char data[READ_LEN];
	ssize_t size = recv(sock->file, data, sizeof(data), MSG_DONTWAIT);

	(void)node;
	if (size == 0 || (size < 0 && errno != EAGAIN))
		lab_socket_close(sock);
}

/* Sends the request once connected, and waits for the end of the answer; closes if refused. */
static void handle_request_client(struct traffic_node *node, struct lab_socket *sock)
{
	if (send(sock->file, payload, sock->flow->size, MSG_DONTWAIT) < 0) {
		lab_socket_close(sock);
		return;
	}
	shutdown(sock->file, SHUT_WR);
	sock->handle = handle_stream_client;
	lab_socket_watch(node, sock, EPOLLIN);
}

/* Opens a socket that connects to a flow's service. */
static void open_client(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->sock.flow;
	const struct service *service = &lab_services[flow->service];
	struct sockaddr_in6 to = traffic_address(flow->to, flow->version, service->port);
	bool stream = service->protocol == IPPROTO_TCP;
	int file = socket(
		AF_INET6, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (file < 0)
		return;
	socket_set_dscp(file, service->dscp);
	if (stream) {
		socket_set_option(file, IPPROTO_TCP, TCP_NODELAY, 1);
		socket_set_option(file, IPPROTO_TCP, TCP_USER_TIMEOUT, STREAM_TIMEOUT_MS);
	}
	state->sock.file = file;
	if (connect(file, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) {
		lab_socket_close(&state->sock);
		return;
	}
	state->sock.handle = !stream			  ? lab_socket_discard
			     : flow->kind == FLOW_REQUEST ? handle_request_client
							  : handle_stream_client;
	lab_socket_watch(node, &state->sock, flow->kind == FLOW_REQUEST ? EPOLLOUT : EPOLLIN);
}

static void send_datagram(struct traffic_node *node, struct flow_state *state)
{
	if (state->sock.file < 0)
		open_client(node, state);
	send(state->sock.file, payload, state->sock.flow->size, MSG_DONTWAIT);
}

static void send_stream(struct traffic_node *node, struct flow_state *state)
{
	if (state->sock.file < 0) {
		open_client(node, state);
		return;
	}
	if (send(state->sock.file, payload, state->sock.flow->size, MSG_DONTWAIT) < 0 &&
		errno != EAGAIN)
		lab_socket_close(&state->sock);
}

static void send_request(struct traffic_node *node, struct flow_state *state)
{
	/* Gives up a request that was not answered. */
	lab_socket_close(&state->sock);
	open_client(node, state);
}

static void open_ping(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->sock.flow;
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_addr = node_address4(flow->to) };
	struct sockaddr_in6 to6 = traffic_address(flow->to, 6, 0);
	bool ipv6 = flow->version == 6;
	int file = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

	state->sock.file = file;
	state->sock.handle = lab_socket_discard;
	if (file < 0 || (ipv6 ? connect(file, (struct sockaddr *)&to6, sizeof(to6))
			      : connect(file, (struct sockaddr *)&to4, sizeof(to4))) < 0)
		lab_socket_close(&state->sock);
	else
		lab_socket_watch(node, &state->sock, EPOLLIN);
}

static void send_ping(struct traffic_node *node, struct flow_state *state)
{
	/* ICMPv6 has the same header (RFC 4443); the kernel sets identifier and checksum. */
	struct {
		struct icmphdr header;
		uint8_t data[FLOW_SIZE_MAX];
	} echo = { .header.type = ICMP_ECHO };
	const struct flow *flow = state->sock.flow;

	if (flow->version == 6)
		echo.header.type = ICMP6_ECHO_REQUEST;
	echo.header.un.echo.sequence = htons(state->sequence++);
	if (state->sock.file < 0)
		open_ping(node, state);
	send(state->sock.file, &echo, sizeof(echo.header) + flow->size, MSG_DONTWAIT);
}

static void send_hello(struct traffic_node *node, struct flow_state *state)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(BABEL_PORT),
		.sin6_addr.s6_addr = BABEL_GROUP,
	};
	uint8_t frame[FRAME_LEN_MAX];
	size_t size = frame_hello(frame, state->sequence++, state->sock.flow->period_ms);

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

	/* The frame's ethertype, in network order. */
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
			state->sock.flow->kind == FLOW_FORGED ? forged : mac, state->sequence);
		send_frame(node, link, frame, size);
	}
	state->sequence++;
}

static void send_tagged(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->sock.flow;
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

/* Returns the next port of a scan; starts a new scan every 16 ports. */
static uint16_t next_port(struct traffic_node *node, struct flow_state *state)
{
	if (state->sequence % 16 == 0)
		state->sequence = (uint16_t)(1 + traffic_random(node) % SCAN_PORTS);
	return state->sequence++;
}

static void send_scan_tcp(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->sock.flow;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = node_address4(flow->to) };
	uint8_t frame[FRAME_LEN_MAX];
	size_t size = frame_syn(frame, node_address4(flow->from), to.sin_addr, SCAN_SOURCE_PORT,
		next_port(node, state), traffic_random(node));

	sendto(node->scanner, frame, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}

static void send_scan_udp(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->sock.flow;
	struct sockaddr_in6 to = traffic_address(flow->to, flow->version, next_port(node, state));

	sendto(node->datagram, payload, flow->size, MSG_DONTWAIT, (struct sockaddr *)&to,
		sizeof(to));
}

/* --- floods --------------------------------------------------------------------------------- */

/* 10.99.0.0/16 is nobody's in the lab. */
static struct in_addr forged_address(struct flow_state *state)
{
	const uint32_t at = state->forged++ % state->scene->sources;

	return (struct in_addr) { htonl(0x0a630001 + at) };
}

static void send_flood_udp(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->sock.flow;
	const struct in_addr source = forged_address(state);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = node_address4(flow->to) };
	struct pqc_path path = { .source_port = htons(FLOOD_PORT),
		.destination_port = htons(lab_services[flow->service].port) };
	uint8_t packet[FRAME_LEN_MAX];

	memcpy(path.source + 12, &source, sizeof(source));
	memcpy(path.destination + 12, &to.sin_addr, sizeof(to.sin_addr));
	size_t size = frame_datagram(packet, &path, payload, flow->size);
	sendto(node->scanner, packet, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}

static void send_flood_syn(struct traffic_node *node, struct flow_state *state)
{
	const struct flow *flow = state->sock.flow;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = node_address4(flow->to) };
	uint8_t packet[FRAME_LEN_MAX];
	size_t size = frame_syn(packet, forged_address(state), to.sin_addr, FLOOD_PORT,
		lab_services[flow->service].port, traffic_random(node));

	sendto(node->scanner, packet, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
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
	[FLOW_CLOCK_STEP] = lab_peer_step_clock,
	[FLOW_FLOOD_UDP] = send_flood_udp,
	[FLOW_FLOOD_SYN] = send_flood_syn,
	[FLOW_ATTACKS... FLOW_KINDS - 1] = attack_send,
};

void sender_send(struct traffic_node *node, struct flow_state *state)
{
	senders[state->sock.flow->kind](node, state);
}
