// SPDX-License-Identifier: BSD-2-Clause
/*
 * Nodes of the protocol on a simulated network, with a simulated clock: the network may lose, repeat
 * and reorder, and an attacker sits on it.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "peer/peer.h"
#include "peer/prefix.h"
#include "peer/reassembly.h"
#include "tests/lib/identities.h"
#include "tests/lib/signatures.h"

#define S	  NS_PER_SECOND
#define REALTIME  (1800000000 * S)
#define NODES	  3
#define TRAVEL_NS (S / 10000)
#define QUEUE_MAX 4096

struct node {
	struct peer_address address;
	struct peer *peer;
	unsigned events[PEER_FAILED + 1];
	unsigned outcomes[EXCHANGE_OUTCOMES];
};

struct queued {
	unsigned from;
	struct peer_address to;
	size_t length;
	uint8_t bytes[MESSAGE_PACKET_MAX];
};

static struct identity *identities[NODES];
static struct node nodes[NODES];
static struct queued *queue;
static unsigned n_queued, loss_percent, copies_percent;
static uint64_t now_ns;
static int64_t clock_ahead_ns[NODES];

static struct peer_time time_of(unsigned node)
{
	return (struct peer_time) { now_ns, REALTIME + now_ns + (uint64_t)clock_ahead_ns[node] };
}

static struct peer_address address_of(unsigned node)
{
	struct peer_address address = { .length = sizeof(struct sockaddr_in) };
	struct sockaddr_in *four = (struct sockaddr_in *)&address.storage;

	four->sin_family = AF_INET;
	four->sin_port = htons(PQC_PORT);
	four->sin_addr.s_addr = htonl(0x0a000001 + node);
	return address;
}

static struct pqc_path path_between(const struct peer_address *from, const struct peer_address *to)
{
	struct pqc_path path = { 0 };

	address_to_wire(from, path.source, &path.source_port);
	address_to_wire(to, path.destination, &path.destination_port);
	return path;
}

static bool on_path(void *context, const struct peer_address *to, struct pqc_path *path)
{
	const struct node *node = context;

	*path = path_between(&node->address, to);
	return true;
}

static void on_send(void *context, const struct peer_address *to, const struct pqc_path *path,
	struct span packet)
{
	struct node *node = context;
	const struct pqc_path expected = path_between(&node->address, to);
	unsigned copies = 1 + (random_below(100) < copies_percent);

	assert_memory_equal(path, &expected, sizeof(expected));
	if (random_below(100) < loss_percent)
		return;
	while (copies-- > 0 && n_queued < QUEUE_MAX) {
		struct queued *entry = &queue[n_queued++];
		entry->from = (unsigned)(node - nodes);
		entry->to = *to;
		entry->length = packet.size;
		memcpy(entry->bytes, packet.data, packet.size);
	}
}

static void on_event(void *context, const struct peer_event *event)
{
	struct node *node = context;

	node->events[event->kind]++;
	if (event->kind != PEER_REFUSED && event->kind != PEER_FAILED)
		assert_non_null(event->remote);
	if (event->kind == PEER_EXCHANGE)
		node->outcomes[event->detail]++;
}

static void start(unsigned i, struct peer_settings *settings)
{
	const struct peer_handlers handlers = { &nodes[i], on_path, on_send, on_event };
	struct failure failure;

	settings->identity = identities[i];
	if (settings->beacon_ns == 0)
		settings->beacon_ns = 10 * S;
	if (settings->limits.expires_after_ns == 0)
		settings->limits = session_limits_default;
	peer_close(nodes[i].peer);
	memset(&nodes[i], 0, sizeof(nodes[i]));
	nodes[i].address = address_of(i);
	assert_int_equal(peer_open(settings, &handlers, &nodes[i].peer, &failure), 0);
}

static void trust(unsigned i, unsigned other)
{
	struct failure failure;

	assert_int_equal(peer_trust(nodes[i].peer, other == 0 ? "zero" : "other",
				 identity_public_key(identities[other]), &failure),
		0);
}

static void deliver(unsigned from, unsigned to, const void *bytes, size_t length)
{
	const struct peer_time time = time_of(to);
	const struct pqc_path path = path_between(&nodes[from].address, &nodes[to].address);

	peer_receive(nodes[to].peer, &nodes[from].address, &path, (struct span) { bytes, length },
		&time);
}

/* Delivers what is under way, in any order if packets may be lost. */
static void settle(void)
{
	while (n_queued > 0) {
		unsigned i = loss_percent > 0 ? random_below(n_queued) : 0;
		struct queued packet = queue[i];

		memmove(&queue[i], &queue[i + 1], (--n_queued - i) * sizeof(queue[0]));
		for (unsigned n = 0; n < NODES; n++)
			if (nodes[n].peer != NULL && address_equal(&nodes[n].address, &packet.to))
				deliver(packet.from, n, packet.bytes, packet.length);
	}
}

/* Lets the time pass until `end_ns`, from one deadline to the next. */
static void run_until(uint64_t end_ns)
{
	unsigned turns = 0;

	while (now_ns < end_ns) {
		uint64_t next = end_ns;

		for (unsigned i = 0; i < NODES; i++) {
			const struct peer_time time = time_of(i);
			uint64_t due = nodes[i].peer == NULL ? UINT64_MAX
							     : peer_work(nodes[i].peer, &time);
			if (due < next)
				next = due;
		}
		if (++turns > 1000000)
			fail_msg("the clock stands still");
		if (n_queued > 0)
			next = now_ns + TRAVEL_NS; /* what arrives may make something due */
		settle();
		now_ns = next > now_ns ? next : now_ns + TRAVEL_NS;
	}
}

static const struct peer_remote_state *remote(unsigned i)
{
	return peer_remote(nodes[i].peer, 0);
}

static uint64_t refused(unsigned i)
{
	const uint64_t *results = peer_results(nodes[i].peer);
	uint64_t n = 0;

	for (int result = PQC_REFUSED; result < PQC_RESULTS; result++)
		n += results[result];
	return n;
}

/* Two nodes that trust each other; only the first knows where the other is. */
static void start_two(struct peer_settings *settings)
{
	settings->n_targets = 1;
	settings->targets[0] = address_of(1);
	start(0, settings);
	settings->n_targets = 0;
	start(1, settings);
	trust(0, 1);
	trust(1, 0);
}

static int set_up(void **state)
{
	(void)state;
	queue = calloc(QUEUE_MAX, sizeof(*queue));
	now_ns = S;
	n_queued = loss_percent = copies_percent = 0;
	memset(clock_ahead_ns, 0, sizeof(clock_ahead_ns));
	return queue == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NODES; i++) {
		peer_close(nodes[i].peer);
		nodes[i].peer = NULL;
	}
	free(queue);
	return 0;
}

/* ---------------------------------------------------------------------------------------------- */

static void two_nodes_find_each_other(void **state)
{
	struct peer_settings settings = { .data_per_second = 100 };

	(void)state;
	assert_int_equal(prefix_parse("10.7.0.0/16", &settings.prefixes[0]), 0);
	settings.n_prefixes = 1;
	start_two(&settings);
	run_until(21 * S);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(nodes[i].events[PEER_AUTHENTICATED], 1);
		assert_int_equal(nodes[i].events[PEER_SESSION], 1);
		assert_true(remote(i)->has_session);
		assert_int_equal(remote(i)->n_prefixes, 1);
		assert_true(remote(i)->data_sent > 900);
		assert_int_equal(remote(i)->data_received, remote(1 - i)->data_sent);
		assert_int_equal(refused(i), 0);
	}
	assert_int_equal(remote(0)->session, remote(1)->session);
}

static void keys_are_replaced_while_data_flows(void **state)
{
	struct peer_settings settings = { .data_per_second = 100,
		.limits = { 10 * S, 1 << 20, 20 * S, 1 << 21 } };

	(void)state;
	start_two(&settings);
	run_until(101 * S);
	assert_in_range(remote(0)->sessions, 9, 11);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(remote(i)->data_received, remote(1 - i)->data_sent);
		assert_int_equal(refused(i), 0);
		assert_int_equal(nodes[i].events[PEER_SESSION_EXPIRED], 0);
	}
}

static void keys_are_replaced_by_volume(void **state)
{
	struct peer_settings settings = { .data_per_second = 100,
		.limits = { 120 * S, 500, 180 * S, 1000 } };

	(void)state;
	start_two(&settings);
	run_until(61 * S);
	assert_in_range(remote(0)->sessions, 11, 13);
	assert_int_equal(remote(0)->data_received, remote(1)->data_sent);
	assert_int_equal(remote(1)->data_received, remote(0)->data_sent);
	assert_int_equal(refused(0) + refused(1), 0);
}

static void a_bad_network_only_delays(void **state)
{
	struct peer_settings settings = { .data_per_second = 20,
		.beacon_ns = S,
		.limits = { 10 * S, 1 << 20, 40 * S, 1 << 21 } };

	(void)state;
	loss_percent = 20;
	copies_percent = 20;
	start_two(&settings);
	run_until(300 * S);
	assert_true(remote(0)->sessions > 5);
	assert_true(remote(0)->has_session && remote(1)->has_session);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(remote(i)->data_received > 2000);
		assert_true(remote(i)->data_received <= remote(1 - i)->data_sent);
		assert_int_equal(peer_results(nodes[i].peer)[PQC_BAD_TAG], 0);
		assert_int_equal(peer_results(nodes[i].peer)[PQC_BAD_SIGNATURE], 0);
	}
}

static void a_restarted_node_is_known_again(void **state)
{
	struct peer_settings settings = { .data_per_second = 100 };

	(void)state;
	start_two(&settings);
	run_until(15 * S);
	settings.n_targets = 0;
	start(1, &settings); /* all forgotten; it has no --to */
	trust(1, 0);
	run_until(35 * S);
	assert_true(remote(1)->has_session);
	assert_int_equal(remote(0)->session, remote(1)->session);
	uint64_t received = remote(1)->data_received;
	assert_true(received > 500);
	run_until(40 * S);
	assert_true(remote(1)->data_received >= received + 499);
}

static void silence_ends_trust(void **state)
{
	struct peer_settings settings = { 0 };

	(void)state;
	start_two(&settings);
	run_until(5 * S);
	peer_close(nodes[1].peer);
	nodes[1].peer = NULL;
	run_until(5 * S + (PEER_VALID_BEACONS * 10 + PQC_CLOCK_TOLERANCE_S) * S);
	assert_int_equal(nodes[0].events[PEER_LOST], 1);
	assert_int_equal(remote(0)->authenticated_until, 0);
	run_until(200 * S);
	assert_int_equal(nodes[0].events[PEER_SESSION_EXPIRED], 1);
	assert_false(remote(0)->has_session);
}

static void clocks_may_differ_a_little(void **state)
{
	struct peer_settings settings = { 0 };

	(void)state;
	clock_ahead_ns[0] = 29 * (int64_t)S;
	start_two(&settings);
	run_until(5 * S);
	assert_true(remote(0)->has_session && remote(1)->has_session);
	clock_ahead_ns[0] = 62 * (int64_t)S; /* ours is ahead: what comes is expired */
	start_two(&settings);
	run_until(10 * S);
	assert_false(remote(0)->has_session || remote(1)->has_session);
	assert_true(peer_results(nodes[1].peer)[PQC_NOT_YET_VALID] > 0);
}

static void strangers_get_no_answer(void **state)
{
	struct peer_settings settings = { .n_targets = 1 };

	(void)state;
	settings.targets[0] = address_of(1);
	start(0, &settings);
	settings.n_targets = 0;
	start(1, &settings);
	trust(0, 1); /* but not the other way */
	run_until(30 * S);
	assert_int_equal(nodes[1].events[PEER_AUTHENTICATED], 0);
	assert_int_equal(nodes[0].events[PEER_AUTHENTICATED], 0);
	assert_true(peer_results(nodes[1].peer)[PQC_UNKNOWN_NODE] > 0);
	assert_int_equal(peer_results(nodes[1].peer)[PQC_MESSAGE_ACCEPTED], 0);
	/* Trusted from now on; then no longer. */
	trust(1, 0);
	run_until(60 * S);
	assert_true(remote(0)->has_session && remote(1)->has_session);
	peer_forget(nodes[1].peer, identity_fingerprint(identities[0]));
	assert_null(remote(1));
	uint64_t good = peer_results(nodes[1].peer)[PQC_MESSAGE_ACCEPTED];
	run_until(90 * S);
	assert_int_equal(peer_results(nodes[1].peer)[PQC_MESSAGE_ACCEPTED], good);
}

static void what_cannot_be_trusted_says_so(void **state)
{
	struct peer_settings settings = { 0 };
	struct failure failure;

	(void)state;
	start(0, &settings);
	trust(0, 1);
	assert_int_equal(
		peer_trust(nodes[0].peer, "again", identity_public_key(identities[1]), &failure),
		-EEXIST);
	assert_int_equal(
		peer_trust(nodes[0].peer, "self", identity_public_key(identities[0]), &failure),
		-EEXIST);
	for (unsigned i = 1; i < PEER_REMOTES_MAX; i++) {
		struct public_key key = *identity_public_key(identities[2]);
		key.bytes[100] ^= (uint8_t)i;
		assert_int_equal(peer_trust(nodes[0].peer, "made up", &key, &failure), 0);
	}
	assert_int_equal(
		peer_trust(nodes[0].peer, "too many", identity_public_key(identities[2]), &failure),
		-ENOSPC);
}

/* A third sees every packet and sends it again, with or without a changed byte. */
static void an_attacker_gets_nothing_accepted(void **state)
{
	struct peer_settings settings = { .data_per_second = 20 };
	static struct queued seen[600];
	unsigned n_seen = 0;

	(void)state;
	nodes[2].address = address_of(2);
	start_two(&settings);
	for (uint64_t end = now_ns + 12 * S; now_ns < end;) {
		for (unsigned i = 0; i < 2; i++) {
			const struct peer_time time = time_of(i);
			peer_work(nodes[i].peer, &time);
		}
		for (unsigned i = 0; i < n_queued && n_seen < 600; i++)
			seen[n_seen++] = queue[i];
		settle();
		now_ns += S / 20;
	}
	uint64_t received[2] = { remote(0)->data_received, remote(1)->data_received };
	uint64_t good[2], until[2];
	assert_true(remote(0)->has_session && remote(1)->has_session && n_seen > 300);
	for (unsigned i = 0; i < 2; i++) {
		good[i] = peer_results(nodes[i].peer)[PQC_MESSAGE_ACCEPTED];
		until[i] = remote(i)->authenticated_until;
	}
	for (unsigned round = 0; round < 30; round++)
		for (unsigned i = 0; i < n_seen; i++) {
			struct queued packet = seen[i];
			if (round > 0)
				packet.bytes[random_below((uint32_t)packet.length)] ^=
					(uint8_t)(1 + random_below(255));
			if (round > 20)
				packet.length = random_below((uint32_t)packet.length);
			deliver(2, packet.from == 0 ? 1 : 0, packet.bytes, packet.length);
			n_queued =
				0; /* nobody answers; if somebody does, the counts below say so */
		}
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(remote(i)->data_received, received[i]);
		assert_int_equal(peer_results(nodes[i].peer)[PQC_MESSAGE_ACCEPTED], good[i]);
		assert_int_equal(remote(i)->authenticated_until, until[i]);
		assert_true(address_equal(&remote(i)->address, &nodes[1 - i].address));
		assert_int_equal(remote(i)->sessions, 1);
		assert_true(peer_results(nodes[i].peer)[PQC_REPLAYED] > 0);
		assert_true(peer_results(nodes[i].peer)[PQC_BAD_TAG] > 0);
	}
}

/* Forged messages, with a higher sequence, cost no more verifications than the budget has. */
static void forgeries_are_throttled(void **state)
{
	struct peer_settings settings = { 0 };
	static struct message forged;
	struct failure failure;
	uint8_t bytes[MESSAGE_PACKET_MAX];

	(void)state;
	nodes[2].address = address_of(2);
	start_two(&settings);
	run_until(2 * S);
	const struct pqc_path path = path_between(&nodes[2].address, &nodes[1].address);
	const struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = REALTIME + 20 * S,
		.valid_until = UINT64_MAX,
		.path = &path,
	};
	assert_int_equal(message_sign(identities[2], &content, &forged, &failure), 0);
	memcpy(forged.node, identity_fingerprint(identities[0]), PQC_NODE_LEN);
	forged.bytes[offsetof(struct pqc_message, set)] = (uint8_t)remote(1)->set;
	if (forged.total < sizeof(struct pqc_message) + 2420)
		fail();
	for (unsigned n = 0; n < 2000; n++) {
		forged.sequence++;
		for (unsigned i = 0; i < message_slices(&forged); i++) {
			size_t length = message_slice(&forged, i, bytes);
			deliver(2, 1, bytes, length);
		}
	}
	const uint64_t *results = peer_results(nodes[1].peer);
	assert_int_equal(results[PQC_THROTTLED], 2000 - 50);
	assert_int_equal(results[PQC_BAD_SIGNATURE] + results[PQC_BAD_LENGTH] +
				 results[PQC_MALFORMED_SIGNATURE],
		50);
	/* Meanwhile the true node is heard. */
	uint64_t good = results[PQC_MESSAGE_ACCEPTED];
	run_until(25 * S);
	assert_true(results[PQC_MESSAGE_ACCEPTED] > good);
}

/* Makes a beacon of node 0, valid from and until so many seconds from now. */
static void make_beacon(uint64_t sequence, int64_t from, int64_t until, struct message *message)
{
	struct failure failure;
	int64_t seconds = (int64_t)((REALTIME + now_ns) / S);
	const struct peer_address source = address_of(0), destination = address_of(1);
	const struct pqc_path path = path_between(&source, &destination);
	const struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = sequence,
		.valid_from = (uint64_t)(seconds + from),
		.valid_until = (uint64_t)(seconds + until),
		.path = &path,
	};

	assert_int_equal(message_sign(identities[0], &content, message, &failure), 0);
}

/* Delivers slices of a message to node 1, from the address of another. */
static void deliver_slices(unsigned from, const struct message *message, unsigned n)
{
	uint8_t bytes[MESSAGE_PACKET_MAX];

	for (unsigned i = 0; i < n; i++)
		deliver(from, 1, bytes, message_slice(message, i, bytes));
}

static void messages_are_valid_to_the_second(void **state)
{
	static const struct {
		int64_t from, until;
		enum pqc_result result;
	} cases[] = {
		{ 0, 1, PQC_MESSAGE_ACCEPTED },
		{ 1, 2, PQC_NOT_YET_VALID },
		{ -1, 0, PQC_EXPIRED },
		{ -1, 1, PQC_MESSAGE_ACCEPTED },
	};
	struct peer_settings settings = { 0 };
	static struct message message;

	(void)state;
	start(1, &settings);
	trust(1, 0);
	nodes[0].address = address_of(0);
	const uint64_t *results = peer_results(nodes[1].peer);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t before = results[cases[i].result];
		make_beacon(10 + i, cases[i].from, cases[i].until, &message);
		deliver_slices(0, &message, message_slices(&message));
		assert_int_equal(results[cases[i].result], before + 1);
	}
}

/* Others fill every place but the one of the address that good messages come from. */
static void strangers_cannot_fill_all_places(void **state)
{
	struct peer_settings settings = { 0 };
	static struct message message;

	(void)state;
	start(1, &settings);
	trust(1, 0);
	nodes[0].address = address_of(0);
	make_beacon(10, 0, 100, &message);
	deliver_slices(0, &message, message_slices(&message));
	const uint64_t *results = peer_results(nodes[1].peer);
	assert_int_equal(results[PQC_MESSAGE_ACCEPTED], 1);
	make_beacon(1000, 0, 100, &message);
	for (unsigned i = 0; i < PQC_PLACES + 3; i++) {
		nodes[2].address = address_of(10 + i);
		deliver_slices(2, &message, 1);
	}
	assert_int_equal(results[PQC_REASSEMBLY_OVERFLOW], PQC_SOURCES + 3);
	make_beacon(11, 0, 100, &message);
	deliver_slices(0, &message, message_slices(&message));
	assert_int_equal(results[PQC_MESSAGE_ACCEPTED], 2);
	/* What was begun there times out for the next. */
	now_ns += REASSEMBLY_TIMEOUT_NS;
	make_beacon(1001, 0, 100, &message);
	deliver_slices(2, &message, 1);
	assert_int_equal(results[PQC_REASSEMBLY_TIMEOUT], 1);
}

/* A message that is sent on from elsewhere is refused there, and good from where it says. */
static void relayed_messages_move_nobody(void **state)
{
	const struct peer_address honest = address_of(0);
	struct peer_settings settings = { 0 };
	static struct message message;

	(void)state;
	start(1, &settings);
	trust(1, 0);
	nodes[0].address = honest;
	nodes[2].address = address_of(2);
	const uint64_t *results = peer_results(nodes[1].peer);
	for (unsigned i = 0; i < 20; i++) {
		now_ns += S;
		make_beacon(10 + i, 0, 100, &message);
		deliver_slices(2, &message, message_slices(&message));
		assert_int_equal(results[PQC_RELAYED], i + 1);
		deliver_slices(0, &message, message_slices(&message));
		assert_int_equal(results[PQC_MESSAGE_ACCEPTED], i + 1);
		assert_true(address_equal(&remote(1)->address, &honest));
	}
}

/* An operator names a node: its messages come from anywhere, and so the node is there. */
static void translated_nodes_are_named(void **state)
{
	struct peer_settings settings = { .n_translated = 1, .translated = { "zero" } };
	static struct message message;

	(void)state;
	start(1, &settings);
	trust(1, 0);
	nodes[2].address = address_of(2);
	make_beacon(10, 0, 100, &message);
	deliver_slices(2, &message, message_slices(&message));
	assert_int_equal(peer_results(nodes[1].peer)[PQC_MESSAGE_ACCEPTED], 1);
	assert_true(address_equal(&remote(1)->address, &nodes[2].address));
	assert_true(peer_exchange(nodes[1].peer, 0)->translated);
}

/* Sequences ahead of the clock keep nothing out, not even the node's own. */
static void the_future_takes_nothing(void **state)
{
	struct peer_settings settings = { 0 };
	static struct message message;

	(void)state;
	start(1, &settings);
	trust(1, 0);
	nodes[0].address = address_of(0);
	const uint64_t *results = peer_results(nodes[1].peer);
	const uint64_t last = REALTIME + now_ns + PQC_CLOCK_TOLERANCE_NS;
	make_beacon(last + 1, 0, 100, &message);
	deliver_slices(0, &message, 1);
	assert_int_equal(results[PQC_NOT_YET_VALID], 1);
	assert_int_equal(results[PQC_FRAGMENT_BUFFERED], 0);
	make_beacon(last, 0, 100, &message);
	deliver_slices(0, &message, message_slices(&message));
	assert_int_equal(results[PQC_MESSAGE_ACCEPTED], 1);
	clock_ahead_ns[1] = -(int64_t)S; /* set back: the node is heard again */
	make_beacon(REALTIME + now_ns, -10, 100, &message);
	deliver_slices(0, &message, message_slices(&message));
	assert_int_equal(results[PQC_MESSAGE_ACCEPTED], 2);
	clock_ahead_ns[1] = 0;
}

/* Counts queued beacons and hellos to a node by their first slices. */
static void count_queued(unsigned to, unsigned *beacons, unsigned *hellos, struct pqc_message *last)
{
	const struct peer_address address = address_of(to);

	*beacons = *hellos = 0;
	for (unsigned i = 0; i < n_queued; i++) {
		struct packet packet;

		assert_int_equal(
			packet_parse((struct span) { queue[i].bytes, queue[i].length }, &packet),
			0);
		assert_int_equal(packet.header.type, PQC_TYPE_FRAGMENT);
		if (!address_equal(&queue[i].to, &address) || packet.header.fragment.index != 0)
			continue;
		memcpy(last, packet.content.data, sizeof(*last));
		*beacons += last->kind == PQC_BEACON;
		*hellos += last->kind == PQC_HELLO;
	}
}

static uint64_t seconds_of(const __be32 parts[2])
{
	return (uint64_t)be32toh(parts[0]) << 32 | be32toh(parts[1]);
}

static void beacons_are_valid_for_three_intervals(void **state)
{
	static const struct {
		uint64_t beacon_ns, seconds;
	} cases[] = { { 10 * S, 30 }, { S / 10, 1 }, { S / 3 * 2, 2 }, { S, 3 }, { S + 1, 4 } };
	struct pqc_message head;
	unsigned beacons, hellos;

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct peer_settings settings = { .n_targets = 1, .beacon_ns = cases[i].beacon_ns };
		const struct peer_time time = time_of(0);
		settings.targets[0] = address_of(1);
		start(0, &settings);
		n_queued = 0;
		assert_int_equal(peer_work(nodes[0].peer, &time), now_ns + cases[i].beacon_ns);
		count_queued(1, &beacons, &hellos, &head);
		assert_int_equal(beacons, 1);
		assert_int_equal(seconds_of(head.valid_until) - seconds_of(head.valid_from),
			2 * PQC_CLOCK_TOLERANCE_S + cases[i].seconds);
	}
}

/* Sends the beacon that is due, and returns its number: all its slices have the same. */
static uint64_t next_beacon(void)
{
	const struct peer_time time = time_of(0);
	struct packet first, packet;

	n_queued = 0;
	peer_work(nodes[0].peer, &time);
	assert_true(n_queued > 1);
	assert_int_equal(
		packet_parse((struct span) { queue[0].bytes, queue[0].length }, &first), 0);
	for (unsigned i = 1; i < n_queued; i++) {
		assert_int_equal(
			packet_parse((struct span) { queue[i].bytes, queue[i].length }, &packet),
			0);
		assert_int_equal(packet.sequence, first.sequence);
	}
	return first.sequence;
}

/* The number is the time, so that it rises over a restart; a clock set back a little does not lower it. */
static void numbers_are_the_time_and_rise(void **state)
{
	struct peer_settings settings = { .n_targets = 1 };
	uint64_t before;

	(void)state;
	settings.targets[0] = address_of(1);
	start(0, &settings);
	clock_ahead_ns[0] = 0;
	before = next_beacon();
	assert_int_equal(before, REALTIME + now_ns);
	now_ns += 10 * S;
	before = next_beacon();
	assert_int_equal(before, REALTIME + now_ns);
	clock_ahead_ns[0] = -(int64_t)(15 * S);
	now_ns += 10 * S;
	assert_int_equal(next_beacon(), before + 1);
	now_ns += 10 * S;
	assert_int_equal(next_beacon(), REALTIME + now_ns - 15 * S);
	/* Set back by more than clocks may differ: what was sent counts no longer. */
	clock_ahead_ns[0] = -(int64_t)(100 * S);
	now_ns += 10 * S;
	assert_int_equal(next_beacon(), REALTIME + now_ns - 100 * S);
	clock_ahead_ns[0] = 0;
}

/* Does what is due at a time, and counts what goes to node 0. */
static void expect_messages(uint64_t at_ns, unsigned beacons, unsigned hellos)
{
	struct pqc_message head;
	unsigned got_beacons, got_hellos;

	now_ns = at_ns;
	const struct peer_time time = time_of(1);
	n_queued = 0;
	peer_work(nodes[1].peer, &time);
	count_queued(0, &got_beacons, &got_hellos, &head);
	assert_int_equal(got_beacons, beacons);
	assert_int_equal(got_hellos, hellos);
}

/* A target that is authenticated too gets no second beacon, and who is lost gets none. */
static void each_address_gets_one_beacon(void **state)
{
	struct peer_settings settings = { .n_targets = 1 };
	static struct message message;

	(void)state;
	for (unsigned is_target = 0; is_target < 2; is_target++) {
		uint64_t began_ns = now_ns;
		settings.targets[0] = address_of(is_target ? 0 : 5);
		start(1, &settings);
		trust(1, 0);
		nodes[0].address = address_of(0);
		make_beacon(now_ns, 0, 15, &message);
		deliver_slices(0, &message, message_slices(&message));
		expect_messages(began_ns, 1, 1);
		expect_messages(began_ns + 10 * S, 1, 1); /* and no data without a session */
		expect_messages(began_ns + 15 * S, 0, 0);
		assert_int_equal(nodes[1].events[PEER_LOST], 1);
		expect_messages(began_ns + 20 * S, is_target, 0);
		now_ns += S;
	}
}

/* Also the first of all refusals, by nobody. */
static void every_refusal_is_told(void **state)
{
	struct peer_settings settings = { 0 };
	static struct message message;

	(void)state;
	start(1, &settings);
	trust(1, 0);
	nodes[0].address = address_of(0);
	deliver(0, 1, "?", 1);
	assert_int_equal(peer_results(nodes[1].peer)[PQC_BAD_HEADER], 1);
	assert_int_equal(nodes[1].events[PEER_REFUSED], 1);
	make_beacon(10, 0, 100, &message);
	deliver_slices(0, &message, message_slices(&message));
	assert_int_equal(nodes[1].events[PEER_REFUSED], 1);
	deliver_slices(0, &message, 1);
	assert_int_equal(peer_results(nodes[1].peer)[PQC_REPLAYED], 1);
	assert_int_equal(nodes[1].events[PEER_REFUSED], 2);
}

/* After a pause of the process, as many as a burst are sent at once, and the rest never. */
static void late_data_is_sent_up_to_a_burst(void **state)
{
	struct peer_settings settings = { .data_per_second = 100 };

	(void)state;
	start_two(&settings);
	run_until(5 * S);
	uint64_t sent = remote(0)->data_sent;
	assert_true(sent > 300);
	now_ns += 3 * S;
	const struct peer_time time = time_of(0);
	assert_int_equal(peer_work(nodes[0].peer, &time), now_ns + S / 100);
	assert_int_equal(remote(0)->data_sent, sent + 64);
	peer_work(nodes[0].peer, &time);
	assert_int_equal(remote(0)->data_sent, sent + 64);
}

/* What the kernel has put together and verified drives the same machine. */
static void the_kernel_s_messages_are_taken(void **state)
{
	struct peer_settings settings = { 0 };
	static struct pqc_delivery delivery;
	static struct message message;
	struct failure failure;
	const struct peer_time time = { now_ns, REALTIME + now_ns };
	const struct peer_address from = address_of(0);
	const struct pqc_path path = path_between(&from, &from);
	const struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = 9,
		.valid_until = REALTIME / S + 1000,
		.path = &path,
	};

	(void)state;
	start(1, &settings);
	trust(1, 0);
	assert_int_equal(message_sign(identities[0], &content, &message, &failure), 0);
	memcpy(delivery.node, message.node, PQC_NODE_LEN);
	delivery.sequence = message.sequence;
	delivery.total = (uint32_t)message.total;
	memcpy(delivery.message, message.bytes, message.total);
	peer_deliver(nodes[1].peer, &from, &delivery, &time);
	assert_int_equal(nodes[1].events[PEER_AUTHENTICATED], 1);
	assert_int_equal(nodes[1].events[PEER_BEACON], 1);
	peer_deliver(nodes[1].peer, &from, &delivery, &time); /* the other CPU's */
	assert_int_equal(nodes[1].events[PEER_BEACON], 1);
	/* The node is reachable now: an exchange begins. */
	peer_work(nodes[1].peer, &time);
	assert_true(n_queued > 0);
	assert_int_equal(peer_exchange(nodes[1].peer, 0)->hello_ns, now_ns);
	assert_null(peer_exchange(nodes[1].peer, 1));
	delivery.sequence++;
	delivery.total = sizeof(delivery.message) + 1;
	peer_deliver(nodes[1].peer, &from, &delivery, &time);
	delivery.total = 5;
	peer_deliver(nodes[1].peer, NULL, &delivery, &time);
	assert_int_equal(nodes[1].events[PEER_BEACON], 1);
	delivery.total = sizeof(delivery.message); /* the kernel has judged the signature */
	peer_deliver(nodes[1].peer, NULL, &delivery, &time);
	assert_int_equal(nodes[1].events[PEER_BEACON], 2);
	assert_true(address_equal(&remote(1)->address, &from));
}

/* A message of node 0 as the kernel delivers it, which came over this link of the host. */
static void deliver_over(uint32_t link, uint64_t sequence)
{
	static struct pqc_delivery delivery;
	static struct message message;
	const struct peer_time time = { now_ns, REALTIME + now_ns };
	struct peer_address from = { .length = sizeof(struct sockaddr_in6) };
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&from.storage;

	six->sin6_family = AF_INET6;
	six->sin6_port = htons(PQC_PORT);
	six->sin6_scope_id = link;
	inet_pton(AF_INET6, "fe80::1", &six->sin6_addr);
	make_beacon(sequence, -10, 10, &message);
	memcpy(delivery.node, message.node, PQC_NODE_LEN);
	delivery.sequence = sequence;
	delivery.total = (uint32_t)message.total;
	memcpy(delivery.message, message.bytes, message.total);
	peer_deliver(nodes[1].peer, &from, &delivery, &time);
}

static uint32_t link_of_remote(void)
{
	return ((const struct sockaddr_in6 *)&remote(1)->address.storage)->sin6_scope_id;
}

/* Who has its messages sent on over another link gets nothing there, unless the node is silent on its own. */
static void a_link_local_address_stays_on_its_link(void **state)
{
	struct peer_settings settings = { 0 };

	(void)state;
	start(1, &settings);
	trust(1, 0);
	deliver_over(3, 10);
	assert_int_equal(link_of_remote(), 3);
	for (uint64_t i = 0; i < 20; i++) {
		now_ns += 3 * S;
		deliver_over(4, 20 + 2 * i);
		assert_int_equal(link_of_remote(), 3);
		deliver_over(3, 21 + 2 * i);
	}
	now_ns += 10 * S - 1;
	deliver_over(4, 100);
	assert_int_equal(link_of_remote(), 3);
	now_ns++;
	deliver_over(4, 101);
	assert_int_equal(link_of_remote(), 4);
	deliver_over(3, 102);
	assert_int_equal(link_of_remote(), 4);
}

static int make_identities(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NODES; i++)
		identities[i] = identity_for_test(signature_sets[i]);
	return 0;
}

static int free_identities(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NODES; i++)
		identity_close(identities[i]);
	return 0;
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(two_nodes_find_each_other),
		TEST(keys_are_replaced_while_data_flows),
		TEST(keys_are_replaced_by_volume),
		TEST(a_bad_network_only_delays),
		TEST(a_restarted_node_is_known_again),
		TEST(silence_ends_trust),
		TEST(clocks_may_differ_a_little),
		TEST(strangers_get_no_answer),
		TEST(what_cannot_be_trusted_says_so),
		TEST(an_attacker_gets_nothing_accepted),
		TEST(forgeries_are_throttled),
		TEST(messages_are_valid_to_the_second),
		TEST(strangers_cannot_fill_all_places),
		TEST(relayed_messages_move_nobody),
		TEST(translated_nodes_are_named),
		TEST(the_future_takes_nothing),
		TEST(beacons_are_valid_for_three_intervals),
		TEST(numbers_are_the_time_and_rise),
		TEST(each_address_gets_one_beacon),
		TEST(every_refusal_is_told),
		TEST(late_data_is_sent_up_to_a_burst),
		TEST(the_kernel_s_messages_are_taken),
		TEST(a_link_local_address_stays_on_its_link),
	};

	return cmocka_run_group_tests(tests, make_identities, free_identities);
}
