// SPDX-License-Identifier: BSD-2-Clause
/* Serves a lab node's services. */
#include <errno.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "lab/frames.h"
#include "lab/traffic_node.h"

#define BABEL_DSCP  48 /* CS6 (RFC 8966, section 4) */
#define LOSS_ONE_IN 32

static void serve_stream(struct traffic_node *node, struct lab_socket *sock)
{
	char data[READ_LEN];
	ssize_t size = recv(sock->file, data, sizeof(data), MSG_DONTWAIT);

	(void)node;
	if (size == 0 || (size < 0 && errno != EAGAIN))
		lab_socket_close(sock);
	else if (size > 0 && sock->echo)
		send(sock->file, data, (size_t)size, MSG_DONTWAIT);
}

static void serve_datagram(struct traffic_node *node, struct lab_socket *sock)
{
	struct sockaddr_in6 from;
	socklen_t from_size = sizeof(from);
	char data[READ_LEN];
	ssize_t size = recvfrom(
		sock->file, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *)&from, &from_size);

	(void)node;
	if (size >= 0 && sock->echo)
		sendto(sock->file, data, (size_t)size, MSG_DONTWAIT, (struct sockaddr *)&from,
			from_size);
}

static void accept_stream(struct traffic_node *node, struct lab_socket *listener)
{
	int file = accept4(listener->file, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	for (int i = 0; file >= 0 && i < CONNECTIONS_MAX; i++) {
		struct lab_socket *connection = &node->connections[i];
		if (connection->file >= 0)
			continue;
		*connection = (struct lab_socket) {
			.file = file,
			.echo = listener->echo,
			.handle = serve_stream,
		};
		if (lab_socket_watch(node, connection, EPOLLIN) < 0)
			lab_socket_close(connection);
		return;
	}
	fd_close(&file);
}

/*
 * Loses one segment in LOSS_ONE_IN between IP and TCP, as a bad link would: the sender retransmits
 * it. Many kernels lack netem.
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

/* Sets a listener's options, which its connections inherit. */
static int prepare_listener(int file, const struct service *service)
{
	if (socket_set_option(file, SOL_SOCKET, SO_REUSEADDR, 1) < 0 ||
		socket_set_option(file, SOL_SOCKET, SO_KEEPALIVE, 1) < 0 ||
		socket_set_option(file, IPPROTO_TCP, TCP_KEEPIDLE, 30) < 0 ||
		socket_set_option(file, IPPROTO_TCP, TCP_USER_TIMEOUT, STREAM_TIMEOUT_MS) < 0 ||
		socket_set_option(file, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
		return -1;
	return service->lossy ? attach_loss(file) : 0;
}

static int open_service(
	struct traffic_node *node, const struct service *service, struct lab_socket *sock)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(service->port) };
	bool stream = service->protocol == IPPROTO_TCP;
	int file =
		socket(AF_INET6, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC,
			service->protocol);

	sock->file = file;
	sock->echo = service->echo;
	sock->handle = stream ? accept_stream : serve_datagram;
	if (file < 0 || socket_set_option(file, IPPROTO_IPV6, IPV6_V6ONLY, 0) < 0 ||
		(stream && prepare_listener(file, service) < 0) ||
		bind(file, (struct sockaddr *)&any, sizeof(any)) < 0 ||
		(stream && listen(file, SOMAXCONN) < 0))
		return -errno;
	socket_set_dscp(file, service->dscp);
	return lab_socket_watch(node, sock, EPOLLIN);
}

/* Receives the announcements of neighbours and ignores them. */
static int open_hellos(struct traffic_node *node)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(BABEL_PORT) };
	struct ipv6_mreq membership = { .ipv6mr_multiaddr.s6_addr = BABEL_GROUP };
	int file = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	node->hellos.file = file;
	node->hellos.handle = lab_socket_discard;
	if (file < 0 || socket_set_option(file, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) < 0 ||
		bind(file, (struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	socket_set_dscp(file, BABEL_DSCP);
	for (int link = 0; link < LAB_LINKS; link++) {
		membership.ipv6mr_interface = node->ifindexes[link];
		if (node->ifindexes[link] && setsockopt(file, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,
						     &membership, sizeof(membership)) < 0)
			return -errno;
	}
	return lab_socket_watch(node, &node->hellos, EPOLLIN);
}

static int open_frames(struct traffic_node *node)
{
	node->originators.handle = lab_socket_discard;
	node->originators.file =
		socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETHERTYPE_BATMAN));
	/* IPPROTO_RAW sends whole packets and receives none. */
	node->scanner = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
	node->datagram = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (node->originators.file < 0 || node->scanner < 0 || node->datagram < 0)
		return -errno;
	return lab_socket_watch(node, &node->originators, EPOLLIN);
}

int services_open(struct traffic_node *node)
{
	int error = 0;

	for (int i = SERVICE_NONE + 1; !error && i < LAB_SERVICES; i++) {
		if (!lab_services[i].closed)
			error = open_service(node, &lab_services[i], &node->services[i]);
	}
	if (!error)
		error = open_hellos(node);
	if (!error)
		error = open_frames(node);
	return error;
}
