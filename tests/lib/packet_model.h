/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parses the headers of a frame byte by byte, as plainly as possible: the reference for the parser
 * of the BPF programs, with which it shares no code. packet_parse.bpf.h has the definitions.
 */
#ifndef X0_TESTS_PACKET_MODEL_H
#define X0_TESTS_PACKET_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Numbers are in host byte order; unknown ones are 0. Tests compare structs as bytes, so there is
 * no padding, which clang-tidy checks.
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
	uint8_t hiding; /* 1: addresses or ports may be where the parser does not look */
	uint8_t discovery; /* 1: of IPv6 neighbours or routers */
	uint8_t source_mac[6];
	uint8_t source[16], destination[16]; /* IPv4 in the first four bytes */
	uint32_t vlan_id; /* of the outermost tag */
	uint32_t ports_at; /* offset of the ports */
	uint32_t ports_end; /* offset of the end of the IP packet, by its header */
};

void packet_model_read(
	const uint8_t *bytes, size_t length, bool raw_ip, struct packet_model *model);

/* Parses with the native build of the BPF programs' parser. `frame_size` stays 0. */
void packet_native_read(
	const uint8_t *bytes, size_t length, bool raw_ip, struct packet_model *model);

#endif
