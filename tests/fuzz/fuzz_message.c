// SPDX-License-Identifier: BSD-2-Clause
/*
 * libFuzzer: anything that can arrive, given to what a peer does with it. The input is cut into
 * packets: two bytes of length and a byte of flags before each. Flags: 1: from where good messages
 * come; 2: the packet gets a good header of the trusted node; 4: a second passes first; 8: what the
 * packet holds goes, as a message that the kernel has verified, to the exchange of keys.
 */
#include <endian.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pqc/identity.h"
#include "pqc/peer.h"
#include "pqc/prefix.h"

#define S	   UINT64_C(1000000000)
#define PACKET_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void on_send(void *context, const struct peer_address *to, struct span packet)
{
	(void)context, (void)to, (void)packet;
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
	if (!delivered && (peer_results(peer)[PQC_MESSAGE_GOOD] != 0 ||
				  peer_results(peer)[PQC_DATA_GOOD] != 0 ||
				  peer_remote(peer, 0)->authenticated_until != 0))
		abort();
}

static void put_header(uint8_t *packet, size_t length)
{
	const struct pqc_header header = { .magic = htobe32(PQC_MAGIC), .version = PQC_VERSION };

	if (length < sizeof(header))
		return;
	memcpy(packet, &header, offsetof(struct pqc_header, type));
	packet[offsetof(struct pqc_header, flags)] = 0;
	packet[offsetof(struct pqc_header, reserved)] = 0;
	memcpy(packet + offsetof(struct pqc_header, node), identity_fingerprint(other),
		PQC_NODE_LEN);
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
	const struct peer_handlers handlers = { NULL, on_send, on_event };
	struct peer_settings settings = { .limits = session_limits_default, .beacon_ns = S };
	struct peer_time now = { S, 1800000000 * S };
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
		uint8_t flags = data[2];

		data += 3, size -= 3;
		length = length > size ? size : length;
		length = length > PACKET_MAX ? PACKET_MAX : length;
		/* On the heap and no longer than it is: the sanitizer sees each byte too far. */
		uint8_t *packet = malloc(length ?: 1);
		memcpy(packet, data, length);
		data += length, size -= length;
		if (flags & 2)
			put_header(packet, length);
		if (flags & 4)
			now.monotonic_ns += S, now.realtime_ns += S;
		from.storage.ss_family = flags & 1 ? AF_INET : AF_INET6;
		if (flags & 8) {
			deliver(peer, packet, length, &now);
			delivered = true;
		} else {
			peer_receive(peer, &from, (struct span) { packet, length }, &now);
		}
		free(packet);
	}
	check(peer, delivered);
	peer_close(peer);
	return 0;
}
