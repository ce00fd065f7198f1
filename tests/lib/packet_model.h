/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the headers of a frame say, read byte by byte and as plainly as possible: the yardstick for
 * the parser of the BPF programs, with which it shares no code. Definitions: packet_parse.bpf.h.
 */
#ifndef X0_TESTS_PACKET_MODEL_H
#define X0_TESTS_PACKET_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Numbers are in host byte order. What is unknown is 0. Two are compared as bytes, so the members leave
 * no padding, which clang-tidy watches over.
 */
struct packet_model {
	uint32_t network; /* enum network_protocol */
	uint32_t transport; /* enum transport_protocol */
	uint32_t frame_size; /* enum frame_size */
	bool malformed, fragment, vlan;
	bool has_mac, has_address, has_ports;
	uint16_t ethertype;
	uint8_t protocol, dscp;
	uint16_t source_port, destination_port;
	uint8_t source_mac[6];
	uint8_t source[16]; /* IPv4 in the first four bytes */
	uint32_t ports_at; /* offset of the ports */
	uint32_t ports_end; /* and of where IP says its packet ends */
};

void packet_model_read(
	const uint8_t *bytes, size_t length, bool raw_ip, struct packet_model *model);

/* The same from the parser of the BPF programs, compiled natively. `frame_size` stays 0. */
void packet_native_read(
	const uint8_t *bytes, size_t length, bool raw_ip, struct packet_model *model);

#endif
