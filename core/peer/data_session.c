// SPDX-License-Identifier: BSD-2-Clause
#include "peer/data_session.h"

#include <endian.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

#include "pqc/window.bpf.h"

const struct session_limits session_limits_default = {
	.rekey_after_ns = SESSION_REKEY_AFTER_NS,
	.rekey_after_packets = SESSION_REKEY_AFTER_PACKETS,
	.expires_after_ns = SESSION_EXPIRES_AFTER_NS,
	.expires_after_packets = SESSION_EXPIRES_AFTER_PACKETS,
};

bool session_has_expired(
	const struct session *session, const struct session_limits *limits, uint64_t now_ns)
{
	return !session->exists || now_ns - session->began_ns >= limits->expires_after_ns;
}

uint64_t session_due_at(
	const struct session *session, const struct session_limits *limits, uint64_t grace_ns)
{
	uint64_t age = limits->rekey_after_ns + grace_ns;

	if (!session->exists || session->sent >= limits->rekey_after_packets ||
		session->received >= limits->rekey_after_packets)
		return 0;
	return session->began_ns +
	       (age < limits->expires_after_ns ? age : limits->expires_after_ns);
}

int session_seal(struct session *session, const struct session_limits *limits,
	const uint8_t sender[PQC_NODE_LEN], uint64_t now_ns, const struct pqc_path *path,
	struct span payload, uint8_t packet[MESSAGE_PACKET_MAX])
{
	if (payload.size > PQC_DATA_MAX)
		return -EMSGSIZE;
	if (session_has_expired(session, limits, now_ns) ||
		session->sent >= limits->expires_after_packets)
		return -EKEYEXPIRED;
	const struct data_content content = {
		.sequence = ++session->sent,
		.session = session->id,
		.flags = session->translated ? PQC_TRANSLATED : 0,
		.key = session->send_key,
		.path = path,
		.payload = payload,
	};
	return (int)message_data(sender, &content, packet);
}

int data_parse(struct span bytes, const struct packet *packet, const struct pqc_path *path,
	struct data_packet *data)
{
	const struct pqc_header *header = &packet->header;
	size_t length = be16toh(header->data.length);

	if (header->type != PQC_TYPE_DATA || header->data.reserved != 0)
		return PQC_BAD_HEADER;
	if (length > PQC_DATA_MAX || packet->content.size != length + PQC_TAG_LEN)
		return PQC_BAD_LENGTH;
	*data = (struct data_packet) {
		.session = be32toh(header->data.session),
		.flags = header->flags,
		.path = path,
		.payload = { packet->content.data, length },
		.covered = { bytes.data, sizeof(*header) + length },
		.sequence = packet->sequence,
	};
	return 0;
}

int session_unseal(struct session *session, const struct session_limits *limits, uint64_t now_ns,
	const struct data_packet *data)
{
	const uint8_t *end = data->covered.data + data->covered.size;
	uint64_t tag[PQC_TAG_LEN / 8];

	if (session_has_expired(session, limits, now_ns))
		return PQC_EXPIRED;
	if (data->flags != 0 && !session->translated)
		return PQC_BAD_HEADER;
	if (data_tag(session->receive_key, data->path, data->flags, data->covered, tag) < 0)
		return PQC_BAD_LENGTH;
	if (CRYPTO_memcmp(tag, end, sizeof(tag)) != 0)
		return PQC_BAD_TAG;
	if (!window_take(&session->window, data->sequence)) {
		session->replayed++;
		return PQC_REPLAYED;
	}
	session->received++;
	return PQC_DATA_ACCEPTED;
}

void session_entry(const struct session *session, const struct session_limits *limits,
	const uint8_t sender[PQC_NODE_LEN], struct pqc_session_key *name, struct pqc_session *entry)
{
	memset(name, 0, sizeof(*name));
	memcpy(name->node, sender, PQC_NODE_LEN);
	name->session = htobe32(session->id);
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->key, session->receive_key, sizeof(entry->key));
	entry->translated = session->translated;
	entry->began_ns = session->began_ns;
	entry->expires_ns = session->began_ns + limits->expires_after_ns;
	entry->window = session->window;
}

void session_wipe(struct session *session)
{
	OPENSSL_cleanse(session, sizeof(*session));
}
