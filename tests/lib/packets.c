// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/packets.h"

#include <assert.h>
#include <string.h>

static uint8_t *append(struct frame *frame, size_t bytes)
{
	uint8_t *at = frame->bytes + frame->length;

	assert(frame->length + bytes <= FRAME_MAX);
	memset(at, 0, bytes);
	frame->length += bytes;
	return at;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
}

void frame_begin(struct frame *frame)
{
	memset(frame, 0, sizeof(*frame));
}

void frame_ethernet(struct frame *frame, uint16_t next)
{
	uint8_t *at;

	frame_begin(frame);
	at = append(frame, 14);
	memcpy(at, "\x02\x00\x00\x00\x00\x02", 6);
	memcpy(at + 6, FRAME_SOURCE_MAC, 6);
	put16(at + 12, next);
}

void frame_vlan(struct frame *frame, uint16_t next)
{
	uint8_t *at = append(frame, 4);

	put16(at, 0x2007); /* priority 1, VLAN 7 */
	put16(at + 2, next);
}

void frame_arp(struct frame *frame)
{
	uint8_t *at = append(frame, 28);

	memcpy(at, "\x00\x01\x08\x00\x06\x04\x00\x01", 8); /* who has ...? */
	memcpy(at + 8, FRAME_SOURCE_MAC, 6);
	memcpy(at + 14, FRAME_SOURCE4, 4);
	memcpy(at + 24, "\x0a\x01\x02\xfe", 4);
}

void frame_batman(struct frame *frame)
{
	uint8_t *at = append(frame, 24);

	memcpy(at, "\x00\x0f\x32", 3); /* an originator message, version 15, TTL 50 */
	memcpy(at + 8, FRAME_SOURCE_MAC, 6);
}

void frame_ipv4(struct frame *frame, const struct frame_ipv4 *ipv4)
{
	uint8_t *at;

	frame->ip = frame->length;
	frame->ip_version = 4;
	at = append(frame, 20 + ipv4->options);
	at[0] = 0x40 | (5 + ipv4->options / 4);
	at[1] = ipv4->dscp << 2;
	put16(at + 6, ipv4->fragment);
	at[8] = 64;
	at[9] = ipv4->protocol;
	memcpy(at + 12, FRAME_SOURCE4, 4);
	memcpy(at + 16, "\x0a\x01\x02\xfe", 4);
	memset(at + 20, 1, ipv4->options); /* no operation */
}

void frame_ipv6(struct frame *frame, uint8_t next, uint8_t dscp)
{
	uint8_t *at;

	frame->ip = frame->length;
	frame->ip_version = 6;
	at = append(frame, 40);
	at[0] = 0x60 | dscp >> 2;
	at[1] = (dscp & 3) << 6;
	at[6] = next;
	at[7] = 64;
	memcpy(at + 8, FRAME_SOURCE6, 16);
	memcpy(at + 24, FRAME_SOURCE6, 15);
	at[39] = 2;
}

void frame_extension(struct frame *frame, uint8_t kind, uint8_t next, uint8_t units)
{
	const uint8_t authentication = 51;
	uint8_t *at = append(frame, kind == authentication ? (units + 2) * 4 : (units + 1) * 8);

	at[0] = next;
	at[1] = units;
}

void frame_fragment(struct frame *frame, uint8_t next, uint16_t fragment)
{
	uint8_t *at = append(frame, 8);

	at[0] = next;
	put16(at + 2, fragment);
	at[7] = 42; /* identification */
}

void frame_tcp(
	struct frame *frame, uint16_t source_port, uint16_t destination_port, uint8_t options)
{
	uint8_t *at = append(frame, 20 + options);

	put16(at, source_port);
	put16(at + 2, destination_port);
	at[12] = (5 + options / 4) << 4;
	at[13] = 0x02; /* SYN */
	memset(at + 20, 1, options);
}

void frame_udp(struct frame *frame, uint16_t source_port, uint16_t destination_port)
{
	uint8_t *at;

	frame->udp = frame->length;
	at = append(frame, 8);
	put16(at, source_port);
	put16(at + 2, destination_port);
}

void frame_icmp(struct frame *frame, uint8_t type)
{
	append(frame, 8)[0] = type;
}

void frame_payload(struct frame *frame, size_t bytes)
{
	uint8_t *at = append(frame, bytes);

	for (size_t i = 0; i < bytes; i++)
		at[i] = i;
}

static uint16_t checksum(uint32_t sum, const uint8_t *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		sum += i & 1 ? data[i] : data[i] << 8;
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

/* Over the pseudo-header, too: RFC 768, RFC 8200 section 8.1. */
static uint16_t udp_checksum(const struct frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->ip, *addresses = ip + 12;
	size_t size = 8, length = frame->length - frame->udp;
	uint32_t sum = 17 + length;

	if (frame->ip_version == 6) {
		addresses = ip + 8;
		size = 32;
	}
	for (size_t i = 0; i < size; i++)
		sum += i & 1 ? addresses[i] : addresses[i] << 8;
	sum = checksum(sum, frame->bytes + frame->udp, length);
	return sum ? sum : 0xffff;
}

bool frame_ipv4_is_right(const struct frame *frame)
{
	return frame->ip_version != 4 || checksum(0, frame->bytes + frame->ip, 20) == 0;
}

bool frame_udp_is_right(const struct frame *frame)
{
	struct frame copy = *frame;
	uint8_t *field = copy.bytes + copy.udp + 6;
	uint16_t sent = field[0] << 8 | field[1];

	memset(field, 0, 2);
	/* 0 and 0xffff are the same number in ones' complement. */
	return sent == 0 ? frame->ip_version == 4 : sent == udp_checksum(&copy);
}

void frame_path(const struct frame *frame, struct pqc_path *path)
{
	const uint8_t *ip = frame->bytes + frame->ip;

	memset(path, 0, sizeof(*path));
	if (frame->ip_version == 6) {
		memcpy(path->source, ip + 8, 16);
		memcpy(path->destination, ip + 24, 16);
	} else {
		memset(path->source + 10, 0xff, 2);
		memset(path->destination + 10, 0xff, 2);
		memcpy(path->source + 12, ip + 12, 4);
		memcpy(path->destination + 12, ip + 16, 4);
	}
	memcpy(&path->source_port, frame->bytes + frame->udp, 2);
	memcpy(&path->destination_port, frame->bytes + frame->udp + 2, 2);
}

void frame_finish(struct frame *frame)
{
	uint8_t *ip = frame->bytes + frame->ip;

	if (frame->ip_version == 4) {
		put16(ip + 2, frame->length - frame->ip);
		put16(ip + 10, 0);
		put16(ip + 10, checksum(0, ip, (ip[0] & 0xf) * 4));
	} else if (frame->ip_version == 6) {
		put16(ip + 4, frame->length - frame->ip - 40);
	}
	if (frame->udp) {
		put16(frame->bytes + frame->udp + 4, frame->length - frame->udp);
		put16(frame->bytes + frame->udp + 6, 0);
		put16(frame->bytes + frame->udp + 6, udp_checksum(frame));
	}
}
