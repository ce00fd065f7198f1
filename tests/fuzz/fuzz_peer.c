// SPDX-License-Identifier: BSD-2-Clause
/*
 * libFuzzer: anything that can arrive, given to what a peer does with it. The input is cut into
 * packets: two bytes of length and a byte of enum shape before each.
 */
#include <endian.h>
#include <netinet/in.h>
#include <unistd.h>

#include "crypto/identity.h"
#include "fuzz.h"
#include "peer/peer.h"
#include "peer/prefix.h"

#define S	   UINT64_C(1000000000)
#define PACKET_MAX 8192

/* What is made of a packet, so that more than the first check is reached. */
enum shape {
	SHAPE_HEADER = 1, /* it gets a good header of the trusted node */
	SHAPE_SECOND = 2, /* a second passes first */
	SHAPE_WHOLE = 4, /* the header says: one fragment, all of the message */
	SHAPE_BODY = 8, /* a message gets a good head, and the body begins with our name */
	SHAPE_VERIFIED = 16, /* it is a message that the kernel has verified */
};

static struct identity *self, *other;

static struct identity *make_identity(void)
{
	char folder[] = "/tmp/x0top-fuzz-XXXXXX", name[64], private_path[80], public_path[80];
	struct identity *identity = NULL;
	struct failure failure;

	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(name, sizeof(name), "%s/k", folder);
	snprintf(private_path, sizeof(private_path), "%s.key.pem", name);
	snprintf(public_path, sizeof(public_path), "%s.pub.pem", name);
	if (identity_generate(name, MLDSA_44, &failure) < 0 ||
		identity_open(private_path, &identity, &failure) < 0)
		abort();
	unlink(private_path);
	unlink(public_path);
	rmdir(folder);
	return identity;
}

static bool on_path(void *context, const struct peer_address *to, struct pqc_path *path)
{
	(void)context, (void)to;
	*path = (struct pqc_path) { 0 };
	return true;
}

static void on_send(void *context, const struct peer_address *to, const struct pqc_path *path,
	struct span packet)
{
	(void)context, (void)to, (void)path, (void)packet;
}

static void on_event(void *context, const struct peer_event *event)
{
	(void)context;
	if (event->kind == PEER_REFUSED &&
		(event->detail < PQC_REFUSED || event->detail >= PQC_RESULTS))
		abort();
}

/* Nothing in the input is signed: nobody is ever authenticated by a packet. */
static void check(const struct peer *peer, bool delivered)
{
	if (!delivered && (peer_results(peer)[PQC_MESSAGE_ACCEPTED] != 0 ||
				  peer_results(peer)[PQC_DATA_ACCEPTED] != 0 ||
				  peer_remote(peer, 0)->authenticated_until != 0))
		abort();
}

static void put_header(uint8_t *packet, size_t length, unsigned shape)
{
	static uint64_t sequence;
	struct pqc_header header;

	if (length < sizeof(header))
		return;
	memcpy(&header, packet, sizeof(header));
	header.magic = htobe32(PQC_MAGIC);
	header.version = PQC_VERSION;
	header.flags = header.reserved = 0;
	memcpy(header.node, identity_fingerprint(other), PQC_NODE_LEN);
	if (shape & SHAPE_WHOLE) {
		header.type = PQC_TYPE_FRAGMENT;
		header.sequence = htobe64(++sequence);
		memset(&header.fragment, 0, sizeof(header.fragment));
		header.fragment.count = 1;
		header.fragment.total = htobe16((uint16_t)(length - sizeof(header)));
	}
	memcpy(packet, &header, sizeof(header));
}

static void put_message(uint8_t *bytes, size_t length)
{
	struct pqc_message head;
	size_t body;

	if (length < sizeof(head) + PQC_NODE_LEN)
		return;
	memcpy(&head, bytes, sizeof(head));
	body = length - sizeof(head);
	head.kind = (uint8_t)(PQC_BEACON + head.kind % 3);
	head.set = MLDSA_44;
	if (head.kind == PQC_HELLO && body >= sizeof(struct pqc_hello))
		body = sizeof(struct pqc_hello);
	else if (head.kind == PQC_REPLY && body >= sizeof(struct pqc_reply))
		body = sizeof(struct pqc_reply);
	else if (head.kind == PQC_BEACON)
		body = body / sizeof(struct pqc_prefix) % 70 * sizeof(struct pqc_prefix);
	head.body_length = htobe16((uint16_t)body);
	memset(head.valid_from, 0, sizeof(head.valid_from));
	memset(head.valid_until, 255, sizeof(head.valid_until));
	memset(head.source, 0, sizeof(head.source));
	head.source_port = head.reserved = 0;
	memcpy(bytes, &head, sizeof(head));
	if (head.kind != PQC_BEACON)
		memcpy(bytes + sizeof(head), identity_fingerprint(self), PQC_NODE_LEN);
}

static void shape_packet(uint8_t *packet, size_t length, unsigned shape)
{
	size_t skipped = shape & SHAPE_VERIFIED ? 0 : sizeof(struct pqc_header);

	if (shape & SHAPE_HEADER && skipped > 0)
		put_header(packet, length, shape);
	if (shape & SHAPE_BODY && length > skipped)
		put_message(packet + skipped, length - skipped);
}

static void deliver(struct peer *peer, const uint8_t *packet, size_t length, struct peer_time *now)
{
	static struct pqc_delivery delivery;

	memcpy(delivery.node, identity_fingerprint(other), PQC_NODE_LEN);
	delivery.sequence++;
	delivery.total = (uint32_t)length;
	memcpy(delivery.message, packet,
		length < sizeof(delivery.message) ? length : sizeof(delivery.message));
	peer_deliver(peer, NULL, &delivery, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct peer_handlers handlers = { NULL, on_path, on_send, on_event };
	struct peer_settings settings = { .limits = session_limits_default, .beacon_ns = S };
	struct peer_time now = { S, 1800000000 * S };
	const struct pqc_path path = { 0 };
	struct failure failure;
	struct peer *peer;
	bool delivered = false;

	if (self == NULL) {
		self = make_identity();
		other = make_identity();
	}
	settings.identity = self;
	if (peer_open(&settings, &handlers, &peer, &failure) < 0 ||
		peer_trust(peer, "other", identity_public_key(other), &failure) < 0)
		abort();
	while (size >= 3) {
		struct peer_address from = { .length = sizeof(struct sockaddr_in) };
		size_t length = (size_t)data[0] << 8 | data[1];
		uint8_t shape = data[2];

		data += 3, size -= 3;
		length = length > size ? size : length;
		length = length > PACKET_MAX ? PACKET_MAX : length;
		uint8_t *packet = copy_exactly(data, length);
		data += length, size -= length;
		shape_packet(packet, length, shape);
		if (shape & SHAPE_SECOND)
			now.monotonic_ns += S, now.realtime_ns += S;
		from.storage.ss_family = AF_INET;
		if (shape & SHAPE_VERIFIED) {
			deliver(peer, packet, length, &now);
			delivered = true;
		} else {
			peer_receive(peer, &from, &path, (struct span) { packet, length }, &now);
		}
		free(packet);
	}
	check(peer, delivered);
	peer_close(peer);
	return 0;
}
