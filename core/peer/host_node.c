// SPDX-License-Identifier: BSD-2-Clause
#include "peer/host_node.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/verifier_keys.h"
#include "kernel/map_value.h"
#include "peer/endpoint.h"

#define BEACON_NS (2 * UINT64_C(1000000000))

struct host_node {
	struct endpoint *endpoint;
	struct ring_buffer *messages;
	int sessions; /* the map, not owned; -1: none */
};

/*
 * --- sessions in the kernel ---------------------------------------------------------------------
 */

/* Adds to the kernel those sessions with a node that it lacks. The others have a window to keep. */
static void put_sessions(struct host_node *node, struct exchange *exchange)
{
	const struct session *sessions[] = { &exchange->current, &exchange->next,
		&exchange->previous };
	struct pqc_session_key name;
	struct pqc_session entry;

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		if (!sessions[i]->exists)
			continue;
		session_entry(sessions[i], &exchange->limits, exchange->node, &name, &entry);
		map_value_write_with(node->sessions, &name, &entry, sizeof(entry), BPF_NOEXIST);
		OPENSSL_cleanse(&entry, sizeof(entry));
	}
}

static bool has_session(struct host_node *node, const struct pqc_session_key *name)
{
	struct peer *peer = endpoint_peer(node->endpoint);
	struct exchange *exchange;

	for (uint32_t i = 0; (exchange = peer_exchange(peer, i)) != NULL; i++)
		if (memcmp(exchange->node, name->node, PQC_NODE_LEN) == 0)
			return exchange_session(exchange, be32toh(name->session)) != NULL;
	return false;
}

/* Removes expired sessions, and those of an earlier x0top, from the kernel; or all. */
static void remove_sessions(struct host_node *node, bool all)
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

/*
 * The kernel's sessions follow each step of an exchange. The event comes before the answer is sent,
 * so the kernel has the keys when the first packet made with them arrives.
 */
static void on_event(void *context, const struct peer_event *event)
{
	struct host_node *node = context;
	struct peer *peer = endpoint_peer(node->endpoint);
	struct exchange *exchange;

	if (event->kind != PEER_EXCHANGE && event->kind != PEER_SESSION)
		return;
	for (uint32_t i = 0; (exchange = peer_exchange(peer, i)) != NULL; i++)
		if (peer_remote(peer, i) == event->remote)
			put_sessions(node, exchange);
	remove_sessions(node, false);
}

/*
 * --- messages from the kernel -------------------------------------------------------------------
 */

/* Converts the source of a message to an address of an IPv6 socket. */
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
	const struct host_node *node = context;
	struct peer_address from;

	if (size < offsetof(struct pqc_delivery, message) ||
		size - offsetof(struct pqc_delivery, message) < delivery->total)
		return 0;
	delivery_address(delivery, &from);
	peer_deliver(endpoint_peer(node->endpoint), &from, delivery, endpoint_now(node->endpoint));
	return 0;
}

/*
 * Before the socket's packets: while xdp_pqc_verify only observes, its messages come there too, and
 * the peer takes each once.
 */
static void collect(void *context)
{
	const struct host_node *node = context;

	ring_buffer__consume(node->messages);
}

void host_node_handle(struct host_node *node)
{
	/* By the timer: sessions expire then, and one that was replaced does without an event. */
	if (endpoint_handle(node->endpoint))
		remove_sessions(node, false);
}

/*
 * --- opening and closing ------------------------------------------------------------------------
 */

static int open_messages(struct host_node *node, int map, struct failure *failure)
{
	node->messages = ring_buffer__new(map, take_delivery, node, NULL);
	if (node->messages == NULL)
		return failure_set(
			failure, -errno, "Cannot read verified messages: %s", strerror(errno));
	return endpoint_watch(node->endpoint, ring_buffer__epoll_fd(node->messages), failure);
}

int host_node_open(const struct host_node_settings *settings, struct host_node **opened,
	struct failure *failure)
{
	struct host_node *node;
	struct endpoint_settings endpoint = {
		.identity = settings->identity,
		.listen = address_any(settings->port),
		.peer = { .limits = session_limits_default, .beacon_ns = BEACON_NS },
	};

	endpoint.peer.n_translated = settings->n_translated;
	if (settings->n_translated > 0)
		memcpy(endpoint.peer.translated, settings->translated,
			settings->n_translated * sizeof(endpoint.peer.translated[0]));
	if (settings->messages < 0 || settings->sessions < 0)
		return failure_set(failure, -ENOENT, "The signature verifier is not loaded");
	node = calloc(1, sizeof(*node));
	if (node == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	const struct endpoint_handlers handlers = {
		.context = node, .event = on_event, .collect = collect
	};
	node->sessions = -1; /* not ours to empty until the node is open */
	int error = endpoint_open(&endpoint, &handlers, &node->endpoint, failure);
	if (error == 0)
		error = open_messages(node, settings->messages, failure);
	if (error < 0) {
		host_node_close(node);
		return error;
	}
	node->sessions = settings->sessions;
	*opened = node;
	return 0;
}

void host_node_close(struct host_node *node)
{
	if (node == NULL)
		return;
	if (node->sessions >= 0)
		remove_sessions(node, true);
	ring_buffer__free(node->messages);
	endpoint_close(node->endpoint);
	free(node);
}

void host_node_use_sessions(struct host_node *node, int map)
{
	node->sessions = map;
}

int host_node_follow_trust(
	struct host_node *node, const struct trust *trust, struct failure *failure)
{
	return peer_follow_trust(endpoint_peer(node->endpoint), trust, failure);
}

const struct peer_remote_state *host_node_remote(const struct host_node *node, uint32_t i)
{
	return peer_remote(endpoint_peer(node->endpoint), i);
}

int host_node_fd(const struct host_node *node)
{
	return endpoint_fd(node->endpoint);
}
