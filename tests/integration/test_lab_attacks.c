// SPDX-License-Identifier: BSD-2-Clause
/* What the lab's attackers make of packets that they have seen: the attack of each name, and nothing else. */
#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/key.h"
#include "lab/attacks.h"
#include "lab/frames.h"
#include "lab/peers.h"
#include "lab/tap.h"
#include "lab/traffic_node.h"
#include "peer/message.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"
#include "tests/lib/packets.h"

#define PORT	   26971 /* the attacker's first */
#define AHEAD_NS   (10 * NS_PER_SECOND)
#define HEADERS	   (sizeof(struct iphdr) + sizeof(struct udphdr))
#define SESSION	   7
#define FRAMES_MAX 16
#define VICTIM	   "x0victim" /* the other end of the attacker's link to it */
#define HOST	   "x0host" /* the other end of the way to this host */

static struct traffic_node *node;
static struct identity *victim;
static struct mldsa_key victims, attackers;
static struct message message; /* of the victim */
static struct pqc_path way; /* of the victim's packets */
static int host; /* socket: frames that come to this host */
static uint8_t data[MESSAGE_PACKET_MAX]; /* the victim's last data packet */
static size_t data_length;
static struct frame got[FRAMES_MAX];
static int vlans[FRAMES_MAX]; /* the kernel takes tags off; -1: none */
static size_t n_got;

/* --- the victim ----------------------------------------------------------------------------------- */

static struct pqc_path path_between(enum lab_node from, enum lab_node to)
{
	struct in_addr source = node_address4(from), destination = node_address4(to);
	struct pqc_path path = { .source_port = htons(PQC_PORT),
		.destination_port = htons(PQC_PORT) };

	memset(path.source + 10, 0xff, 2);
	memset(path.destination + 10, 0xff, 2);
	memcpy(path.source + 12, &source, sizeof(source));
	memcpy(path.destination + 12, &destination, sizeof(destination));
	return path;
}

static void send_on(const struct pqc_path *path, const void *payload, size_t size)
{
	uint8_t bytes[ETH_FRAME_LEN] = { 0 };
	struct ether_header ethernet = { .ether_type = htons(ETHERTYPE_IP) };

	memset(ethernet.ether_dhost, 0xff, sizeof(ethernet.ether_dhost));
	memcpy(bytes, &ethernet, sizeof(ethernet));
	netns_send(VICTIM, bytes,
		sizeof(ethernet) + frame_datagram(bytes + sizeof(ethernet), path, payload, size),
		1);
	assert_return_code(loop_run_until(node->loop, 0), 0);
}

static void victim_sends_data(uint64_t sequence)
{
	static const uint64_t key[PQC_KEY_LEN / 8] = { 1, 2 };
	const struct data_content content = {
		.sequence = sequence,
		.session = SESSION,
		.key = key,
		.path = &way,
		.payload = { (const uint8_t *)"what was said", 13 },
	};

	data_length = message_data(message.node, &content, data);
	send_on(&way, data, data_length);
}

static void victim_sends_slice(unsigned int index)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t size = message_slice(&message, index, packet);

	send_on(&way, packet, size);
}

static void make_message(void)
{
	const uint64_t now = clock_realtime_ns();
	const struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = now,
		.valid_from = now / NS_PER_SECOND - 60,
		.valid_until = now / NS_PER_SECOND + 60,
		.path = &way,
		.body = { (const uint8_t *)"a body of some bytes", 20 },
	};
	struct failure failure;

	assert_int_equal(message_sign(victim, &content, &message, &failure), 0);
	assert_in_range(message_slices(&message), 2, PQC_SLICES_MAX);
}

/* --- what comes to this host ---------------------------------------------------------------------- */

static void listen_on(const char *interface)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };

	link.sll_ifindex = (int)if_nametoindex(interface);
	host = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	assert_return_code(host, 0);
	assert_return_code(
		setsockopt(host, SOL_PACKET, PACKET_AUXDATA, &(int) { 1 }, sizeof(int)), 0);
	assert_return_code(bind(host, (struct sockaddr *)&link, sizeof(link)), 0);
}

/* Takes all that has come, in got[]. */
static void look(void)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct tpacket_auxdata beside;
	ssize_t length;

	for (n_got = 0;; n_got++) {
		struct iovec bytes = { got[n_got].bytes, sizeof(got[n_got].bytes) };
		struct msghdr packet = { .msg_iov = &bytes,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control) };
		length = recvmsg(host, &packet, 0);
		if (length < 0)
			return;
		assert_true(n_got < FRAMES_MAX - 1);
		assert_non_null(CMSG_FIRSTHDR(&packet));
		memcpy(&beside, CMSG_DATA(CMSG_FIRSTHDR(&packet)), sizeof(beside));
		got[n_got].length = (size_t)length;
		vlans[n_got] = beside.tp_status & TP_STATUS_VLAN_VALID ? beside.tp_vlan_tci : -1;
	}
}

static struct iphdr *ip_of(size_t frame)
{
	return (struct iphdr *)(got[frame].bytes + sizeof(struct ether_header));
}

/* The path and payload of a frame of UDP over IPv4. */
static struct span payload_of(size_t frame, struct pqc_path *path)
{
	uint8_t *payload = (uint8_t *)ip_of(frame) + HEADERS;

	assert_true(frame < n_got);
	got[frame].ip = sizeof(struct ether_header);
	got[frame].udp = got[frame].ip + sizeof(struct iphdr);
	got[frame].ip_version = 4;
	memset(path, 0, sizeof(*path));
	frame_path(&got[frame], path);
	return (struct span) { payload,
		got[frame].length - got[frame].udp - sizeof(struct udphdr) };
}

static void attack(enum flow_kind kind)
{
	const struct flow flow = { .kind = (uint8_t)kind };
	struct flow_state state = { .sock.flow = &flow };

	attack_send(node, &state);
	look();
}

/* Attacks by one packet, which comes from the attacker's first port. */
static struct span attack_with_data(enum flow_kind kind)
{
	struct pqc_path path;

	attack(kind);
	assert_int_equal(n_got, 1);
	struct span payload = payload_of(0, &path);
	assert_int_equal(ntohs(path.source_port), PORT);
	assert_int_equal(ip_of(0)->saddr, node_address4(ATTACKER).s_addr);
	assert_int_equal(ip_of(0)->daddr, node_address4(NODE_X0).s_addr);
	return payload;
}

/* Assembles a whole message of got[]; its slices come from one port of the attacker, as it says itself. */
static void assemble(struct message *whole, struct message_parts *parts)
{
	struct pqc_path path;
	struct packet packet;
	struct slice slice;

	memset(whole, 0, sizeof(*whole));
	for (size_t i = 0; i < n_got; i++) {
		assert_int_equal(packet_parse(payload_of(i, &path), &packet), 0);
		assert_int_equal(packet_parse_slice(&packet, &slice), 0);
		assert_int_equal(slice.index, i);
		assert_int_equal(slice.count, n_got);
		memcpy(whole->node, packet.header.node, PQC_NODE_LEN);
		whole->sequence = slice.sequence;
		whole->total = slice.total;
		memcpy(whole->bytes + i * PQC_SLICE, slice.bytes.data, slice.bytes.size);
	}
	assert_int_equal(message_parse((struct span) { whole->bytes, whole->total }, parts), 0);
}

static struct pqc_path assemble_of_attacker(struct message *whole, struct message_parts *parts)
{
	struct pqc_path path;

	assemble(whole, parts);
	payload_of(0, &path);
	assert_in_range(ntohs(path.source_port), PORT, PORT + 6);
	assert_int_equal(ip_of(0)->saddr, node_address4(ATTACKER).s_addr);
	assert_true(message_comes_from(parts, &path));
	return path;
}

static int verdict(
	const struct message *whole, const struct message_parts *parts, const struct mldsa_key *key)
{
	return message_verify(whole->node, whole->sequence, parts, key);
}

/* --- attacks -------------------------------------------------------------------------------------- */

static void hear_victim(void)
{
	victim_sends_data(5);
	for (unsigned int i = 0; i < message_slices(&message); i++)
		victim_sends_slice(i);
}

static void before_the_victim_speaks_nothing_is_sent(void **state)
{
	(void)state;
	attack(FLOW_FORGED_TAG);
	assert_int_equal(n_got, 0);
	victim_sends_data(4);
	victim_sends_slice(0);
	attack(FLOW_REPLAYED_DATA);
	assert_int_equal(n_got, 0); /* its message is not whole yet */
	for (unsigned int i = 1; i < message_slices(&message); i++)
		victim_sends_slice(i);
	attack(FLOW_REPLAYED_DATA);
	assert_int_equal(n_got, 1);
}

static void data_is_forged(void **state)
{
	struct packet before, packet;

	(void)state;
	hear_victim();
	packet_parse((struct span) { data, data_length }, &before);
	struct span sent = attack_with_data(FLOW_FORGED_TAG);
	assert_int_equal(sent.size, data_length);
	assert_int_equal(packet_parse(sent, &packet), 0);
	assert_true(packet.sequence > 5 && packet.sequence < 100);
	assert_int_equal(packet.header.data.session, before.header.data.session);
	assert_memory_equal(packet.header.node, message.node, PQC_NODE_LEN);
	assert_memory_equal(packet.content.data, before.content.data, 13);
	assert_memory_not_equal(packet.content.data + 13, before.content.data + 13, PQC_TAG_LEN);
	uint64_t first = packet.sequence;
	packet_parse(attack_with_data(FLOW_FORGED_TAG), &packet);
	assert_true(packet.sequence > first);

	sent = attack_with_data(FLOW_FORGED_SESSION);
	assert_int_equal(sent.size, data_length);
	assert_int_equal(packet_parse(sent, &packet), 0);
	assert_int_not_equal(be32toh(packet.header.data.session), SESSION);
	assert_int_equal(packet.sequence, 5);

	sent = attack_with_data(FLOW_FORGED_HEADER);
	assert_int_equal(sent.size, data_length);
	assert_int_equal(packet_parse(sent, &packet), PQC_BAD_HEADER);

	sent = attack_with_data(FLOW_CUT_DATA);
	assert_int_equal(sent.size, data_length - 1);
	assert_memory_equal(sent.data, data, data_length - 1);
}

/* As they were, data from the victim's own address. */
static void packets_are_replayed(void **state)
{
	struct message whole;
	struct message_parts parts;
	struct pqc_path path;

	(void)state;
	hear_victim();
	attack(FLOW_REPLAYED_DATA);
	assert_int_equal(n_got, 1);
	struct span sent = payload_of(0, &path);
	assert_memory_equal(&path, &way, sizeof(path));
	assert_int_equal(sent.size, data_length);
	assert_memory_equal(sent.data, data, data_length);
	assert_true(frame_udp_is_right(&got[0]));
	attack(FLOW_REPLAYED_MESSAGE);
	assemble(&whole, &parts);
	assert_int_equal(whole.sequence, message.sequence);
	assert_memory_equal(whole.bytes, message.bytes, message.total);
	assert_int_equal(ip_of(0)->saddr, node_address4(ATTACKER).s_addr);
}

static void messages_of_the_victim_are_forged(void **state)
{
	struct message whole, later;
	struct message_parts parts;
	struct pqc_path path;
	struct packet packet;

	(void)state;
	hear_victim();
	attack(FLOW_FORGED_NODE);
	assemble_of_attacker(&whole, &parts);
	assert_memory_not_equal(whole.node, message.node, PQC_NODE_LEN);
	assert_true(whole.sequence > message.sequence + AHEAD_NS);
	assert_true(whole.sequence < message.sequence + AHEAD_NS + NS_PER_SECOND);
	attack(FLOW_FORGED_NODE);
	path = assemble_of_attacker(&later, &parts);
	assert_true(later.sequence > whole.sequence);
	attack(FLOW_FORGED_NODE);
	assert_int_not_equal(assemble_of_attacker(&later, &parts).source_port, path.source_port);

	attack(FLOW_FUTURE);
	assemble_of_attacker(&whole, &parts);
	assert_memory_equal(whole.node, message.node, PQC_NODE_LEN);
	assert_true(whole.sequence > message.sequence + 3600 * NS_PER_SECOND);
	assert_int_equal(verdict(&whole, &parts, &victims), PQC_BAD_SIGNATURE);

	/* The first slice of another message each time, from a port that sends nothing else. */
	attack(FLOW_PARTIAL);
	assert_int_equal(n_got, 1);
	packet_parse(payload_of(0, &path), &packet);
	assert_int_equal(ntohs(path.source_port), PORT + 7);
	assert_int_equal(packet.header.fragment.index, 0);
	assert_int_equal(packet.header.fragment.count, message_slices(&message));
	uint64_t first = packet.sequence;
	assert_true(first > message.sequence + AHEAD_NS);
	attack(FLOW_PARTIAL);
	packet_parse(payload_of(0, &path), &packet);
	assert_true(packet.sequence > first);
}

/* Messages of the attacker's own node: right but for what their name says. */
static void own_messages_are_spoilt(void **state)
{
	static const enum flow_kind forged[] = { FLOW_FLIPPED_BIT, FLOW_FLOOD, FLOW_FLIPPED_HINT };
	const uint64_t now_s = clock_realtime_ns() / NS_PER_SECOND;
	struct message whole, again;
	struct message_parts parts;

	(void)state;
	hear_victim();
	attack(FLOW_EXPIRED);
	assemble_of_attacker(&whole, &parts);
	assert_int_equal(verdict(&whole, &parts, &attackers), PQC_MESSAGE_ACCEPTED);
	assert_true(parts.valid_until + PQC_CLOCK_TOLERANCE_S < now_s);
	assert_true(parts.valid_from < parts.valid_until);
	attack(FLOW_EARLY);
	assemble_of_attacker(&whole, &parts);
	assert_int_equal(verdict(&whole, &parts, &attackers), PQC_MESSAGE_ACCEPTED);
	assert_true(parts.valid_from > now_s + PQC_CLOCK_TOLERANCE_S);
	assert_true(parts.valid_from < parts.valid_until);
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		attack(forged[i]);
		assemble_of_attacker(&whole, &parts);
		assert_int_equal(verdict(&whole, &parts, &attackers),
			forged[i] == FLOW_FLIPPED_HINT ? PQC_MALFORMED_SIGNATURE
						       : PQC_BAD_SIGNATURE);
		assert_true(parts.valid_from < now_s && parts.valid_until > now_s);
		attack(forged[i]);
		assemble_of_attacker(&again, &parts);
		assert_true(again.sequence > whole.sequence);
	}
}

/* --- the tap -------------------------------------------------------------------------------------- */

static void assert_passed_on(size_t frame, const void *payload, size_t size)
{
	struct pqc_path path;
	struct span passed = payload_of(frame, &path);
	uint8_t mac[ETH_ALEN];

	assert_memory_equal(&path, &way, sizeof(path));
	assert_int_equal(passed.size, size);
	assert_memory_equal(passed.data, payload, size);
	assert_true(frame_udp_is_right(&got[frame]));
	node_mac(NODE_X0, 0, mac);
	assert_memory_equal(got[frame].bytes, mac, ETH_ALEN);
	assert_int_equal(ip_of(frame)->frag_off, htons(IP_DF));
}

/* Returns whether this host would take a frame for the victim's data, if it did not look at all of it. */
static bool would_be_taken(size_t frame)
{
	const struct iphdr *ip = ip_of(frame);
	struct pqc_path path;
	uint8_t mac[ETH_ALEN];

	node_mac(NODE_X0, 0, mac);
	if (memcmp(got[frame].bytes, mac, ETH_ALEN) != 0 || got[frame].bytes[ETH_ALEN] & 1 ||
		memcmp(got[frame].bytes + 12, "\x08", 2) != 0 || vlans[frame] >= 0 ||
		ip->ihl != 5 || (ip->frag_off & htons(IP_MF)) != 0)
		return false;
	payload_of(frame, &path);
	return frame_ipv4_is_right(&got[frame]) && frame_udp_is_right(&got[frame]) &&
	       memcmp(&path, &way, sizeof(path)) == 0;
}

/* Ahead of each goes a copy in another way each time. */
static void data_is_copied_ahead(void **state)
{
	enum { COPIES = 14 };
	uint8_t copies[COPIES][ETH_FRAME_LEN] = { { 0 } };
	size_t lengths[COPIES];

	(void)state;
	for (int i = 0; i < 2 * COPIES; i++) {
		victim_sends_data(9);
		look();
		assert_int_equal(n_got, 2);
		assert_passed_on(1, data, data_length);
		assert_false(would_be_taken(0));
		/* What it says is all there. */
		assert_non_null(memmem(got[0].bytes, got[0].length, data, data_length));
		if (i >= COPIES) {
			assert_int_equal(got[0].length, lengths[i - COPIES]);
			assert_memory_equal(got[0].bytes, copies[i - COPIES], got[0].length);
			continue;
		}
		lengths[i] = got[0].length;
		memcpy(copies[i], got[0].bytes, got[0].length);
	}
}

/* Each in one thing alone: else another check would refuse it. */
static void copies_are_right_otherwise(void **state)
{
	struct copy {
		bool ipv4, udp, way, ours;
		int vlan, longer;
	};
	static const struct copy expected[] = {
		{ true, false, true, true, -1, 0 }, /* the checksum of UDP is wrong */
		{ true, false, true, true, -1, 0 }, /* it is left to a device */
		{ false, true, true, true, -1, 0 },
		{ true, true, true, false, -1, 0 }, /* another Ethernet address */
		{ true, true, true, true, 99, 0 },
		{ true, true, false, true, -1, 0 }, /* source, destination, port */
		{ true, true, false, true, -1, 0 }, { true, true, false, true, -1, 0 },
		{ true, true, true, true, -1, 0 }, /* a fragment */
		{ true, true, true, true, -1, 8 }, /* options */
		{ true, true, true, true, -1, 0 }, /* from a group */
		{ true, true, true, true, 0, 4 }, /* a VLAN behind a priority */
		{ true, true, true, true, -1, 20 }, /* IPv6 */
		{ true, true, true, false, -1, 0 }, /* Ethernet address 0 */
	};
	const size_t whole = sizeof(struct ether_header) + HEADERS + data_length;
	struct pqc_path path;
	uint8_t mac[ETH_ALEN];

	(void)state;
	node_mac(NODE_X0, 0, mac);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct copy *copy = &expected[i];
		victim_sends_data(9);
		look();
		assert_int_equal(got[0].length, whole + (size_t)copy->longer);
		assert_int_equal(memcmp(got[0].bytes, mac, ETH_ALEN) == 0, copy->ours);
		assert_int_equal(vlans[0], copy->vlan);
		if (copy->longer != 0)
			continue;
		payload_of(0, &path);
		assert_int_equal(frame_ipv4_is_right(&got[0]), copy->ipv4);
		assert_int_equal(frame_udp_is_right(&got[0]), copy->udp);
		assert_int_equal(memcmp(&path, &way, sizeof(path)) == 0, copy->way);
	}
}

/* Once the victim has sent data: from the attacker's address before, and others that never end. */
static void slices_are_relayed_ahead(void **state)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	struct packet junk;
	struct pqc_path path;
	size_t size = message_slice(&message, 0, packet);
	unsigned int of_attacker = 0;

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		victim_sends_slice(0);
		look();
		assert_int_equal(n_got, 5);
		struct span relayed = payload_of(0, &path);
		assert_int_equal(ip_of(0)->saddr, node_address4(ATTACKER).s_addr);
		assert_memory_equal(path.destination, way.destination, PQC_ADDRESS_LEN);
		assert_int_equal(relayed.size, size);
		assert_memory_equal(relayed.data, packet, size);
		assert_true(frame_udp_is_right(&got[0]));
		for (size_t i = 1; i < 4; i++) {
			assert_int_equal(packet_parse(payload_of(i, &path), &junk), 0);
			assert_true(junk.sequence > message.sequence);
			assert_true(frame_udp_is_right(&got[i]));
			assert_int_not_equal(ip_of(i)->saddr, node_address4(ATTACK_VICTIM).s_addr);
			of_attacker += ip_of(i)->saddr == node_address4(ATTACKER).s_addr;
		}
		assert_passed_on(4, packet, size);
	}
	assert_int_equal(of_attacker, 3);
}

static void others_are_left_alone(void **state)
{
	struct pqc_path path = path_between(NODE_BIRCH, NODE_X0);

	(void)state;
	send_on(&path, data, data_length);
	look();
	assert_int_equal(n_got, 0); /* the node itself forwards them */
	path = way;
	path.source_port = htons(PQC_PORT + 1);
	send_on(&path, data, data_length);
	look();
	assert_int_equal(n_got, 1); /* passed on as it is */
	victim_sends_data(9);
	look();
	assert_int_equal(n_got, 2);
}

static void before_data_messages_pass(void **state)
{
	uint8_t packet[MESSAGE_PACKET_MAX];
	size_t size = message_slice(&message, 1, packet);

	(void)state;
	victim_sends_slice(1);
	look();
	assert_int_equal(n_got, 1);
	assert_passed_on(0, packet, size);
}

/* --- nodes ---------------------------------------------------------------------------------------- */

static void expand(const char *path, struct mldsa_key *expanded)
{
	struct public_key key;
	struct failure failure;

	assert_int_equal(key_read(path, &key, &failure), 0);
	assert_int_equal(key_expand(&key, expanded, &failure), 0);
}

static int make_keys(void **state)
{
	struct failure failure;

	(void)state;
	host_enter(1);
	if (lab_keys_make(&failure) < 0)
		fail_msg("%s", failure.what);
	expand(LAB_TRUST "/elm.pub.pem", &victims);
	expand(LAB_TRUST "/cedar.pub.pem", &attackers);
	assert_int_equal(lab_identity_take(ATTACK_VICTIM, &victim, &failure), 0);
	way = path_between(ATTACK_VICTIM, NODE_X0);
	make_message();
	return 0;
}

static void make_node(enum lab_node self, const char *from, const char *to)
{
	node = calloc(1, sizeof(*node));
	assert_non_null(node);
	node->self = self;
	assert_return_code(loop_open(&node->loop), 0);
	node->scanner = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_RAW);
	netns_veth(from, VICTIM);
	netns_veth(to, HOST);
	listen_on(HOST);
}

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

static int make_attacker(void **state)
{
	struct failure failure;

	(void)state;
	make_node(ATTACKER, ATTACK_LINK, "to-alder");
	run("ip address add 10.88.4.1/32 dev to-alder && ip route add 10.88.1.1 dev to-alder && "
	    "ip neighbour add 10.88.1.1 lladdr 02:88:00:00:01:00 nud permanent dev to-alder");
	if (attacks_open(node, &failure) < 0)
		fail_msg("%s", failure.what);
	return 0;
}

static int make_tap(void **state)
{
	struct failure failure;

	(void)state;
	make_node(TAP_NODE, TAP_FROM, TAP_TO);
	if (tap_open(node, &failure) < 0)
		fail_msg("%s", failure.what);
	return 0;
}

static int end_node(void **state)
{
	(void)state;
	loop_close(node->loop);
	close(host);
	netns_delete(HOST);
	netns_delete(VICTIM);
	return 0;
}

int main(void)
{
	const struct CMUnitTest attacker[] = {
		cmocka_unit_test(before_the_victim_speaks_nothing_is_sent),
		cmocka_unit_test(data_is_forged),
		cmocka_unit_test(packets_are_replayed),
		cmocka_unit_test(messages_of_the_victim_are_forged),
		cmocka_unit_test(own_messages_are_spoilt),
	};
	const struct CMUnitTest tap[] = {
		cmocka_unit_test(before_data_messages_pass),
		cmocka_unit_test(data_is_copied_ahead),
		cmocka_unit_test(copies_are_right_otherwise),
		cmocka_unit_test(slices_are_relayed_ahead),
		cmocka_unit_test(others_are_left_alone),
	};

	if (geteuid() != 0) {
		puts("skipped: network namespaces need root");
		return 77;
	}
	make_keys(NULL);
	return cmocka_run_group_tests(attacker, make_attacker, end_node) +
	       cmocka_run_group_tests(tap, make_tap, end_node);
}
