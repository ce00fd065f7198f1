// SPDX-License-Identifier: BSD-2-Clause
/* What a peer sends: stamps, beacons, hellos and data, on the path that it is signed for. */
#include "base/clock.h"
#include "peer/peer_state.h"
#include "pqc/sources.bpf.h"

/* The path of data is looked up this often: routes and addresses change. */
#define PATH_AGE_NS NS_PER_SECOND

void peer_tell(
	struct peer *peer, enum peer_event_kind kind, const struct remote *remote, int detail)
{
	const struct peer_event event = { kind, detail, remote == NULL ? NULL : &remote->state };

	peer->handlers.event(peer->handlers.context, &event);
}

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

bool peer_make_stamp(struct peer *peer, const struct peer_address *to, const struct peer_time *now,
	struct stamp *stamp)
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

void peer_send_message(struct peer *peer, const struct peer_address *to,
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

	if (!peer_make_stamp(peer, to, now, &stamp))
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
		peer_tell(peer, PEER_FAILED, NULL, 0);
	else
		peer_send_message(peer, to, &stamp.path, &peer->message);
}

void peer_send_beacons(struct peer *peer, const struct peer_time *now)
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

void peer_send_data(
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

void peer_send_hello(struct peer *peer, struct remote *remote, const struct peer_time *now)
{
	struct failure failure;
	struct stamp stamp;

	if (!peer_make_stamp(peer, &remote->state.address, now, &stamp))
		return;
	if (exchange_begin(&remote->exchange, &stamp, &peer->message, &failure) < 0)
		peer_tell(peer, PEER_FAILED, remote, 0);
	else
		peer_send_message(peer, &remote->state.address, &stamp.path, &peer->message);
}
