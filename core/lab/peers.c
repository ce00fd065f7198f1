// SPDX-License-Identifier: BSD-2-Clause
#include "lab/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/traffic_node.h"
#include "peer/endpoint.h"

#define BEACON_NS NS_PER_SECOND /* often, so that the screen shows something at once */
#define PATH_LEN  128
#define STEP_NS	  ((int64_t)(3600 * NS_PER_SECOND))

const struct lab_identity lab_identities[] = {
	{ NODE_X0, 0, 0, MLDSA_65 },
	{ NODE_ALDER, 4, 20, MLDSA_65 },
	{ NODE_BIRCH, 6, 10, MLDSA_87 },
	{ NODE_ELM, 4, 10, MLDSA_44 },
	{ STEPPED_NODE, 6, 10, MLDSA_65 },
	/* Taken over: its own messages are outdated, all others forged. */
	{ NODE_CEDAR, 0, 0, MLDSA_44 },
};

const size_t n_lab_identities = sizeof(lab_identities) / sizeof(lab_identities[0]);

/*
 * --- keys ---------------------------------------------------------------------------------------
 */

static int make_folders(struct failure *failure)
{
	if ((mkdir(LAB_KEYS, 0700) < 0 && errno != EEXIST) ||
		mount("ramfs", LAB_KEYS, "ramfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700") <
			0 ||
		mkdir(LAB_TRUST, 0700) < 0)
		return failure_set(
			failure, -errno, "The lab cannot store its keys: %s", strerror(errno));
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
			error = failure_set(failure, -errno, "The lab cannot store its keys: %s",
				strerror(errno));
	}
	return error;
}

static void identity_path(enum lab_node node, char path[PATH_LEN])
{
	snprintf(path, PATH_LEN, LAB_KEYS "/%s.key.pem", node_name(node));
}

int lab_identity_take(enum lab_node node, struct identity **identity, struct failure *failure)
{
	char path[PATH_LEN];

	identity_path(node, path);
	int error = identity_open(path, identity, failure);
	unlink(path);
	return error;
}

/*
 * --- a node -------------------------------------------------------------------------------------
 */

struct lab_peer {
	struct endpoint *endpoint;
	struct lab_socket sock; /* the endpoint's descriptor */
	unsigned int steps; /* of its clock */
};

static const struct lab_identity *speaker(enum lab_node node)
{
	for (size_t i = 0; i < n_lab_identities; i++)
		if (lab_identities[i].node == node && lab_identities[i].version != 0)
			return &lab_identities[i];
	return NULL;
}

static void handle(struct traffic_node *node, struct lab_socket *sock)
{
	(void)sock;
	endpoint_handle(node->peer->endpoint);
}

/* Fills settings: the node announces its prefixes and sends beacons to this host. */
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
	struct peer_address *target = &settings->targets[settings->n_targets++];
	memcpy(&target->storage, &host, sizeof(host));
	target->length = sizeof(host);
}

/* Opens the endpoint, then removes the key's file: the endpoint has the only copy. */
static int open_endpoint(
	const struct lab_identity *self, struct lab_peer *peer, struct failure *failure)
{
	const struct endpoint_handlers handlers = { 0 };
	char path[PATH_LEN];
	struct endpoint_settings settings = {
		.identity = path,
		.listen = address_any(PQC_PORT),
	};

	identity_path(self->node, path);
	describe(self, &settings.peer);
	int error = endpoint_open(&settings, &handlers, &peer->endpoint, failure);
	unlink(path);
	return error;
}

static int trust_host(struct lab_peer *peer, struct failure *failure)
{
	struct public_key host;
	int error = key_read(LAB_KEYS "/x0.pub.pem", &host, failure);

	return error < 0 ? error
			 : peer_trust(endpoint_peer(peer->endpoint), node_name(NODE_X0), &host,
				   failure);
}

int lab_peer_open(struct traffic_node *node, struct failure *failure)
{
	const struct lab_identity *self = speaker(node->self);

	if (self == NULL)
		return 0;
	struct lab_peer *peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	node->peer = peer; /* lives as long as the process, like the node */
	int error = open_endpoint(self, peer, failure);
	if (error == 0)
		error = trust_host(peer, failure);
	if (error < 0)
		return error;
	peer->sock = (struct lab_socket) { .file = endpoint_fd(peer->endpoint), .handle = handle };
	error = lab_socket_watch(node, &peer->sock, EPOLLIN);
	return error < 0 ? failure_set(failure, error,
				   "The lab's node %s cannot wait for packets: %s",
				   node_name(node->self), strerror(-error))
			 : 0;
}

void lab_peer_step_clock(struct traffic_node *node, struct flow_state *state)
{
	static const int64_t offsets[] = { 0, STEP_NS, 0, -STEP_NS };
	struct lab_peer *peer = node->peer;

	(void)state;
	endpoint_set_clock(
		peer->endpoint, offsets[++peer->steps % (sizeof(offsets) / sizeof(offsets[0]))]);
}
