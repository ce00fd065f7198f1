// SPDX-License-Identifier: BSD-2-Clause
/* Sessions: tags against OpenSSL's SipHash, the window against a simple model, limits, wiping. */
#include <endian.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peer/data_session.h"
#include "pqc/window.bpf.h"
#include "tests/lib/signatures.h"

static const struct session_limits limits = { 1000, 500, 2000, 600 };
static const uint8_t node[PQC_NODE_LEN] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const struct pqc_path path = { { 1 }, { 2 }, 3, 4, 0 };
static struct session ours, theirs;
static uint8_t packet[MESSAGE_PACKET_MAX];

static void begin(void)
{
	memset(&ours, 0, sizeof(ours));
	ours.exists = true;
	ours.id = 0x12345678;
	ours.began_ns = 1;
	random_fill(ours.send_key, sizeof(ours.send_key));
	random_fill(ours.receive_key, sizeof(ours.receive_key));
	theirs = ours;
	memcpy(theirs.send_key, ours.receive_key, sizeof(ours.receive_key));
	memcpy(theirs.receive_key, ours.send_key, sizeof(ours.send_key));
}

static int receive(struct session *session, size_t length, uint64_t now_ns)
{
	const struct span bytes = { packet, length };
	struct data_packet data;
	struct packet parsed;
	int result = packet_parse(bytes, &parsed);

	if (result == 0)
		result = data_parse(bytes, &parsed, &path, &data);
	if (result == 0)
		result = session_unseal(session, &limits, now_ns, &data);
	return result;
}

/* Over the path, and the bytes. */
static void tag_by_openssl(const uint64_t *key, const void *bytes, size_t length, uint8_t *tag)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	size_t size = PQC_TAG_LEN, got;
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};

	assert_true(EVP_MAC_init(context, (const uint8_t *)key, PQC_KEY_LEN, parameters));
	assert_true(EVP_MAC_update(context, (const uint8_t *)&path, sizeof(path)));
	assert_true(EVP_MAC_update(context, bytes, length));
	assert_true(EVP_MAC_final(context, tag, &got, PQC_TAG_LEN));
	assert_int_equal(got, PQC_TAG_LEN);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
}

static void every_length_is_sealed_and_opened(void **state)
{
	struct session_limits none = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	uint8_t payload[PQC_DATA_MAX + 1], tag[PQC_TAG_LEN];

	(void)state;
	begin();
	random_fill(payload, sizeof(payload));
	for (size_t size = 0; size <= PQC_DATA_MAX; size++) {
		int length = session_seal(
			&ours, &none, node, 5, &path, (struct span) { payload, size }, packet);
		size_t covered = sizeof(struct pqc_header) + size;
		assert_int_equal(length, covered + PQC_TAG_LEN);
		tag_by_openssl(ours.send_key, packet, covered, tag);
		assert_memory_equal(packet + covered, tag, sizeof(tag));
		assert_int_equal(receive(&theirs, (size_t)length, 5), PQC_DATA_ACCEPTED);
		assert_int_equal(receive(&theirs, (size_t)length, 5), PQC_REPLAYED);
	}
	assert_int_equal(theirs.received, PQC_DATA_MAX + 1);
	assert_int_equal(theirs.replayed, PQC_DATA_MAX + 1);
	assert_int_equal(session_seal(&ours, &none, node, 5, &path,
				 (struct span) { payload, PQC_DATA_MAX + 1 }, packet),
		-EMSGSIZE);
}

/* Whatever is changed, nothing comes through, and nothing is taken from the window. */
static void no_changed_packet_is_opened(void **state)
{
	static const uint8_t payload[100] = "payload";

	(void)state;
	begin();
	int length = session_seal(
		&ours, &limits, node, 5, &path, (struct span) { payload, sizeof(payload) }, packet);
	for (int bit = 0; bit < 8 * length; bit++) {
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
		int result = receive(&theirs, (size_t)length, 5);
		assert_true(result >= PQC_REFUSED);
		if (bit / 8 >= (int)sizeof(struct pqc_header))
			assert_int_equal(result, PQC_BAD_TAG);
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (int cut = 0; cut < length; cut++)
		assert_int_equal(receive(&theirs, (size_t)cut, 5),
			cut < (int)sizeof(struct pqc_header) ? PQC_BAD_HEADER : PQC_BAD_LENGTH);
	assert_int_equal(theirs.window.highest, 0);
	/* Back to where it came from: each direction has its own key. */
	assert_int_equal(receive(&ours, (size_t)length, 5), PQC_BAD_TAG);
	assert_int_equal(receive(&theirs, (size_t)length, 5), PQC_DATA_ACCEPTED);
}

static int parse_as(uint8_t type, uint16_t reserved, uint16_t length)
{
	struct pqc_header *header = (struct pqc_header *)packet;
	const struct span bytes = { packet, sizeof(*header) + PQC_TAG_LEN };
	struct data_packet data;
	struct packet parsed;

	memset(packet, 0, sizeof(packet));
	header->magic = htobe32(PQC_MAGIC);
	header->version = PQC_VERSION;
	header->type = type;
	header->data.reserved = reserved;
	header->data.length = htobe16(length);
	assert_int_equal(packet_parse(bytes, &parsed), 0);
	return data_parse(bytes, &parsed, &path, &data);
}

static void only_data_is_data(void **state)
{
	(void)state;
	assert_int_equal(parse_as(PQC_TYPE_DATA, 0, 0), 0);
	assert_int_equal(parse_as(PQC_TYPE_FRAGMENT, 0, 0), PQC_BAD_HEADER);
	assert_int_equal(parse_as(PQC_TYPE_DATA, 1, 0), PQC_BAD_HEADER);
	assert_int_equal(parse_as(PQC_TYPE_FRAGMENT, 1, 0), PQC_BAD_HEADER);
	assert_int_equal(parse_as(0, 0, 0), PQC_BAD_HEADER);
	assert_int_equal(parse_as(PQC_TYPE_DATA, 0, 1), PQC_BAD_LENGTH);
	assert_int_equal(parse_as(PQC_TYPE_DATA, 0, PQC_DATA_MAX + 1), PQC_BAD_LENGTH);
}

/* --- the window, against what remembers everything -------------------------------------------- */

#define MODEL_MAX 100000

static void the_window_agrees_with_a_model(void **state)
{
	static bool seen[MODEL_MAX + 4096];
	static struct pqc_window window;
	uint64_t highest = 0, taken = 0, refused = 0, old = 0;

	(void)state;
	for (unsigned i = 0; i < MODEL_MAX; i++) {
		/* Around the highest, in disorder; at times far ahead, at times from long ago. */
		uint64_t ahead = random_below(1000) == 0 ? random_below(4000) : random_below(4);
		uint64_t back =
			random_below(20) == 0 ? random_below(3 * PQC_WINDOW) : random_below(64);
		uint64_t sequence = highest + ahead;
		sequence = sequence > back ? sequence - back : 0;
		if (sequence >= sizeof(seen))
			break;
		bool fresh = sequence != 0 && !seen[sequence] && sequence + PQC_WINDOW > highest;
		assert_int_equal(window_take(&window, sequence), fresh);
		old += sequence != 0 && sequence + PQC_WINDOW <= highest;
		taken += fresh;
		refused += !fresh;
		seen[sequence] |= fresh;
		if (fresh && sequence > highest)
			highest = sequence;
	}
	assert_int_equal(window.highest, highest);
	assert_true(taken > 1000 && refused > 1000 && old > 100);
}

static void all_of_a_shuffled_window_is_taken_once(void **state)
{
	static uint32_t order[MODEL_MAX];
	static struct pqc_window window;
	uint64_t taken = 0;

	(void)state;
	for (uint32_t i = 0; i < MODEL_MAX; i++)
		order[i] = i + 1;
	/* Within blocks that the window holds, any order is complete. */
	for (uint32_t from = 0; from < MODEL_MAX; from += PQC_WINDOW / 2)
		for (uint32_t i = 0; i < PQC_WINDOW / 2 && from + i < MODEL_MAX; i++) {
			uint32_t left = MODEL_MAX - from - i, room = PQC_WINDOW / 2 - i;
			uint32_t other = from + i + random_below(left < room ? left : room);
			uint32_t kept = order[other];
			order[other] = order[from + i];
			order[from + i] = kept;
		}
	for (uint32_t i = 0; i < MODEL_MAX; i++)
		taken += window_take(&window, order[i]);
	assert_int_equal(taken, MODEL_MAX);
	for (uint32_t i = 0; i < MODEL_MAX; i++)
		assert_false(window_take(&window, order[i]));
	/* The last numbers there are. */
	assert_true(window_take(&window, UINT64_MAX));
	assert_true(window_take(&window, UINT64_MAX - PQC_WINDOW + 1));
	assert_false(window_take(&window, UINT64_MAX - PQC_WINDOW));
	assert_false(window_take(&window, UINT64_MAX));
}

/* --- limits ----------------------------------------------------------------------------------- */

static void limits_are_kept(void **state)
{
	(void)state;
	begin();
	assert_int_equal(session_due_at(&ours, &limits, 0), 1001);
	assert_int_equal(session_due_at(&ours, &limits, 300), 1301);
	assert_int_equal(session_due_at(&ours, &limits, 5000), 2001);
	for (unsigned i = 0; i < limits.expires_after_packets; i++) {
		assert_int_equal(session_due_at(&ours, &limits, 0),
			i < limits.rekey_after_packets ? 1001 : 0);
		assert_true(session_seal(&ours, &limits, node, 5, &path, (struct span) { 0 },
				    packet) > 0);
	}
	assert_int_equal(session_seal(&ours, &limits, node, 5, &path, (struct span) { 0 }, packet),
		-EKEYEXPIRED);
	begin();
	ours.received = limits.rekey_after_packets;
	assert_int_equal(session_due_at(&ours, &limits, 0), 0);
	begin();
	int length = session_seal(&ours, &limits, node, 2000, &path, (struct span) { 0 }, packet);
	assert_true(length > 0);
	assert_int_equal(
		session_seal(&ours, &limits, node, 2001, &path, (struct span) { 0 }, packet),
		-EKEYEXPIRED);
	length = session_seal(&ours, &limits, node, 2000, &path, (struct span) { 0 }, packet);
	assert_int_equal(receive(&theirs, (size_t)length, 2001), PQC_EXPIRED);
	assert_int_equal(receive(&theirs, (size_t)length, 2000), PQC_DATA_ACCEPTED);
}

static void the_kernel_gets_what_it_needs(void **state)
{
	struct pqc_session_key name;
	struct pqc_session entry;

	(void)state;
	begin();
	session_entry(&theirs, &limits, node, &name, &entry);
	assert_memory_equal(name.node, node, sizeof(node));
	assert_memory_equal(&name.session, "\x12\x34\x56\x78", 4);
	assert_int_equal(name.reserved, 0);
	assert_memory_equal(entry.key, ours.send_key, sizeof(entry.key));
	assert_int_equal(entry.began_ns, 1);
	assert_int_equal(entry.expires_ns, 2001);
	assert_int_equal(entry.good, 0);
}

static void wiping_leaves_nothing(void **state)
{
	static const struct session nothing;

	(void)state;
	begin();
	session_wipe(&ours);
	assert_memory_equal(&ours, &nothing, sizeof(ours));
	assert_int_equal(session_seal(&ours, &limits, node, 5, &path, (struct span) { 0 }, packet),
		-EKEYEXPIRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_is_sealed_and_opened),
		cmocka_unit_test(no_changed_packet_is_opened),
		cmocka_unit_test(only_data_is_data),
		cmocka_unit_test(the_window_agrees_with_a_model),
		cmocka_unit_test(all_of_a_shuffled_window_is_taken_once),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(the_kernel_gets_what_it_needs),
		cmocka_unit_test(wiping_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
