// SPDX-License-Identifier: BSD-2-Clause
/* What a peer makes of packets, and of messages that the kernel has verified. */
#include <string.h>

#include "base/clock.h"
#include "peer/budget.h"
#include "peer/peer_state.h"
#include "peer/prefix.h"
#include "pqc/sources.bpf.h"

/* Records that the current session changed. */
static void note_session(struct peer *peer, struct remote *remote)
{
	remote->state.has_session = true;
	remote->state.session = remote->exchange.current.id;
	remote->state.sessions++;
	peer_tell(peer, PEER_SESSION, remote, 0);
}

static void receive_beacon(struct peer *peer, struct remote *remote, struct span body)
{
	const struct pqc_prefix *prefixes;
	int n = prefix_list(body, &prefixes);

	if (n < 0) {
		peer_tell(peer, PEER_EXCHANGE, remote, EXCHANGE_MALFORMED);
		return;
	}
	remote->state.n_prefixes = (uint32_t)n;
	memcpy(remote->state.prefixes, prefixes, (size_t)n * sizeof(*prefixes));
	peer_tell(peer, PEER_BEACON, remote, 0);
}

static void receive_exchange(struct peer *peer, struct remote *remote,
	const struct verified_message *message, const struct peer_time *now)
{
	struct stamp stamp;
	bool reachable = peer_make_stamp(peer, &remote->state.address, now, &stamp);
	enum exchange_outcome outcome =
		exchange_receive(&remote->exchange, message, &stamp, &peer->message);

	peer_tell(peer, PEER_EXCHANGE, remote, (int)outcome);
	if (outcome == EXCHANGE_ANSWERED && reachable)
		peer_send_message(peer, &remote->state.address, &stamp.path, &peer->message);
	if (outcome != EXCHANGE_ESTABLISHED)
		return;
	peer_send_data(peer, remote, (struct span) { 0 }, now);
	note_session(peer, remote);
}

/*
 * Notes where a good message came from. A link-local address is on one link, which no message names: who
 * sends it on over another link of this host would move the node there. So the node stays on its link
 * until the validity of what came over that one ends.
 */
static void note_address(struct remote *remote, const struct peer_address *from,
	uint64_t valid_until, const struct peer_time *now)
{
	struct peer_address *address = &remote->state.address;

	if (address_is_on_other_link(address, from) && now->monotonic_ns < remote->address_ends_ns)
		return;
	remote->address_ends_ns = validity_end(valid_until, now->realtime_ns, now->monotonic_ns);
	if (address_equal(address, from))
		return;
	*address = *from;
	remote->path_ns = 0;
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
	if (from != NULL)
		note_address(remote, from, parts->valid_until, now);
	if (news)
		peer_tell(peer, PEER_AUTHENTICATED, remote, 0);
	if (parts->kind == PQC_BEACON)
		receive_beacon(peer, remote, parts->body);
	else
		receive_exchange(peer, remote, &verified, now);
}

void peer_deliver(struct peer *peer, const struct peer_address *from,
	const struct pqc_delivery *delivery, const struct peer_time *now)
{
	struct remote *remote = peer_find(peer, delivery->node);
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

/* Checks a whole message, cheap checks first. Returns PQC_MESSAGE_ACCEPTED or the refusal. */
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
	if (result != PQC_MESSAGE_ACCEPTED)
		return result;
	result = message_parse(message, &parts);
	if (result == 0)
		result = check_message(peer, remote, &arrival, path, packet->sequence, &parts, now);
	if (result != PQC_MESSAGE_ACCEPTED)
		return result;
	source_take(&remote->sources, arrival.source, arrival.now_ns,
		validity_end(parts.valid_until, now->realtime_ns, arrival.now_ns));
	receive_message(peer, remote, from, packet->sequence, message, &parts, now);
	return PQC_MESSAGE_ACCEPTED;
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
	if (result == PQC_DATA_ACCEPTED)
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
		remote = peer_find(peer, packet.header.node);
		if (remote == NULL)
			result = PQC_UNKNOWN_NODE;
		else if (packet.header.type == PQC_TYPE_DATA)
			result = receive_data(peer, remote, path, bytes, &packet, now);
		else
			result = receive_slice(peer, remote, from, path, &packet, now);
	}
	peer->results[result]++;
	if (result >= PQC_REFUSED)
		peer_tell(peer, PEER_REFUSED, remote, result);
}
