// SPDX-License-Identifier: BSD-2-Clause
#include "peer/peer.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "peer/budget.h"
#include "peer/prefix.h"
#include "peer/reassembly.h"
#include "pqc/sources.bpf.h"

/* Late data packets that are sent together; the rest is skipped. */
#define DATA_BURST 64

/* The path of data is looked up this often: routes and addresses change. */
#define PATH_AGE_NS NS_PER_SECOND

struct remote {
	struct peer_remote_state state;
	struct mldsa_key key;
	uint64_t sequence; /* of the last good message */
	struct pqc_sources sources; /* address_hash() */
	struct pqc_path path; /* to its address, as of `path_ns` */
	uint64_t path_ns; /* 0: not known */
	struct reassembly reassembly;
	struct exchange exchange;
};

struct peer {
	struct peer_settings settings;
	struct peer_handlers handlers;
	uint64_t hash_key[2]; /* random, for address_hash() */
	uint64_t sequence; /* of the last message */
	uint64_t next_beacon_ns, next_data_ns;
	struct pqc_bucket bucket;
	uint64_t results[PQC_RESULTS];
	struct message message; /* the one being sent */
	uint32_t n_remotes;
	struct remote *remotes[PEER_REMOTES_MAX];
};

static void tell(
	struct peer *peer, enum peer_event_kind kind, const struct remote *remote, int detail)
{
	const struct peer_event event = { kind, detail, remote == NULL ? NULL : &remote->state };

	peer->handlers.event(peer->handlers.context, &event);
}

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

static struct remote *find(const struct peer *peer, const uint8_t node[PQC_NODE_LEN])
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
	int error = exchange_open(
		&remote->exchange, peer->settings.identity, key, &peer->settings.limits);
	if (error < 0)
		failure_set(failure, error, "OpenSSL has no SHA3-256");
	else
		error = key_expand(key, &remote->key, failure);
	const uint8_t *node = remote->exchange.node;
	if (error == 0 && (find(peer, node) != NULL ||
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
	struct remote *remote = find(peer, node);

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

/* --- sending ---------------------------------------------------------------------------------- */

/*
 * Takes the time in nanoseconds as sequence, so that it rises over a restart without state on disk.
 * After the clock was set back a little it rises by one a message; receivers would refuse more.
 */
static uint64_t next_sequence(struct peer *peer, const struct peer_time *now)
{
	bool later = is_later(now->realtime_ns, peer->sequence, now->realtime_ns);

	peer->sequence = later ? now->realtime_ns : peer->sequence + 1;
	return peer->sequence;
}

/* Fills the stamp of a message to an address. Returns whether there is a way there. */
static bool make_stamp(struct peer *peer, const struct peer_address *to,
	const struct peer_time *now, struct stamp *stamp)
{
	uint64_t seconds = now->realtime_ns / NS_PER_SECOND;

	*stamp = (struct stamp) {
		.now_ns = now->monotonic_ns,
		.sequence = next_sequence(peer, now),
		.valid_from = seconds - PQC_CLOCK_TOLERANCE_S,
		.valid_until = seconds + PQC_CLOCK_TOLERANCE_S +
			       (PEER_VALID_BEACONS * peer->settings.beacon_ns + NS_PER_SECOND - 1) /
				       NS_PER_SECOND,
	};
	return to->length != 0 && peer->handlers.path(peer->handlers.context, to, &stamp->path);
}

static void send_message(struct peer *peer, const struct peer_address *to,
	const struct pqc_path *path, const struct message *message)
{
	uint8_t packet[MESSAGE_PACKET_MAX];

	for (unsigned i = 0; i < message_slices(message); i++) {
		size_t length = message_slice(message, i, packet);

		peer->handlers.send(
			peer->handlers.context, to, path, (struct span) { packet, length });
	}
}

static bool is_target(const struct peer *peer, const struct peer_address *address)
{
	for (uint32_t i = 0; i < peer->settings.n_targets; i++)
		if (address_equal(&peer->settings.targets[i], address))
			return true;
	return false;
}

static void send_beacon(
	struct peer *peer, const struct peer_address *to, const struct peer_time *now)
{
	const struct peer_settings *settings = &peer->settings;
	struct stamp stamp;

	if (!make_stamp(peer, to, now, &stamp))
		return;
	struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = stamp.sequence,
		.valid_from = stamp.valid_from,
		.valid_until = stamp.valid_until,
		.path = &stamp.path,
		.body = { (const uint8_t *)settings->prefixes,
			settings->n_prefixes * sizeof(settings->prefixes[0]) },
	};
	struct failure failure;

	if (message_sign(settings->identity, &content, &peer->message, &failure) < 0)
		tell(peer, PEER_FAILED, NULL, 0);
	else
		send_message(peer, to, &stamp.path, &peer->message);
}

/*
 * Sends each address its own beacon: two may belong to one node, which would refuse the second copy
 * as a replay.
 */
static void send_beacons(struct peer *peer, const struct peer_time *now)
{
	const struct peer_settings *settings = &peer->settings;

	for (uint32_t i = 0; i < settings->n_targets; i++)
		send_beacon(peer, &settings->targets[i], now);
	for (uint32_t i = 0; i < peer->n_remotes; i++) {
		const struct peer_remote_state *state = &peer->remotes[i]->state;

		if (state->authenticated_until != 0 && state->address.length != 0 &&
			!is_target(peer, &state->address))
			send_beacon(peer, &state->address, now);
	}
}

/* Looks the path to a node up, if it is not known or old. Returns whether there is one. */
static bool find_path(struct peer *peer, struct remote *remote, const struct peer_time *now)
{
	const struct peer_address *address = &remote->state.address;

	if (remote->path_ns != 0 && now->monotonic_ns - remote->path_ns < PATH_AGE_NS)
		return true;
	bool found = address->length != 0 &&
		     peer->handlers.path(peer->handlers.context, address, &remote->path);
	remote->path_ns = found ? now->monotonic_ns : 0;
	return found;
}

/* Sends data by the current session, if there is one. An empty payload only confirms it. */
static void send_data(
	struct peer *peer, struct remote *remote, struct span payload, const struct peer_time *now)
{
	uint8_t packet[MESSAGE_PACKET_MAX];

	if (!remote->exchange.current.exists || !find_path(peer, remote, now))
		return;
	int length =
		exchange_seal(&remote->exchange, now->monotonic_ns, &remote->path, payload, packet);
	if (length < 0)
		return;
	remote->state.data_sent += payload.size > 0;
	peer->handlers.send(peer->handlers.context, &remote->state.address, &remote->path,
		(struct span) { packet, (size_t)length });
}

static void send_hello(struct peer *peer, struct remote *remote, const struct peer_time *now)
{
	struct failure failure;
	struct stamp stamp;

	if (!make_stamp(peer, &remote->state.address, now, &stamp))
		return;
	if (exchange_begin(&remote->exchange, &stamp, &peer->message, &failure) < 0)
		tell(peer, PEER_FAILED, remote, 0);
	else
		send_message(peer, &remote->state.address, &stamp.path, &peer->message);
}

/* --- receiving -------------------------------------------------------------------------------- */

/* Records that the current session changed. */
static void note_session(struct peer *peer, struct remote *remote)
{
	remote->state.has_session = true;
	remote->state.session = remote->exchange.current.id;
	remote->state.sessions++;
	tell(peer, PEER_SESSION, remote, 0);
}

static void receive_beacon(struct peer *peer, struct remote *remote, struct span body)
{
	const struct pqc_prefix *prefixes;
	int n = prefix_list(body, &prefixes);

	if (n < 0) {
		tell(peer, PEER_EXCHANGE, remote, EXCHANGE_MALFORMED);
		return;
	}
	remote->state.n_prefixes = (uint32_t)n;
	memcpy(remote->state.prefixes, prefixes, (size_t)n * sizeof(*prefixes));
	tell(peer, PEER_BEACON, remote, 0);
}

static void receive_exchange(struct peer *peer, struct remote *remote,
	const struct verified_message *message, const struct peer_time *now)
{
	struct stamp stamp;
	bool reachable = make_stamp(peer, &remote->state.address, now, &stamp);
	enum exchange_outcome outcome =
		exchange_receive(&remote->exchange, message, &stamp, &peer->message);

	tell(peer, PEER_EXCHANGE, remote, (int)outcome);
	if (outcome == EXCHANGE_ANSWERED && reachable)
		send_message(peer, &remote->state.address, &stamp.path, &peer->message);
	if (outcome != EXCHANGE_ESTABLISHED)
		return;
	send_data(peer, remote, (struct span) { 0 }, now);
	note_session(peer, remote);
}

/* Acts on a message that is good and new. `from` may be NULL. */
static void receive_message(struct peer *peer, struct remote *remote,
	const struct peer_address *from, uint64_t sequence, struct span message,
	const struct message_parts *parts, const struct peer_time *now)
{
	bool news = remote->state.authenticated_until <= now->realtime_ns / NS_PER_SECOND;
	const struct verified_message verified = { parts->kind, sequence, message, parts->body };

	remote->sequence = sequence;
	remote->state.authenticated_until = parts->valid_until;
	if (from != NULL && !address_equal(&remote->state.address, from)) {
		remote->state.address = *from;
		remote->path_ns = 0;
	}
	if (news)
		tell(peer, PEER_AUTHENTICATED, remote, 0);
	if (parts->kind == PQC_BEACON)
		receive_beacon(peer, remote, parts->body);
	else
		receive_exchange(peer, remote, &verified, now);
}

void peer_deliver(struct peer *peer, const struct peer_address *from,
	const struct pqc_delivery *delivery, const struct peer_time *now)
{
	struct remote *remote = find(peer, delivery->node);
	const struct span message = { delivery->message, delivery->total };
	struct message_parts parts;

	/*
	 * The kernel may have verified by a key that lost its trust since, or the same on two CPUs.
	 */
	if (remote == NULL || delivery->total > sizeof(delivery->message) ||
		!is_later(delivery->sequence, remote->sequence, now->realtime_ns) ||
		message_parse(message, &parts) != 0)
		return;
	receive_message(peer, remote, from, delivery->sequence, message, &parts, now);
}

static bool within_budget(struct peer *peer, struct remote *remote, const struct arrival *arrival)
{
	return arrival->known >= 0
		       ? budget_take(&budget_of_node, &remote->sources.all[arrival->known].bucket,
				 arrival->now_ns)
		       : budget_take(&budget_of_others, &peer->bucket, arrival->now_ns);
}

/* Checks a whole message, cheap checks first. Returns PQC_MESSAGE_GOOD or the refusal. */
static int check_message(struct peer *peer, struct remote *remote, const struct arrival *arrival,
	const struct pqc_path *path, uint64_t sequence, const struct message_parts *parts,
	const struct peer_time *now)
{
	uint64_t seconds = now->realtime_ns / NS_PER_SECOND;

	if (parts->set != remote->state.set)
		return PQC_MALFORMED_SIGNATURE;
	if (parts->valid_from > seconds)
		return PQC_NOT_YET_VALID;
	if (parts->valid_until <= seconds)
		return PQC_EXPIRED;
	if (!remote->exchange.translated && !message_comes_from(parts, path))
		return PQC_RELAYED;
	if (!within_budget(peer, remote, arrival))
		return PQC_THROTTLED;
	return message_verify(remote->state.node, sequence, parts, &remote->key);
}

/* Refuses a slice of which nothing is to be kept; parses another. Returns 0 or the refusal. */
static int check_slice(const struct remote *remote, const struct packet *packet,
	const struct peer_time *now, struct slice *slice)
{
	if (packet->header.type != PQC_TYPE_FRAGMENT || packet->header.flags != 0)
		return PQC_BAD_HEADER;
	if (is_ahead(packet->sequence, now->realtime_ns))
		return PQC_NOT_YET_VALID;
	if (!is_later(packet->sequence, remote->sequence, now->realtime_ns))
		return PQC_REPLAYED;
	return packet_parse_slice(packet, slice);
}

/* Returns which of the node's sources this is; -1: none. */
static int find_source(const struct remote *remote, const struct arrival *arrival)
{
	for (int i = 0; i < PQC_SOURCES; i++)
		if (source_is(&remote->sources, (uint32_t)i, arrival->source, arrival->now_ns))
			return i;
	return -1;
}

static int receive_slice(struct peer *peer, struct remote *remote, const struct peer_address *from,
	const struct pqc_path *path, const struct packet *packet, const struct peer_time *now)
{
	struct arrival arrival = { address_hash(from, peer->hash_key), -1, now->monotonic_ns };
	struct message_parts parts;
	struct slice slice;
	struct span message;
	bool timed_out;
	int result = check_slice(remote, packet, now, &slice);

	if (result != 0)
		return result;
	arrival.known = find_source(remote, &arrival);
	result = reassembly_take(&remote->reassembly, &arrival, &slice, &message, &timed_out);
	peer->results[PQC_REASSEMBLY_TIMEOUT] += timed_out;
	if (result != PQC_MESSAGE_GOOD)
		return result;
	result = message_parse(message, &parts);
	if (result == 0)
		result = check_message(peer, remote, &arrival, path, packet->sequence, &parts, now);
	if (result != PQC_MESSAGE_GOOD)
		return result;
	source_take(&remote->sources, arrival.source, arrival.now_ns,
		validity_end(parts.valid_until, now->realtime_ns, arrival.now_ns));
	receive_message(peer, remote, from, packet->sequence, message, &parts, now);
	return PQC_MESSAGE_GOOD;
}

static int receive_data(struct peer *peer, struct remote *remote, const struct pqc_path *path,
	struct span bytes, const struct packet *packet, const struct peer_time *now)
{
	struct data_packet data;
	bool confirmed;
	int result = data_parse(bytes, packet, path, &data);

	if (result != 0)
		return result;
	result = exchange_unseal(&remote->exchange, now->monotonic_ns, &data, &confirmed);
	if (result == PQC_DATA_GOOD)
		remote->state.data_received += data.payload.size > 0;
	if (confirmed)
		note_session(peer, remote);
	return result;
}

void peer_receive(struct peer *peer, const struct peer_address *from, const struct pqc_path *path,
	struct span bytes, const struct peer_time *now)
{
	struct remote *remote = NULL;
	struct packet packet;
	int result = packet_parse(bytes, &packet);

	if (result == 0) {
		remote = find(peer, packet.header.node);
		if (remote == NULL)
			result = PQC_UNKNOWN_NODE;
		else if (packet.header.type == PQC_TYPE_DATA)
			result = receive_data(peer, remote, path, bytes, &packet, now);
		else
			result = receive_slice(peer, remote, from, path, &packet, now);
	}
	peer->results[result]++;
	if (result >= PQC_REFUSED)
		tell(peer, PEER_REFUSED, remote, result);
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
		tell(peer, PEER_SESSION_EXPIRED, remote, 0);
	}
	if (state->authenticated_until != 0 && lost_at(remote, now) <= now->monotonic_ns) {
		state->authenticated_until = 0;
		tell(peer, PEER_LOST, remote, 0);
	}
	uint64_t next = exchange_expires_at(&remote->exchange);
	if (state->authenticated_until == 0 || state->address.length == 0)
		return next;
	if (exchange_due_at(&remote->exchange) <= now->monotonic_ns)
		send_hello(peer, remote, now);
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
				send_data(peer, remote, (struct span) { payload, sizeof(payload) },
					now);
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
		send_beacons(peer, now);
		/* Confirms a session again, should its first packet be lost. */
		for (uint32_t i = 0; i < peer->n_remotes; i++)
			send_data(peer, peer->remotes[i], (struct span) { 0 }, now);
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
