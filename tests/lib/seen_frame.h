/* SPDX-License-Identifier: BSD-2-Clause */
/* Receives frames from a packet socket, parsed as far as tests distinguish traffic. */
#ifndef X0_TESTS_SEEN_FRAME_H
#define X0_TESTS_SEEN_FRAME_H

#include <stdbool.h>
#include <stdint.h>

/* Fields that a frame lacks are 0. IPv6 extension headers are not parsed. */
struct seen_frame {
	bool outgoing, tagged;
	uint16_t ethertype, source_port, destination_port;
	uint8_t source_mac[6];
	uint8_t version, protocol, dscp, ttl; /* of IP */
	uint8_t type; /* of ICMP */
	bool syn, reset;
};

/* Opens a packet socket on all interfaces of this namespace. Returns -1 and sets errno on error. */
int seen_frame_open(void);

/* Waits for the next frame. Returns false if it is too short, and on error. */
bool seen_frame_read(int packets, struct seen_frame *seen);

#endif
