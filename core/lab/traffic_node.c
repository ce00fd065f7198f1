// SPDX-License-Identifier: BSD-2-Clause
#include "lab/traffic_node.h"

#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"

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

static void on_socket(void *context, uint32_t events)
{
	struct lab_socket *sock = context;

	(void)events;
	sock->handle(sock->node, sock);
}

int lab_socket_watch(struct traffic_node *node, struct lab_socket *sock, uint32_t events)
{
	loop_remove(sock->source);
	sock->source = NULL;
	sock->node = node;
	return loop_add(node->loop, sock->file, events, on_socket, sock, &sock->source);
}

void lab_socket_close(struct lab_socket *sock)
{
	loop_remove(sock->source);
	sock->source = NULL;
	fd_close(&sock->file);
}

void lab_socket_discard(struct traffic_node *node, struct lab_socket *sock)
{
	char data[READ_LEN];

	(void)node;
	recv(sock->file, data, sizeof(data), MSG_DONTWAIT);
}
