// SPDX-License-Identifier: BSD-2-Clause
/*
 * A flood on the wire: a million forged data packets and a hundred thousand replays over veth, all
 * different from each other as forgeries are. None is accepted, each is counted, and a node goes on
 * announcing itself and sending data in between. A flood of forged announcements follows.
 */
#include <bpf/bpf.h>
#include <endian.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/names.h"
#include "peer/message.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/netns.h"
#include "tests/lib/packets.h"
#include "tests/lib/signatures.h"
#include "tests/lib/wait.h"
#include "xdp_pqc_verify.h"

#define FORGERIES	1000000
#define REPLAYS		100000
#define FORGED_MESSAGES 20000

#define BATCH	     100 /* packets at a time: fewer than a veth's queue holds */
#define ROUND	     10000 /* packets between two signs of life of the node */
#define SEEN	     1000 /* data packets that are replayed: fewer than the window */
#define PAYLOAD	     32
#define SLOT	     3
#define SESSION	     0x0a0b0c0d
#define NODE_SOURCE  26970
#define OTHER_SOURCE 40000
#define LEFT	     "pqcflood0"
#define RIGHT	     "pqcflood1"

static struct bpf_object *object;
static struct signing_key key;
static uint8_t node[PQC_NODE_LEN];
static const uint64_t session_key[2] = { 0x0123456789abcdef, 0xfedcba9876543210 };
static uint64_t data_sequence, message_sequence; /* the node's last */
static uint64_t sent; /* frames that went out on the left */
static uint64_t passed; /* frames that got past XDP on the right */
static struct pqc_stats expected; /* results alone */
static int sender, watcher;

/* --- the program -------------------------------------------------------------------------------- */

static void put(const char *map, const void *name, const void *value)
{
	assert_int_equal(
		bpf_map_update_elem(bpf_program_map_fd(object, map), name, value, BPF_ANY), 0);
}

static void trust_node(void)
{
	struct pqc_session_key name = { .session = htobe32(SESSION) };
	struct pqc_session session = { .expires_ns = UINT64_MAX };
	uint32_t slot = SLOT;

	signing_key_generate(MLDSA_65, &key);
	assert_int_equal(key_node(&key.public, node), 0);
	put("mldsa_keys", &slot, &key.expanded);
	put("pqc_node_slots", node, &slot);
	memcpy(name.node, node, sizeof(node));
	memcpy(session.key, session_key, sizeof(session.key));
	put("pqc_sessions", &name, &session);
}

/* The budgets are those that x0top sets unless told otherwise. */
static void enforce(void)
{
	static struct pqc_control control;
	uint32_t zero = 0;

	control.mode = PQC_ENFORCE;
	control.protected_ports[PQC_PORT / 64] = UINT64_C(1) << PQC_PORT % 64;
	control.realtime_offset_ns = clock_realtime_ns() - clock_boottime_ns();
	control.reassembly_timeout_ns = 2000000000;
	control.node_budget = (struct pqc_budget) { .interval_ns = 100000000, .burst = 16 };
	control.common_budget = (struct pqc_budget) { .interval_ns = 1000000, .burst = 64 };
	put("pqc_control", &zero, &control);
}

/* A packet socket on an interface; with a protocol it receives. */
static int open_packets(const char *interface, uint16_t protocol)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	address.sll_ifindex = (int)if_nametoindex(interface);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static int set_up(void **state)
{
	(void)state;
	netns_enter();
	netns_veth(LEFT, RIGHT);
	object = bpf_program_open("xdp_pqc_verify");
	bpf_map__set_max_entries(
		bpf_object__find_map_by_name(object, "mldsa_keys"), PQC_NODES_DEFAULT);
	bpf_program_load(object);
	trust_node();
	enforce();
	watcher = open_packets(RIGHT, ETH_P_IP);
	sender = open_packets(LEFT, 0);
	assert_int_equal(
		bpf_xdp_attach((int)if_nametoindex(RIGHT), bpf_program_fd(object, "xdp_pqc_verify"),
			XDP_FLAGS_DRV_MODE, NULL),
		0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(sender);
	close(watcher);
	signing_key_free(&key);
	bpf_object__close(object);
	return 0;
}

/* --- sending and counting ----------------------------------------------------------------------- */

struct batch {
	unsigned n;
	struct frame frames[BATCH];
};

static struct batch batch;

static uint64_t read_results(struct pqc_stats *stats)
{
	uint64_t sum = 0;

	bpf_program_sum(bpf_program_map_fd(object, "pqc_stats"), 0, stats, sizeof(*stats));
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		if (i != PQC_REASSEMBLY_TIMEOUT) /* comes on top */
			sum += stats->results[i];
	return sum;
}

static bool all_counted(void *context)
{
	struct pqc_stats *stats = context;

	return read_results(stats) >= sent;
}

static void count_passed(void)
{
	uint8_t byte;

	while (recv(watcher, &byte, sizeof(byte), 0) >= 0)
		passed++;
}

/* Sends what is in the batch, and waits until each packet has a result: no queue ever overflows. */
static void send_batch(void)
{
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];
	struct pqc_stats stats;
	unsigned done = 0;

	for (unsigned i = 0; i < batch.n; i++) {
		parts[i] = (struct iovec) { batch.frames[i].bytes, batch.frames[i].length };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (done < batch.n) {
		int n = sendmmsg(sender, messages + done, batch.n - done, 0);
		assert_true(n > 0);
		done += (unsigned)n;
	}
	sent += batch.n;
	batch.n = 0;
	assert_true(wait_until(all_counted, &stats));
	assert_int_equal(read_results(&stats), sent);
	count_passed();
}

static struct pqc_path path_from(uint16_t source)
{
	struct pqc_path path;
	struct frame frame;

	frame_ethernet(&frame, ETH_P_IP);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(&frame, source, PQC_PORT);
	frame_path(&frame, &path);
	return path;
}

/* Puts a packet into the batch, which goes out when it is full. */
static void add_packet(const uint8_t *packet, size_t length, uint16_t source)
{
	struct frame *frame = &batch.frames[batch.n++];

	frame_ethernet(frame, ETH_P_IP);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = IPPROTO_UDP });
	frame_udp(frame, source, PQC_PORT);
	frame_payload(frame, length);
	memcpy(frame->bytes + frame->length - length, packet, length);
	frame_finish(frame);
	if (batch.n == BATCH)
		send_batch();
}

static void assert_counts(void)
{
	struct pqc_stats stats;

	read_results(&stats);
	for (uint32_t i = 0; i < PQC_RESULTS; i++)
		if (stats.results[i] != expected.results[i])
			fail_msg("%s: %llu, expected %llu", pqc_result_names[i],
				(unsigned long long)stats.results[i],
				(unsigned long long)expected.results[i]);
	assert_int_equal(passed, expected.results[PQC_DATA_ACCEPTED]);
}

/* --- the node ----------------------------------------------------------------------------------- */

static size_t seal(uint64_t sequence, const uint64_t *with, const uint8_t payload[PAYLOAD],
	uint16_t source, uint8_t packet[MESSAGE_PACKET_MAX])
{
	const struct pqc_path path = path_from(source);
	const struct data_content content = {
		.sequence = sequence,
		.session = SESSION,
		.key = with,
		.path = &path,
		.payload = { payload, PAYLOAD },
	};

	return message_data(node, &content, packet);
}

static size_t make_data(uint64_t sequence, uint8_t packet[MESSAGE_PACKET_MAX])
{
	uint8_t payload[PAYLOAD];

	random_fill(payload, sizeof(payload));
	return seal(sequence, session_key, payload, NODE_SOURCE, packet);
}

static void send_good_data(void)
{
	uint8_t packet[MESSAGE_PACKET_MAX];

	size_t length = make_data(++data_sequence, packet);
	add_packet(packet, length, NODE_SOURCE);
	expected.results[PQC_DATA_ACCEPTED]++;
}

static void make_beacon(uint64_t sequence, uint16_t source, struct message *message)
{
	const struct pqc_path path = path_from(source);
	uint64_t now = (uint64_t)time(NULL);
	struct failure failure;
	const struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = sequence,
		.valid_from = now - 10,
		.valid_until = now + 100,
		.path = &path,
	};

	assert_int_equal(message_sign(key.identity, &content, message, &failure), 0);
}

static void send_slices(const struct message *message, uint16_t source)
{
	uint8_t packet[MESSAGE_PACKET_MAX];

	for (unsigned i = 0; i < message_slices(message); i++)
		add_packet(packet, message_slice(message, i, packet), source);
}

/* The node announces itself and sends data: both are good, and nobody else's sequence is known. */
static void live(void)
{
	uint32_t slot = SLOT;
	struct pqc_node known;
	struct message message;

	make_beacon(++message_sequence, NODE_SOURCE, &message);
	send_slices(&message, NODE_SOURCE);
	expected.results[PQC_FRAGMENT_BUFFERED] += message_slices(&message) - 1;
	expected.results[PQC_MESSAGE_ACCEPTED]++;
	send_good_data();
	send_batch();
	assert_int_equal(
		bpf_map_lookup_elem(bpf_program_map_fd(object, "pqc_nodes"), &slot, &known), 0);
	assert_int_equal(known.sequence, message_sequence);
	assert_int_equal(known.good, expected.results[PQC_MESSAGE_ACCEPTED]);
	assert_true(known.authenticated_until > (uint64_t)time(NULL));
}

/* The node's own budget is ten announcements a second: none of them is to be throttled. */
static void live_within_budget(void)
{
	static uint64_t last_ns;
	uint64_t now_ns = clock_monotonic_ns();

	if (now_ns - last_ns < 110000000)
		return;
	last_ns = now_ns;
	live();
}

/* --- floods ------------------------------------------------------------------------------------- */

/* Makes a data packet that its session's key did not make, in one of several ways. */
static size_t forge(unsigned i, uint8_t packet[MESSAGE_PACKET_MAX])
{
	static const uint64_t other_key[2] = { 1, 2 };
	size_t length = make_data(data_sequence + 1 + random_below(1u << 30), packet);
	size_t tag = length - PQC_TAG_LEN, payload = tag - PAYLOAD;
	struct pqc_header header;
	uint8_t bytes[PAYLOAD];

	switch (i % 5) {
	case 0: /* a tag that is made up */
		random_fill(packet + tag, PQC_TAG_LEN);
		break;
	case 1: /* a bit of the tag */
		packet[tag + random_below(PQC_TAG_LEN)] ^= (uint8_t)(1u << random_below(8));
		break;
	case 2: /* a bit of the payload */
		packet[payload + random_below(PAYLOAD)] ^= (uint8_t)(1u << random_below(8));
		break;
	case 3: /* another sequence */
		memcpy(&header, packet, sizeof(header));
		header.sequence ^= htobe64(UINT64_C(1) << (32 + random_below(32)));
		memcpy(packet, &header, sizeof(header));
		break;
	default: /* another key */
		memcpy(bytes, packet + payload, PAYLOAD);
		return seal(data_sequence + i + 1, other_key, bytes, NODE_SOURCE, packet);
	}
	return length;
}

static void forged_data_is_refused(void **state)
{
	uint8_t packet[MESSAGE_PACKET_MAX];

	(void)state;
	for (unsigned i = 0; i < FORGERIES; i++) {
		if (i % ROUND == 0)
			live_within_budget();
		size_t length = forge(i, packet);
		add_packet(packet, length, i & 1 ? NODE_SOURCE : OTHER_SOURCE);
	}
	send_batch();
	expected.results[PQC_BAD_TAG] += FORGERIES;
	live_within_budget();
	assert_counts();
	assert_int_equal(expected.results[PQC_BAD_TAG], FORGERIES);
}

static void replayed_data_is_refused(void **state)
{
	static struct {
		size_t length;
		uint8_t bytes[sizeof(struct pqc_header) + PAYLOAD + PQC_TAG_LEN];
	} seen[SEEN];
	uint8_t packet[MESSAGE_PACKET_MAX];

	(void)state;
	for (unsigned i = 0; i < SEEN; i++) {
		seen[i].length = make_data(++data_sequence, packet);
		memcpy(seen[i].bytes, packet, seen[i].length);
		add_packet(packet, seen[i].length, NODE_SOURCE);
	}
	expected.results[PQC_DATA_ACCEPTED] += SEEN;
	for (unsigned i = 0; i < REPLAYS; i++) {
		unsigned which = random_below(SEEN);

		if (i % ROUND == 0)
			live_within_budget();
		add_packet(seen[which].bytes, seen[which].length, NODE_SOURCE);
	}
	send_batch();
	expected.results[PQC_REPLAYED] += REPLAYS;
	assert_counts();
}

/*
 * Announcements with a signature over something else, from a stranger: what the budget allows is
 * verified, the rest throttled; the node's own are all good.
 */
static void forged_announcements_are_throttled(void **state)
{
	struct message message;
	struct pqc_stats before, after;
	uint64_t began_ns = clock_monotonic_ns();

	(void)state;
	read_results(&before);
	make_beacon(message_sequence, OTHER_SOURCE, &message);
	for (unsigned i = 0; i < FORGED_MESSAGES; i++) {
		message.sequence = message_sequence + 1000000 + i;
		if (i % 100 == 0)
			live_within_budget();
		send_slices(&message, OTHER_SOURCE);
	}
	send_batch();
	uint64_t budget = (clock_monotonic_ns() - began_ns) / 1000000 + 64 + 1;
	read_results(&after);
	uint64_t bad = after.results[PQC_BAD_SIGNATURE];
	uint64_t verified = after.verifications - before.verifications;
	assert_int_equal(bad + after.results[PQC_THROTTLED], FORGED_MESSAGES);
	assert_true(after.results[PQC_THROTTLED] > 0);
	assert_in_range(bad, 1, budget);
	assert_int_equal(verified,
		bad + after.results[PQC_MESSAGE_ACCEPTED] - before.results[PQC_MESSAGE_ACCEPTED]);
	expected.results[PQC_BAD_SIGNATURE] = bad;
	expected.results[PQC_THROTTLED] = after.results[PQC_THROTTLED];
	expected.results[PQC_FRAGMENT_BUFFERED] += FORGED_MESSAGES * (message_slices(&message) - 1);
	live_within_budget();
	assert_counts();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forged_data_is_refused),
		cmocka_unit_test(replayed_data_is_refused),
		cmocka_unit_test(forged_announcements_are_throttled),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
