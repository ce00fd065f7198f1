// SPDX-License-Identifier: BSD-2-Clause
/* xdp_pqc_verify, packet by packet, by BPF_PROG_RUN: what passes, and why the rest is refused. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kernel/object.h"
#include "model/names.h"
#include "peer/data_session.h"
#include "peer/message.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/packet_model.h"
#include "tests/lib/packets.h"
#include "tests/lib/signatures.h"
#include "xdp_chain.h"
#include "xdp_pqc_verify.h"

#define SLOT	5
#define SESSION 0x01020304
#define SOURCE	40000

struct test_packet {
	size_t length;
	uint8_t bytes[MESSAGE_PACKET_MAX + 64];
};

static struct bpf_object *object;
static int program_fd;
static struct signing_key key;
static uint8_t node[PQC_NODE_LEN];
static uint64_t session_key[2] = { 0x1122334455667788, 0x99aabbccddeeff00 };
static struct pqc_control control;

/* --- the program and its maps ------------------------------------------------------------------ */

static void put(const char *map, const void *name, const void *value)
{
	assert_int_equal(
		bpf_map_update_elem(bpf_program_map_fd(object, map), name, value, BPF_ANY), 0);
}

static void get(const char *map, const void *name, void *value)
{
	assert_int_equal(bpf_map_lookup_elem(bpf_program_map_fd(object, map), name, value), 0);
}

static void set_mode(uint32_t mode)
{
	uint32_t zero = 0;

	control.mode = mode;
	put("pqc_control", &zero, &control);
}

static uint64_t counted(uint32_t result)
{
	struct pqc_stats stats;

	bpf_program_sum(bpf_program_map_fd(object, "pqc_stats"), 0, &stats, sizeof(stats));
	return stats.results[result];
}

static struct pqc_node read_node(void)
{
	uint32_t slot = SLOT;
	struct pqc_node state;

	get("pqc_nodes", &slot, &state);
	return state;
}

/* All that is known of the node, and what of the budgets is used up. */
static void forget_node(void)
{
	static const struct pqc_node nothing;
	static const struct pqc_reassembly empty;
	static const struct pqc_common unused;
	uint32_t slot = SLOT, zero = 0;

	put("pqc_nodes", &slot, &nothing);
	put("pqc_common", &zero, &unused);
	for (uint32_t place = SLOT * PQC_PLACES; place < (SLOT + 1) * PQC_PLACES; place++)
		put("pqc_reassembly", &place, &empty);
}

/* Only the places of sources that are none of the node's. */
static void forget_strangers(void)
{
	static const struct pqc_reassembly empty;

	for (uint32_t i = PQC_SOURCES; i < PQC_PLACES; i++) {
		uint32_t place = SLOT * PQC_PLACES + i;

		put("pqc_reassembly", &place, &empty);
	}
}

static void open_session(void)
{
	struct pqc_session_key name = { .session = htonl(SESSION) };
	struct pqc_session session = { .expires_ns = UINT64_MAX };

	memcpy(name.node, node, sizeof(node));
	memcpy(session.key, session_key, sizeof(session.key));
	put("pqc_sessions", &name, &session);
}

/* The path of all packets, unless a test takes another. */
static struct pqc_path path;

static void make_path(uint16_t source, struct pqc_path *made)
{
	struct frame frame;

	frame_ethernet(&frame, ETH_P_IP);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(&frame, source, PQC_PORT);
	frame_path(&frame, made);
}

static int set_up(void **state)
{
	uint32_t slot = SLOT;

	(void)state;
	object = bpf_program_open("xdp_pqc_verify");
	bpf_map__set_max_entries(
		bpf_object__find_map_by_name(object, "mldsa_keys"), PQC_NODES_DEFAULT);
	bpf_program_load(object);
	program_fd = bpf_program_fd(object, "xdp_pqc_verify");
	bpf_program_enter_alone(program_fd);
	signing_key_generate(MLDSA_65, &key);
	assert_int_equal(key_node(&key.public, node), 0);
	put("mldsa_keys", &slot, &key.expanded);
	put("pqc_node_slots", node, &slot);
	control.protected_ports[PQC_PORT / 64] = UINT64_C(1) << PQC_PORT % 64;
	control.realtime_offset_ns = clock_realtime_ns() - clock_boottime_ns();
	control.reassembly_timeout_ns = UINT64_C(60000000000);
	control.node_budget = control.common_budget =
		(struct pqc_budget) { .interval_ns = 1, .burst = UINT64_C(1) << 40 };
	set_mode(PQC_ENFORCE);
	make_path(SOURCE, &path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	signing_key_free(&key);
	bpf_object__close(object);
	return 0;
}

/* --- packets ------------------------------------------------------------------------------------ */

static void wrap_ports(struct frame *frame, const struct test_packet *packet, uint16_t source,
	uint16_t destination)
{
	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(frame, source, destination);
	frame_payload(frame, packet->length);
	memcpy(frame->bytes + frame->length - packet->length, packet->bytes, packet->length);
	frame_finish(frame);
}

static uint32_t run(const struct test_packet *packet)
{
	struct frame frame;

	wrap_ports(&frame, packet, SOURCE, PQC_PORT);
	return bpf_program_run(program_fd, frame.bytes, frame.length);
}

/* Runs the packet, and says which one result it was counted under. */
static uint32_t result_of(const struct test_packet *packet)
{
	struct pqc_stats before, after;
	int fd = bpf_program_map_fd(object, "pqc_stats");
	uint32_t found = PQC_RESULTS;

	bpf_program_sum(fd, 0, &before, sizeof(before));
	uint32_t verdict = run(packet);
	bpf_program_sum(fd, 0, &after, sizeof(after));
	for (uint32_t i = 0; i < PQC_RESULTS; i++) {
		if (after.results[i] == before.results[i])
			continue;
		if (i == PQC_REASSEMBLY_TIMEOUT) /* comes on top */
			continue;
		assert_int_equal(found, PQC_RESULTS);
		assert_int_equal(after.results[i], before.results[i] + 1);
		found = i;
	}
	assert_int_equal(verdict, found == PQC_DATA_ACCEPTED ? XDP_PASS : XDP_DROP);
	return found;
}

static uint64_t seconds(void)
{
	return (uint64_t)time(NULL);
}

static void make_message(uint64_t sequence, size_t body, struct message *message)
{
	uint8_t bytes[PQC_BODY_MAX];
	struct failure failure;

	random_fill(bytes, sizeof(bytes));
	struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = sequence,
		.valid_from = seconds() - 10,
		.valid_until = seconds() + 1000,
		.path = &path,
		.body = { bytes, body },
	};
	assert_int_equal(message_sign(key.identity, &content, message, &failure), 0);
}

static void slice(const struct message *message, unsigned index, struct test_packet *packet)
{
	packet->length = message_slice(message, index, packet->bytes);
}

/* Sends all slices; all but the last must be kept. Returns the result of the last. */
static uint32_t send_message(const struct message *message)
{
	struct test_packet packet;
	unsigned slices = message_slices(message);

	for (unsigned i = 0; i + 1 < slices; i++) {
		slice(message, i, &packet);
		assert_int_equal(result_of(&packet), PQC_FRAGMENT_BUFFERED);
	}
	slice(message, slices - 1, &packet);
	return result_of(&packet);
}

static void seal(uint64_t sequence, struct span payload, const struct pqc_path *way,
	struct test_packet *packet)
{
	const struct data_content content = {
		.sequence = sequence,
		.session = SESSION,
		.key = session_key,
		.path = way,
		.payload = payload,
	};

	packet->length = message_data(node, &content, packet->bytes);
}

/* Seals an empty packet whose tag does not cover the addresses. */
static void seal_translated(uint64_t sequence, struct test_packet *packet)
{
	const struct data_content content = {
		.sequence = sequence,
		.session = SESSION,
		.flags = PQC_TRANSLATED,
		.key = session_key,
		.path = &path,
	};

	packet->length = message_data(node, &content, packet->bytes);
}

static void make_data(uint64_t sequence, size_t length, struct test_packet *packet)
{
	uint8_t payload[PQC_DATA_MAX];

	random_fill(payload, sizeof(payload));
	seal(sequence, (struct span) { payload, length }, &path, packet);
	assert_true(packet->length > 0);
}

/* --- messages ----------------------------------------------------------------------------------- */

static int take_delivery(void *context, void *data, size_t size)
{
	struct pqc_delivery *delivery = context;

	assert_true(size <= sizeof(*delivery));
	memcpy(delivery, data, size);
	return 0;
}

static void good_message_is_delivered(void **state)
{
	static struct pqc_delivery delivery;
	struct message message;
	struct ring_buffer *ring = ring_buffer__new(
		bpf_program_map_fd(object, "pqc_messages"), take_delivery, &delivery, NULL);

	(void)state;
	assert_non_null(ring);
	forget_node();
	for (size_t body = 0; body <= PQC_BODY_MAX; body += 83) {
		make_message(100 + body, body, &message);
		assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
		assert_int_equal(ring_buffer__consume(ring), 1);
		assert_memory_equal(delivery.node, node, sizeof(node));
		assert_int_equal(delivery.sequence, 100 + body);
		assert_int_equal(delivery.slot, SLOT);
		assert_int_equal(delivery.total, message.total);
		assert_int_equal(delivery.version, 4);
		assert_memory_equal(delivery.source, FRAME_SOURCE4, 4);
		assert_int_equal(delivery.source_port, htons(SOURCE));
		assert_memory_equal(delivery.message, message.bytes, message.total);
	}
	struct pqc_node known = read_node();
	assert_int_equal(known.sequence, 100 + PQC_BODY_MAX);
	assert_true(known.authenticated_until > seconds());
	assert_int_equal(known.good, PQC_BODY_MAX / 83 + 1);
	ring_buffer__free(ring);
}

/* From whole slices alone to 17 bytes in the last, which is copied by words as the others are. */
static void a_last_slice_may_be_short(void **state)
{
	size_t whole = 3 * PQC_SLICE - sizeof(struct pqc_message) - 3309; /* of ML-DSA-65 */
	struct message message;

	(void)state;
	forget_node();
	for (size_t rest = 0; rest <= 17; rest++) {
		make_message(500 + rest, whole + rest, &message);
		assert_int_equal(message.total, 3 * PQC_SLICE + rest);
		assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	}
}

static void slices_come_in_any_order_and_twice(void **state)
{
	struct message message;
	struct test_packet packet;

	(void)state;
	forget_node();
	for (unsigned round = 0; round < 200; round++) {
		make_message(1000 + round, PQC_BODY_MAX, &message);
		unsigned slices = message_slices(&message), received = 0;

		while (received != (1u << slices) - 1) {
			unsigned index = random_below(slices);
			bool last = (received | 1u << index) == (1u << slices) - 1;

			slice(&message, index, &packet);
			assert_int_equal(result_of(&packet),
				last ? PQC_MESSAGE_ACCEPTED : PQC_FRAGMENT_BUFFERED);
			received |= 1u << index;
		}
		slice(&message, 0, &packet);
		assert_int_equal(result_of(&packet), PQC_REPLAYED);
	}
}

/* Every byte of a message: flipped, it is refused; nothing unsigned is believed. */
static void flipped_messages_are_refused(void **state)
{
	struct message good, message;

	(void)state;
	forget_node();
	make_message(5, 100, &good);
	for (size_t at = 0; at < good.total; at += at < 140 ? 1 : 37) {
		message = good;
		message.bytes[at] ^= (uint8_t)(1u << random_below(8));
		uint32_t result = send_message(&message);
		if (result < PQC_REFUSED)
			fail_msg("byte %zu", at);
	}
	message = good;
	message.sequence++;
	assert_int_equal(send_message(&message), PQC_BAD_SIGNATURE);
	assert_int_equal(send_message(&good), PQC_MESSAGE_ACCEPTED);
}

static uint32_t send_valid_between(uint64_t sequence, uint64_t from, uint64_t until)
{
	struct message message;
	struct failure failure;
	struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = sequence,
		.valid_from = from,
		.valid_until = until,
		.path = &path,
	};

	assert_int_equal(message_sign(key.identity, &content, &message, &failure), 0);
	return send_message(&message);
}

static void validity_is_checked(void **state)
{
	(void)state;
	forget_node();
	assert_int_equal(send_valid_between(1, seconds() + 100, UINT64_MAX), PQC_NOT_YET_VALID);
	assert_int_equal(send_valid_between(2, 0, seconds() - 1), PQC_EXPIRED);
	assert_int_equal(send_valid_between(3, 0, UINT64_MAX), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(read_node().authenticated_until, UINT64_MAX);
}

/* A change to a packet, and what it is refused for. */
static const struct {
	const char *what;
	size_t at;
	uint8_t value; /* exclusive-or */
	uint32_t fragment; /* the result for a slice, */
	uint32_t data; /* and for data */
} header_changes[] = {
	{ "magic", 0, 1, PQC_BAD_HEADER, PQC_BAD_HEADER },
	{ "version", 4, 3, PQC_BAD_HEADER, PQC_BAD_HEADER },
	{ "type", 5, 8, PQC_BAD_HEADER, PQC_BAD_HEADER },
	{ "flags", 6, 1, PQC_BAD_HEADER, PQC_BAD_HEADER },
	{ "reserved", 7, 1, PQC_BAD_HEADER, PQC_BAD_HEADER },
	{ "node", 8, 1, PQC_UNKNOWN_NODE, PQC_UNKNOWN_NODE },
	{ "index or session", 24, 7, PQC_BAD_HEADER, PQC_UNKNOWN_SESSION },
	{ "count or session", 25, 8, PQC_BAD_HEADER, PQC_UNKNOWN_SESSION },
	{ "offset or session", 26, 1, PQC_BAD_HEADER, PQC_UNKNOWN_SESSION },
	{ "total or length", 28, 0x80, PQC_BAD_HEADER, PQC_BAD_LENGTH },
	{ "length", 29, 1, PQC_FRAGMENT_BUFFERED, PQC_BAD_LENGTH },
	{ "reserved at the end", 31, 1, PQC_BAD_HEADER, PQC_BAD_HEADER },
	{ "sequence", 23, 1, PQC_FRAGMENT_BUFFERED, PQC_BAD_TAG },
	{ "payload", 40, 1, PQC_FRAGMENT_BUFFERED, PQC_BAD_TAG },
};

static void headers_are_checked(void **state)
{
	struct message message;
	struct test_packet packet;

	(void)state;
	open_session();
	make_message(10, 0, &message);
	for (size_t i = 0; i < sizeof(header_changes) / sizeof(header_changes[0]); i++) {
		forget_node();
		slice(&message, 0, &packet);
		packet.bytes[header_changes[i].at] ^= header_changes[i].value;
		uint32_t result = result_of(&packet);
		if (result != header_changes[i].fragment)
			fail_msg("slice, %s: %u", header_changes[i].what, result);
		make_data(10, 100, &packet);
		packet.bytes[header_changes[i].at] ^= header_changes[i].value;
		result = result_of(&packet);
		if (result != header_changes[i].data)
			fail_msg("data, %s: %u", header_changes[i].what, result);
	}
}

static void truncated_packets_are_refused(void **state)
{
	struct message message;
	struct test_packet packet;

	(void)state;
	forget_node();
	open_session();
	make_message(10, 0, &message);
	for (size_t cut = 1; cut <= 348; cut++) {
		make_data(10, 300, &packet);
		packet.length -= cut;
		assert_true(result_of(&packet) >= PQC_REFUSED);
		slice(&message, 0, &packet);
		packet.length -= cut;
		assert_true(result_of(&packet) >= PQC_REFUSED);
	}
	packet.length = 0;
	assert_int_equal(result_of(&packet), PQC_BAD_HEADER);
}

static void places_run_out_and_time_out(void **state)
{
	struct message message;
	struct test_packet packet;
	uint64_t timeouts = counted(PQC_REASSEMBLY_TIMEOUT);
	uint32_t zero = 0;

	(void)state;
	forget_node();
	make_message(10, 0, &message);
	slice(&message, 0, &packet);
	assert_int_equal(result_of(&packet), PQC_FRAGMENT_BUFFERED);
	make_message(11, 0, &message); /* from the same source: the same place */
	slice(&message, 0, &packet);
	assert_int_equal(result_of(&packet), PQC_REASSEMBLY_OVERFLOW);
	control.reassembly_timeout_ns = 1;
	put("pqc_control", &zero, &control);
	assert_int_equal(result_of(&packet), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(counted(PQC_REASSEMBLY_TIMEOUT), timeouts + 1);
	control.reassembly_timeout_ns = UINT64_C(60000000000);
	put("pqc_control", &zero, &control);
}

/* A known node's later message takes the place of one that lacks a slice; not the other way round. */
static void a_lost_slice_costs_one_message(void **state)
{
	struct message message;
	struct test_packet early, late;

	(void)state;
	forget_node();
	make_message(10, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	uint64_t timeouts = counted(PQC_REASSEMBLY_TIMEOUT);
	make_message(11, 0, &message);
	slice(&message, 0, &early);
	assert_int_equal(result_of(&early), PQC_FRAGMENT_BUFFERED);
	make_message(12, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(counted(PQC_REASSEMBLY_TIMEOUT), timeouts + 1);
	assert_int_equal(result_of(&early), PQC_REPLAYED);

	make_message(14, 0, &message);
	slice(&message, 0, &late);
	assert_int_equal(result_of(&late), PQC_FRAGMENT_BUFFERED);
	make_message(13, 0, &message);
	slice(&message, 0, &early);
	assert_int_equal(result_of(&early), PQC_REASSEMBLY_OVERFLOW);
	assert_int_equal(counted(PQC_REASSEMBLY_TIMEOUT), timeouts + 1);
}

static uint32_t run_from(const struct test_packet *packet, uint16_t source)
{
	struct frame frame;

	wrap_ports(&frame, packet, source, PQC_PORT);
	return bpf_program_run(program_fd, frame.bytes, frame.length);
}

/* Messages that never complete, from every source port: a node that is known has its own place. */
static void strangers_do_not_take_a_known_nodes_place(void **state)
{
	struct message message;
	struct test_packet packet;

	(void)state;
	forget_node();
	make_message(10, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	make_message(1000, 0, &message);
	slice(&message, 0, &packet);
	uint64_t overflows = counted(PQC_REASSEMBLY_OVERFLOW);
	for (uint16_t source = SOURCE + 1; source <= SOURCE + 100; source++)
		run_from(&packet, source);
	assert_int_equal(
		counted(PQC_REASSEMBLY_OVERFLOW), overflows + 100 - (PQC_PLACES - PQC_SOURCES));
	make_message(11, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
}

/* Forgeries use up the common budget, and the node's own source has its own. */
static void a_flood_is_throttled(void **state)
{
	const uint64_t hour_ns = UINT64_C(3600000000000);
	struct message good, forged;
	struct pqc_control saved = control;
	struct frame frame;
	struct test_packet packet;
	uint64_t bad = counted(PQC_BAD_SIGNATURE), throttled = counted(PQC_THROTTLED);

	(void)state;
	forget_node();
	make_message(1, 0, &good);
	assert_int_equal(send_message(&good), PQC_MESSAGE_ACCEPTED);
	control.node_budget = (struct pqc_budget) { .interval_ns = hour_ns, .burst = 2 };
	control.common_budget = (struct pqc_budget) { .interval_ns = hour_ns, .burst = 7 };
	set_mode(PQC_ENFORCE);
	make_message(1000, 0, &forged);
	for (unsigned i = 0; i < 1000; i++) {
		struct pqc_message *head = (struct pqc_message *)forged.bytes;

		forged.sequence++; /* well-formed, and not what was signed */
		head->source_port = htons((uint16_t)(1 + i));
		for (unsigned s = 0; s < message_slices(&forged); s++) {
			slice(&forged, s, &packet);
			wrap_ports(&frame, &packet, (uint16_t)(1 + i), PQC_PORT);
			bpf_program_run(program_fd, frame.bytes, frame.length);
		}
	}
	assert_int_equal(counted(PQC_BAD_SIGNATURE), bad + 7);
	assert_int_equal(counted(PQC_THROTTLED), throttled + 993);
	make_message(2, 0, &good);
	assert_int_equal(send_message(&good), PQC_MESSAGE_ACCEPTED);
	make_message(3, 0, &good);
	assert_int_equal(send_message(&good), PQC_MESSAGE_ACCEPTED);
	make_message(4, 0, &good);
	assert_int_equal(send_message(&good), PQC_THROTTLED);
	control = saved;
	set_mode(PQC_ENFORCE);
}

/* --- data ---------------------------------------------------------------------------------------- */

static void data_of_every_length_passes_once(void **state)
{
	struct test_packet packet;

	(void)state;
	open_session();
	for (size_t length = 0; length <= PQC_DATA_MAX; length++) {
		make_data(1 + length, length, &packet);
		assert_int_equal(result_of(&packet), PQC_DATA_ACCEPTED);
		assert_int_equal(result_of(&packet), PQC_REPLAYED);
	}
}

static void forged_data_is_refused(void **state)
{
	struct test_packet good, packet;

	(void)state;
	open_session();
	make_data(7, 333, &good);
	for (size_t at = sizeof(struct pqc_header); at < good.length; at++) {
		packet = good;
		packet.bytes[at] ^= (uint8_t)(1u << random_below(8));
		assert_int_equal(result_of(&packet), PQC_BAD_TAG);
	}
	assert_int_equal(result_of(&good), PQC_DATA_ACCEPTED);
}

static void an_expired_session_is_refused(void **state)
{
	struct pqc_session_key name = { .session = htonl(SESSION) };
	struct pqc_session session = { .expires_ns = 1 };
	struct test_packet packet;

	(void)state;
	memcpy(name.node, node, sizeof(node));
	memcpy(session.key, session_key, sizeof(session.key));
	put("pqc_sessions", &name, &session);
	make_data(1, 10, &packet);
	assert_int_equal(result_of(&packet), PQC_EXPIRED);
}

/* --- modes ---------------------------------------------------------------------------------------- */

static void modes_do_what_they_say(void **state)
{
	struct test_packet packet;
	uint64_t bad = counted(PQC_BAD_TAG);

	(void)state;
	open_session();
	make_data(1, 10, &packet);
	packet.bytes[packet.length - 1] ^= 1;
	set_mode(PQC_OFF);
	assert_int_equal(run(&packet), XDP_PASS);
	assert_int_equal(counted(PQC_BAD_TAG), bad);
	set_mode(PQC_OBSERVE);
	assert_int_equal(run(&packet), XDP_PASS);
	assert_int_equal(counted(PQC_BAD_TAG), bad + 1);
	set_mode(PQC_ENFORCE);
	assert_int_equal(run(&packet), XDP_DROP);
	assert_int_equal(counted(PQC_BAD_TAG), bad + 2);
}

static void sum_results(uint64_t *sum)
{
	*sum = 0;
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		*sum += counted(i);
}

static bool is_protected_port(const struct frame *frame)
{
	const uint8_t *port = frame->bytes + frame->udp + 2;

	return (port[0] << 8 | port[1]) == PQC_PORT;
}

static void other_traffic_is_not_touched(void **state)
{
	uint64_t before, after;
	struct frame frame;
	struct test_packet packet;
	struct packet_model model;

	(void)state;
	sum_results(&before);
	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		packet_native_read(frame.bytes, frame.length, false, &model);
		if ((frame.udp && is_protected_port(&frame)) || model.hiding)
			continue;
		assert_int_equal(bpf_program_run(program_fd, frame.bytes, frame.length), XDP_PASS);
	}
	make_data(1, 10, &packet);
	wrap_ports(&frame, &packet, PQC_PORT, PQC_PORT + 1);
	assert_int_equal(bpf_program_run(program_fd, frame.bytes, frame.length), XDP_PASS);
	sum_results(&after);
	assert_int_equal(after, before);
}

/* --- ways to the port ----------------------------------------------------------------------------- */

#define WHOLE	 0
#define FIRST	 1 /* the M bit of an IPv6 fragment header */
#define IPV4_MF	 0x2000
#define FRAGMENT 44
#define OPTIONS	 60 /* destination options: any number of them may come */

static void headers_ipv4(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
}

static void headers_ipv4_options(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP, .options = 40 });
}

static void headers_ipv4_first_fragment(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP, .fragment = IPV4_MF });
}

static void headers_vlan_ipv4(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_8021Q);
	frame_vlan(frame, ETH_P_IP);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
}

static void headers_two_vlans_ipv6(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_8021AD);
	frame_vlan(frame, ETH_P_8021Q);
	frame_vlan(frame, ETH_P_IPV6);
	frame_ipv6(frame, IPPROTO_UDP, 0);
}

static void headers_ipv6(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_IPV6);
	frame_ipv6(frame, IPPROTO_UDP, 0);
}

static void headers_ipv6_options(struct frame *frame, unsigned count)
{
	frame_ethernet(frame, ETH_P_IPV6);
	frame_ipv6(frame, OPTIONS, 0);
	while (count-- > 1)
		frame_extension(frame, OPTIONS, OPTIONS, 0);
	frame_extension(frame, OPTIONS, IPPROTO_UDP, 0);
}

static void headers_ipv6_8_extensions(struct frame *frame)
{
	headers_ipv6_options(frame, 8);
}

static void headers_ipv6_9_extensions(struct frame *frame)
{
	headers_ipv6_options(frame, 9);
}

static void headers_ipv6_atomic_fragment(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_IPV6);
	frame_ipv6(frame, FRAGMENT, 0);
	frame_fragment(frame, IPPROTO_UDP, WHOLE);
}

static void headers_ipv6_first_fragment(struct frame *frame)
{
	frame_ethernet(frame, ETH_P_IPV6);
	frame_ipv6(frame, FRAGMENT, 0);
	frame_fragment(frame, IPPROTO_UDP, FIRST);
}

/* Of fragments of IP the first is whole here, but says that it is not all: that comes too late. */
static const struct {
	const char *name;
	void (*build)(struct frame *frame);
	bool whole; /* the UDP length fits */
	uint32_t result; /* for good data */
} ways[] = {
	{ "IPv4", headers_ipv4, true, PQC_DATA_ACCEPTED },
	{ "IPv4 with options", headers_ipv4_options, true, PQC_BAD_HEADER },
	{ "IPv4, first fragment", headers_ipv4_first_fragment, false, PQC_IP_FRAGMENT },
	{ "VLAN, IPv4", headers_vlan_ipv4, true, PQC_DATA_ACCEPTED },
	{ "two VLANs, IPv6", headers_two_vlans_ipv6, true, PQC_DATA_ACCEPTED },
	{ "IPv6", headers_ipv6, true, PQC_DATA_ACCEPTED },
	{ "IPv6, 8 extension headers", headers_ipv6_8_extensions, true, PQC_BAD_HEADER },
	{ "IPv6, 9 extension headers", headers_ipv6_9_extensions, true, PQC_BAD_HEADER },
	{ "IPv6, atomic fragment", headers_ipv6_atomic_fragment, true, PQC_BAD_HEADER },
	{ "IPv6, first fragment", headers_ipv6_first_fragment, false, PQC_IP_FRAGMENT },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Makes the tag of a data packet that of the frame that it is in. */
static void seal_again(struct frame *frame, size_t length)
{
	uint8_t *packet = frame->bytes + frame->length - length;
	struct pqc_path way;
	uint64_t tag[2];

	if (packet[5] != PQC_TYPE_DATA)
		return;
	frame_path(frame, &way);
	assert_int_equal(
		data_tag(session_key, &way, 0, (struct span) { packet, length - PQC_TAG_LEN }, tag),
		0);
	memcpy(packet + length - PQC_TAG_LEN, tag, sizeof(tag));
}

/* A packet on one of the ways; of a fragment the second half is missing. */
static void wrap_way(struct frame *frame, const struct test_packet *packet, size_t way)
{
	size_t sent = ways[way].whole ? packet->length : packet->length / 16 * 8;

	ways[way].build(frame);
	frame_udp(frame, SOURCE, PQC_PORT);
	frame_payload(frame, sent);
	memcpy(frame->bytes + frame->length - sent, packet->bytes, sent);
	if (ways[way].whole)
		seal_again(frame, sent);
	frame_finish(frame);
	if (!ways[way].whole) {
		frame->bytes[frame->udp + 4] = (uint8_t)((packet->length + 8) >> 8);
		frame->bytes[frame->udp + 5] = (uint8_t)(packet->length + 8);
	}
}

static void every_way_to_the_port_is_checked(void **state)
{
	struct test_packet packet;
	struct frame frame;

	(void)state;
	open_session();
	for (size_t i = 0; i < WAYS; i++) {
		uint64_t before = counted(ways[i].result);
		bool good = ways[i].result == PQC_DATA_ACCEPTED;

		make_data(1 + i, 100, &packet);
		wrap_way(&frame, &packet, i);
		uint32_t verdict = bpf_program_run(program_fd, frame.bytes, frame.length);
		if (counted(ways[i].result) != before + 1 ||
			verdict != (good ? XDP_PASS : XDP_DROP))
			fail_msg("%s: verdict %u", ways[i].name, verdict);
		set_mode(PQC_OBSERVE);
		assert_int_equal(bpf_program_run(program_fd, frame.bytes, frame.length), XDP_PASS);
		set_mode(PQC_ENFORCE);
	}
}

/* Writes an empty data packet, but leaves the packet's length. */
static void seal_empty(uint64_t sequence, struct test_packet *packet)
{
	size_t length = packet->length;

	seal(sequence, (struct span) { 0 }, &path, packet);
	packet->length = length;
}

/* Random bytes behind a right header, and wholly random ones: nothing is ever accepted. */
static void random_packets_are_refused(void **state)
{
	uint64_t before, after, good = counted(PQC_DATA_ACCEPTED) + counted(PQC_MESSAGE_ACCEPTED);
	struct test_packet packet;

	(void)state;
	forget_node();
	open_session();
	sum_results(&before);
	for (unsigned i = 0; i < 50000; i++) {
		packet.length = random_below(1448);
		random_fill(packet.bytes, packet.length < 128 ? packet.length : 128);
		if (i % 4 != 0)
			seal_empty(random_below(100), &packet);
		packet.bytes[5] = (uint8_t)(1 + random_below(2));
		if (i % 4 == 2)
			packet.bytes[24 + random_below(6)] = (uint8_t)random_below(8);
		if (packet.length == sizeof(struct pqc_header) + PQC_TAG_LEN)
			continue;
		assert_int_equal(run(&packet), XDP_DROP);
	}
	sum_results(&after);
	assert_true(after > before);
	assert_int_equal(counted(PQC_DATA_ACCEPTED) + counted(PQC_MESSAGE_ACCEPTED), good);
}

/* --- an attacker on the link ----------------------------------------------------------------------- */

static void put_interface(const struct pqc_interface *entry)
{
	uint32_t slot = 0;

	put("pqc_interfaces", &slot, entry);
}

/* The interface takes frames to the MAC address of frame_ethernet(), without a tag or of VLAN 7 (802.1Q). */
static void know_interface(void)
{
	struct pqc_interface entry = {
		.n_macs = 1, .kinds = PQC_VLANS_8021Q, .vlans = { 1 | 1 << 7 }
	};

	for (int i = 0; i < PQC_MACS_MAX; i++)
		memcpy(&entry.macs[i], "\x02\x00\x00\x00\x00\x02", 6);
	put_interface(&entry);
}

static void forget_interface(void)
{
	static const struct pqc_interface nothing;

	put_interface(&nothing);
}

static void wrong_udp_checksum(struct frame *frame)
{
	frame->bytes[frame->udp + 7] ^= 0x10;
}

/* The field of CHECKSUM_PARTIAL: the pseudo-header alone. */
static void partial_udp_checksum(struct frame *frame)
{
	struct frame bare = *frame;

	memset(bare.bytes + bare.udp, 0, bare.length - bare.udp);
	frame_finish(&bare); /* the inverse of it, with its length twice */
	uint16_t twice = (uint16_t)(bare.bytes[bare.udp + 6] << 8 | bare.bytes[bare.udp + 7]);
	uint32_t sum = (uint16_t)~twice + (uint16_t) ~(uint16_t)(frame->length - frame->udp);
	sum = (sum & 0xffff) + (sum >> 16);
	frame->bytes[frame->udp + 6] = (uint8_t)(sum >> 8);
	frame->bytes[frame->udp + 7] = (uint8_t)sum;
}

static void wrong_ipv4_checksum(struct frame *frame)
{
	frame->bytes[frame->ip + 10] ^= 1;
}

static void other_mac(struct frame *frame)
{
	frame->bytes[5] ^= 1;
}

static void no_mac(struct frame *frame)
{
	memset(frame->bytes, 0, 6);
}

static void broadcast_mac(struct frame *frame)
{
	memset(frame->bytes, 0xff, 6);
}

static void insert(struct frame *frame, size_t at, const char *bytes, size_t n)
{
	memmove(frame->bytes + at + n, frame->bytes + at, frame->length - at);
	memcpy(frame->bytes + at, bytes, n);
	frame->length += n;
	frame->ip += n;
	frame->udp += n;
}

static void other_vlan(struct frame *frame)
{
	insert(frame, 12, "\x81\x00\x00\x63", 4);
}

/* Behind a priority alone, and behind the VLAN of this host: no device takes the inner VLAN. */
static void inner_vlan(struct frame *frame)
{
	insert(frame, 12, "\x81\x00\x20\x00\x81\x00\x00\x63", 8);
}

static void vlan_in_vlan(struct frame *frame)
{
	insert(frame, 12, "\x81\x00\x00\x07\x81\x00\x00\x63", 8);
}

static void service_vlan(struct frame *frame)
{
	insert(frame, 12, "\x88\xa8\x00\x07", 4);
}

static void group_as_source_mac(struct frame *frame)
{
	frame->bytes[6] |= 1;
}

static void no_source_mac(struct frame *frame)
{
	memset(frame->bytes + 6, 0, 6);
}

/* Whose addresses are the mapped ones: the same under the tag. */
static void ipv6_of_ipv4(struct frame *frame)
{
	struct frame ipv4 = *frame;
	struct pqc_path way;
	size_t payload = frame->length - frame->udp - 8;

	frame_path(frame, &way);
	headers_ipv6(frame);
	frame_udp(frame, SOURCE, PQC_PORT);
	frame_payload(frame, payload);
	memcpy(frame->bytes + frame->udp + 8, ipv4.bytes + ipv4.udp + 8, payload);
	memcpy(frame->bytes + frame->ip + 8, way.source, sizeof(way.source));
	memcpy(frame->bytes + frame->ip + 24, way.destination, sizeof(way.destination));
	frame_finish(frame);
}

static void other_source(struct frame *frame)
{
	frame->bytes[frame->ip + 15] ^= 1;
	frame_finish(frame);
}

static void other_destination(struct frame *frame)
{
	frame->bytes[frame->ip + 19] ^= 1;
	frame_finish(frame);
}

static void other_port(struct frame *frame)
{
	frame->bytes[frame->udp + 1] ^= 1;
	frame_finish(frame);
}

static void first_fragment(struct frame *frame)
{
	frame->bytes[frame->ip + 6] |= 0x20;
	frame_finish(frame);
}

static void cut_by_ip(struct frame *frame)
{
	frame->bytes[frame->ip + 3] -= 1;
	frame->bytes[frame->ip + 11] += 1; /* the checksum is right again, unless it wraps */
}

static void cut_frame(struct frame *frame)
{
	frame->length--;
}

/* What an attacker sends ahead of a packet, and what it is refused as. */
static const struct {
	const char *name;
	void (*make)(struct frame *frame);
	uint32_t result;
} copies[] = {
	{ "UDP checksum", wrong_udp_checksum, PQC_BAD_CHECKSUM },
	{ "UDP checksum left to the device", partial_udp_checksum, PQC_BAD_CHECKSUM },
	{ "IPv4 checksum", wrong_ipv4_checksum, PQC_BAD_CHECKSUM },
	{ "MAC address", other_mac, PQC_NOT_FOR_HOST },
	{ "MAC address of 0", no_mac, PQC_NOT_FOR_HOST },
	{ "broadcast", broadcast_mac, PQC_NOT_FOR_HOST },
	{ "VLAN", other_vlan, PQC_NOT_FOR_HOST },
	{ "inner VLAN", inner_vlan, PQC_NOT_FOR_HOST },
	{ "VLAN in VLAN", vlan_in_vlan, PQC_NOT_FOR_HOST },
	{ "VLAN of 802.1ad", service_vlan, PQC_NOT_FOR_HOST },
	{ "group as source MAC address", group_as_source_mac, PQC_NOT_FOR_HOST },
	{ "no source MAC address", no_source_mac, PQC_NOT_FOR_HOST },
	{ "IPv6 of IPv4", ipv6_of_ipv4, PQC_BAD_HEADER },
	{ "source", other_source, PQC_BAD_TAG },
	{ "destination", other_destination, PQC_BAD_TAG },
	{ "port", other_port, PQC_BAD_TAG },
	{ "fragment", first_fragment, PQC_IP_FRAGMENT },
	{ "IPv4 length", cut_by_ip, PQC_BAD_HEADER },
	{ "cut frame", cut_frame, PQC_BAD_HEADER },
};

/* No copy that the host would drop, or take elsewhere, takes the place of the packet. */
static void copies_sent_ahead_suppress_nothing(void **state)
{
	struct test_packet packet;
	struct frame frame, copy;

	(void)state;
	open_session();
	know_interface();
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		uint64_t refused = counted(copies[i].result), good = counted(PQC_DATA_ACCEPTED);

		make_data(1 + i, 101, &packet);
		wrap_ports(&frame, &packet, SOURCE, PQC_PORT);
		copy = frame;
		copies[i].make(&copy);
		if (bpf_program_run(program_fd, copy.bytes, copy.length) != XDP_DROP ||
			counted(copies[i].result) != refused + 1)
			fail_msg("%s: not refused as it should be", copies[i].name);
		bpf_program_run(program_fd, frame.bytes, frame.length);
		if (counted(PQC_DATA_ACCEPTED) != good + 1)
			fail_msg("%s: the packet itself is refused", copies[i].name);
	}
	forget_interface();
}

/* Frames that the host takes: of its VLAN, with a priority alone, without a UDP checksum over IPv4. */
static void what_the_host_takes_is_good(void **state)
{
	static const char *const tags[] = { "\x81\x00\x20\x07", "\x81\x00\x20\x00",
		"\x88\xa8\x00\x00" };
	struct test_packet packet;
	struct frame frame;

	(void)state;
	open_session();
	know_interface();
	for (unsigned i = 0; i < 4; i++) {
		uint64_t good = counted(PQC_DATA_ACCEPTED);

		make_data(1 + i, 33 + i, &packet);
		wrap_ports(&frame, &packet, SOURCE, PQC_PORT);
		if (i == 3)
			memset(frame.bytes + frame.udp + 6, 0, 2);
		else
			insert(&frame, 12, tags[i], 4);
		bpf_program_run(program_fd, frame.bytes, frame.length);
		assert_int_equal(counted(PQC_DATA_ACCEPTED), good + 1);
	}
	forget_interface();
}

/* IPv6 has no packets without a checksum (RFC 8200 section 8.1). */
static void ipv6_needs_a_checksum(void **state)
{
	struct test_packet packet;
	struct frame frame;
	uint64_t bad = counted(PQC_BAD_CHECKSUM);

	(void)state;
	open_session();
	make_data(1, 50, &packet);
	wrap_way(&frame, &packet, 5);
	memset(frame.bytes + frame.udp + 6, 0, 2);
	bpf_program_run(program_fd, frame.bytes, frame.length);
	assert_int_equal(counted(PQC_BAD_CHECKSUM), bad + 1);
}

/* Sends all slices from a port, and returns what the last one is counted as. */
static uint32_t send_from(const struct message *message, uint16_t source)
{
	struct test_packet packet;
	struct pqc_stats before, after;
	int fd = bpf_program_map_fd(object, "pqc_stats");
	unsigned slices = message_slices(message);

	for (unsigned i = 0; i < slices; i++) {
		slice(message, i, &packet);
		bpf_program_sum(fd, 0, &before, sizeof(before));
		run_from(&packet, source);
	}
	bpf_program_sum(fd, 0, &after, sizeof(after));
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		if (after.results[i] != before.results[i] && i != PQC_REASSEMBLY_TIMEOUT)
			return i;
	return PQC_RESULTS;
}

/* A message that is sent on from elsewhere moves nobody, and junk behind it keeps nobody out. */
static void relayed_messages_move_nobody(void **state)
{
	struct message message, junk;
	struct test_packet packet;

	(void)state;
	forget_node();
	make_message(10, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	struct pqc_node before = read_node();
	for (unsigned i = 0; i < 20; i++) {
		make_message(20 + i, 0, &message);
		assert_int_equal(send_from(&message, SOURCE + 1), PQC_RELAYED);
		make_message(1000 + i, 0, &junk);
		slice(&junk, 0, &packet);
		run_from(&packet, SOURCE + 1);
		struct pqc_node after = read_node();
		assert_int_equal(after.sources.last, before.sources.last);
		assert_int_equal(after.sources.all[0].hash, before.sources.all[0].hash);
		assert_int_equal(after.sources.all[1].hash, before.sources.all[1].hash);
		assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
		forget_strangers();
	}
}

static void set_translated(bool on)
{
	uint32_t slot = SLOT | (on ? PQC_SLOT_TRANSLATED : 0);

	put("pqc_node_slots", node, &slot);
}

/* An operator names a node: its messages come from anywhere, its data from any address. */
static void translated_nodes_are_named(void **state)
{
	struct pqc_session_key name = { .session = htonl(SESSION) };
	struct message message;
	struct test_packet packet;
	struct pqc_session session;
	struct frame frame;

	(void)state;
	forget_node();
	open_session();
	for (unsigned named = 0; named < 2; named++) {
		set_translated(named);
		make_message(10, 0, &message);
		assert_int_equal(send_from(&message, SOURCE + 1),
			named ? PQC_MESSAGE_ACCEPTED : PQC_RELAYED);
		memcpy(name.node, node, sizeof(node));
		get("pqc_sessions", &name, &session);
		session.translated = named;
		put("pqc_sessions", &name, &session);
		seal_translated(1, &packet);
		wrap_ports(&frame, &packet, SOURCE, PQC_PORT);
		other_source(&frame);
		uint32_t result = named ? PQC_DATA_ACCEPTED : PQC_BAD_HEADER;
		uint64_t counts = counted(result), bad = counted(PQC_BAD_TAG);
		bpf_program_run(program_fd, frame.bytes, frame.length);
		assert_int_equal(counted(result), counts + 1);
		other_port(&frame); /* which the tag still covers */
		bpf_program_run(program_fd, frame.bytes, frame.length);
		assert_int_equal(counted(PQC_BAD_TAG), bad + named);
		forget_strangers();
	}
	set_translated(false);
}

/* A node that moves: where it was keeps its place until its messages from there would have expired. */
static void the_address_before_keeps_its_place(void **state)
{
	struct message message;
	struct test_packet packet;

	(void)state;
	forget_node();
	set_translated(true); /* so that the port of the message does not matter */
	make_message(10, 0, &message);
	assert_int_equal(send_from(&message, SOURCE), PQC_MESSAGE_ACCEPTED);
	for (uint16_t moved = 1; moved < 5; moved++) {
		make_message(10 + moved, 0, &message);
		assert_int_equal(send_from(&message, SOURCE + moved), PQC_MESSAGE_ACCEPTED);
		forget_strangers();
	}
	for (uint16_t stranger = 100; stranger < 110; stranger++) { /* all other places */
		make_message(1000, 0, &message);
		slice(&message, 0, &packet);
		run_from(&packet, SOURCE + stranger);
	}
	make_message(20, 0, &message);
	assert_int_equal(send_from(&message, SOURCE), PQC_MESSAGE_ACCEPTED);
	make_message(21, 0, &message);
	assert_int_equal(send_from(&message, SOURCE + 4), PQC_MESSAGE_ACCEPTED);
	make_message(22, 0, &message);
	assert_int_equal(send_from(&message, SOURCE + 3), PQC_REASSEMBLY_OVERFLOW);
	set_translated(false);
}

/* Messages from the future take nothing, not even the place of the node's own. */
static void the_future_takes_nothing(void **state)
{
	uint64_t now = clock_realtime_ns();
	struct message message;

	(void)state;
	forget_node();
	make_message(now, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	uint64_t kept = counted(PQC_FRAGMENT_BUFFERED);
	for (unsigned i = 1; i <= 20; i++) {
		make_message(now + PQC_CLOCK_TOLERANCE_NS + i * NS_PER_SECOND, 0, &message);
		assert_int_equal(send_from(&message, SOURCE), PQC_NOT_YET_VALID);
	}
	assert_int_equal(counted(PQC_FRAGMENT_BUFFERED), kept);
	make_message(now + 1, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
}

/* After this host's clock was set back, what came before that does not keep the node out. */
static void a_clock_that_is_set_back_forgets(void **state)
{
	uint64_t now = clock_realtime_ns();
	struct message message;
	uint32_t zero = 0;

	(void)state;
	forget_node();
	control.realtime_offset_ns += 3600 * NS_PER_SECOND;
	put("pqc_control", &zero, &control);
	assert_int_equal(
		send_valid_between(now + 3600 * NS_PER_SECOND, seconds(), seconds() + 7200),
		PQC_MESSAGE_ACCEPTED);
	control.realtime_offset_ns -= 3600 * NS_PER_SECOND;
	put("pqc_control", &zero, &control);
	make_message(now, 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(read_node().sequence, now);
}

/*
 * Where the kernel has CLOCK_TAI for programs, it is the clock, whatever user space said of the others: a
 * clock that is set while nobody else runs is followed.
 */
static void the_kernel_s_clock_is_followed(void **state)
{
	bool tai = libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ktime_get_tai_ns, NULL) == 1;
	const struct pqc_control saved_control = control;
	struct bpf_object *saved = object;
	uint32_t slot = SLOT;
	struct message message;

	(void)state;
	object = bpf_program_open("xdp_pqc_verify");
	bpf_map__set_max_entries(
		bpf_object__find_map_by_name(object, "mldsa_keys"), PQC_NODES_DEFAULT);
	assert_int_equal(object_set_constant(object, "has_tai", &tai, sizeof(tai)), 0);
	bpf_program_load(object);
	program_fd = bpf_program_fd(object, "xdp_pqc_verify");
	put("mldsa_keys", &slot, &key.expanded);
	put("pqc_node_slots", node, &slot);
	control.tai_offset_ns = clock_tai_ns() - clock_realtime_ns();
	if (tai)
		control.realtime_offset_ns = 0; /* by which it would be 1970 */
	set_mode(PQC_ENFORCE);
	make_message(clock_realtime_ns(), 0, &message);
	assert_int_equal(send_message(&message), PQC_MESSAGE_ACCEPTED);
	control.tai_offset_ns += 3600 * NS_PER_SECOND; /* as if the clock were set back */
	control.realtime_offset_ns -= tai ? 0 : 3600 * NS_PER_SECOND;
	set_mode(PQC_ENFORCE);
	make_message(clock_realtime_ns(), 0, &message);
	assert_int_equal(send_from(&message, SOURCE), PQC_NOT_YET_VALID);
	bpf_object__close(object);
	object = saved;
	program_fd = bpf_program_fd(object, "xdp_pqc_verify");
	control = saved_control;
	set_mode(PQC_ENFORCE);
}

/* --- mutations ------------------------------------------------------------------------------------ */

#define MUTATIONS 60000

/* X0_RANDOM_FRAMES: how many packets at most, where these take too long. */
static unsigned at_most(unsigned packets)
{
	const char *fewer = getenv("X0_RANDOM_FRAMES");
	unsigned maximum = fewer ? (unsigned)atoi(fewer) : packets;

	return packets < maximum ? packets : maximum;
}

/* What the parsers compiled natively say of a frame: the refusal, or one of these two. */
#define NOT_FOR_US (PQC_RESULTS + 1)
#define SOUND	   (PQC_RESULTS + 2) /* a slice without a fault: what it completes decides */

/* Finds the headers in a frame again. Returns PQC_DATA_ACCEPTED or why a host drops it: 0 or a group sends none. */
static uint32_t native_frame_result(
	struct frame *frame, const struct packet_model *model, size_t payload)
{
	const uint8_t *type = frame->bytes + 12;
	bool ipv6 = model->network == NETWORK_IPV6;

	if (frame->bytes[6] & 1 || memcmp(frame->bytes + 6, "\0\0\0\0\0\0", 6) == 0)
		return PQC_NOT_FOR_HOST;
	for (int i = 0;
		i < 2 && (memcmp(type, "\x81\0", 2) == 0 || memcmp(type, "\x88\xa8", 2) == 0); i++)
		type += 4;
	frame->ip = (size_t)(type + 2 - frame->bytes);
	frame->ip_version = ipv6 ? 6 : 4;
	frame->udp = model->ports_at;
	const uint8_t *ip = frame->bytes + frame->ip;
	size_t header = ipv6 ? 40 : 20;
	size_t length = ipv6 ? 40 + (size_t)(ip[4] << 8 | ip[5]) : (size_t)(ip[2] << 8 | ip[3]);
	if (frame->ip + header != frame->udp || length != header + 8 + payload)
		return PQC_BAD_HEADER;
	frame->length = frame->udp + 8 + payload;
	return frame_ipv4_is_right(frame) ? PQC_DATA_ACCEPTED : PQC_BAD_CHECKSUM;
}

/* Data that has been received before: with a right tag it is a replay. */
static uint32_t native_data_result(const struct frame *sent, const struct packet_model *model,
	struct span payload, const struct packet *packet)
{
	struct frame frame = *sent;
	struct pqc_path way = { 0 };
	struct test_packet right;
	struct data_packet data;
	int result = data_parse(payload, packet, &way, &data);

	if (result != 0)
		return (uint32_t)result;
	if (data.session != SESSION)
		return PQC_UNKNOWN_SESSION;
	if (data.flags != 0)
		return PQC_BAD_HEADER;
	result = (int)native_frame_result(&frame, model, payload.size);
	if (result != PQC_DATA_ACCEPTED)
		return (uint32_t)result;
	frame_path(&frame, &way);
	seal(data.sequence, data.payload, &way, &right);
	if (right.length != payload.size || memcmp(right.bytes, payload.data, payload.size) != 0)
		return PQC_BAD_TAG;
	return frame_udp_is_right(&frame) ? PQC_REPLAYED : PQC_BAD_CHECKSUM;
}

static uint32_t native_result(const struct frame *frame, struct span *payload)
{
	struct packet_model model;
	struct packet packet;
	struct slice part;

	packet_native_read(frame->bytes, frame->length, false, &model);
	if (model.hiding)
		return model.fragment ? PQC_IP_FRAGMENT : PQC_BAD_HEADER;
	if (!model.has_ports || model.protocol != IPPROTO_UDP || model.destination_port != PQC_PORT)
		return NOT_FOR_US;
	if (model.fragment)
		return PQC_IP_FRAGMENT;
	const uint8_t *udp = frame->bytes + model.ports_at;
	size_t left = model.ports_end - model.ports_at;
	size_t length = left < 8 ? 0 : (size_t)udp[4] << 8 | udp[5];
	if (length < 8 || length > left)
		return PQC_BAD_HEADER;
	*payload = (struct span) { udp + 8, length - 8 };
	if (packet_parse(*payload, &packet) != 0)
		return PQC_BAD_HEADER;
	if (memcmp(packet.header.node, node, PQC_NODE_LEN) != 0)
		return PQC_UNKNOWN_NODE;
	if (packet.header.type == PQC_TYPE_DATA)
		return native_data_result(frame, &model, *payload, &packet);
	if (packet.header.type != PQC_TYPE_FRAGMENT || packet.header.flags != 0)
		return PQC_BAD_HEADER;
	if (packet.sequence > clock_realtime_ns() + PQC_CLOCK_TOLERANCE_NS)
		return PQC_NOT_YET_VALID;
	if (packet.sequence <= read_node().sequence)
		return PQC_REPLAYED;
	int result = packet_parse_slice(&packet, &part);
	return result != 0 ? (uint32_t)result : SOUND;
}

/* One to three changes: bytes, a length, what is cut off. Half of them in the headers. */
static void mutate(struct frame *frame)
{
	for (unsigned n = 1 + random_below(3); n > 0; n--) {
		size_t headers = frame->udp + 8 + sizeof(struct pqc_header);
		size_t room = random_below(2) || headers > frame->length ? frame->length : headers;
		uint8_t *byte = &frame->bytes[random_below((uint32_t)room)];

		switch (random_below(4)) {
		case 0:
			*byte ^= (uint8_t)(1u << random_below(8));
			break;
		case 1:
			*byte = (uint8_t)random_below(256);
			break;
		case 2:
			*byte = random_below(2) ? 0 : 255;
			break;
		default:
			if (random_below(4) == 0)
				frame->length = BPF_PROGRAM_RUN_MIN +
						random_below((uint32_t)frame->length - 13);
			break;
		}
	}
}

/* Runs a frame, which must be counted as the native parsers say. Returns whether it was for us. */
static bool run_as_native(const struct frame *frame)
{
	static struct pqc_stats before, after;
	int fd = bpf_program_map_fd(object, "pqc_stats");
	struct span payload;
	uint32_t expected = native_result(frame, &payload), found = NOT_FOR_US;

	bpf_program_sum(fd, 0, &before, sizeof(before));
	uint32_t verdict = bpf_program_run(program_fd, frame->bytes, frame->length);
	bpf_program_sum(fd, 0, &after, sizeof(after));
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		if (i != PQC_REASSEMBLY_TIMEOUT && after.results[i] != before.results[i])
			found = i;
	if (found == PQC_DATA_ACCEPTED || found == PQC_MESSAGE_ACCEPTED)
		fail_msg("accepted");
	if (found != expected && expected != SOUND)
		fail_msg("kernel %u, native parsers %u", found, expected);
	if (expected == SOUND)
		assert_int_not_equal(found, NOT_FOR_US);
	assert_int_equal(verdict, found == NOT_FOR_US ? XDP_PASS : XDP_DROP);
	return found != NOT_FOR_US;
}

/* Whether a mutated slice says what the original does: with it, the message would be good. */
static bool is_harmless(const struct frame *mutated, const struct test_packet *original)
{
	struct span payload;

	return native_result(mutated, &payload) == SOUND && payload.size == original->length &&
	       memcmp(payload.data, original->bytes, payload.size) == 0;
}

/* A message of which one slice is mutated. Returns how many frames were for us. */
static unsigned run_mutated_message(const struct message *message)
{
	unsigned slices = message_slices(message), spoilt = random_below(slices), ours = 0;
	struct test_packet packet;
	struct frame frame;

	forget_node(); /* no slice stays from the round before */
	for (unsigned i = 0; i < slices; i++) {
		slice(message, i, &packet);
		wrap_way(&frame, &packet, random_below(2) ? 0 : 5);
		if (i == spoilt)
			mutate(&frame);
		if (i != spoilt || !is_harmless(&frame, &packet))
			ours += run_as_native(&frame);
	}
	return ours;
}

static unsigned run_mutated_data(void)
{
	struct test_packet packet;
	struct frame frame;

	make_data(1 + random_below(100), random_below(PQC_DATA_MAX - 200), &packet);
	wrap_way(&frame, &packet, random_below(WAYS));
	mutate(&frame);
	return run_as_native(&frame);
}

static unsigned long kernel_taints(void)
{
	unsigned long taints = 0;
	FILE *file = fopen("/proc/sys/kernel/tainted", "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &taints), 1);
	fclose(file);
	return taints;
}

/* Real packets with a few bytes changed: none is accepted, and kernel and native parsers agree. */
static void mutated_frames_are_refused(void **state)
{
	uint64_t before[PQC_RESULTS], sum_before, sum_after, timeouts;
	unsigned long taints = kernel_taints();
	struct message message;
	struct test_packet packet;
	unsigned mutations = at_most(MUTATIONS), ours = 0, reasons = 0;

	(void)state;
	forget_node();
	open_session();
	for (unsigned i = 1; i <= 100; i++) {
		make_data(i, 0, &packet);
		assert_int_equal(result_of(&packet), PQC_DATA_ACCEPTED);
	}
	make_message(UINT64_C(1) << 32, 300, &message);
	timeouts = counted(PQC_REASSEMBLY_TIMEOUT);
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		before[i] = counted(i);
	sum_results(&sum_before);
	for (unsigned i = 0; i < mutations;) {
		unsigned n = i % 5 ? run_mutated_data() : run_mutated_message(&message);

		ours += n;
		i += n > 0 ? n : 1;
	}
	sum_results(&sum_after);
	assert_int_equal(
		sum_after - sum_before - (counted(PQC_REASSEMBLY_TIMEOUT) - timeouts), ours);
	for (uint32_t i = PQC_REFUSED; i < PQC_RESULTS; i++)
		reasons += counted(i) > before[i];
	print_message("%d mutated frames, %u of them for us, refused for %u reasons\n", mutations,
		ours, reasons);
	if (mutations == MUTATIONS) /* fewer reach fewer of them */
		assert_true(reasons >= 9);
	assert_int_equal(kernel_taints(), taints);
}

/* --- several CPUs ------------------------------------------------------------------------------- */

#define RACERS	      2
#define RACE_MESSAGES 500
#define RACE_EMULATED 100 /* one thread for all CPUs: they race little */

static struct message race_messages[RACE_MESSAGES];
static pthread_barrier_t race_start;
static unsigned race_n; /* messages, signed for the first race */
static unsigned race_data; /* packets */
static bool race_twice; /* each slice is sent on both CPUs, else on one of them */

/* Sends messages, each begun on all CPUs at once, and then the data that all send. */
static void *race(void *argument)
{
	cpu_set_t cpus;
	struct test_packet packet;
	unsigned racer = *(unsigned *)argument;

	CPU_ZERO(&cpus);
	CPU_SET(racer, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (unsigned i = 0; i < race_n; i++) {
		pthread_barrier_wait(&race_start);
		for (unsigned s = 0; s < message_slices(&race_messages[i]); s++) {
			if (!race_twice && s % RACERS != racer)
				continue;
			slice(&race_messages[i], s, &packet);
			run(&packet);
		}
	}
	for (unsigned i = 1; i <= race_data; i++) {
		seal(i, (struct span) { 0 }, &path, &packet);
		run(&packet);
	}
	return NULL;
}

static void run_race(bool twice)
{
	const unsigned wanted = getenv("X0_EMULATED") != NULL ? RACE_EMULATED : RACE_MESSAGES;
	pthread_t threads[RACERS];
	unsigned racers[RACERS];

	forget_node();
	open_session();
	race_twice = twice;
	race_data = at_most(20000);
	for (; race_n < wanted; race_n++)
		make_message(1 + race_n, 0, &race_messages[race_n]);
	assert_int_equal(pthread_barrier_init(&race_start, NULL, RACERS), 0);
	for (unsigned i = 0; i < RACERS; i++) {
		racers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (unsigned i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&race_start);
}

static void need_cpus(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) >= RACERS)
		return;
	print_message("SKIPPED: one CPU alone cannot race\n");
	skip();
}

/* Half of each message's slices on each CPU, at once: every message is whole, once. */
static void two_cpus_put_messages_together(void **state)
{
	static struct pqc_stats before, after;
	int fd = bpf_program_map_fd(object, "pqc_stats");
	unsigned kept = 0;

	(void)state;
	need_cpus();
	bpf_program_sum(fd, 0, &before, sizeof(before));
	run_race(false);
	bpf_program_sum(fd, 0, &after, sizeof(after));
	for (unsigned i = 0; i < race_n; i++)
		kept += message_slices(&race_messages[i]) - 1;
	const uint64_t expected[PQC_RESULTS] = {
		[PQC_DATA_ACCEPTED] = race_data,
		[PQC_REPLAYED] = race_data * (RACERS - 1),
		[PQC_MESSAGE_ACCEPTED] = race_n,
		[PQC_FRAGMENT_BUFFERED] = kept,
	};
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		if (after.results[i] - before.results[i] != expected[i])
			fail_msg("%s: %llu, expected %llu", pqc_result_names[i],
				(unsigned long long)(after.results[i] - before.results[i]),
				(unsigned long long)expected[i]);
	assert_int_equal(read_node().good, race_n);
}

/* The same messages and data on both CPUs at once: each is accepted once, and all else a duplicate. */
static void two_cpus_accept_once(void **state)
{
	struct pqc_session_key name = { .session = htonl(SESSION) };
	uint64_t data = counted(PQC_DATA_ACCEPTED), messages = counted(PQC_MESSAGE_ACCEPTED);
	uint64_t bad = counted(PQC_BAD_SIGNATURE);
	struct pqc_session session;

	(void)state;
	need_cpus();
	run_race(true);
	assert_int_equal(counted(PQC_DATA_ACCEPTED), data + race_data);
	assert_int_equal(counted(PQC_BAD_SIGNATURE), bad);
	assert_int_equal(counted(PQC_MESSAGE_ACCEPTED), messages + race_n);
	assert_int_equal(read_node().good, race_n);
	memcpy(name.node, node, sizeof(node));
	get("pqc_sessions", &name, &session);
	assert_int_equal(session.good, race_data);
	assert_int_equal(session.replayed, race_data * (RACERS - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_message_is_delivered),
		cmocka_unit_test(a_last_slice_may_be_short),
		cmocka_unit_test(slices_come_in_any_order_and_twice),
		cmocka_unit_test(flipped_messages_are_refused),
		cmocka_unit_test(validity_is_checked),
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(truncated_packets_are_refused),
		cmocka_unit_test(places_run_out_and_time_out),
		cmocka_unit_test(a_lost_slice_costs_one_message),
		cmocka_unit_test(strangers_do_not_take_a_known_nodes_place),
		cmocka_unit_test(a_flood_is_throttled),
		cmocka_unit_test(data_of_every_length_passes_once),
		cmocka_unit_test(forged_data_is_refused),
		cmocka_unit_test(an_expired_session_is_refused),
		cmocka_unit_test(modes_do_what_they_say),
		cmocka_unit_test(other_traffic_is_not_touched),
		cmocka_unit_test(every_way_to_the_port_is_checked),
		cmocka_unit_test(random_packets_are_refused),
		cmocka_unit_test(copies_sent_ahead_suppress_nothing),
		cmocka_unit_test(what_the_host_takes_is_good),
		cmocka_unit_test(ipv6_needs_a_checksum),
		cmocka_unit_test(relayed_messages_move_nobody),
		cmocka_unit_test(translated_nodes_are_named),
		cmocka_unit_test(the_address_before_keeps_its_place),
		cmocka_unit_test(the_future_takes_nothing),
		cmocka_unit_test(a_clock_that_is_set_back_forgets),
		cmocka_unit_test(the_kernel_s_clock_is_followed),
		cmocka_unit_test(mutated_frames_are_refused),
		cmocka_unit_test(two_cpus_put_messages_together),
		cmocka_unit_test(two_cpus_accept_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
