// SPDX-License-Identifier: BSD-2-Clause
/*
 * What arrives at a protected port of a host without xdp_pqc_verify: packets, slices, messages put
 * together from them, and their signatures. The input is a list of packets: struct order, and bytes.
 */
#include <endian.h>

#include "fuzz.h"
#include "peer/message.h"
#include "peer/reassembly.h"

/* How the next packet is made; `size` bytes of it follow. */
struct order {
	uint8_t raw; /* odd: the bytes are the packet; else they fill a slice with a right header */
	uint8_t from; /* bits 0 and 1: source; bit 2: known; the others: 1/16 s that pass */
	uint8_t sequence;
	uint8_t index; /* of the slice */
	uint8_t total[2]; /* length of the message */
	uint8_t size[2];
};

static struct reassembly reassembly;
static struct mldsa_key key; /* of zeros: no signature is good, but it is looked at */

static size_t number(const uint8_t bytes[2])
{
	return (size_t)bytes[0] << 8 | bytes[1];
}

static void take_message(uint64_t sequence, struct span message)
{
	static const uint8_t node[PQC_NODE_LEN];
	static const uint32_t sets[] = { MLDSA_44, MLDSA_65, MLDSA_87 };
	struct message_parts parts;
	uint8_t *copy = copy_exactly(message.data, message.size);
	int result = message_parse((struct span) { copy, message.size }, &parts);

	if (result == 0) {
		expect(parts.body.size <= PQC_BODY_MAX);
		expect(parts.before_signature.size + parts.signature.size == message.size);
		for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
			key.set = sets[i];
			result = message_verify(node, sequence, &parts, &key);
			expect(result >= PQC_REFUSED && result < PQC_RESULTS);
		}
	} else {
		expect(result == PQC_BAD_HEADER || result == PQC_BAD_LENGTH);
	}
	free(copy);
}

static void take_packet(struct span bytes, const struct arrival *arrival)
{
	struct packet packet;
	struct slice slice;
	struct span message;
	bool timed_out;

	if (packet_parse(bytes, &packet) != 0 || packet_parse_slice(&packet, &slice) != 0)
		return;
	expect(slice.index < slice.count && slice.count <= PQC_SLICES_MAX);
	expect(slice.index * PQC_SLICE + slice.bytes.size <= slice.total);
	int result = reassembly_take(&reassembly, arrival, &slice, &message, &timed_out);
	expect(result >= 0 && result < PQC_RESULTS);
	if (result != PQC_MESSAGE_ACCEPTED)
		return;
	expect(message.size == slice.total && message.size <= PQC_MESSAGE_MAX);
	take_message(slice.sequence, message);
}

/* A slice with the header that it has to have; the bytes fill it, again and again. */
static size_t make_slice(const struct order *order, struct span fill, uint8_t *packet)
{
	size_t total = number(order->total) % (PQC_MESSAGE_MAX + 1);
	size_t count = (total + PQC_SLICE - 1) / PQC_SLICE;
	size_t index = count == 0 ? 0 : order->index % count;
	size_t size = index + 1 < count ? PQC_SLICE : total - index * PQC_SLICE;
	struct pqc_header header = {
		.magic = htobe32(PQC_MAGIC),
		.version = PQC_VERSION,
		.type = PQC_TYPE_FRAGMENT,
		.sequence = htobe64(order->sequence),
	};

	header.fragment.index = (uint8_t)index;
	header.fragment.count = (uint8_t)count;
	header.fragment.offset = htobe16((uint16_t)(index * PQC_SLICE));
	header.fragment.total = htobe16((uint16_t)total);
	memcpy(packet, &header, sizeof(header));
	for (size_t i = 0; i < size; i++)
		packet[sizeof(header) + i] = fill.size == 0 ? 0 : fill.data[i % fill.size];
	return sizeof(header) + size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arrival arrival = { .now_ns = 1 };
	uint8_t made[sizeof(struct pqc_header) + PQC_SLICE];
	struct order order;

	memset(&reassembly, 0, sizeof(reassembly));
	while (size >= sizeof(order)) {
		memcpy(&order, data, sizeof(order));
		data += sizeof(order);
		size -= sizeof(order);
		size_t length = number(order.size) < size ? number(order.size) : size;
		struct span bytes = { data, length };

		data += length;
		size -= length;
		if ((order.raw & 1) == 0) {
			bytes.size = make_slice(&order, bytes, made);
			bytes.data = made;
		}
		arrival.source = order.from & 3;
		arrival.known = order.from >> 2 & 1 ? order.index & 1 : -1;
		arrival.now_ns += (uint64_t)(order.from >> 3) * (REASSEMBLY_TIMEOUT_NS / 16);
		uint8_t *copy = copy_exactly(bytes.data, bytes.size);
		take_packet((struct span) { copy, bytes.size }, &arrival);
		free(copy);
	}
	return 0;
}
