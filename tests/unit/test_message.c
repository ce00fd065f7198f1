// SPDX-License-Identifier: BSD-2-Clause
/* Messages: what is sent is what is read, and everything else is refused under its name. */
#include <endian.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peer/message.h"
#include "peer/prefix.h"
#include "peer/reassembly.h"
#include "tests/lib/signatures.h"

static struct signing_key keys[3];

static int make_keys(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		signing_key_generate(signature_sets[i], &keys[i]);
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		signing_key_free(&keys[i]);
	return 0;
}

static const struct pqc_path path = { { 1, 2 }, { 3, 4 }, 5, 6, 0 };

static void make(const struct signing_key *key, size_t body_length, struct message *message)
{
	uint8_t body[PQC_BODY_MAX];
	struct failure failure = { 0 };
	struct message_content content = {
		.kind = (uint8_t)(PQC_BEACON + random_below(3)),
		.sequence = (uint64_t)random_below(UINT32_MAX) << 32 | 5,
		.valid_from = UINT64_C(0x123456789a),
		.valid_until = UINT64_C(0xfedcba9876543210),
		.path = &path,
		.body = { body, body_length },
	};

	random_fill(body, body_length);
	assert_int_equal(message_sign(key->identity, &content, message, &failure), 0);
}

/* Takes the i-th slice of a message into `reassembly`, as if it came from `source`. */
static int take(struct reassembly *reassembly, const struct message *message, unsigned i,
	const struct arrival *arrival, struct span *whole)
{
	uint8_t bytes[MESSAGE_PACKET_MAX];
	struct packet packet;
	struct slice slice;
	bool timed_out;
	size_t length = message_slice(message, i, bytes);

	assert_int_equal(packet_parse((struct span) { bytes, length }, &packet), 0);
	assert_memory_equal(packet.header.node, message->node, PQC_NODE_LEN);
	assert_int_equal(packet_parse_slice(&packet, &slice), 0);
	return reassembly_take(reassembly, arrival, &slice, whole, &timed_out);
}

static void what_is_sent_is_read(void **state)
{
	static struct reassembly reassembly;
	static struct message message;
	const struct arrival arrival = { 7, -1, 1 };
	struct message_parts parts;
	struct span whole;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		const struct signing_key *key = &keys[round % 3];
		size_t length =
			round < 6 ? (round < 3 ? 0 : PQC_BODY_MAX) : random_below(PQC_BODY_MAX + 1);
		make(key, length, &message);
		unsigned slices = message_slices(&message), seen = 0;
		int result = PQC_FRAGMENT_BUFFERED;
		while (result == PQC_FRAGMENT_BUFFERED) { /* in any order, with duplicates */
			unsigned i = random_below(slices);
			seen |= 1u << i;
			result = take(&reassembly, &message, i, &arrival, &whole);
			assert_int_equal(result, seen == (1u << slices) - 1
							 ? PQC_MESSAGE_ACCEPTED
							 : PQC_FRAGMENT_BUFFERED);
		}
		assert_int_equal(whole.size, message.total);
		assert_memory_equal(whole.data, message.bytes, message.total);
		assert_int_equal(message_parse(whole, &parts), 0);
		assert_int_equal(parts.set, key->public.set);
		assert_int_equal(parts.valid_from, UINT64_C(0x123456789a));
		assert_int_equal(parts.valid_until, UINT64_C(0xfedcba9876543210));
		assert_int_equal(parts.body.size, length);
		assert_int_equal(
			message_verify(message.node, message.sequence, &parts, &key->expanded),
			PQC_MESSAGE_ACCEPTED);
	}
}

static void too_long_a_body_is_not_sent(void **state)
{
	static uint8_t body[PQC_BODY_MAX + 1];
	static struct message message;
	const struct message_content content = {
		.kind = PQC_BEACON, .path = &path, .body = { body, sizeof(body) }
	};
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(message_sign(keys[0].identity, &content, &message, &failure), -EMSGSIZE);
}

/* The signature is pure ML-DSA, context "x0top/2", over node id, sequence and message: by OpenSSL. */
static void openssl_accepts_the_signature(void **state)
{
	static struct message message;
	static uint8_t covered[PQC_NODE_LEN + 8 + MESSAGE_MAX];
	uint64_t sequence;
	size_t body = 77, head = sizeof(struct pqc_message) + body;
	char context[] = "x0top/2";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_octet_string(
			OSSL_SIGNATURE_PARAM_CONTEXT_STRING, context, strlen(context)),
		OSSL_PARAM_construct_end(),
	};

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		EVP_MD_CTX *verifier = EVP_MD_CTX_new();
		make(&keys[k], body, &message);
		sequence = htobe64(message.sequence);
		memcpy(covered, message.node, PQC_NODE_LEN);
		memcpy(covered + PQC_NODE_LEN, &sequence, 8);
		memcpy(covered + PQC_NODE_LEN + 8, message.bytes, head);
		assert_true(EVP_DigestVerifyInit_ex(
			verifier, NULL, NULL, NULL, NULL, keys[k].openssl, parameters));
		assert_int_equal(EVP_DigestVerify(verifier, message.bytes + head,
					 message.total - head, covered, PQC_NODE_LEN + 8 + head),
			1);
		EVP_MD_CTX_free(verifier);
	}
}

/* A message of n whole slices has n, and one byte more makes another. */
static void slices_are_counted_to_the_byte(void **state)
{
	static struct message message;
	uint8_t bytes[MESSAGE_PACKET_MAX];
	struct pqc_header *header = (struct pqc_header *)bytes;
	struct packet packet;
	struct slice slice;

	(void)state;
	make(&keys[0], 0, &message);
	for (unsigned n = 1; n <= 4; n++)
		for (int more = -1; more <= 1; more++) {
			message.total = (size_t)((int)(n * PQC_SLICE) + more);
			unsigned count = more > 0 ? n + 1 : n;
			assert_int_equal(message_slices(&message), count);
			size_t length = message_slice(&message, count - 1, bytes), last;
			last = message.total - (count - 1) * (size_t)PQC_SLICE;
			assert_int_equal(length, sizeof(*header) + last);
			assert_int_equal(packet_parse((struct span) { bytes, length }, &packet), 0);
			assert_int_equal(packet_parse_slice(&packet, &slice), 0);
			assert_int_equal(slice.count, count);
			assert_int_equal(slice.index, count - 1);
			assert_int_equal(slice.total, message.total);
			assert_int_equal(slice.bytes.size, last);
			/* One slice more than there are, and its number. */
			header->fragment.count++;
			packet_parse((struct span) { bytes, length }, &packet);
			assert_int_equal(packet_parse_slice(&packet, &slice), PQC_BAD_HEADER);
			header->fragment.count--;
			header->fragment.index++;
			header->fragment.offset = htobe16((uint16_t)(count * PQC_SLICE));
			packet_parse((struct span) { bytes, length }, &packet);
			assert_int_equal(packet_parse_slice(&packet, &slice), PQC_BAD_HEADER);
		}
}

/* Parses the first slice of a message of so many bytes, in so many slices. */
static int parse_first(unsigned total, unsigned count, uint8_t type)
{
	uint8_t bytes[sizeof(struct pqc_header) + PQC_SLICE] = { 0 };
	struct pqc_header *header = (struct pqc_header *)bytes;
	size_t size = total < PQC_SLICE ? total : PQC_SLICE;
	struct packet packet;
	struct slice slice;

	header->magic = htobe32(PQC_MAGIC);
	header->version = PQC_VERSION;
	header->type = type;
	header->fragment.count = (uint8_t)count;
	header->fragment.total = htobe16((uint16_t)total);
	packet_parse((struct span) { bytes, sizeof(*header) + size }, &packet);
	return packet_parse_slice(&packet, &slice);
}

static void too_long_and_too_short_messages_are_refused(void **state)
{
	(void)state;
	assert_int_equal(parse_first(0, 0, PQC_TYPE_FRAGMENT), PQC_BAD_HEADER);
	assert_int_equal(parse_first(0, 1, PQC_TYPE_FRAGMENT), PQC_BAD_HEADER);
	assert_int_equal(parse_first(1, 1, PQC_TYPE_FRAGMENT), 0);
	assert_int_equal(parse_first(1, 1, PQC_TYPE_DATA), PQC_BAD_HEADER);
	assert_int_equal(parse_first(1, 0, PQC_TYPE_FRAGMENT), PQC_BAD_HEADER);
	assert_int_equal(parse_first(PQC_MESSAGE_MAX, PQC_SLICES_MAX, PQC_TYPE_FRAGMENT), 0);
	assert_int_equal(parse_first(PQC_MESSAGE_MAX + 1, PQC_SLICES_MAX, PQC_TYPE_FRAGMENT),
		PQC_BAD_HEADER);
	assert_int_equal(parse_first(PQC_MESSAGE_MAX + 1, PQC_SLICES_MAX + 1, PQC_TYPE_FRAGMENT),
		PQC_BAD_HEADER);
	assert_int_equal(parse_first(UINT16_MAX, UINT16_MAX / PQC_SLICE + 1, PQC_TYPE_FRAGMENT),
		PQC_BAD_HEADER);
}

static void messages_of_no_kind_are_refused(void **state)
{
	struct pqc_message head = { .kind = PQC_BEACON };
	const struct span whole = { (const uint8_t *)&head, sizeof(head) };
	struct message_parts parts;

	(void)state;
	for (unsigned kind = 0; kind <= UINT8_MAX; kind++) {
		head.kind = (uint8_t)kind;
		assert_int_equal(message_parse(whole, &parts),
			kind >= PQC_BEACON && kind <= PQC_REPLY ? 0 : PQC_BAD_HEADER);
	}
	head.kind = PQC_REPLY; /* nothing but a head: no body, and a signature of no bytes */
	assert_int_equal(message_parse(whole, &parts), 0);
	assert_int_equal(parts.body.size, 0);
	assert_int_equal(parts.signature.size, 0);
}

static void data_may_be_as_long_as_it_may_be(void **state)
{
	static const uint8_t payload[PQC_DATA_MAX + 1];
	const uint64_t key[2] = { 1, 2 };
	const uint8_t node[PQC_NODE_LEN] = { 0 };
	uint8_t packet[MESSAGE_PACKET_MAX];

	(void)state;
	struct data_content content = { 1, 1, 0, key, &path, { payload, PQC_DATA_MAX } };

	assert_int_equal(message_data(node, &content, packet), sizeof(packet));
	content.payload.size++;
	assert_int_equal(message_data(node, &content, packet), 0);
	content.payload = (struct span) { NULL, 0 };
	assert_int_equal(
		message_data(node, &content, packet), sizeof(struct pqc_header) + PQC_TAG_LEN);
}

/* A tag is of one path; with PQC_TRANSLATED of its ports alone. */
static void a_tag_covers_the_path(void **state)
{
	const uint64_t key[2] = { 1, 2 };
	uint8_t bytes[sizeof(struct pqc_header)] = { 0 };
	const struct span covered = { bytes, sizeof(bytes) };
	uint64_t tag[2], other[2];

	(void)state;
	for (size_t at = 0; at < offsetof(struct pqc_path, reserved); at++)
		for (uint8_t flags = 0; flags <= PQC_TRANSLATED; flags++) {
			struct pqc_path changed = path;

			((uint8_t *)&changed)[at] ^= 1;
			assert_int_equal(data_tag(key, &path, flags, covered, tag), 0);
			assert_int_equal(data_tag(key, &changed, flags, covered, other), 0);
			assert_int_equal(memcmp(tag, other, sizeof(tag)) == 0,
				flags && at < 2 * PQC_ADDRESS_LEN);
		}
}

/* Where a message came from is where it says, to the byte. */
static void a_message_comes_from_one_address(void **state)
{
	static struct message message;
	struct message_parts parts;

	(void)state;
	make(&keys[0], 0, &message);
	assert_int_equal(message_parse((struct span) { message.bytes, message.total }, &parts), 0);
	assert_true(message_comes_from(&parts, &path));
	for (size_t at = 0; at < sizeof(path); at++) {
		bool source = at < PQC_ADDRESS_LEN ||
			      at / 2 == offsetof(struct pqc_path, source_port) / 2;
		struct pqc_path changed = path;

		((uint8_t *)&changed)[at] ^= 0x80;
		assert_int_equal(message_comes_from(&parts, &changed), !source);
	}
}

static void every_truncation_is_refused(void **state)
{
	static struct message message;
	struct message_parts parts;
	uint8_t bytes[MESSAGE_PACKET_MAX];
	struct packet packet;
	struct slice slice;

	(void)state;
	make(&keys[0], 100, &message);
	for (unsigned i = 0; i < message_slices(&message); i++) {
		size_t full = message_slice(&message, i, bytes);
		for (size_t length = 0; length < full; length++) {
			/* On the heap, so that a sanitizer sees each byte too far. */
			uint8_t *cut = malloc(length ?: 1);
			assert_non_null(cut);
			memcpy(cut, bytes, length);
			int result = packet_parse((struct span) { cut, length }, &packet);
			assert_int_equal(
				result, length < sizeof(struct pqc_header) ? PQC_BAD_HEADER : 0);
			if (result == 0)
				assert_int_equal(
					packet_parse_slice(&packet, &slice), PQC_BAD_LENGTH);
			free(cut);
		}
	}
	for (size_t length = 0; length < message.total; length++) {
		uint8_t *cut = malloc(length ?: 1);
		assert_non_null(cut);
		memcpy(cut, message.bytes, length);
		int result = message_parse((struct span) { cut, length }, &parts);
		assert_int_equal(
			result, length < sizeof(struct pqc_message) + 100 ? PQC_BAD_LENGTH : 0);
		if (result == 0)
			assert_int_equal(message_verify(message.node, message.sequence, &parts,
						 &keys[0].expanded),
				PQC_BAD_LENGTH);
		free(cut);
	}
}

/*
 * Every bit of a header but those of node and sequence, which say whose and which message it is. Of
 * the last slice: others do not tell how long the message is to the byte.
 */
static void every_bit_of_the_header_counts(void **state)
{
	static struct message message;
	uint8_t bytes[MESSAGE_PACKET_MAX];
	struct packet packet;
	struct slice slice;

	(void)state;
	make(&keys[0], 0, &message);
	size_t length = message_slice(&message, message_slices(&message) - 1, bytes);
	for (unsigned bit = 0; bit < 8 * sizeof(struct pqc_header); bit++) {
		if (bit / 8 >= offsetof(struct pqc_header, node) &&
			bit / 8 < offsetof(struct pqc_header, data))
			continue;
		bytes[bit / 8] ^= 1 << bit % 8;
		int result = packet_parse((struct span) { bytes, length }, &packet);
		if (result == 0)
			result = packet_parse_slice(&packet, &slice);
		assert_true(result == PQC_BAD_HEADER || result == PQC_BAD_LENGTH);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
}

static void every_byte_of_a_message_is_signed(void **state)
{
	static struct message message;
	struct message_parts parts;

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		make(&keys[k], 40, &message);
		const struct span whole = { message.bytes, message.total };
		for (size_t at = 0; at < message.total; at++) {
			uint8_t good = message.bytes[at];
			message.bytes[at] ^= (uint8_t)(1u << random_below(8));
			int result = message_parse(whole, &parts);
			if (result == 0)
				result = message_verify(
					message.node, message.sequence, &parts, &keys[k].expanded);
			assert_true(result >= PQC_REFUSED);
			message.bytes[at] = good;
		}
		assert_int_equal(message_parse(whole, &parts), 0);
		assert_int_equal(message_verify(message.node, message.sequence + 1, &parts,
					 &keys[k].expanded),
			PQC_BAD_SIGNATURE);
		message.node[0] ^= 1;
		assert_int_equal(
			message_verify(message.node, message.sequence, &parts, &keys[k].expanded),
			PQC_BAD_SIGNATURE);
	}
}

/* --- reassembly ------------------------------------------------------------------------------- */

static void strangers_do_not_take_the_place_of_the_known(void **state)
{
	static struct reassembly reassembly;
	static struct message messages[2];
	struct arrival known = { 1, 0, 5 }, stranger = { 2, -1, 5 };
	struct span whole;

	(void)state;
	make(&keys[0], 1000, &messages[0]);
	make(&keys[0], 1000, &messages[1]);
	messages[1].sequence = messages[0].sequence + 1;
	memset(&reassembly, 0, sizeof(reassembly));
	/* A stranger begins as many messages as he likes. */
	for (unsigned i = 0; i < 20; i++) {
		stranger.source = 2 + i;
		assert_int_equal(take(&reassembly, &messages[0], 0, &stranger, &whole),
			i < PQC_PLACES - PQC_SOURCES ? PQC_FRAGMENT_BUFFERED
						     : PQC_REASSEMBLY_OVERFLOW);
	}
	for (unsigned i = 0; i + 1 < message_slices(&messages[0]); i++)
		assert_int_equal(
			take(&reassembly, &messages[0], i, &known, &whole), PQC_FRAGMENT_BUFFERED);
	/* The last slice is lost, and the next message follows. */
	for (unsigned i = 0; i + 1 < message_slices(&messages[1]); i++)
		assert_int_equal(
			take(&reassembly, &messages[1], i, &known, &whole), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(
		take(&reassembly, &messages[1], message_slices(&messages[1]) - 1, &known, &whole),
		PQC_MESSAGE_ACCEPTED);
	/* In time, the strangers' places are free again. */
	stranger.now_ns += REASSEMBLY_TIMEOUT_NS;
	assert_int_equal(
		take(&reassembly, &messages[1], 0, &stranger, &whole), PQC_FRAGMENT_BUFFERED);
}

/* Only from the known address does a newer message displace an older one; elsewhere it waits. */
static void only_the_known_displaces(void **state)
{
	static struct reassembly reassembly;
	static struct message older, newer;
	struct arrival known = { 1, 0, 5 }, moved = { 9, 0, 5 }, stranger = { 2, -1, 5 };
	struct span whole;

	(void)state;
	memset(&reassembly, 0, sizeof(reassembly));
	make(&keys[0], 1000, &older);
	newer = older;
	newer.sequence = older.sequence + 1;
	for (unsigned i = 0; i < PQC_PLACES - PQC_SOURCES; i++) {
		stranger.source = 2 + i;
		assert_int_equal(
			take(&reassembly, &older, 0, &stranger, &whole), PQC_FRAGMENT_BUFFERED);
	}
	stranger.source = 2; /* one that has a place gets no other, whatever its sequence */
	assert_int_equal(take(&reassembly, &newer, 0, &stranger, &whole), PQC_REASSEMBLY_OVERFLOW);
	stranger.source = 100;
	assert_int_equal(take(&reassembly, &newer, 0, &stranger, &whole), PQC_REASSEMBLY_OVERFLOW);
	assert_int_equal(take(&reassembly, &newer, 0, &known, &whole), PQC_FRAGMENT_BUFFERED);
	/* Not above: neither the same sequence from elsewhere nor an older one. */
	assert_int_equal(take(&reassembly, &newer, 0, &moved, &whole), PQC_REASSEMBLY_OVERFLOW);
	assert_int_equal(take(&reassembly, &older, 0, &known, &whole), PQC_REASSEMBLY_OVERFLOW);
	newer.sequence++;
	assert_int_equal(take(&reassembly, &newer, 0, &moved, &whole), PQC_FRAGMENT_BUFFERED);
	/* A message times out at its time, not a nanosecond before. */
	known.now_ns = 5 + REASSEMBLY_TIMEOUT_NS - 1;
	assert_int_equal(take(&reassembly, &older, 0, &known, &whole), PQC_REASSEMBLY_OVERFLOW);
	known.now_ns++;
	assert_int_equal(take(&reassembly, &older, 0, &known, &whole), PQC_FRAGMENT_BUFFERED);
}

/* What lies behind the last place is none. */
static void places_end_where_they_end(void **state)
{
	static struct {
		struct reassembly reassembly;
		struct reassembly_place beyond;
	} memory;
	static struct message message;
	const struct arrival arrival = { 7, -1, 5 };
	struct span whole;

	(void)state;
	make(&keys[0], 0, &message);
	memory.beyond = (struct reassembly_place) { .source = 7,
		.sequence = message.sequence,
		.began_ns = 5,
		.total = (uint32_t)message.total };
	assert_int_equal(
		take(&memory.reassembly, &message, 0, &arrival, &whole), PQC_FRAGMENT_BUFFERED);
	assert_int_equal(memory.beyond.received, 0);
}

static void slices_of_other_lengths_do_not_mix(void **state)
{
	static struct reassembly reassembly;
	static struct message message;
	const struct arrival arrival = { 1, 0, 5 };
	struct span whole;

	(void)state;
	make(&keys[0], 0, &message);
	assert_int_equal(take(&reassembly, &message, 0, &arrival, &whole), PQC_FRAGMENT_BUFFERED);
	message.total--;
	assert_int_equal(take(&reassembly, &message, 1, &arrival, &whole), PQC_BAD_LENGTH);
}

/* --- bodies ----------------------------------------------------------------------------------- */

static void prefixes_round_trip(void **state)
{
	static const char *const good[] = { "10.1.0.0/16", "0.0.0.0/0", "192.0.2.1/32", "fd00::/8",
		"::/0", "2001:db8::1/128", "10.128.0.0/9" };
	static const char *const bad[] = { "", "10.1.0.0", "10.1.0.0/", "10.1.0.0/33",
		"10.1.0.1/16", "fd00::/129", "fd00::1/64", "/8", "10.1.0.0/-1", "10.1.0.0/ 8",
		"x/8", "10.1.0.0/16x",
		"1234567890123456789012345678901234567890123456789012345678/8",
		"10.0.0.0/99999999999999999999", "10.0.0.128/24", "10.0.0.0/ 8", "10.0.0.0/+8",
		"::/ 8", "1234567890123456789012345678901234567890123456/8", "8000::/0",
		"::1/127" };
	struct pqc_prefix prefixes[7];
	const struct pqc_prefix *read;
	char text[PREFIX_TEXT_LEN];

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		assert_int_equal(prefix_parse(good[i], &prefixes[i]), 0);
		assert_string_equal(prefix_format(&prefixes[i], text), good[i]);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(prefix_parse(bad[i], &(struct pqc_prefix) { 0 }), -EINVAL);
	const struct span body = { (const uint8_t *)prefixes, sizeof(prefixes) };
	assert_int_equal(prefix_list(body, &read), 7);
	assert_int_equal(prefix_list((struct span) { body.data, 0 }, &read), 0);
	for (size_t length = 1; length < body.size; length++)
		assert_int_equal(prefix_list((struct span) { body.data, length }, &read),
			length % sizeof(*read) == 0 ? (int)(length / sizeof(*read)) : -EBADMSG);
	prefixes[3].family = 5;
	assert_int_equal(prefix_list(body, &read), -EBADMSG);
	prefixes[3].family = 4;
	assert_int_equal(prefix_list(body, &read), 7); /* 253.0.0.0/8 */
	prefixes[3].address[15] = 1;
	assert_int_equal(prefix_list(body, &read), -EBADMSG);
	static uint8_t many[(PQC_PREFIXES_MAX + 1) * sizeof(struct pqc_prefix)];
	for (unsigned i = 0; i <= PQC_PREFIXES_MAX; i++)
		((struct pqc_prefix *)many)[i].family = 4; /* 0.0.0.0/0 */
	assert_int_equal(prefix_list((struct span) { many, sizeof(many) }, &read), -EBADMSG);
	assert_int_equal(prefix_list((struct span) { many, sizeof(many) - sizeof(*read) }, &read),
		PQC_PREFIXES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_read),
		cmocka_unit_test(too_long_a_body_is_not_sent),
		cmocka_unit_test(openssl_accepts_the_signature),
		cmocka_unit_test(slices_are_counted_to_the_byte),
		cmocka_unit_test(too_long_and_too_short_messages_are_refused),
		cmocka_unit_test(messages_of_no_kind_are_refused),
		cmocka_unit_test(data_may_be_as_long_as_it_may_be),
		cmocka_unit_test(a_tag_covers_the_path),
		cmocka_unit_test(a_message_comes_from_one_address),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_bit_of_the_header_counts),
		cmocka_unit_test(every_byte_of_a_message_is_signed),
		cmocka_unit_test(strangers_do_not_take_the_place_of_the_known),
		cmocka_unit_test(only_the_known_displaces),
		cmocka_unit_test(places_end_where_they_end),
		cmocka_unit_test(slices_of_other_lengths_do_not_mix),
		cmocka_unit_test(prefixes_round_trip),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
