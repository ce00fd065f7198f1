// SPDX-License-Identifier: BSD-2-Clause
/*
 * xdp_pqc_verify, compiled for this machine: frames with messages that OpenSSL has signed, and with data,
 * by clocks of the test. Each refusal has its name, and changes nothing.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/xdp_pqc_verify.bpf.c"

#define packet_parse peer_packet_parse /* the program has one of its own */
#include "tests/lib/packets.h"
#include "tests/lib/signatures.h"

#include "tests/lib/bpf_fake.h"

#include <openssl/pem.h>

#include "base/clock.h"
#include "crypto/verifier_keys.h"
#include "crypto/verifier_policy.h"
#include "peer/message.h"
#include "programs/xdp_pqc_verify_sample.h"
#undef packet_parse

#define NS     UINT64_C(1000000000)
#define WALL_S UINT64_C(1700000000)
#define BOOT   (1000 * NS)
#define TAI    (37 * NS)

enum {
	IFINDEX = 12,
	INTERFACE = 5,
	SLOT = 3,
	SOURCE_PORT = 4000,
	SESSION = 77,
};

static struct signing_key keys[3];
static const struct signing_key *key;
static struct mldsa_scratch scratch;
static struct mldsa_request request;

static struct mldsa_scratch *mldsa_scratch_lookup(void)
{
	return &scratch;
}

static struct mldsa_request *mldsa_request_lookup(void)
{
	return &request;
}

/* As in an object for the kernel. */
static struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PQC_NODES_DEFAULT);
	__type(key, __u32);
	__type(value, struct mldsa_key);
} mldsa_keys;

static bool keys_of_store; /* they are in the map */

static const struct mldsa_key *mldsa_key_lookup(__u32 slot)
{
	if (keys_of_store)
		return host_lookup(host_type_of(&mldsa_keys), &slot);
	return slot == SLOT && key ? &key->expanded : NULL;
}

/* --- one host, one node that it knows ------------------------------------------------------------- */

/* How the next frames come. */
static struct {
	bool ipv6, raw_ip, no_checksum;
	int vlans;
	__u16 source_port, port, fragment;
} way;

static struct pqc_control *control(void)
{
	return host_element(&pqc_control, 0);
}

static struct pqc_node *node(void)
{
	return host_element(&pqc_nodes, SLOT);
}

static struct pqc_stats *stats(void)
{
	return host_element(&pqc_stats, 0);
}

static __u64 node_id(void)
{
	__u64 id;

	memcpy(&id, identity_fingerprint(key->identity), sizeof(id));
	return id;
}

static void know_node(__u32 flags)
{
	host_put(&pqc_node_slots, &(__u64) { node_id() }, &(__u32) { SLOT | flags });
}

static void wall_clock(__u64 ns)
{
	host.tai_ns = ns + TAI;
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	memset(&way, 0, sizeof(way));
	keys_of_store = false;
	way.source_port = SOURCE_PORT;
	way.port = PQC_PORT;
	key = &keys[0];
	host.boot_ns = BOOT;
	host.ktime_ns = 1;
	host.ktime_step_ns = 1000;
	wall_clock(WALL_S * NS);
	host_write(&has_tai, &(bool) { true }, sizeof(bool));
	know_node(0);
	*control() = (struct pqc_control) {
		.mode = PQC_ENFORCE,
		.tai_offset_ns = TAI,
		.hash_key = { 1, 2 },
		.reassembly_timeout_ns = 2 * NS,
		.node_budget = { NS, 2 },
		.common_budget = { NS, 1000 },
	};
	control()->protected_ports[PQC_PORT / 64] = 1ull << PQC_PORT % 64;
	host_element(&xdp_packet, 0)->interface = INTERFACE;
	return 0;
}

static int make_keys(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		signing_key_generate(signature_sets[i], &keys[i]);
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		signing_key_free(&keys[i]);
	return 0;
}

static void build(struct frame *frame, const uint8_t *payload, size_t length)
{
	if (way.raw_ip)
		frame_begin(frame);
	else
		frame_ethernet(frame, way.vlans ? 0x8100 : way.ipv6 ? 0x86dd : 0x0800);
	for (int i = 0; i < way.vlans; i++)
		frame_vlan(frame, i + 1 < way.vlans ? 0x8100 : way.ipv6 ? 0x86dd : 0x0800);
	if (way.ipv6)
		frame_ipv6(frame, 17, 0);
	else
		frame_ipv4(
			frame, &(struct frame_ipv4) { .protocol = 17, .fragment = way.fragment });
	frame_udp(frame, way.source_port, way.port);
	frame_payload(frame, length);
	memcpy(frame->bytes + frame->udp + 8, payload, length);
	frame_finish(frame);
	if (way.no_checksum)
		memset(frame->bytes + frame->udp + 6, 0, 2);
}

static int verdict;
static __u64 timeouts; /* counted with the last packet */

/* Returns the result that the program has counted. */
static int receive_frame(const struct frame *frame)
{
	const struct pqc_stats before = *stats();
	struct xdp_md context = { .ingress_ifindex = IFINDEX };
	int result = -1;

	context.data = (__u32)(uintptr_t)host_frame(frame->bytes, frame->length);
	context.data_end = context.data + frame->length;
	host_element(&xdp_packet, 0)->raw_ip = way.raw_ip;
	host.tail_calls = 0;
	verdict = xdp_pqc_verify(&context);
	assert_int_equal(host.locks, 0);
	timeouts =
		stats()->results[PQC_REASSEMBLY_TIMEOUT] - before.results[PQC_REASSEMBLY_TIMEOUT];
	for (int i = 0; i < PQC_RESULTS; i++) {
		__u64 more = stats()->results[i] - before.results[i];

		if (i == PQC_REASSEMBLY_TIMEOUT || !more)
			continue;
		assert_int_equal(result, -1);
		assert_int_equal(more, 1);
		result = i;
	}
	if (control()->mode == PQC_ENFORCE && result >= 0) {
		assert_int_equal(verdict, result == PQC_DATA_ACCEPTED ? XDP_PASS : XDP_DROP);
		assert_int_equal(host.tail_calls, result == PQC_DATA_ACCEPTED);
	} else {
		assert_int_equal(verdict, XDP_PASS);
		assert_int_equal(host.tail_calls, 1);
		assert_int_equal(host.tail_call, XDP_PQC_VERIFY);
	}
	return result;
}

static int receive(const uint8_t *payload, size_t length)
{
	static struct frame frame;

	build(&frame, payload, length);
	return receive_frame(&frame);
}

static void path_of_way(struct pqc_path *path)
{
	static struct frame frame;

	build(&frame, (const uint8_t *)"", 0);
	frame_path(&frame, path);
}

/* --- messages -------------------------------------------------------------------------------------- */

static struct pqc_path signed_path;

static struct message_content content_now(void)
{
	path_of_way(&signed_path);
	return (struct message_content) {
		.kind = PQC_BEACON,
		.sequence = host.tai_ns - TAI,
		.valid_from = WALL_S - 10,
		.valid_until = WALL_S + 60,
		.path = &signed_path,
	};
}

static struct message *sign(const struct message_content *content)
{
	static struct message message;
	struct failure failure;

	assert_int_equal(message_sign(key->identity, content, &message, &failure), 0);
	return &message;
}

static int send_slice(const struct message *message, unsigned index)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t length = message_slice(message, index, packet);

	return receive(packet, length);
}

/* Sends all slices, the last first. Returns the result of the one that completes the message. */
static int send_message(const struct message *message)
{
	for (unsigned i = message_slices(message) - 1; i > 0; i--) {
		int result = send_slice(message, i);

		if (result != PQC_FRAGMENT_BUFFERED)
			return result;
	}
	return send_slice(message, 0);
}

static int send_content(const struct message_content *content)
{
	return send_message(sign(content));
}

/* A message of now. */
static int send_now(void)
{
	struct message_content content = content_now();

	return send_content(&content);
}

static void pass_time(__u64 ns)
{
	host.boot_ns += ns;
	host.tai_ns += ns;
}

static const struct pqc_delivery *delivery(void)
{
	return (const struct pqc_delivery *)host.output;
}

static void assert_delivered(const struct message *message)
{
	assert_int_equal(host.outputs, 1);
	assert_int_equal(host.output_size, offsetof(struct pqc_delivery, message) + message->total);
	assert_memory_equal(delivery()->node, message->node, PQC_NODE_LEN);
	assert_int_equal(delivery()->sequence, message->sequence);
	assert_int_equal(delivery()->slot, SLOT);
	assert_int_equal(delivery()->total, message->total);
	assert_memory_equal(delivery()->message, message->bytes, message->total);
	assert_int_equal(delivery()->ifindex, IFINDEX);
	assert_int_equal(bpf_ntohs(delivery()->source_port), SOURCE_PORT);
	assert_int_equal(delivery()->version, way.ipv6 ? 6 : 4);
	assert_memory_equal(
		delivery()->source, way.ipv6 ? FRAME_SOURCE6 : FRAME_SOURCE4, way.ipv6 ? 16 : 4);
}

static void test_good_messages(void **state)
{
	static const size_t bodies[] = { 0, 18, 1180, 1181, 1183, PQC_BODY_MAX };
	uint8_t body[PQC_BODY_MAX];

	for (unsigned round = 0; round < 3 * sizeof(bodies) / sizeof(bodies[0]); round++) {
		setup(state);
		key = &keys[round % 3];
		know_node(0);
		way.ipv6 = round & 1;
		way.raw_ip = round & 2;
		struct message_content content = content_now();
		content.body = (struct span) { body, bodies[round / 3] };
		content.kind = PQC_BEACON + round % 3;
		random_fill(body, sizeof(body));
		const struct message *message = sign(&content);
		assert_int_equal(send_message(message), PQC_MESSAGE_ACCEPTED);
		assert_delivered(message);
		assert_int_equal(node()->sequence, WALL_S * NS);
		assert_int_equal(node()->authenticated_until, WALL_S + 60);
		assert_int_equal(node()->verified_ns, BOOT);
		assert_int_equal(node()->good, 1);
		assert_int_equal(node()->sources.all[node()->sources.last].ends_ns, BOOT + 60 * NS);
		assert_int_equal(stats()->verifications, 1);
		assert_int_equal(stats()->verification_ns, 1000);
		assert_int_equal(stats()->times[9], 1);
		assert_int_equal(stats()->undelivered, 0);
		assert_int_equal(host.records, 1);
	}
}

/* Each slice needs its place only; the whole is good whatever their order, and twice is once. */
static void test_order_of_slices(void **state)
{
	struct message_content content = content_now();
	const struct message *message = sign(&content);
	unsigned slices = message_slices(message);

	(void)state;
	assert_true(slices > 2);
	for (unsigned i = 0; i + 1 < slices; i++) {
		assert_int_equal(send_slice(message, i), PQC_FRAGMENT_BUFFERED);
		assert_int_equal(send_slice(message, i), PQC_FRAGMENT_BUFFERED);
	}
	assert_int_equal(send_slice(message, slices - 1), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(send_slice(message, 0), PQC_REPLAYED);
	assert_int_equal(host.outputs, 1);
}

/* One bit anywhere in what is signed, or in the signature, and it is not good. */
static void test_changed_bits(void **state)
{
	(void)state;
	for (int round = 0; round < 40; round++) {
		setup(state);
		struct message_content content = content_now();
		struct message *message = sign(&content);
		message->bytes[round ? random_below(message->total) : sizeof(struct pqc_message)] ^=
			1 << random_below(8);
		int result = send_message(message);
		assert_true(result >= PQC_REFUSED);
		assert_int_equal(host.outputs, 0);
		assert_int_equal(node()->good, 0);
		assert_int_equal(node()->sequence, 0);
	}
}

static void test_bad_signature(void **state)
{
	struct message_content content = content_now();
	struct message *message = sign(&content);

	(void)state;
	message->bytes[sizeof(struct pqc_message)] ^= 1; /* of the challenge's hash */
	assert_int_equal(send_message(message), PQC_BAD_SIGNATURE);
	message = sign(&content);
	message->sequence++; /* it is signed, too */
	assert_int_equal(send_message(message), PQC_BAD_SIGNATURE);
	message = sign(&content);
	message->sequence += 2;
	message->bytes[message->total - 1] ^= 0xff; /* of the hint */
	assert_int_equal(send_message(message), PQC_MALFORMED_SIGNATURE);
	message = sign(&content);
	message->sequence += 3;
	message->total--;
	assert_int_equal(send_message(message), PQC_BAD_LENGTH);
	assert_int_equal(send_content(&content), PQC_MESSAGE_ACCEPTED);
}

static struct pqc_message *parts_of(struct message *message)
{
	return (struct pqc_message *)message->bytes;
}

static void test_message_checks(void **state)
{
	struct message_content content = content_now();
	struct message *message;

	(void)state;
	control()->reassembly_timeout_ns = 1;
	for (int kind = 0; kind <= PQC_REPLY + 1; kind++) {
		content.kind = kind;
		content.sequence++;
		assert_int_equal(send_content(&content), kind >= PQC_BEACON && kind <= PQC_REPLY
								 ? PQC_MESSAGE_ACCEPTED
								 : PQC_BAD_HEADER);
		pass_time(2 * NS);
	}
	content.kind = PQC_BEACON;
	content.sequence++;
	message = sign(&content);
	parts_of(message)->reserved = 1;
	assert_int_equal(send_message(message), PQC_BAD_HEADER);
	message->sequence++;
	parts_of(message)->reserved = 0;
	parts_of(message)->set = MLDSA_65;
	assert_int_equal(send_message(message), PQC_MALFORMED_SIGNATURE);
	message->sequence++;
	parts_of(message)->set = MLDSA_44;
	parts_of(message)->body_length = bpf_htons(PQC_BODY_MAX + 1);
	assert_int_equal(send_message(message), PQC_BAD_LENGTH);
	message->sequence++;
	parts_of(message)->body_length = bpf_htons(1);
	message->total = sizeof(struct pqc_message);
	assert_int_equal(send_message(message), PQC_BAD_LENGTH);
	message->sequence++;
	parts_of(message)->body_length = 0;
	assert_int_equal(send_message(message), PQC_BAD_LENGTH); /* no signature at all */
}

static void test_validity(void **state)
{
	static const struct {
		int from, until; /* beside the clock's second */
		int result;
	} rows[] = {
		{ 0, 1, PQC_MESSAGE_ACCEPTED },
		{ 1, 2, PQC_NOT_YET_VALID },
		{ -2, 0, PQC_EXPIRED },
		{ -2, -1, PQC_EXPIRED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(state);
		wall_clock(WALL_S * NS + NS - 1);
		struct message_content content = content_now();
		content.valid_from = WALL_S + rows[i].from;
		content.valid_until = WALL_S + rows[i].until;
		assert_int_equal(send_content(&content), rows[i].result);
	}
	setup(state);
	struct message_content content = content_now();
	content.valid_from = UINT64_C(1) << 32 | 5; /* the upper half counts */
	content.valid_until = UINT64_C(2) << 32;
	assert_int_equal(send_content(&content), PQC_NOT_YET_VALID);
}

/* A message is good from the address in it alone, unless an operator said that it changes. */
static void test_relayed(void **state)
{
	struct message_content content = content_now();
	struct message *message;

	(void)state;
	for (size_t at = offsetof(struct pqc_message, source);
		at < offsetof(struct pqc_message, reserved); at++) {
		message = sign(&content);
		message->sequence += at;
		message->bytes[at] ^= 1;
		assert_int_equal(send_message(message), PQC_RELAYED);
	}
	know_node(PQC_SLOT_TRANSLATED);
	content.sequence += NS;
	signed_path.source_port = 0;
	assert_int_equal(send_content(&content), PQC_MESSAGE_ACCEPTED);
}

/* --- the header ------------------------------------------------------------------------------------ */

static void test_headers(void **state)
{
	static const struct {
		size_t at;
		uint8_t bit;
		int result;
	} rows[] = {
		{ offsetof(struct pqc_header, magic), 1, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, version), 1, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, type), 4, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, flags), PQC_TRANSLATED, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, flags), 2, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, reserved), 1, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, node), 1, PQC_UNKNOWN_NODE },
		{ offsetof(struct pqc_header, node) + 7, 1, PQC_UNKNOWN_NODE },
		{ offsetof(struct pqc_header, fragment.index), 1, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, fragment.index), 8, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, fragment.count), 1, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, fragment.offset), 1, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, fragment.total), 0x80, PQC_BAD_HEADER },
		{ offsetof(struct pqc_header, fragment.reserved), 1, PQC_BAD_HEADER },
	};
	struct message_content content = content_now();
	const struct message *message = sign(&content);
	uint8_t packet[MESSAGE_PACKET_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = message_slice(message, 0, packet);

		packet[rows[i].at] ^= rows[i].bit;
		assert_int_equal(receive(packet, length), rows[i].result);
	}
	for (size_t length = 0; length < sizeof(struct pqc_header); length++)
		assert_int_equal(receive(packet, length), PQC_BAD_HEADER);
	assert_int_equal(send_message(message), PQC_MESSAGE_ACCEPTED);
}

/* The lengths of slices: all but the last are full, and the last ends the message. */
static void test_lengths_of_slices(void **state)
{
	struct message_content content = content_now();
	const struct message *message = sign(&content);
	unsigned last = message_slices(message) - 1;
	uint8_t packet[MESSAGE_PACKET_MAX];

	(void)state;
	for (unsigned i = 0; i <= last; i += last) {
		size_t length = message_slice(message, i, packet);

		assert_int_equal(receive(packet, length - 1), PQC_BAD_LENGTH);
		assert_int_equal(receive(packet, length + 1), PQC_BAD_LENGTH);
	}
	size_t length = message_slice(message, 0, packet);
	memset(packet + offsetof(struct pqc_header, fragment.total), 0, 2);
	packet[offsetof(struct pqc_header, fragment.count)] = 0;
	assert_int_equal(receive(packet, length), PQC_BAD_HEADER);
	memset(packet + offsetof(struct pqc_header, fragment.total), 0x18, 2); /* 6,168 bytes */
	packet[offsetof(struct pqc_header, fragment.count)] = PQC_SLICES_MAX + 1;
	assert_int_equal(receive(packet, length), PQC_BAD_HEADER);
	assert_int_equal(send_message(message), PQC_MESSAGE_ACCEPTED);
}

static void test_sequences(void **state)
{
	struct message_content content = content_now();

	(void)state;
	content.sequence = WALL_S * NS + PQC_CLOCK_TOLERANCE_NS + 1;
	assert_int_equal(send_content(&content), PQC_NOT_YET_VALID);
	content.sequence--;
	assert_int_equal(send_content(&content), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(send_content(&content), PQC_REPLAYED);
	content.sequence--;
	assert_int_equal(send_content(&content), PQC_REPLAYED);
	/* The clock is set back: what was last is now ahead of it, and forgotten. */
	wall_clock(WALL_S * NS - 1);
	content.sequence = WALL_S * NS - 1;
	assert_int_equal(send_content(&content), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(node()->sequence, WALL_S * NS - 1);
	assert_int_equal(node()->good, 2);
}

/* Before 6.1 the time of day is the boot's and an offset. */
static void test_clock_without_tai(void **state)
{
	(void)state;
	host_write(&has_tai, &(bool) { false }, sizeof(bool));
	control()->realtime_offset_ns = WALL_S * NS - BOOT;
	host.tai_ns = WALL_S * NS + TAI;
	struct message_content content = content_now();
	host.tai_ns = 0;
	assert_int_equal(send_content(&content), PQC_MESSAGE_ACCEPTED);
}

/* --- places and budgets ----------------------------------------------------------------------------- */

static void test_place_of_an_unknown_source(void **state)
{
	struct message_content content = content_now();
	struct message first = *sign(&content), second;

	(void)state;
	content.sequence++;
	second = *sign(&content);
	assert_int_equal(send_slice(&first, 0), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(send_slice(&second, 0), PQC_REASSEMBLY_OVERFLOW);
	first.total++;
	assert_int_equal(send_slice(&first, 0), PQC_BAD_LENGTH);
	first.total--;
	host.boot_ns += 2 * NS - 1;
	assert_int_equal(send_slice(&second, 0), PQC_REASSEMBLY_OVERFLOW);
	assert_int_equal(timeouts, 0);
	host.boot_ns++;
	assert_int_equal(send_slice(&second, 0), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(timeouts, 1);
	assert_int_equal(send_slice(&first, 1), PQC_REASSEMBLY_OVERFLOW);
	assert_int_equal(send_message(&second), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(timeouts, 0);
}

/* Which sources share a place depends on every bit of the key: who does not know it cannot choose them. */
static void test_places_are_keyed(void **state)
{
	const struct pqc_work *work = host_element(&pqc_work, 0);
	struct message_content content = content_now();
	struct message message = *sign(&content);
	__u64 sources[129];

	(void)state;
	for (int bit = 0; bit < 129; bit++) {
		control()->hash_key[0] = 1;
		control()->hash_key[1] = 2;
		if (bit < 128)
			control()->hash_key[bit / 64] ^= 1ull << bit % 64;
		send_slice(&message, 0);
		sources[bit] = work->source;
		for (int other = 0; other < bit; other++)
			assert_true(sources[other] != sources[bit]);
	}
	send_slice(&message, 0);
	assert_true(work->source == sources[128]);
}

/* The key is made once, at random, and stays while the maps do. */
static void test_key_of_places(void **state)
{
	struct failure failure = { 0 };
	struct pqc_policy policy = {
		.mode = PQC_OBSERVE,
		.ports = { PQC_PORT },
		.n_ports = 1,
		.reassembly_timeout_ns = NS,
		.node_budget = { NS, 1 },
		.common_budget = { NS, 1 },
	};
	struct map_registry maps;
	__u64 keys_made[2][2];

	(void)state;
	fake_object_add(pqc_control);
	fake_registry(&maps);
	assert_int_equal(validate_packet_signatures(&maps, &policy, &failure), 0);
	assert_true(control()->hash_key[0] == 1 && control()->hash_key[1] == 2);
	for (int i = 0; i < 2; i++) {
		memset(control()->hash_key, 0, sizeof(control()->hash_key));
		assert_int_equal(validate_packet_signatures(&maps, &policy, &failure), 0);
		memcpy(keys_made[i], control()->hash_key, sizeof(keys_made[i]));
		assert_true(keys_made[i][0] != 0 && keys_made[i][1] != 0);
	}
	assert_true(keys_made[0][0] != keys_made[1][0] && keys_made[0][1] != keys_made[1][1]);
}

/* A known source begins its next message over one that is incomplete; an older one does not. */
static void test_place_of_a_known_source(void **state)
{
	struct message_content content;
	struct message older, newer;

	(void)state;
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	pass_time(1000);
	content = content_now();
	older = *sign(&content);
	content.sequence++;
	newer = *sign(&content);
	assert_int_equal(send_slice(&older, 1), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(send_slice(&newer, 1), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(timeouts, 1);
	assert_int_equal(send_slice(&older, 0), PQC_REASSEMBLY_OVERFLOW);
	assert_int_equal(send_message(&newer), PQC_MESSAGE_ACCEPTED);
}

/* Another source of the same node has another place than the known one. */
static void test_places_apart(void **state)
{
	struct message_content content;
	struct message mine, other;

	(void)state;
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	pass_time(1000);
	content = content_now();
	mine = *sign(&content);
	way.source_port++;
	content.sequence += 1000;
	path_of_way(&signed_path);
	other = *sign(&content);
	assert_int_equal(send_slice(&other, 0), PQC_FRAGMENT_BUFFERED);
	way.source_port--;
	assert_int_equal(send_message(&mine), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(timeouts, 0);
	way.source_port++;
	assert_int_equal(send_message(&other), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(node()->sources.last, 0);
	assert_int_not_equal(node()->sources.all[0].hash, node()->sources.all[1].hash);
}

/* What a known source may have verified is its own: two, and one more each second. */
static void test_node_budget(void **state)
{
	(void)state;
	control()->common_budget = (struct pqc_budget) { NS, 1 };
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED); /* by the common budget */
	pass_time(1);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	pass_time(1);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	pass_time(1);
	assert_int_equal(send_now(), PQC_THROTTLED);
	assert_int_equal(stats()->verifications, 3);
	pass_time(NS - 2);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	pass_time(1);
	assert_int_equal(send_now(), PQC_THROTTLED);
	assert_int_equal(node()->good, 4);
}

static void test_common_budget(void **state)
{
	(void)state;
	control()->common_budget = (struct pqc_budget) { NS, 1 };
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	pass_time(1);
	way.source_port++;
	assert_int_equal(send_now(), PQC_THROTTLED);
	pass_time(NS - 2);
	assert_int_equal(send_now(), PQC_THROTTLED);
	way.source_port--;
	pass_time(1);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	way.source_port++;
	pass_time(1);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
}

static void test_bucket(void **state)
{
	const struct pqc_budget budget = { 10, 3 };
	struct pqc_bucket bucket = { 0 };

	(void)state;
	for (int i = 1; i <= 3; i++) {
		assert_true(bucket_take(&bucket, &budget, 100));
		assert_int_equal(bucket.full_at_ns, 100 + 10 * i);
	}
	assert_false(bucket_take(&bucket, &budget, 100));
	assert_false(bucket_take(&bucket, &budget, 109));
	assert_int_equal(bucket.full_at_ns, 130);
	assert_true(bucket_take(&bucket, &budget, 110));
	assert_int_equal(bucket.full_at_ns, 140);
	assert_true(bucket_take(&bucket, &budget, 200));
	assert_int_equal(bucket.full_at_ns, 210);
}

/* A source keeps its place until its validity has ended, unless two others have come since. */
static void test_sources(void **state)
{
	struct pqc_sources sources = { 0 };

	(void)state;
	assert_false(source_is(&sources, 0, 0, 10));
	source_take(&sources, 7, 10, 100);
	assert_int_equal(sources.last, 1);
	assert_true(source_is(&sources, 1, 7, 10));
	assert_false(source_is(&sources, 1, 8, 10));
	assert_true(source_is(&sources, 1, 7, 1000)); /* the last, however old */
	sources.all[1].bucket.full_at_ns = 5;
	source_take(&sources, 7, 20, 110);
	assert_int_equal(sources.last, 1);
	assert_int_equal(sources.all[1].ends_ns, 110);
	assert_int_equal(sources.all[1].bucket.full_at_ns, 5);
	source_take(&sources, 8, 30, 200); /* another one, in the free place */
	assert_int_equal(sources.last, 0);
	assert_true(source_is(&sources, 1, 7, 109));
	assert_false(source_is(&sources, 1, 7, 110));
	sources.all[0].bucket.full_at_ns = 6;
	source_take(&sources, 9, 109, 300); /* not over the one before, which is still valid */
	assert_int_equal(sources.last, 0);
	assert_int_equal(sources.all[0].hash, 9);
	assert_int_equal(sources.all[0].bucket.full_at_ns, 0);
	source_take(&sources, 7, 109, 150); /* back */
	assert_int_equal(sources.last, 1);
	assert_int_equal(sources.all[1].ends_ns, 150);
	source_take(&sources, 4, 300, 400); /* the place of 9 has ended just now */
	assert_int_equal(sources.last, 0);
	assert_int_equal(sources.all[0].hash, 4);
}

static void test_validity_end(void **state)
{
	(void)state;
	assert_int_equal(validity_end(100, 90 * NS, 7), 7 + 10 * NS);
	assert_int_equal(validity_end(100, 90 * NS + NS - 1, 7), 7 + 10 * NS);
	assert_int_equal(validity_end(100, 100 * NS, 7), 7);
	assert_int_equal(validity_end(100, 101 * NS, 7), 7);
	assert_int_equal(validity_end(UINT64_MAX, 0, 7), 7 + 0x7fffffff * NS);
}

/* --- data ------------------------------------------------------------------------------------------- */

static struct pqc_session *session(void)
{
	struct pqc_session_key name = { .session = bpf_htonl(SESSION) };

	memcpy(name.node, &(__u64) { node_id() }, PQC_NODE_LEN);
	return host_lookup(host_type_of(&pqc_sessions), &name);
}

static void open_session(void)
{
	struct pqc_session_key name = { .session = bpf_htonl(SESSION) };
	const struct pqc_session entry = { .key = { 11, 12 }, .expires_ns = BOOT + NS };

	memcpy(name.node, &(__u64) { node_id() }, PQC_NODE_LEN);
	host_put(&pqc_sessions, &name, &entry);
}

/* Makes the data packet that the way takes. Returns its length. */
static size_t data_packet(
	__u64 sequence, size_t payload, uint8_t flags, uint8_t packet[MESSAGE_PACKET_MAX])
{
	static const uint64_t session_key[2] = { 11, 12 };
	uint8_t bytes[PQC_DATA_MAX], sender[PQC_NODE_LEN];
	struct pqc_path path;
	const struct data_content content = { .sequence = sequence,
		.session = SESSION,
		.flags = flags,
		.key = session_key,
		.path = &path,
		.payload = { bytes, payload } };

	path_of_way(&path);
	random_fill(bytes, sizeof(bytes));
	memcpy(sender, &(__u64) { node_id() }, sizeof(sender));
	return message_data(sender, &content, packet);
}

static int send_data(__u64 sequence, size_t payload)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t length = data_packet(sequence, payload, 0, packet);

	return receive(packet, length);
}

static void test_data(void **state)
{
	__u64 sequence = 0, bytes = 0;

	(void)state;
	open_session();
	for (size_t payload = 0; payload <= PQC_DATA_MAX; payload += payload < 40 ? 1 : 85) {
		way.ipv6 = sequence & 1;
		way.raw_ip = sequence & 2;
		way.vlans = way.raw_ip ? 0 : sequence % 3;
		assert_int_equal(send_data(++sequence, payload), PQC_DATA_ACCEPTED);
		bytes += payload;
	}
	assert_int_equal(session()->good, sequence);
	assert_int_equal(session()->bytes, bytes);
	assert_int_equal(session()->replayed, 0);
	assert_int_equal(session()->window.highest, sequence);
	assert_int_equal(send_data(sequence, 1), PQC_REPLAYED);
	assert_int_equal(send_data(0, 1), PQC_REPLAYED);
	assert_int_equal(session()->replayed, 2);
	assert_int_equal(session()->good, sequence);
	assert_int_equal(host_element(&pqc_work, 0)->key[0], 0);
	assert_int_equal(host_element(&pqc_work, 0)->key[1], 0);
	assert_int_equal(host.records, 1); /* good ones are no events */
}

static void test_sessions(void **state)
{
	(void)state;
	assert_int_equal(send_data(1, 5), PQC_UNKNOWN_SESSION);
	open_session();
	host.boot_ns = BOOT + NS;
	assert_int_equal(send_data(1, 5), PQC_EXPIRED);
	host.boot_ns--;
	assert_int_equal(send_data(1, 5), PQC_DATA_ACCEPTED);
}

/* Every bit of header, payload and tag is guarded; so is the way. */
static void test_changed_data(void **state)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t length = data_packet(1, 21, 0, packet);

	(void)state;
	open_session();
	for (size_t at = 0; at < length; at++) {
		packet[at] ^= 1;
		assert_true(receive(packet, length) >= PQC_REFUSED);
		packet[at] ^= 1;
	}
	packet[length - 1] ^= 0x80;
	assert_int_equal(receive(packet, length), PQC_BAD_TAG);
	packet[length - 1] ^= 0x80;
	packet[length - 16] ^= 1;
	assert_int_equal(receive(packet, length), PQC_BAD_TAG);
	packet[length - 16] ^= 1;
	way.source_port++;
	assert_int_equal(receive(packet, length), PQC_BAD_TAG);
	way.source_port--;
	assert_int_equal(receive(packet, length - 1), PQC_BAD_LENGTH);
	assert_int_equal(receive(packet, length + 1), PQC_BAD_LENGTH);
	packet[offsetof(struct pqc_header, data.reserved)] = 1;
	assert_int_equal(receive(packet, length), PQC_BAD_HEADER);
	packet[offsetof(struct pqc_header, data.reserved)] = 0;
	assert_int_equal(session()->window.highest, 0);
	assert_int_equal(receive(packet, length), PQC_DATA_ACCEPTED);
}

/* Whoever names a node, it is counted; what comes from where the node is, too. */
static void test_refusals_of_a_node(void **state)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t length = data_packet(1, 21, 0, packet);

	(void)state;
	open_session();
	packet[length - 1] ^= 1;
	assert_int_equal(receive(packet, length), PQC_BAD_TAG);
	assert_int_equal(node()->refused, 1);
	assert_int_equal(node()->refused_there, 0); /* where it is, nobody knows yet */
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(receive(packet, length), PQC_BAD_TAG);
	assert_int_equal(receive(packet, length - 1), PQC_BAD_LENGTH);
	assert_int_equal(send_now(), PQC_REPLAYED);
	assert_int_equal(node()->refused, 4);
	assert_int_equal(node()->refused_there, 3);
	way.ipv6 = !way.ipv6;
	assert_true(receive(packet, length) >= PQC_REFUSED);
	assert_int_equal(node()->refused, 5);
	assert_int_equal(node()->refused_there, 3);
	way.ipv6 = !way.ipv6;
	packet[offsetof(struct pqc_header, node)] ^= 1;
	assert_int_equal(receive(packet, length), PQC_UNKNOWN_NODE);
	packet[0] ^= 1;
	assert_int_equal(receive(packet, length), PQC_BAD_HEADER);
	assert_int_equal(node()->refused, 5);
}

static void test_data_too_long(void **state)
{
	uint8_t packet[MESSAGE_PACKET_MAX + 8];
	size_t length = data_packet(1, PQC_DATA_MAX, 0, packet);
	__be16 longer = bpf_htons(PQC_DATA_MAX + 1);

	(void)state;
	open_session();
	memcpy(packet + offsetof(struct pqc_header, data.length), &longer, sizeof(longer));
	assert_int_equal(receive(packet, length + 1), PQC_BAD_LENGTH);
}

static void test_translated_data(void **state)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t length = data_packet(1, 21, PQC_TRANSLATED, packet);

	(void)state;
	open_session();
	way.source_port++;
	assert_int_equal(receive(packet, length), PQC_BAD_HEADER);
	session()->translated = 1;
	assert_int_equal(receive(packet, length), PQC_BAD_TAG); /* its ports are under it */
	way.source_port--;
	way.ipv6 = true; /* but not the addresses */
	assert_int_equal(receive(packet, length), PQC_DATA_ACCEPTED);
}

/* Builds a data frame, changes it, and returns the result. */
static int receive_changed(size_t at, uint8_t bit)
{
	static struct frame frame;
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t length = data_packet(1, 21, 0, packet);

	build(&frame, packet, length);
	frame.bytes[at] ^= bit;
	return receive_frame(&frame);
}

/* What the stack would drop does not move the window. */
static void test_frames_of_data(void **state)
{
	(void)state;
	open_session();
	assert_int_equal(receive_changed(14 + 8, 1), PQC_BAD_CHECKSUM); /* TTL */
	assert_int_equal(receive_changed(14 + 20 + 6, 1), PQC_BAD_CHECKSUM); /* UDP's */
	assert_int_equal(receive_changed(14 + 3, 1), PQC_BAD_HEADER); /* IP's length */
	assert_int_equal(receive_changed(14 + 6, 0x20), PQC_IP_FRAGMENT);
	way.ipv6 = true;
	assert_int_equal(receive_changed(14 + 40 + 6, 1), PQC_BAD_CHECKSUM);
	way.no_checksum = true;
	assert_int_equal(send_data(1, 21), PQC_BAD_CHECKSUM);
	way.ipv6 = false;
	assert_int_equal(session()->window.highest, 0);
	assert_int_equal(send_data(1, 21), PQC_DATA_ACCEPTED);
}

static void test_destination(void **state)
{
	struct pqc_interface *interface = host_element(&pqc_interfaces, INTERFACE);
	static struct frame frame;

	(void)state;
	open_session();
	build(&frame, (const uint8_t *)"", 0);
	interface->n_macs = 1;
	interface->vlans[0] = 1;
	assert_int_equal(send_data(1, 3), PQC_NOT_FOR_HOST);
	memcpy(&interface->macs[PQC_MACS_MAX - 1], frame.bytes, 6);
	assert_int_equal(send_data(1, 3), PQC_DATA_ACCEPTED);
	way.vlans = 1;
	build(&frame, (const uint8_t *)"", 0);
	unsigned vlan = (frame.bytes[14] << 8 | frame.bytes[15]) & VLAN_MASK;
	if (vlan)
		assert_int_equal(send_data(2, 3), PQC_NOT_FOR_HOST);
	interface->vlans[0] = 0;
	interface->vlans[vlan / 64] |= 1ull << vlan % 64;
	assert_int_equal(send_data(2, 3), vlan ? PQC_NOT_FOR_HOST : PQC_DATA_ACCEPTED);
	interface->kinds = PQC_VLANS_8021Q;
	assert_int_equal(send_data(2, 3), vlan ? PQC_DATA_ACCEPTED : PQC_REPLAYED);
	way.vlans = 0;
	if (vlan)
		assert_int_equal(send_data(3, 3), PQC_NOT_FOR_HOST);
	way.raw_ip = true; /* no MAC address */
	assert_int_equal(send_data(3, 3), PQC_DATA_ACCEPTED);
	way.raw_ip = false;
	way.vlans = 3;
	interface->kinds |= PQC_VLANS_NESTED;
	assert_int_equal(send_data(4, 3), PQC_BAD_HEADER);
}

/* A data frame with tags after the addresses, to an interface that takes VLAN 7 and untagged ones. */
static int receive_tagged(__u64 sequence, const void *tags, size_t length, __u32 kinds)
{
	struct pqc_interface *interface = host_element(&pqc_interfaces, INTERFACE);
	static struct frame frame;
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t size = data_packet(sequence, 21, 0, packet);

	build(&frame, packet, size);
	*interface =
		(struct pqc_interface) { .n_macs = 1, .kinds = kinds, .vlans = { 1 | 1 << 7 } };
	memcpy(interface->macs, frame.bytes, 6);
	memmove(frame.bytes + 12 + length, frame.bytes + 12, frame.length - 12);
	memcpy(frame.bytes + 12, tags, length);
	frame.length += length;
	return receive_frame(&frame);
}

/* As the stack takes tags: one of VLAN 0 is looked behind, and each other needs a device of its own. */
static void test_tags(void **state)
{
	static const struct {
		const char *tags;
		__u32 kinds;
		int result;
	} rows[] = {
		{ "\x81\x00\x20\x07", PQC_VLANS_8021Q, PQC_DATA_ACCEPTED },
		{ "\x81\x00\x20\x07", PQC_VLANS_8021AD, PQC_NOT_FOR_HOST },
		{ "\x88\xa8\x20\x07", PQC_VLANS_8021AD, PQC_DATA_ACCEPTED },
		{ "\x88\xa8\x20\x07", PQC_VLANS_8021Q, PQC_NOT_FOR_HOST },
		{ "\x81\x00\x00\x00", 0, PQC_DATA_ACCEPTED },
		{ "\x88\xa8\x00\x00", 0, PQC_DATA_ACCEPTED },
		{ "\x81\x00\x00\x00\x81\x00\x00\x00", 0, PQC_DATA_ACCEPTED },
		{ "\x81\x00\x00\x00\x81\x00\x00\x63", PQC_VLANS_8021Q, PQC_NOT_FOR_HOST },
		{ "\x81\x00\x00\x00\x81\x00\x00\x07", PQC_VLANS_8021Q, PQC_DATA_ACCEPTED },
		{ "\x88\xa8\x00\x00\x81\x00\x00\x07", PQC_VLANS_8021Q, PQC_DATA_ACCEPTED },
		{ "\x81\x00\x00\x07\x81\x00\x00\x63", PQC_VLANS_8021Q, PQC_NOT_FOR_HOST },
		{ "\x81\x00\x00\x07\x81\x00\x00\x00", PQC_VLANS_8021Q, PQC_DATA_ACCEPTED },
		{ "\x81\x00\x00\x07\x81\x00\x00\x63", PQC_VLANS_8021Q | PQC_VLANS_NESTED,
			PQC_DATA_ACCEPTED },
	};
	static const size_t lengths[] = { 4, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(state);
		open_session();
		int result = receive_tagged(1, rows[i].tags, lengths[i], rows[i].kinds);
		if (result != rows[i].result)
			fail_msg("row %zu: %d", i, result);
		assert_int_equal(session()->window.highest, result == PQC_DATA_ACCEPTED);
	}
}

/* Bridges drop frames without a source. */
static void test_source_mac(void **state)
{
	static const uint8_t sources[][6] = { { 0 }, { 1, 0, 0x5e, 0, 0, 1 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 0, 0, 0, 0, 0, 1 }, { 2 } };
	static struct frame frame;
	uint8_t packet[MESSAGE_PACKET_MAX];

	(void)state;
	open_session();
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		build(&frame, packet, data_packet(1 + i, 21, 0, packet));
		memcpy(frame.bytes + 6, sources[i], 6);
		assert_int_equal(
			receive_frame(&frame), i < 3 ? PQC_NOT_FOR_HOST : PQC_DATA_ACCEPTED);
	}
}

/* An IPv4 packet in an IPv6 header with the mapped addresses: the same path, but no host takes it. */
static void test_mapped_addresses(void **state)
{
	static struct frame frame;
	uint8_t packet[MESSAGE_PACKET_MAX];
	struct pqc_path path;
	size_t length = data_packet(1, 21, 0, packet);

	(void)state;
	open_session();
	path_of_way(&path);
	way.ipv6 = true;
	build(&frame, packet, length);
	memcpy(frame.bytes + frame.ip + 8, path.source, sizeof(path.source));
	memcpy(frame.bytes + frame.ip + 24, path.destination, sizeof(path.destination));
	frame_finish(&frame);
	assert_int_equal(receive_frame(&frame), PQC_BAD_HEADER);
	way.ipv6 = false;
	assert_int_equal(receive(packet, length), PQC_DATA_ACCEPTED);
}

/* The one packet in 65,536 of which the sum comes to the field of one without a checksum. */
static void test_checksum_of_zero(void **state)
{
	static struct frame frame;
	uint8_t packet[MESSAGE_PACKET_MAX];
	uint8_t *field;

	(void)state;
	open_session();
	way.ipv6 = true;
	for (way.source_port = 1; way.source_port != 0; way.source_port++) {
		size_t length = data_packet(1, 0, 0, packet);
		build(&frame, packet, length);
		field = frame.bytes + frame.udp + 6;
		if (field[0] == 0xff && field[1] == 0xff)
			break;
	}
	assert_int_not_equal(way.source_port, 0);
	memset(field, 0, 2);
	assert_int_equal(receive_frame(&frame), PQC_BAD_CHECKSUM);
	memset(field, 0xff, 2);
	assert_int_equal(receive_frame(&frame), PQC_DATA_ACCEPTED);
}

/* --- the program ------------------------------------------------------------------------------------ */

/* What goes elsewhere passes unseen, whatever the mode. */
static void test_other_traffic(void **state)
{
	(void)state;
	way.port = PQC_PORT + 1;
	assert_int_equal(send_data(1, 3), -1);
	way.port = PQC_PORT - 64;
	assert_int_equal(send_data(1, 3), -1);
	way.port = PQC_PORT;
	control()->mode = PQC_OFF;
	assert_int_equal(send_data(1, 3), -1);
	control()->mode = PQC_OBSERVE;
	assert_int_equal(send_data(1, 3), PQC_UNKNOWN_SESSION);
	assert_int_equal(host_element(&xdp_packet, 0)->stages[XDP_PQC_VERIFY].runs, 4);
}

/* A fragment of IP is refused by its port, and where it may hide one. */
static void test_ip_fragments(void **state)
{
	(void)state;
	open_session();
	way.fragment = 0x2000;
	assert_int_equal(send_data(1, 3), PQC_IP_FRAGMENT);
	way.fragment = 5;
	assert_int_equal(send_data(1, 3), -1);
}

static void test_short_datagrams(void **state)
{
	static struct frame frame;
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t length = data_packet(1, 21, 0, packet);
	uint8_t *udp_length = frame.bytes + 14 + 20 + 4;

	(void)state;
	open_session();
	build(&frame, packet, length);
	udp_length[1]++; /* beyond the packet */
	assert_int_equal(receive_frame(&frame), PQC_BAD_HEADER);
	udp_length[0] = 0;
	udp_length[1] = 7;
	assert_int_equal(receive_frame(&frame), PQC_BAD_HEADER);
	udp_length[1] = 8;
	assert_int_equal(receive_frame(&frame), PQC_BAD_HEADER);
}

static void test_events(void **state)
{
	const struct event *event = (const struct event *)host.record;

	(void)state;
	open_session();
	assert_int_equal(send_data(1, 3), PQC_DATA_ACCEPTED);
	assert_int_equal(host.records, 0);
	assert_int_equal(send_data(1, 3), PQC_REPLAYED);
	assert_int_equal(host.records, 1);
	assert_int_equal(event->type, EVENT_PQC);
	assert_int_equal(event->ifindex, IFINDEX);
	assert_int_equal(event->pqc.node, node_id());
	assert_int_equal(event->pqc.sequence, 1);
	assert_int_equal(event->pqc.result, PQC_REPLAYED);
	host.boot_ns += EVENT_PAUSE_NS - 1;
	assert_int_equal(send_data(1, 3), PQC_REPLAYED);
	assert_int_equal(host.records, 1);
	assert_int_equal(receive((const uint8_t *)"", 0), PQC_BAD_HEADER);
	assert_int_equal(host.records, 2);
	assert_int_equal(event->pqc.node, 0);
	assert_int_equal(event->pqc.sequence, 0);
	host.boot_ns++;
	assert_int_equal(send_data(1, 3), PQC_REPLAYED);
	assert_int_equal(host.records, 3);
	struct message_content content = content_now();
	const struct message *message = sign(&content);
	assert_int_equal(send_slice(message, 0), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(host.records, 3);
	assert_int_equal(send_message(message), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(host.records, 4);
	host.ring_full = true;
	pass_time(NS);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(stats()->undelivered, 1);
	assert_int_equal(*host_element(&events_lost, EVENT_SOURCE_PQC), 1);
}

/* A node whose key is not there (yet). */
static void test_no_key(void **state)
{
	struct message_content content = content_now();
	struct message message = *sign(&content);
	__u64 id = node_id();

	(void)state;
	host_put(&pqc_node_slots, &id, &(__u32) { SLOT + 1 });
	assert_int_equal(send_message(&message), PQC_UNKNOWN_NODE);
	host_put(&pqc_node_slots, &id, &(__u32) { PQC_NODES_DEFAULT });
	assert_int_equal(send_message(&message), PQC_BAD_HEADER);
}

/* --- keys -------------------------------------------------------------------------------------------- */

static char store[] = "/tmp/x0top-keys-XXXXXX";

static void trust_key(const struct signing_key *trusted, const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", store, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PUBKEY(file, trusted->openssl), 1);
	fclose(file);
}

static void forget_key(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", store, name);
	assert_int_equal(unlink(path), 0);
}

/* Nodes are known by the store of keys, and forgotten with their key, their sessions first. */
static void test_trust_store(void **state)
{
	struct failure failure = { 0 };
	struct trust *trust = NULL;
	struct map_registry maps;

	(void)state;
	assert_non_null(mkdtemp(store));
	assert_int_equal(
		bpf_map_delete_elem(fake_map_fd(&pqc_node_slots), &(__u64) { node_id() }), 0);
	keys_of_store = true;
	fake_object_add(pqc_node_slots);
	fake_object_add(pqc_nodes);
	fake_object_add(pqc_sessions);
	fake_object_add(mldsa_keys);
	fake_object_add(pqc_reassembly);
	fake_registry(&maps);
	assert_int_equal(send_now(), PQC_UNKNOWN_NODE);
	trust_key(&keys[1], "bob.pub.pem");
	trust_key(&keys[0], "alice.pub.pem");
	assert_int_equal(load_pq_keys(&maps, store, MLDSA_HAS_44, &trust, &failure), -EAGAIN);
	assert_int_equal(send_now(), PQC_UNKNOWN_NODE);
	assert_int_equal(load_pq_keys(&maps, store, MLDSA_HAS_ALL, &trust, &failure), 0);
	assert_int_equal(verifier_sets_loaded(&maps), MLDSA_HAS_44 | MLDSA_HAS_65);
	assert_int_equal(verifier_sets_trusted(store), MLDSA_HAS_44 | MLDSA_HAS_65);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	open_session();
	assert_int_equal(send_data(1, 3), PQC_DATA_ACCEPTED);
	forget_key("bob.pub.pem");
	assert_int_equal(load_pq_keys(&maps, store, MLDSA_HAS_ALL, &trust, &failure), 0);
	assert_int_equal(verifier_sets_loaded(&maps), MLDSA_HAS_44);
	assert_int_equal(send_data(2, 3), PQC_DATA_ACCEPTED); /* who stays goes on */
	assert_int_equal(send_now(), PQC_REPLAYED);
	forget_key("alice.pub.pem");
	trust_key(&keys[2], "carol.pub.pem");
	assert_int_equal(load_pq_keys(&maps, store, MLDSA_HAS_ALL, &trust, &failure), 0);
	assert_int_equal(send_data(3, 3), PQC_UNKNOWN_NODE);
	assert_null(session());
	key = &keys[2];
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	trust_close(trust);
	forget_key("carol.pub.pem");
	assert_int_equal(rmdir(store), 0);
}

/* --- samples ----------------------------------------------------------------------------------------- */

static void test_samples(void **state)
{
	struct snapshot *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	const struct snapshot_pqc *pqc = &second->pqc;
	struct node_names names = { .n = 1, .nodes[0] = { .set = PQC_SET_44, .name = "alice" } };
	struct map_registry maps;
	struct percpu percpu;

	(void)state;
	fake_object_add(pqc_control);
	fake_object_add(pqc_node_slots);
	fake_object_add(pqc_nodes);
	fake_object_add(pqc_common);
	fake_object_add(pqc_sessions);
	fake_object_add(pqc_stats);
	fake_registry(&maps);
	memcpy(names.nodes[0].node, &(__u64) { node_id() }, PQC_NODE_LEN);
	assert_int_equal(percpu_open(&percpu, sizeof(struct pqc_stats)), 0);
	host.boot_ns = clock_boottime_ns();
	open_session();
	session()->expires_ns = host.boot_ns + 60 * NS;
	session()->began_ns = host.boot_ns - 5 * NS;
	assert_int_equal(collect_signatures(&percpu, &maps, &names, NULL, first), 0);
	assert_int_equal(send_now(), PQC_MESSAGE_ACCEPTED);
	assert_int_equal(send_data(1, 20), PQC_DATA_ACCEPTED);
	assert_int_equal(send_data(2, 20), PQC_DATA_ACCEPTED);
	assert_int_equal(send_data(2, 20), PQC_REPLAYED);
	second->interval = 2;
	assert_int_equal(collect_signatures(&percpu, &maps, &names, first, second), 0);
	assert_true(pqc->available);
	assert_int_equal(pqc->mode, PQC_ENFORCE);
	assert_int_equal(pqc->n_ports, 1);
	assert_int_equal(pqc->ports[0].number, PQC_PORT);
	assert_int_equal(pqc->results[PQC_DATA_ACCEPTED].total, 2);
	assert_true(pqc->results[PQC_DATA_ACCEPTED].rate == 1);
	assert_int_equal(pqc->verifications.total, 1);
	assert_int_equal(pqc->verification_ns, 1000);
	assert_int_equal(pqc->buckets[9], 1);
	assert_int_equal(pqc->undelivered.total, 0);
	assert_true(pqc->budget_rate == 1);
	assert_true(pqc->budget_used > 0 && pqc->budget_used <= 0.001);
	assert_int_equal(pqc->n_nodes, 1);
	assert_string_equal(pqc->nodes[0].name, "alice");
	assert_int_equal(pqc->nodes[0].set, PQC_SET_44);
	assert_true(pqc->nodes[0].authenticated_until == WALL_S + 60);
	assert_int_equal(pqc->nodes[0].sequence, WALL_S * NS);
	assert_int_equal(pqc->nodes[0].good.total, 1);
	assert_true(pqc->nodes[0].good.rate == 0.5);
	assert_int_equal(pqc->nodes[0].refused.total, 1);
	assert_true(pqc->nodes[0].refused.rate == 0.5);
	assert_int_equal(pqc->nodes[0].refused_there.total, 1);
	assert_true(fabs(pqc->nodes[0].last_time - clock_realtime_seconds()) < 30);
	assert_int_equal(pqc->sessions_total, 1);
	assert_int_equal(pqc->n_sessions, 1);
	assert_string_equal(pqc->sessions[0].name, "alice");
	assert_string_equal(pqc->sessions[0].session, "0000004d");
	assert_true(fabs(pqc->sessions[0].expires - pqc->sessions[0].began - 65) < 0.1);
	assert_int_equal(pqc->sessions[0].traffic.packets.total, 2);
	assert_int_equal(pqc->sessions[0].traffic.bytes.total, 40);
	assert_true(pqc->sessions[0].traffic.bytes.rate == 20);
	assert_int_equal(pqc->sessions[0].replayed.total, 1);
	assert_true(isnan(first->pqc.nodes[0].last_time));
	percpu_close(&percpu);
	free(first);
	free(second);
}

static void test_events_in_words(void **state)
{
	static struct event_log log;
	struct node_names names = { .n = 0 };

	(void)state;
	open_session();
	assert_int_equal(send_data(1, 3), PQC_DATA_ACCEPTED);
	assert_int_equal(send_data(1, 3), PQC_REPLAYED);
	pqc_take_event(&log, &names, (const struct event *)host.record, 1);
	assert_non_null(strstr(log.events[0].text, ", seq 1"));
	assert_int_equal(log.events[0].kind, EVENT_KIND_PQC);
	((struct event *)host.record)->pqc.result = PQC_RESULTS;
	pqc_take_event(&log, &names, (const struct event *)host.record, 1);
	assert_int_equal(log.events[1].kind, 0);
	assert_string_equal(log.events[1].text, "");
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_good_messages),
		test(test_order_of_slices),
		test(test_changed_bits),
		test(test_bad_signature),
		test(test_message_checks),
		test(test_validity),
		test(test_relayed),
		test(test_headers),
		test(test_lengths_of_slices),
		test(test_sequences),
		test(test_clock_without_tai),
		test(test_place_of_an_unknown_source),
		test(test_places_are_keyed),
		test(test_key_of_places),
		test(test_place_of_a_known_source),
		test(test_places_apart),
		test(test_node_budget),
		test(test_common_budget),
		test(test_bucket),
		test(test_sources),
		test(test_validity_end),
		test(test_data),
		test(test_sessions),
		test(test_changed_data),
		test(test_refusals_of_a_node),
		test(test_data_too_long),
		test(test_translated_data),
		test(test_frames_of_data),
		test(test_destination),
		test(test_tags),
		test(test_source_mac),
		test(test_mapped_addresses),
		test(test_checksum_of_zero),
		test(test_other_traffic),
		test(test_ip_fragments),
		test(test_short_datagrams),
		test(test_events),
		test(test_no_key),
		test(test_trust_store),
		test(test_samples),
		test(test_events_in_words),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
