// SPDX-License-Identifier: BSD-2-Clause
#include "lab/frames.h"

#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#define ORIGINATOR_TTL 50
#define TAG_PRIORITY   5

/* --- mesh announcements --------------------------------------------------------------------- */

struct babel_hello {
	uint8_t magic, version;
	uint16_t body_length;
	uint8_t type, length;
	uint16_t flags, sequence, interval; /* hundredths of a second */
} __attribute__((packed));

_Static_assert(sizeof(struct babel_hello) == FRAME_HELLO_LEN, "as on the wire");

size_t frame_hello(uint8_t *frame, uint16_t sequence, uint16_t interval_ms)
{
	const struct babel_hello hello = {
		.magic = 42,
		.version = 2,
		.body_length = htons(8),
		.type = 4,
		.length = 6,
		.sequence = htons(sequence),
		.interval = htons(interval_ms / 10),
	};

	memcpy(frame, &hello, sizeof(hello));
	return sizeof(hello);
}

/* struct batadv_ogm_packet of linux/batadv_packet.h (compatibility version 15), field by field. */
struct originator_message {
	struct ether_header ethernet;
	uint8_t type, version, ttl, flags;
	uint32_t sequence;
	uint8_t originator[6], previous_sender[6];
	uint8_t reserved, quality;
	uint16_t extra_length;
} __attribute__((packed));

size_t frame_originator(uint8_t *frame, const uint8_t source[6], uint32_t sequence)
{
	struct originator_message message = {
		.ethernet.ether_type = htons(ETHERTYPE_BATMAN),
		.version = 15,
		.ttl = ORIGINATOR_TTL,
		.sequence = htonl(sequence),
		.quality = 255,
	};

	memset(message.ethernet.ether_dhost, 0xff, 6);
	memcpy(message.ethernet.ether_shost, source, 6);
	memcpy(message.originator, source, 6);
	memcpy(message.previous_sender, source, 6);
	memset(frame, 0, ETHER_MIN_LEN - ETHER_CRC_LEN);
	memcpy(frame, &message, sizeof(message));
	return ETHER_MIN_LEN - ETHER_CRC_LEN;
}

/* --- IPv4 ----------------------------------------------------------------------------------- */

/* Sums words for a checksum (RFC 1071); an odd last byte is followed by a 0. */
static uint32_t sum_words(const void *data, size_t size, uint32_t sum)
{
	for (size_t i = 0; i < size; i += 2) {
		uint16_t word = 0;
		memcpy(&word, (const uint8_t *)data + i, size - i < 2 ? 1 : sizeof(word));
		sum += word;
	}
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

void frame_seal_ipv4(uint8_t *packet)
{
	struct iphdr *header = (struct iphdr *)packet;

	header->check = 0;
	header->check = checksum(sum_words(packet, header->ihl * 4u, 0));
}

static void put_ipv4(uint8_t *packet, uint8_t protocol, uint8_t dscp, struct in_addr source,
	struct in_addr destination, size_t payload)
{
	struct iphdr header = {
		.version = 4,
		.ihl = 5,
		.tos = (uint8_t)(dscp << 2),
		.tot_len = htons((uint16_t)(sizeof(header) + payload)),
		.frag_off = htons(IP_DF),
		.ttl = IPDEFTTL,
		.protocol = protocol,
		.saddr = source.s_addr,
		.daddr = destination.s_addr,
	};

	memcpy(packet, &header, sizeof(header));
	frame_seal_ipv4(packet);
}

size_t frame_syn(uint8_t *frame, struct in_addr source, struct in_addr destination,
	uint16_t source_port, uint16_t destination_port, uint32_t sequence)
{
	const struct {
		struct in_addr source, destination;
		uint16_t protocol, length;
	} pseudo = { source, destination, htons(IPPROTO_TCP), htons(sizeof(struct tcphdr)) };
	struct tcphdr header = {
		.source = htons(source_port),
		.dest = htons(destination_port),
		.seq = htonl(sequence),
		.doff = sizeof(header) / 4,
		.syn = 1,
		.window = htons(1024),
	};
	uint32_t sum = sum_words(&pseudo, sizeof(pseudo), 0);

	header.check = checksum(sum_words(&header, sizeof(header), sum));
	put_ipv4(frame, IPPROTO_TCP, 0, source, destination, sizeof(header));
	memcpy(frame + sizeof(struct iphdr), &header, sizeof(header));
	return sizeof(struct iphdr) + sizeof(header);
}

size_t frame_datagram(
	uint8_t *packet, const struct pqc_path *path, const void *payload, size_t size)
{
	const uint16_t length = htons((uint16_t)(sizeof(struct udphdr) + size));
	const struct {
		uint16_t protocol, length;
	} pseudo = { htons(IPPROTO_UDP), length };
	struct udphdr udp = {
		.source = path->source_port, .dest = path->destination_port, .len = length
	};
	struct in_addr source, destination;

	memcpy(&source, path->source + 12, sizeof(source));
	memcpy(&destination, path->destination + 12, sizeof(destination));
	uint32_t sum = sum_words(&source, sizeof(source), 0);
	sum = sum_words(&destination, sizeof(destination), sum);
	sum = sum_words(&pseudo, sizeof(pseudo), sum);
	sum = sum_words(&udp, sizeof(udp), sum);
	udp.check = checksum(sum_words(payload, size, sum)) ?: 0xffff; /* 0: none (RFC 768) */
	put_ipv4(packet, IPPROTO_UDP, 0, source, destination, sizeof(udp) + size);
	memcpy(packet + sizeof(struct iphdr), &udp, sizeof(udp));
	memmove(packet + sizeof(struct iphdr) + sizeof(udp), payload, size);
	return sizeof(struct iphdr) + sizeof(udp) + size;
}

size_t frame_tagged(uint8_t *frame, const struct frame_endpoint *source,
	const struct frame_endpoint *destination, uint8_t dscp, size_t size)
{
	/* A UDP checksum of 0 means none over IPv4 (RFC 768). */
	const struct udphdr udp = {
		.source = htons(source->port),
		.dest = htons(destination->port),
		.len = htons((uint16_t)(sizeof(udp) + size)),
	};
	const uint16_t types[] = { htons(ETHERTYPE_VLAN), htons(TAG_PRIORITY << 13),
		htons(ETHERTYPE_IP) };
	uint8_t *next = frame;

	next = mempcpy(next, destination->mac, 6);
	next = mempcpy(next, source->mac, 6);
	next = mempcpy(next, types, sizeof(types));
	put_ipv4(
		next, IPPROTO_UDP, dscp, source->address, destination->address, sizeof(udp) + size);
	next = mempcpy(next + sizeof(struct iphdr), &udp, sizeof(udp));
	memset(next, 0, size);
	return (size_t)(next - frame) + size;
}
