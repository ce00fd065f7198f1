/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames as a packet socket sees them, taken apart as far as tests tell kinds of traffic by it. */
#ifndef X0_TESTS_SEEN_FRAME_H
#define X0_TESTS_SEEN_FRAME_H

#include <stdbool.h>
#include <stdint.h>

/* Fields that a frame does not have are 0. IPv6 extension headers are not looked through. */
struct seen_frame {
	bool outgoing, tagged;
	uint16_t ethertype, source_port, destination_port;
	uint8_t source_mac[6];
	uint8_t version, protocol, dscp, ttl; /* of IP */
	uint8_t type; /* of ICMP */
	bool syn, reset;
};

/* Opens a packet socket on all interfaces of the current namespace; -1 with errno on an error. */
int seen_frame_open(void);

/* Waits for the next frame. Returns false for one that is too short, and on an error. */
bool seen_frame_read(int packets, struct seen_frame *seen);

#endif
