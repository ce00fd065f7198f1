// SPDX-License-Identifier: BSD-2-Clause
#include "peer/message.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "crypto/verify_native.h"
#include "pqc/siphash.bpf.h"

/* The bytes that a signature covers: node id, sequence, and the message up to its signature. */
struct signed_bytes {
	size_t size;
	uint8_t bytes[PQC_NODE_LEN + sizeof(uint64_t) + sizeof(struct pqc_message) + PQC_BODY_MAX];
};

static const struct span signing_context = { (const uint8_t *)PQC_CONTEXT,
	sizeof(PQC_CONTEXT) - 1 };

static void collect_signed(struct signed_bytes *to, const uint8_t node[PQC_NODE_LEN],
	uint64_t sequence, struct span before_signature)
{
	uint64_t wire_sequence = htobe64(sequence);
	uint8_t *at = to->bytes;

	memcpy(at, node, PQC_NODE_LEN);
	memcpy(at + PQC_NODE_LEN, &wire_sequence, sizeof(wire_sequence));
	memcpy(at + PQC_NODE_LEN + sizeof(wire_sequence), before_signature.data,
		before_signature.size);
	to->size = PQC_NODE_LEN + sizeof(wire_sequence) + before_signature.size;
}

static void put_seconds(__be32 parts[2], uint64_t seconds)
{
	parts[0] = htobe32((uint32_t)(seconds >> 32));
	parts[1] = htobe32((uint32_t)seconds);
}

int message_sign(const struct identity *identity, const struct message_content *content,
	struct message *message, struct failure *failure)
{
	struct pqc_message head = {
		.kind = content->kind,
		.set = (uint8_t)identity_public_key(identity)->set,
		.body_length = htobe16((uint16_t)content->body.size),
	};
	struct signed_bytes covered;

	if (content->body.size > PQC_BODY_MAX)
		return failure_set(failure, -EMSGSIZE, "A message of %zu bytes is too long",
			content->body.size);
	put_seconds(head.valid_from, content->valid_from);
	put_seconds(head.valid_until, content->valid_until);
	memcpy(head.source, content->path->source, sizeof(head.source));
	head.source_port = content->path->source_port;
	message->sequence = content->sequence;
	memcpy(message->bytes, &head, sizeof(head));
	if (content->body.size > 0)
		memcpy(message->bytes + sizeof(head), content->body.data, content->body.size);
	message->total = sizeof(head) + content->body.size;
	memcpy(message->node, identity_fingerprint(identity), PQC_NODE_LEN);
	collect_signed(&covered, message->node, message->sequence,
		(struct span) { message->bytes, message->total });
	int length = identity_sign(identity, signing_context,
		(struct span) { covered.bytes, covered.size }, message->bytes + message->total);
	if (length < 0)
		return failure_set(failure, length, "OpenSSL could not sign a message");
	message->total += (size_t)length;
	return 0;
}

/* --- packets ---------------------------------------------------------------------------------- */

static void put_header(
	uint8_t *packet, uint8_t type, const uint8_t node[PQC_NODE_LEN], uint64_t sequence)
{
	struct pqc_header header = {
		.magic = htobe32(PQC_MAGIC),
		.version = PQC_VERSION,
		.type = type,
		.sequence = htobe64(sequence),
	};

	memcpy(header.node, node, PQC_NODE_LEN);
	memcpy(packet, &header, sizeof(header));
}

unsigned message_slices(const struct message *message)
{
	return (unsigned)((message->total + PQC_SLICE - 1) / PQC_SLICE);
}

size_t message_slice(
	const struct message *message, unsigned index, uint8_t packet[MESSAGE_PACKET_MAX])
{
	struct pqc_header *header = (struct pqc_header *)packet;
	size_t offset = (size_t)index * PQC_SLICE;
	size_t length = message->total - offset < PQC_SLICE ? message->total - offset : PQC_SLICE;

	put_header(packet, PQC_TYPE_FRAGMENT, message->node, message->sequence);
	header->fragment.index = (uint8_t)index;
	header->fragment.count = (uint8_t)message_slices(message);
	header->fragment.offset = htobe16((uint16_t)offset);
	header->fragment.total = htobe16((uint16_t)message->total);
	memcpy(packet + sizeof(*header), message->bytes + offset, length);
	return sizeof(*header) + length;
}

int data_tag(const uint64_t key[PQC_KEY_LEN / 8], const struct pqc_path *path, uint8_t flags,
	struct span covered, uint64_t tag[PQC_TAG_LEN / 8])
{
	__u64 before[sizeof(*path) / 8];

	memcpy(before, path, sizeof(before));
	if (flags & PQC_TRANSLATED)
		memset(before, 0, 2 * PQC_ADDRESS_LEN);
	return siphash_of_packet((const __u64 *)key, before, sizeof(before) / 8, covered.data,
		covered.data + covered.size, (__u32)covered.size,
		sizeof(struct pqc_header) + PQC_DATA_MAX, (__u64 *)tag, NULL);
}

size_t message_data(const uint8_t node[PQC_NODE_LEN], const struct data_content *content,
	uint8_t packet[MESSAGE_PACKET_MAX])
{
	struct pqc_header *header = (struct pqc_header *)packet;
	size_t payload = content->payload.size, covered = sizeof(*header) + payload;
	uint64_t tag[PQC_TAG_LEN / 8];

	if (payload > PQC_DATA_MAX)
		return 0;
	put_header(packet, PQC_TYPE_DATA, node, content->sequence);
	header->flags = content->flags;
	header->data.session = htobe32(content->session);
	header->data.length = htobe16((uint16_t)payload);
	if (payload > 0)
		memcpy(packet + sizeof(*header), content->payload.data, payload);
	data_tag(content->key, content->path, content->flags, (struct span) { packet, covered },
		tag);
	memcpy(packet + covered, tag, sizeof(tag));
	return covered + sizeof(tag);
}

/* --- from the wire ---------------------------------------------------------------------------- */

int packet_parse(struct span bytes, struct packet *packet)
{
	if (bytes.size < sizeof(packet->header))
		return PQC_BAD_HEADER;
	memcpy(&packet->header, bytes.data, sizeof(packet->header));
	if (be32toh(packet->header.magic) != PQC_MAGIC || packet->header.version != PQC_VERSION ||
		(packet->header.flags & ~PQC_TRANSLATED) != 0 || packet->header.reserved != 0)
		return PQC_BAD_HEADER;
	packet->sequence = be64toh(packet->header.sequence);
	packet->content.data = bytes.data + sizeof(packet->header);
	packet->content.size = bytes.size - sizeof(packet->header);
	return 0;
}

int packet_parse_slice(const struct packet *packet, struct slice *slice)
{
	const struct pqc_header *header = &packet->header;
	uint32_t total = be16toh(header->fragment.total);
	uint32_t count = (total + PQC_SLICE - 1) / PQC_SLICE;
	uint32_t index = header->fragment.index;

	if (header->type != PQC_TYPE_FRAGMENT || header->flags != 0 ||
		header->fragment.reserved != 0 || count == 0 || count > PQC_SLICES_MAX ||
		header->fragment.count != count || index >= count ||
		be16toh(header->fragment.offset) != index * PQC_SLICE)
		return PQC_BAD_HEADER;
	if (packet->content.size != (index + 1 < count ? PQC_SLICE : total - index * PQC_SLICE))
		return PQC_BAD_LENGTH;
	*slice = (struct slice) {
		.sequence = packet->sequence,
		.index = index,
		.count = count,
		.total = total,
		.bytes = packet->content,
	};
	return 0;
}

static uint64_t get_seconds(const __be32 parts[2])
{
	return (uint64_t)be32toh(parts[0]) << 32 | be32toh(parts[1]);
}

int message_parse(struct span message, struct message_parts *parts)
{
	struct pqc_message head;

	if (message.size < sizeof(head))
		return PQC_BAD_LENGTH;
	memcpy(&head, message.data, sizeof(head));
	size_t body = be16toh(head.body_length);
	if (head.kind < PQC_BEACON || head.kind > PQC_REPLY || head.reserved != 0)
		return PQC_BAD_HEADER;
	if (body > PQC_BODY_MAX || message.size < sizeof(head) + body)
		return PQC_BAD_LENGTH;
	*parts = (struct message_parts) {
		.kind = head.kind,
		.set = head.set,
		.valid_from = get_seconds(head.valid_from),
		.valid_until = get_seconds(head.valid_until),
		.source = message.data + offsetof(struct pqc_message, source),
		.source_port = head.source_port,
		.body = { message.data + sizeof(head), body },
		.before_signature = { message.data, sizeof(head) + body },
		.signature = { message.data + sizeof(head) + body,
			message.size - sizeof(head) - body },
	};
	return 0;
}

bool message_comes_from(const struct message_parts *parts, const struct pqc_path *path)
{
	return memcmp(parts->source, path->source, PQC_ADDRESS_LEN) == 0 &&
	       parts->source_port == path->source_port;
}

int message_verify(const uint8_t node[PQC_NODE_LEN], uint64_t sequence,
	const struct message_parts *parts, const struct mldsa_key *key)
{
	struct signed_bytes covered;
	struct mldsa_request request;

	collect_signed(&covered, node, sequence, parts->before_signature);
	if (request_fill(&request, signing_context, (struct span) { covered.bytes, covered.size },
		    parts->signature) < 0)
		return PQC_BAD_LENGTH;
	switch (verify_native(key, &request)) {
	case MLDSA_VALID:
		return PQC_MESSAGE_ACCEPTED;
	case MLDSA_NO_KEY:
		return PQC_UNKNOWN_NODE;
	case MLDSA_BAD_LENGTH:
		return PQC_BAD_LENGTH;
	case MLDSA_BAD_HINT:
	case MLDSA_BAD_NORM:
		return PQC_MALFORMED_SIGNATURE;
	default:
		return PQC_BAD_SIGNATURE;
	}
}
