/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds packets that no kernel socket sends. Sizes are in bytes, ports in host order. */
#ifndef X0_LAB_FRAMES_H
#define X0_LAB_FRAMES_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "pqc_wire.h"

#define BABEL_PORT 6696
/* ff02::1:6 */
#define BABEL_GROUP                            \
	{                                      \
		0xff, 0x02, [13] = 1, [15] = 6 \
	}
#define FRAME_LEN_MAX	 1514
#define FRAME_HELLO_LEN	 12 /* Babel's header and a Hello */
#define ETHERTYPE_BATMAN 0x4305

/*
 * Writes a Babel Hello that announces the next one after `interval_ms` (RFC 8966, sections 4.2 and
 * 4.6.5). Returns its length, as all of these do.
 */
size_t frame_hello(uint8_t *frame, uint16_t sequence, uint16_t interval_ms);

/* Writes a batman-adv IV originator message as a whole Ethernet broadcast frame. */
size_t frame_originator(uint8_t *frame, const uint8_t source[6], uint32_t sequence);

/* Writes an IPv4 packet with a TCP SYN. */
size_t frame_syn(uint8_t *frame, struct in_addr source, struct in_addr destination,
	uint16_t source_port, uint16_t destination_port, uint32_t sequence);

/*
 * Writes an IPv4 packet with a UDP datagram on this path, whose addresses are mapped ones, with both
 * checksums.
 */
size_t frame_datagram(
	uint8_t *packet, const struct pqc_path *path, const void *payload, size_t size);

/* Sets the checksum of an IPv4 header, with its options. */
void frame_seal_ipv4(uint8_t *packet);

struct frame_endpoint {
	uint8_t mac[6];
	struct in_addr address;
	uint16_t port;
};

/*
 * Writes UDP over IPv4 in an Ethernet frame with a priority tag: VLAN 0 of 802.1Q, which hosts
 * treat as untagged. The payload is `size` zeros.
 */
size_t frame_tagged(uint8_t *frame, const struct frame_endpoint *source,
	const struct frame_endpoint *destination, uint8_t dscp, size_t size);

#endif
