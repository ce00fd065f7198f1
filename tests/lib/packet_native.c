// SPDX-License-Identifier: BSD-2-Clause
/* The parser of the BPF programs, compiled for this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet_parse.bpf.h"
#include "tests/lib/packet_model.h"

#define BEFORE 2 /* bytes before a frame, which align its IP header as the kernel does */

/* What is read at one look is what the parser reads. */
static void check_usual(
	const uint8_t *bytes, size_t length, bool raw_ip, const struct packet_headers *parsed)
{
	struct packet_headers headers = { 0 };
	uint8_t *room = malloc(BEFORE + length), *frame = room + BEFORE;

	if (room == NULL)
		abort();
	memcpy(frame, bytes, length);
	if (raw_ip || !packet_parse_usual(frame, frame + length, length, &headers))
		memcpy(&headers, parsed, sizeof(headers));
	free(room);
	if (memcmp(&headers, parsed, sizeof(headers)) == 0)
		return;
	fprintf(stderr, "a usual frame, and not to the parser\n");
	abort();
}

void packet_native_read(
	const uint8_t *bytes, size_t length, bool raw_ip, struct packet_model *model)
{
	struct packet_headers headers = { 0 };
	struct packet_copy copy;
	struct packet_cursor cursor = {
		.data = bytes,
		.data_end = bytes + length,
		.copy = &copy,
		.limit = length,
	};

	packet_parse(&cursor, raw_ip, &headers);
	check_usual(bytes, length, raw_ip, &headers);
	memset(model, 0, sizeof(*model));
	model->network = headers.network;
	model->transport = headers.transport;
	model->malformed = headers.flags & PACKET_MALFORMED;
	model->fragment = headers.flags & PACKET_FRAGMENT;
	model->vlan = headers.flags & PACKET_VLAN;
	model->has_mac = headers.flags & PACKET_MAC;
	model->has_address = headers.flags & PACKET_ADDRESS;
	model->has_ports = headers.flags & PACKET_PORTS;
	model->ethertype = bpf_ntohs(headers.ethertype);
	model->protocol = headers.protocol;
	model->dscp = headers.dscp;
	model->source_port = bpf_ntohs(headers.source_port);
	model->destination_port = bpf_ntohs(headers.destination_port);
	model->ports_at = model->has_ports ? cursor.offset : 0;
	model->ports_end = model->has_ports ? cursor.limit : 0;
	model->hiding = (headers.flags & PACKET_HIDING) != 0;
	model->discovery = (headers.flags & PACKET_DISCOVERY) != 0;
	memcpy(model->source_mac, headers.source_mac, sizeof(model->source_mac));
	memcpy(model->source, headers.source6, sizeof(model->source));
	memcpy(model->destination, headers.destination6, sizeof(model->destination));
	model->vlan_id = headers.vlan;
}
