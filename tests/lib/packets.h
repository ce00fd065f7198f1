/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds frames, header by header, from the outside in; frame_finish() then sets lengths and
 * checksums. A header's `next` is its field for the type of the next header.
 */
#ifndef X0_TESTS_PACKETS_H
#define X0_TESTS_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pqc_wire.h"

#define FRAME_MAX 2048

struct frame {
	size_t length;
	size_t ip; /* offset of the IP header, if ip_version is set */
	size_t udp; /* offset of the UDP header, or 0 */
	int ip_version;
	uint8_t bytes[FRAME_MAX];
};

/* Source addresses of all frames, unless a test changes the bytes. */
#define FRAME_SOURCE_MAC "\x02\x00\x00\x00\x00\x01"
#define FRAME_SOURCE4	 "\x0a\x01\x02\x03"
#define FRAME_SOURCE6	 "\xfd\x00\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"

struct frame_ipv4 {
	uint8_t protocol;
	uint8_t dscp;
	uint8_t options; /* bytes, a multiple of 4 up to 40 */
	uint16_t fragment; /* the frag_off field, host order: flags and offset / 8 */
};

/* Append a header or payload. Call frame_ethernet() or, for raw IP, frame_begin() first. */
void frame_begin(struct frame *frame);
void frame_ethernet(struct frame *frame, uint16_t next);
void frame_vlan(struct frame *frame, uint16_t next);
void frame_arp(struct frame *frame);
void frame_batman(struct frame *frame);
void frame_ipv4(struct frame *frame, const struct frame_ipv4 *ipv4);
void frame_ipv6(struct frame *frame, uint8_t next, uint8_t dscp);
/* An IPv6 extension header other than a fragment header: `units` is its length field. */
void frame_extension(struct frame *frame, uint8_t kind, uint8_t next, uint8_t units);
/* `fragment`: the field of the fragment header, host order: offset (a multiple of 8), M bit. */
void frame_fragment(struct frame *frame, uint8_t next, uint16_t fragment);
void frame_tcp(
	struct frame *frame, uint16_t source_port, uint16_t destination_port, uint8_t options);
void frame_udp(struct frame *frame, uint16_t source_port, uint16_t destination_port);
void frame_icmp(struct frame *frame, uint8_t type);
void frame_payload(struct frame *frame, size_t bytes);
void frame_finish(struct frame *frame);

/* Returns whether the checksum of an IPv4 header without options is right; of IPv6 there is none. */
bool frame_ipv4_is_right(const struct frame *frame);

/* Returns whether the UDP checksum is right, or 0 over IPv4; the datagram ends with the frame. */
bool frame_udp_is_right(const struct frame *frame);

/* Reads the path of a frame with a UDP header. */
void frame_path(const struct frame *frame, struct pqc_path *path);

enum frame_trait {
	FRAME_VLAN = 1,
	FRAME_FRAGMENT = 2,
	FRAME_MALFORMED = 4,
	FRAME_HIDING = 8,
};

/* One frame of each kind that the parser distinguishes, with its expected result. */
struct frame_sample {
	const char *name;
	void (*build)(struct frame *frame);
	uint32_t network; /* enum network_protocol */
	uint32_t transport; /* enum transport_protocol */
	uint32_t traits; /* enum frame_trait */
};

extern const struct frame_sample frame_samples[];
extern const size_t n_frame_samples;

/* Builds sample `index`. */
void frame_sample_build(size_t index, struct frame *frame);

#endif
