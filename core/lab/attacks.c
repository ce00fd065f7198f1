// SPDX-License-Identifier: BSD-2-Clause
#include "lab/attacks.h"

#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "kernel/interface.h"
#include "lab/frames.h"
#include "lab/peers.h"
#include "lab/traffic_node.h"
#include "peer/message.h"

/* Forged messages claim to be later than the victim's own: as far as the clocks may be apart, and beyond. */
#define AHEAD_NS  (10 * NS_PER_SECOND)
#define FUTURE_NS (3600 * NS_PER_SECOND)

#define OWN_AGE_NS (10 * NS_PER_SECOND) /* before it is signed anew */

/*
 * Source ports. xdp_pqc_verify chooses places by a hash that nobody can foresee: incomplete messages from
 * the last one take the place of some of the others.
 */
#define PORT	26971
#define PORTS	8
#define PARTIAL (PORTS - 1)

struct attacker {
	struct identity *identity;
	struct lab_socket capture;
	int sockets[PORTS];
	int raw; /* IPv4 with its header: for packets from the victim's address */
	unsigned turn; /* of the sockets */
	struct sockaddr_in host;
	uint64_t forged; /* sequence numbers used so far */
	size_t data_length; /* of the victim's last data packet; 0: none seen */
	uint8_t data[MESSAGE_PACKET_MAX];
	struct pqc_path path; /* of the victim's data */
	struct message message; /* the victim's last whole message; total 0: none seen */
	struct message own; /* an announcement of the attacker; total 0: none yet */
	struct message arriving; /* has the slices in the bits of `slices` */
	uint32_t slices;
};

/* --- capturing -------------------------------------------------------------------------------- */

static void take_slice(struct attacker *attacker, const struct packet *packet)
{
	struct message *message = &attacker->arriving;
	struct slice slice;

	if (packet_parse_slice(packet, &slice) != 0 || slice.total > sizeof(message->bytes))
		return;
	if (slice.sequence != message->sequence || slice.total != message->total) {
		attacker->slices = 0;
		message->sequence = slice.sequence;
		message->total = slice.total;
		memcpy(message->node, packet->header.node, PQC_NODE_LEN);
	}
	memcpy(message->bytes + slice.index * PQC_SLICE, slice.bytes.data, slice.bytes.size);
	attacker->slices |= 1u << slice.index;
	if (attacker->slices == (1u << slice.count) - 1)
		attacker->message = *message;
}

static struct pqc_path captured_path(const uint8_t *bytes)
{
	const struct iphdr *ip = (const void *)bytes;
	const struct udphdr *udp = (const void *)(bytes + sizeof(*ip));
	struct pqc_path path = { .source_port = udp->source, .destination_port = udp->dest };

	memcpy(path.source + 12, &ip->saddr, sizeof(ip->saddr));
	memcpy(path.destination + 12, &ip->daddr, sizeof(ip->daddr));
	return path;
}

static void capture(struct traffic_node *node, struct lab_socket *sock)
{
	const size_t headers = sizeof(struct iphdr) + sizeof(struct udphdr);
	struct attacker *attacker = node->attacker;
	uint8_t bytes[ETHERMTU];
	struct packet packet;
	ssize_t length = recv(sock->file, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (length < (ssize_t)headers)
		return;
	struct span payload = { bytes + headers, (size_t)length - headers };
	if (packet_parse(payload, &packet) != 0 || payload.size > sizeof(attacker->data))
		return;
	if (packet.header.type == PQC_TYPE_FRAGMENT) {
		take_slice(attacker, &packet);
		return;
	}
	attacker->path = captured_path(bytes);
	memcpy(attacker->data, payload.data, payload.size);
	attacker->data_length = payload.size;
}

int attacks_filter_packets(int file)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct iphdr, protocol)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
			sizeof(struct iphdr) + offsetof(struct udphdr, dest)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PQC_PORT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {
		.len = sizeof(instructions) / sizeof(instructions[0]),
		.filter = instructions,
	};

	return setsockopt(file, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int open_capture(struct traffic_node *node, struct attacker *attacker)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	struct interface interface;
	int error = interface_find(ATTACK_LINK, &interface);

	if (error < 0)
		return error;
	link.sll_ifindex = (int)interface.ifindex;
	attacker->capture.handle = capture;
	attacker->capture.file = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (attacker->capture.file < 0 || attacks_filter_packets(attacker->capture.file) < 0 ||
		bind(attacker->capture.file, (struct sockaddr *)&link, sizeof(link)) < 0)
		return -errno;
	return lab_socket_watch(node, &attacker->capture, EPOLLIN);
}

static int open_port(uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int file = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (file < 0 || bind(file, (struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	return file;
}

int attacks_open(struct traffic_node *node, struct failure *failure)
{
	struct attacker *attacker;
	int error;

	if (node->self != ATTACKER)
		return 0;
	attacker = calloc(1, sizeof(*attacker));
	if (attacker == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	error = lab_identity_take(node->self, &attacker->identity, failure);
	if (error < 0)
		return error;
	attacker->host = (struct sockaddr_in) { .sin_family = AF_INET,
		.sin_port = htons(PQC_PORT),
		.sin_addr = node_address4(NODE_X0) };
	attacker->raw = node->scanner;
	error = open_capture(node, attacker);
	for (unsigned i = 0; i < PORTS && error == 0; i++) {
		attacker->sockets[i] = open_port((uint16_t)(PORT + i));
		error = attacker->sockets[i] < 0 ? attacker->sockets[i] : 0;
	}
	if (error < 0)
		return failure_set(failure, error, "The lab's node %s cannot open its sockets: %s",
			node_name(node->self), strerror(-error));
	node->attacker = attacker;
	return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void send_to_host(const struct attacker *attacker, int file, const void *packet, size_t size)
{
	sendto(file, packet, size, MSG_DONTWAIT, (const struct sockaddr *)&attacker->host,
		sizeof(attacker->host));
}

static void send_data(const struct attacker *attacker, const void *packet, size_t size)
{
	send_to_host(attacker, attacker->sockets[0], packet, size);
}

/* Sends all slices from the socket whose turn it is. */
static void send_slices(const struct attacker *attacker, const struct message *message)
{
	uint8_t packet[MESSAGE_PACKET_MAX];

	for (unsigned i = 0; i < message_slices(message); i++)
		send_to_host(attacker, attacker->sockets[attacker->turn], packet,
			message_slice(message, i, packet));
}

/* Returns the attacker's own address, with the port of the next socket, and gives it the turn. */
static struct pqc_path next_path(struct attacker *attacker)
{
	const struct in_addr self = node_address4(ATTACKER);
	struct pqc_path path = { 0 };

	attacker->turn = (attacker->turn + 1) % PARTIAL;
	memset(path.source + 10, 0xff, 2);
	memcpy(path.source + 12, &self, sizeof(self));
	path.source_port = htons((uint16_t)(PORT + attacker->turn));
	return path;
}

/* Returns a message with a later sequence and the attacker's address, which its signature does not cover. */
static struct message later_message(struct attacker *attacker, const struct message *of)
{
	const struct pqc_path path = next_path(attacker);
	struct message message = *of;
	struct pqc_message *head = (struct pqc_message *)message.bytes;

	message.sequence += AHEAD_NS + ++attacker->forged;
	memcpy(head->source, path.source, sizeof(head->source));
	head->source_port = path.source_port;
	return message;
}

/* Signs an announcement of the attacker's own, which is valid between these seconds from now. */
static bool sign_beacon(
	struct attacker *attacker, int64_t from_s, int64_t until_s, struct message *message)
{
	struct failure failure;
	uint64_t now_ns = clock_realtime_ns();
	int64_t now_s = (int64_t)(now_ns / NS_PER_SECOND);
	const struct pqc_path path = next_path(attacker);
	const struct message_content content = {
		.kind = PQC_BEACON,
		.sequence = now_ns,
		.valid_from = (uint64_t)(now_s + from_s),
		.valid_until = (uint64_t)(now_s + until_s),
		.path = &path,
		.body = { (const uint8_t *)"to be changed", PQC_NODE_LEN },
	};

	return message_sign(attacker->identity, &content, message, &failure) == 0;
}

/*
 * Returns a message of the attacker's own node, to be forged: places for strangers that claim to be the
 * victim are full.
 */
static const struct message *own_message(struct attacker *attacker)
{
	uint64_t now_ns = clock_realtime_ns();

	if (attacker->own.total == 0 || attacker->own.sequence + OWN_AGE_NS < now_ns)
		sign_beacon(attacker, -60, 3600, &attacker->own);
	return &attacker->own;
}

/* Sends the victim's last data again, from the victim's address: elsewhere its tag is wrong. */
static void replay_data(struct attacker *attacker)
{
	uint8_t packet[ETHERMTU];
	size_t size =
		frame_datagram(packet, &attacker->path, attacker->data, attacker->data_length);

	send_to_host(attacker, attacker->raw, packet, size);
}

static void replay_message(struct attacker *attacker)
{
	send_slices(attacker, &attacker->message);
}

/* Sends a later packet of the victim's session with a made-up tag. */
static void forge_tag(struct attacker *attacker)
{
	struct pqc_header header;
	uint8_t packet[MESSAGE_PACKET_MAX];

	memcpy(packet, attacker->data, attacker->data_length);
	memcpy(&header, packet, sizeof(header));
	header.sequence = htobe64(be64toh(header.sequence) + ++attacker->forged);
	memcpy(packet, &header, sizeof(header));
	memset(packet + attacker->data_length - PQC_TAG_LEN, (int)attacker->forged, PQC_TAG_LEN);
	send_data(attacker, packet, attacker->data_length);
}

static void forge_session(struct attacker *attacker)
{
	struct pqc_header header;
	uint8_t packet[MESSAGE_PACKET_MAX];

	memcpy(packet, attacker->data, attacker->data_length);
	memcpy(&header, packet, sizeof(header));
	header.data.session ^= htobe32(1);
	memcpy(packet, &header, sizeof(header));
	send_data(attacker, packet, attacker->data_length);
}

/* Sends a message of an unknown node. */
static void forge_node(struct attacker *attacker)
{
	struct message message = later_message(attacker, &attacker->message);

	message.node[0] ^= 1;
	send_slices(attacker, &message);
}

static void forge_header(struct attacker *attacker)
{
	uint8_t packet[MESSAGE_PACKET_MAX];

	memcpy(packet, attacker->data, attacker->data_length);
	packet[offsetof(struct pqc_header, version)] = PQC_VERSION + 1;
	send_data(attacker, packet, attacker->data_length);
}

static void cut_data(struct attacker *attacker)
{
	send_data(attacker, attacker->data, attacker->data_length - 1);
}

static void flip_bit(struct attacker *attacker)
{
	struct message message = later_message(attacker, own_message(attacker));

	/* In the body: the fields before it are checked before the signature. */
	message.bytes[sizeof(struct pqc_message) + attacker->forged % PQC_NODE_LEN] ^=
		(uint8_t)(1u << attacker->forged % 8);
	send_slices(attacker, &message);
}

/* Breaks the last byte of ML-DSA's hints, their number, which is then too large: FIPS 204
 * Algorithm 21. */
static void flip_hint(struct attacker *attacker)
{
	struct message message = later_message(attacker, own_message(attacker));

	message.bytes[message.total - 1] ^= 0x80;
	send_slices(attacker, &message);
}

static void flood(struct attacker *attacker)
{
	struct message message = later_message(attacker, own_message(attacker));

	send_slices(attacker, &message);
}

/* Sends only the first slice, of another message each time. */
static void send_partial(struct attacker *attacker)
{
	struct message message = later_message(attacker, &attacker->message);
	uint8_t packet[MESSAGE_PACKET_MAX];

	send_to_host(
		attacker, attacker->sockets[PARTIAL], packet, message_slice(&message, 0, packet));
}

static void send_beacon(struct attacker *attacker, int64_t from_s, int64_t until_s)
{
	struct message message;

	if (sign_beacon(attacker, from_s, until_s, &message))
		send_slices(attacker, &message);
}

static void send_expired(struct attacker *attacker)
{
	send_beacon(attacker, -7200, -3600);
}

/* Sends a message from so far ahead that no later one of the victim's would be heard. */
static void send_future(struct attacker *attacker)
{
	struct message message = later_message(attacker, &attacker->message);

	message.sequence += FUTURE_NS;
	send_slices(attacker, &message);
}

static void send_early(struct attacker *attacker)
{
	send_beacon(attacker, 3600, 7200);
}

static void (*const attacks[FLOW_KINDS - FLOW_ATTACKS])(struct attacker *attacker) = {
	[FLOW_FORGED_TAG - FLOW_ATTACKS] = forge_tag,
	[FLOW_FORGED_SESSION - FLOW_ATTACKS] = forge_session,
	[FLOW_FORGED_NODE - FLOW_ATTACKS] = forge_node,
	[FLOW_FORGED_HEADER - FLOW_ATTACKS] = forge_header,
	[FLOW_CUT_DATA - FLOW_ATTACKS] = cut_data,
	[FLOW_FLIPPED_BIT - FLOW_ATTACKS] = flip_bit,
	[FLOW_FLIPPED_HINT - FLOW_ATTACKS] = flip_hint,
	[FLOW_REPLAYED_DATA - FLOW_ATTACKS] = replay_data,
	[FLOW_REPLAYED_MESSAGE - FLOW_ATTACKS] = replay_message,
	[FLOW_FLOOD - FLOW_ATTACKS] = flood,
	[FLOW_PARTIAL - FLOW_ATTACKS] = send_partial,
	[FLOW_EXPIRED - FLOW_ATTACKS] = send_expired,
	[FLOW_EARLY - FLOW_ATTACKS] = send_early,
	[FLOW_FUTURE - FLOW_ATTACKS] = send_future,
};

void attack_send(struct traffic_node *node, struct flow_state *state)
{
	struct attacker *attacker = node->attacker;

	if (attacker->data_length > 0 && attacker->message.total > 0)
		attacks[state->sock.flow->kind - FLOW_ATTACKS](attacker);
}
