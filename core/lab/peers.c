// SPDX-License-Identifier: BSD-2-Clause
#include "lab/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lab/traffic_node.h"
#include "peer/peer.h"

#define NS_IN_S	       UINT64_C(1000000000)
#define NS_IN_MS       UINT64_C(1000000)
#define BEACON_NS      NS_IN_S /* often, so that something is to be seen at once */
#define RECEIVE_BUFFER 2048 /* more than any good packet */
#define PATH_LEN       128

const struct lab_identity lab_identities[] = {
	{ NODE_X0, 0, 0, MLDSA_65 },
	{ NODE_ALDER, 4, 20, MLDSA_65 },
	{ NODE_BIRCH, 6, 10, MLDSA_87 },
	{ NODE_ELM, 4, 10, MLDSA_44 },
	/* It has been taken over: what it signs is out of date, and all else it forges. */
	{ NODE_CEDAR, 0, 0, MLDSA_44 },
};

const size_t n_lab_identities = sizeof(lab_identities) / sizeof(lab_identities[0]);

/* --- keys --------------------------------------------------------------------------------------- */

static int make_folders(struct failure *failure)
{
	if ((mkdir(LAB_KEYS, 0700) < 0 && errno != EEXIST) ||
		mount("ramfs", LAB_KEYS, "ramfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700") <
			0 ||
		mkdir(LAB_TRUST, 0700) < 0)
		return failure_set(
			failure, -errno, "The lab has no place for its keys: %s", strerror(errno));
	return 0;
}

int lab_keys_make(struct failure *failure)
{
	char name[PATH_LEN], from[PATH_LEN], to[PATH_LEN];
	int error = make_folders(failure);

	for (size_t i = 0; error == 0 && i < n_lab_identities; i++) {
		enum lab_node node = lab_identities[i].node;

		snprintf(name, sizeof(name), LAB_KEYS "/%s", node_name(node));
		error = identity_generate(name, lab_identities[i].set, failure);
		snprintf(from, sizeof(from), LAB_KEYS "/%s.pub.pem", node_name(node));
		snprintf(to, sizeof(to), LAB_TRUST "/%s.pub.pem", node_name(node));
		if (error == 0 && node != NODE_X0 && rename(from, to) < 0)
			error = failure_set(failure, -errno,
				"The lab has no place for its keys: %s", strerror(errno));
	}
	return error;
}

int lab_identity_take(enum lab_node node, struct identity **identity, struct failure *failure)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), LAB_KEYS "/%s.key.pem", node_name(node));
	int error = identity_open(path, identity, failure);
	unlink(path);
	return error;
}

/* --- a node ------------------------------------------------------------------------------------- */

struct lab_peer {
	struct peer *peer;
	struct endpoint endpoint;
};

static const struct lab_identity *speaker(enum lab_node node)
{
	for (size_t i = 0; i < n_lab_identities; i++)
		if (lab_identities[i].node == node && lab_identities[i].version != 0)
			return &lab_identities[i];
	return NULL;
}

static struct peer_time look_at_clocks(void)
{
	struct timespec monotonic, realtime;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &realtime);
	return (struct peer_time) {
		.monotonic_ns = (uint64_t)monotonic.tv_sec * NS_IN_S + (uint64_t)monotonic.tv_nsec,
		.realtime_ns = (uint64_t)realtime.tv_sec * NS_IN_S + (uint64_t)realtime.tv_nsec,
	};
}

static void on_send(void *context, const struct peer_address *to, struct span packet)
{
	const struct lab_peer *peer = context;

	sendto(peer->endpoint.file, packet.data, packet.size, MSG_DONTWAIT,
		(const struct sockaddr *)&to->storage, to->length);
}

static void on_event(void *context, const struct peer_event *event)
{
	(void)context;
	(void)event;
}

static void receive(struct traffic_node *node, struct endpoint *endpoint)
{
	struct peer_address from = { .length = sizeof(from.storage) };
	struct peer_time now = look_at_clocks();
	uint8_t packet[RECEIVE_BUFFER];
	ssize_t length = recvfrom(endpoint->file, packet, sizeof(packet), MSG_DONTWAIT,
		(struct sockaddr *)&from.storage, &from.length);

	if (length >= 0)
		peer_receive(
			node->peer->peer, &from, (struct span) { packet, (size_t)length }, &now);
}

/* The node's own networks, and this host, to which beacons go. */
static void describe(const struct lab_identity *self, struct peer_settings *settings)
{
	struct in_addr address4 = node_address4(self->node);
	struct in6_addr address6 = node_address6(self->node);
	struct sockaddr_in6 host = traffic_address(NODE_X0, self->version, PQC_PORT);

	settings->limits = session_limits_default;
	settings->beacon_ns = BEACON_NS;
	settings->data_per_second = self->data_per_second;
	settings->n_prefixes = 2;
	settings->prefixes[0] = (struct pqc_prefix) { .family = 4, .length = 24 };
	settings->prefixes[1] = (struct pqc_prefix) { .family = 6, .length = 64 };
	memcpy(settings->prefixes[0].address, &address4, 3);
	memcpy(settings->prefixes[1].address, &address6, 8);
	settings->n_targets = 1;
	memcpy(&settings->targets[0].storage, &host, sizeof(host));
	settings->targets[0].length = sizeof(host);
}

static int open_socket(struct traffic_node *node, struct lab_peer *peer, struct failure *failure)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PQC_PORT) };

	peer->endpoint.handle = receive;
	peer->endpoint.file = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (peer->endpoint.file < 0 ||
		socket_set_option(peer->endpoint.file, IPPROTO_IPV6, IPV6_V6ONLY, 0) < 0 ||
		bind(peer->endpoint.file, (struct sockaddr *)&any, sizeof(any)) < 0)
		return failure_set(failure, -errno, "The lab's node %s cannot open its sockets: %s",
			node_name(node->self), strerror(errno));
	endpoint_watch(node, &peer->endpoint, EPOLL_CTL_ADD, EPOLLIN);
	return 0;
}

int lab_peer_open(struct traffic_node *node, struct failure *failure)
{
	const struct lab_identity *self = speaker(node->self);
	struct peer_settings settings = { 0 };
	struct identity *identity;
	struct public_key host;

	if (self == NULL)
		return 0;
	prctl(PR_SET_DUMPABLE, 0); /* no core file and no tracer: there will be keys in memory */
	struct lab_peer *peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		return failure_set(failure, -ENOMEM, "There is not enough memory");
	const struct peer_handlers handlers = { peer, on_send, on_event };
	int error = lab_identity_take(node->self, &identity, failure);
	if (error == 0) {
		describe(self, &settings);
		settings.identity = identity;
		error = peer_open(&settings, &handlers, &peer->peer, failure);
	}
	if (error == 0)
		error = key_read(LAB_KEYS "/x0.pub.pem", &host, failure);
	if (error == 0)
		error = peer_trust(peer->peer, node_name(NODE_X0), &host, failure);
	if (error == 0)
		error = open_socket(node, peer, failure);
	node->peer = peer; /* like all of the node, it lives as long as the process */
	return error;
}

int lab_peer_work(struct traffic_node *node)
{
	struct peer_time now = look_at_clocks();

	if (node->peer == NULL)
		return -1;
	uint64_t next = peer_work(node->peer->peer, &now);
	return next <= now.monotonic_ns ? 0 : (int)((next - now.monotonic_ns) / NS_IN_MS) + 1;
}
