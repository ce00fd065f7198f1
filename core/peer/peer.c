// SPDX-License-Identifier: BSD-2-Clause
#include "peer/peer.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "peer/peer_state.h"

/* Late data packets that are sent together; the rest is skipped. */
#define DATA_BURST 64

/* --- opening and closing ---------------------------------------------------------------------- */

int peer_open(const struct peer_settings *settings, const struct peer_handlers *handlers,
	struct peer **opened, struct failure *failure)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL || RAND_bytes((uint8_t *)peer->hash_key, sizeof(peer->hash_key)) != 1) {
		free(peer);
		return failure_set(failure, -ENOMEM, "Not enough memory");
	}
	peer->settings = *settings;
	peer->handlers = *handlers;
	*opened = peer;
	return 0;
}

static void free_remote(struct remote *remote)
{
	exchange_close(&remote->exchange);
	free(remote);
}

void peer_close(struct peer *peer)
{
	if (peer == NULL)
		return;
	for (uint32_t i = 0; i < peer->n_remotes; i++)
		free_remote(peer->remotes[i]);
	free(peer);
}

struct remote *peer_find(const struct peer *peer, const uint8_t node[PQC_NODE_LEN])
{
	for (uint32_t i = 0; i < peer->n_remotes; i++)
		if (memcmp(peer->remotes[i]->state.node, node, PQC_NODE_LEN) == 0)
			return peer->remotes[i];
	return NULL;
}

/* Returns whether the operator named the node as one with translated addresses. */
static bool is_translated(const struct peer_settings *settings, const char *name)
{
	for (uint32_t i = 0; i < settings->n_translated; i++)
		if (strcmp(settings->translated[i], name) == 0)
			return true;
	return false;
}

int peer_trust(
	struct peer *peer, const char *name, const struct public_key *key, struct failure *failure)
{
	struct remote *remote = calloc(1, sizeof(*remote));

	if (remote == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	secret_lock(&remote->exchange, sizeof(remote->exchange)); /* which wipes its keys */
	int error = exchange_open(
		&remote->exchange, peer->settings.identity, key, &peer->settings.limits);
	if (error < 0)
		failure_set(failure, error, "OpenSSL has no SHA3-256");
	else
		error = key_expand(key, &remote->key, failure);
	const uint8_t *node = remote->exchange.node;
	if (error == 0 && (peer_find(peer, node) != NULL ||
				  memcmp(node, identity_fingerprint(peer->settings.identity),
					  PQC_NODE_LEN) == 0))
		error = failure_set(failure, -EEXIST, "The key %s is already trusted", name);
	if (error == 0 && peer->n_remotes == PEER_REMOTES_MAX)
		error = failure_set(failure, -ENOSPC, "%s exceeds the limit of %d keys", name,
			PEER_REMOTES_MAX);
	if (error < 0) {
		free(remote);
		return error;
	}
	snprintf(remote->state.name, sizeof(remote->state.name), "%s", name);
	memcpy(remote->state.node, node, PQC_NODE_LEN);
	remote->state.set = key->set;
	remote->exchange.translated = is_translated(&peer->settings, name);
	peer->remotes[peer->n_remotes++] = remote;
	return 0;
}

void peer_forget(struct peer *peer, const uint8_t node[PQC_NODE_LEN])
{
	struct remote *remote = peer_find(peer, node);

	if (remote == NULL)
		return;
	for (uint32_t i = 0; i < peer->n_remotes; i++)
		if (peer->remotes[i] == remote)
			peer->remotes[i] = peer->remotes[--peer->n_remotes];
	free_remote(remote);
}

const struct peer_remote_state *peer_remote(const struct peer *peer, uint32_t i)
{
	return i < peer->n_remotes ? &peer->remotes[i]->state : NULL;
}

struct exchange *peer_exchange(struct peer *peer, uint32_t i)
{
	return i < peer->n_remotes ? &peer->remotes[i]->exchange : NULL;
}

const uint64_t *peer_results(const struct peer *peer)
{
	return peer->results;
}

/* --- by the clock ----------------------------------------------------------------------------- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Converts the end of a node's validity to CLOCK_BOOTTIME. */
static uint64_t lost_at(const struct remote *remote, const struct peer_time *now)
{
	uint64_t until = remote->state.authenticated_until;

	/* Beyond 10 years it never ends: no overflow below. */
	if (until > now->realtime_ns / NS_PER_SECOND + 315360000)
		return UINT64_MAX;
	uint64_t end = until * NS_PER_SECOND;
	return now->monotonic_ns + (end > now->realtime_ns ? end - now->realtime_ns : 0);
}

/* Does what is due for one node. Returns when more is due. */
static uint64_t work_remote(struct peer *peer, struct remote *remote, const struct peer_time *now)
{
	struct peer_remote_state *state = &remote->state;

	exchange_expire(&remote->exchange, now->monotonic_ns);
	if (state->has_session && !remote->exchange.current.exists) {
		state->has_session = false;
		peer_tell(peer, PEER_SESSION_EXPIRED, remote, 0);
	}
	if (state->authenticated_until != 0 && lost_at(remote, now) <= now->monotonic_ns) {
		state->authenticated_until = 0;
		peer_tell(peer, PEER_LOST, remote, 0);
	}
	uint64_t next = exchange_expires_at(&remote->exchange);
	if (state->authenticated_until == 0 || state->address.length == 0)
		return next;
	if (exchange_due_at(&remote->exchange) <= now->monotonic_ns)
		peer_send_hello(peer, remote, now);
	next = earlier(next, exchange_due_at(&remote->exchange));
	return earlier(next, lost_at(remote, now));
}

/* Sends the data packets that are due to every session. */
static void work_data(struct peer *peer, const struct peer_time *now)
{
	uint64_t interval_ns = NS_PER_SECOND / peer->settings.data_per_second;
	uint8_t payload[PEER_PAYLOAD_LEN] = { 0 };

	for (int n = 0; n < DATA_BURST && peer->next_data_ns <= now->monotonic_ns; n++) {
		for (uint32_t i = 0; i < peer->n_remotes; i++) {
			struct remote *remote = peer->remotes[i];
			uint64_t count = remote->state.data_sent;

			memcpy(payload, &count, sizeof(count));
			if (remote->exchange.current.exists)
				peer_send_data(peer, remote,
					(struct span) { payload, sizeof(payload) }, now);
		}
		peer->next_data_ns += interval_ns;
	}
	if (peer->next_data_ns <= now->monotonic_ns)
		peer->next_data_ns = now->monotonic_ns + interval_ns;
}

uint64_t peer_work(struct peer *peer, const struct peer_time *now)
{
	if (peer->next_beacon_ns <= now->monotonic_ns) {
		peer->next_beacon_ns = now->monotonic_ns + peer->settings.beacon_ns;
		peer_send_beacons(peer, now);
		/* Confirms a session again, should its first packet be lost. */
		for (uint32_t i = 0; i < peer->n_remotes; i++)
			peer_send_data(peer, peer->remotes[i], (struct span) { 0 }, now);
	}
	if (peer->settings.data_per_second > 0)
		work_data(peer, now);
	uint64_t next = peer->next_beacon_ns;
	if (peer->settings.data_per_second > 0)
		next = earlier(next, peer->next_data_ns);
	for (uint32_t i = 0; i < peer->n_remotes; i++)
		next = earlier(next, work_remote(peer, peer->remotes[i], now));
	return next;
}
