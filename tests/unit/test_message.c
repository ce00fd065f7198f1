// SPDX-License-Identifier: BSD-2-Clause
/* Messages: what is sent is what is read, and everything else is refused under its name. */
#include <endian.h>
#include <errno.h>
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

static void make(const struct signing_key *key, size_t body_length, struct message *message)
{
	uint8_t body[PQC_BODY_MAX];
	struct failure failure = { 0 };
	struct message_content content = {
		.kind = (uint8_t)(PQC_BEACON + random_below(3)),
		.sequence = (uint64_t)random_below(UINT32_MAX) << 32 | 5,
		.valid_from = UINT64_C(0x123456789a),
		.valid_until = UINT64_C(0xfedcba9876543210),
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
	const struct arrival arrival = { 7, false, 1 };
	struct message_parts parts;
	struct span whole;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		const struct signing_key *key = &keys[round % 3];
		size_t length =
			round < 6 ? (round < 3 ? 0 : PQC_BODY_MAX) : random_below(PQC_BODY_MAX + 1);
		make(key, length, &message);
		unsigned slices = message_slices(&message), seen = 0;
		int result = PQC_FRAGMENT_KEPT;
		while (result == PQC_FRAGMENT_KEPT) { /* in any order, with duplicates */
			unsigned i = random_below(slices);
			seen |= 1u << i;
			result = take(&reassembly, &message, i, &arrival, &whole);
			assert_int_equal(result,
				seen == (1u << slices) - 1 ? PQC_MESSAGE_GOOD : PQC_FRAGMENT_KEPT);
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
			PQC_MESSAGE_GOOD);
	}
}

static void too_long_a_body_is_not_sent(void **state)
{
	static uint8_t body[PQC_BODY_MAX + 1];
	static struct message message;
	const struct message_content content = { .kind = PQC_BEACON,
		.body = { body, sizeof(body) } };
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(message_sign(keys[0].identity, &content, &message, &failure), -EMSGSIZE);
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
	struct arrival known = { 1, true, 5 }, stranger = { 2, false, 5 };
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
			i < PQC_PLACES - 1 ? PQC_FRAGMENT_KEPT : PQC_REASSEMBLY_OVERFLOW);
	}
	for (unsigned i = 0; i + 1 < message_slices(&messages[0]); i++)
		assert_int_equal(
			take(&reassembly, &messages[0], i, &known, &whole), PQC_FRAGMENT_KEPT);
	/* The last slice is lost, and the next message follows. */
	for (unsigned i = 0; i + 1 < message_slices(&messages[1]); i++)
		assert_int_equal(
			take(&reassembly, &messages[1], i, &known, &whole), PQC_FRAGMENT_KEPT);
	assert_int_equal(
		take(&reassembly, &messages[1], message_slices(&messages[1]) - 1, &known, &whole),
		PQC_MESSAGE_GOOD);
	/* In time, the strangers' places are free again. */
	stranger.now_ns += REASSEMBLY_TIMEOUT_NS;
	assert_int_equal(take(&reassembly, &messages[1], 0, &stranger, &whole), PQC_FRAGMENT_KEPT);
}

static void slices_of_other_lengths_do_not_mix(void **state)
{
	static struct reassembly reassembly;
	static struct message message;
	const struct arrival arrival = { 1, true, 5 };
	struct span whole;

	(void)state;
	make(&keys[0], 0, &message);
	assert_int_equal(take(&reassembly, &message, 0, &arrival, &whole), PQC_FRAGMENT_KEPT);
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
		"10.0.0.0/99999999999999999999" };
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
	assert_int_equal(prefix_list((struct span) { many, sizeof(many) }, &read), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_read),
		cmocka_unit_test(too_long_a_body_is_not_sent),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_bit_of_the_header_counts),
		cmocka_unit_test(every_byte_of_a_message_is_signed),
		cmocka_unit_test(strangers_do_not_take_the_place_of_the_known),
		cmocka_unit_test(slices_of_other_lengths_do_not_mix),
		cmocka_unit_test(prefixes_round_trip),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
