// SPDX-License-Identifier: BSD-2-Clause
#include "control/node.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "crypto/verifier_keys.h"
#include "peer/peer.h"

#define NS_IN_S	       UINT64_C(1000000000)
#define BEACON_NS      (2 * NS_IN_S)
#define RECEIVE_BURST  64 /* packets before the time is looked at */
#define RECEIVE_BUFFER 2048 /* more than any good packet */

struct node {
	struct identity *identity;
	struct peer *peer;
	struct ring_buffer *messages;
	int sessions; /* the map; owned by the registry */
	int socket, timer, epoll;
	struct peer_time now;
};

static void look_at_clocks(struct peer_time *now)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	now->monotonic_ns = (uint64_t)time.tv_sec * NS_IN_S + (uint64_t)time.tv_nsec;
	clock_gettime(CLOCK_REALTIME, &time);
	now->realtime_ns = (uint64_t)time.tv_sec * NS_IN_S + (uint64_t)time.tv_nsec;
}

/* --- sessions in the kernel --------------------------------------------------------------------- */

/* Tells the kernel those sessions with a node that it does not have yet: with them, a window. */
static void put_sessions(struct node *node, struct exchange *exchange)
{
	const struct session *sessions[] = { &exchange->current, &exchange->next,
		&exchange->previous };
	struct pqc_session_key name;
	struct pqc_session entry;

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		if (!sessions[i]->exists)
			continue;
		session_entry(sessions[i], &exchange->limits, exchange->node, &name, &entry);
		bpf_map_update_elem(node->sessions, &name, &entry, BPF_NOEXIST);
		OPENSSL_cleanse(&entry, sizeof(entry));
	}
}

static bool has_session(struct node *node, const struct pqc_session_key *name)
{
	struct exchange *exchange;

	for (uint32_t i = 0; (exchange = peer_exchange(node->peer, i)) != NULL; i++) {
		uint32_t id = be32toh(name->session);

		if (memcmp(exchange->node, name->node, PQC_NODE_LEN) == 0)
			return (exchange->current.exists && exchange->current.id == id) ||
			       (exchange->next.exists && exchange->next.id == id) ||
			       (exchange->previous.exists && exchange->previous.id == id);
	}
	return false;
}

/* Takes the sessions out of the kernel that are over, or of an x0top before this one. */
static void remove_sessions(struct node *node, bool all)
{
	struct pqc_session_key names[PQC_SESSIONS_MAX], *last = NULL;
	uint32_t n = 0;

	for (; n < PQC_SESSIONS_MAX; last = &names[n++])
		if (bpf_map_get_next_key(node->sessions, last, &names[n]) < 0)
			break;
	for (uint32_t i = 0; i < n; i++)
		if (all || !has_session(node, &names[i]))
			pqc_session_remove(node->sessions, &names[i]);
}

/* --- what the peer wants ------------------------------------------------------------------------ */

static void on_send(void *context, const struct peer_address *to, struct span packet)
{
	const struct node *node = context;

	/* What cannot be sent is lost, as on any link: beacons and exchanges come again. */
	sendto(node->socket, packet.data, packet.size, MSG_DONTWAIT,
		(const struct sockaddr *)&to->storage, to->length);
}

/*
 * After each step of an exchange the kernel's sessions follow. The step is told before its answer is
 * sent, so the kernel has the keys when the first packet made with them arrives.
 */
static void on_event(void *context, const struct peer_event *event)
{
	struct node *node = context;
	struct exchange *exchange;

	if (event->kind != PEER_EXCHANGE && event->kind != PEER_SESSION &&
		event->kind != PEER_SESSION_EXPIRED)
		return;
	for (uint32_t i = 0; (exchange = peer_exchange(node->peer, i)) != NULL; i++)
		if (peer_remote(node->peer, i) == event->remote)
			put_sessions(node, exchange);
	remove_sessions(node, false);
}

/* --- what arrives ------------------------------------------------------------------------------- */

/* Where a message came from, as a socket of IPv6 has it. */
static void delivery_address(const struct pqc_delivery *delivery, struct peer_address *address)
{
	struct sockaddr_in6 from = { .sin6_family = AF_INET6, .sin6_port = delivery->source_port };

	if (delivery->version == 6) {
		memcpy(&from.sin6_addr, delivery->source, sizeof(from.sin6_addr));
	} else {
		memset(&from.sin6_addr.s6_addr[10], 0xff, 2);
		memcpy(&from.sin6_addr.s6_addr[12], delivery->source, sizeof(struct in_addr));
	}
	if (IN6_IS_ADDR_LINKLOCAL(&from.sin6_addr))
		from.sin6_scope_id = delivery->ifindex;
	memset(address, 0, sizeof(*address));
	memcpy(&address->storage, &from, sizeof(from));
	address->length = sizeof(from);
}

static int take_delivery(void *context, void *data, size_t size)
{
	const struct pqc_delivery *delivery = data;
	struct node *node = context;
	struct peer_address from;

	if (size < offsetof(struct pqc_delivery, message) ||
		size - offsetof(struct pqc_delivery, message) < delivery->total)
		return 0;
	delivery_address(delivery, &from);
	peer_deliver(node->peer, &from, delivery, &node->now);
	return 0;
}

/* Data; while xdp_pqc_verify only observes, messages too, which the peer then takes once. */
static void receive(struct node *node)
{
	uint8_t packet[RECEIVE_BUFFER];

	for (int i = 0; i < RECEIVE_BURST; i++) {
		struct peer_address from = { .length = sizeof(from.storage) };
		ssize_t length = recvfrom(node->socket, packet, sizeof(packet), MSG_DONTWAIT,
			(struct sockaddr *)&from.storage, &from.length);

		if (length < 0)
			return;
		peer_receive(
			node->peer, &from, (struct span) { packet, (size_t)length }, &node->now);
	}
}

void node_handle(struct node *node)
{
	struct itimerspec at = { 0 };
	uint64_t expirations;
	bool due = read(node->timer, &expirations, sizeof(expirations)) > 0;

	look_at_clocks(&node->now);
	ring_buffer__consume(node->messages);
	receive(node);
	uint64_t next = peer_work(node->peer, &node->now);
	if (due) /* a session that was replaced expires without a word */
		remove_sessions(node, false);
	at.it_value.tv_sec = (time_t)(next / NS_IN_S);
	at.it_value.tv_nsec = (long)(next % NS_IN_S);
	timerfd_settime(node->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

/* --- opening and closing ------------------------------------------------------------------------ */

static int open_socket(struct node *node, uint16_t port, struct failure *failure)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int off = 0;

	node->socket = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (node->socket < 0 ||
		setsockopt(node->socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 ||
		bind(node->socket, (struct sockaddr *)&any, sizeof(any)) < 0)
		return failure_set(failure, -errno,
			"This host cannot take part in key exchanges at UDP port %u: %s", port,
			strerror(errno));
	return 0;
}

static int open_events(struct node *node, struct failure *failure)
{
	struct itimerspec at_once = { .it_value.tv_nsec = 1 };
	int fds[] = { node->socket, node->timer, ring_buffer__epoll_fd(node->messages) };

	if (node->timer < 0 || node->epoll < 0)
		return failure_set(failure, -errno, "No file descriptors are left");
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		struct epoll_event event = { .events = EPOLLIN };
		if (epoll_ctl(node->epoll, EPOLL_CTL_ADD, fds[i], &event) < 0)
			return failure_set(failure, -errno, "No file descriptors are left");
	}
	timerfd_settime(node->timer, 0, &at_once, NULL);
	return 0;
}

static int open_maps(struct node *node, const struct map_registry *maps, struct failure *failure)
{
	int messages = map_registry_fd(maps, "pqc_messages");

	node->sessions = map_registry_fd(maps, "pqc_sessions");
	if (messages < 0 || node->sessions < 0)
		return failure_set(failure, -ENOENT, "xdp_pqc_verify is not loaded");
	node->messages = ring_buffer__new(messages, take_delivery, node, NULL);
	if (node->messages == NULL)
		return failure_set(failure, -errno,
			"The messages that xdp_pqc_verify has verified cannot be read: %s",
			strerror(errno));
	return 0;
}

int node_open(const struct settings *settings, const struct map_registry *maps,
	struct node **opened, struct failure *failure)
{
	struct node *node = calloc(1, sizeof(*node));
	struct peer_settings peer_settings = { .limits = session_limits_default,
		.beacon_ns = BEACON_NS };
	const struct peer_handlers handlers = { node, on_send, on_event };

	if (node == NULL)
		return failure_set(failure, -ENOMEM, "There is not enough memory");
	prctl(PR_SET_DUMPABLE, 0); /* no core file and no tracer: there will be keys in memory */
	node->socket = node->sessions = -1;
	node->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	node->epoll = epoll_create1(EPOLL_CLOEXEC);
	int error = identity_open(settings->identity, &node->identity, failure);
	peer_settings.identity = node->identity;
	if (error == 0)
		error = peer_open(&peer_settings, &handlers, &node->peer, failure);
	if (error == 0)
		error = open_socket(node,
			settings->n_pqc_ports > 0 ? settings->pqc_ports[0] : PQC_PORT, failure);
	if (error == 0)
		error = open_maps(node, maps, failure);
	if (error == 0)
		error = open_events(node, failure);
	if (error < 0)
		node_close(node);
	else
		*opened = node;
	return error;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void node_close(struct node *node)
{
	if (node == NULL)
		return;
	if (node->sessions >= 0)
		remove_sessions(node, true);
	ring_buffer__free(node->messages);
	peer_close(node->peer);
	identity_close(node->identity);
	close_fd(node->socket);
	close_fd(node->timer);
	close_fd(node->epoll);
	free(node);
}

int node_follow_trust(struct node *node, const struct trust *trust, struct failure *failure)
{
	return peer_follow_trust(node->peer, trust, failure);
}

int node_fd(const struct node *node)
{
	return node->epoll;
}
