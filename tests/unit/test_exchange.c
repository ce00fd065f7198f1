// SPDX-License-Identifier: BSD-2-Clause
/* The exchange of keys between two state machines: what both agree on, and all that they refuse. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "peer/exchange.h"
#include "tests/lib/identities.h"
#include "tests/lib/signatures.h"

#define S NS_PER_SECOND

/* Two nodes and a third; of the first two, `low` has the lower name. */
static struct identity *identities[3];
static struct mldsa_key expanded[3];
static struct exchange low, high;
static struct message hello, reply;
static uint64_t sequence;

static int make_identities(void **state)
{
	struct failure failure;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		identities[i] = identity_for_test(signature_sets[i]);
	if (memcmp(identity_fingerprint(identities[0]), identity_fingerprint(identities[1]),
		    KEY_FINGERPRINT_LEN) > 0) {
		struct identity *first = identities[0];
		identities[0] = identities[1];
		identities[1] = first;
	}
	for (unsigned i = 0; i < 3; i++)
		if (key_expand(identity_public_key(identities[i]), &expanded[i], &failure) < 0)
			return -1;
	return 0;
}

static int free_identities(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		identity_close(identities[i]);
	return 0;
}

static void open_exchange(struct exchange *exchange, unsigned self, unsigned other)
{
	assert_int_equal(exchange_open(exchange, identities[self],
				 identity_public_key(identities[other]), &session_limits_default),
		0);
}

static int open_both(void **state)
{
	(void)state;
	open_exchange(&low, 0, 1);
	open_exchange(&high, 1, 0);
	return 0;
}

static int close_both(void **state)
{
	(void)state;
	exchange_close(&low);
	exchange_close(&high);
	return 0;
}

static const struct pqc_path path = { { 1 }, { 2 }, 3, 4, 0 };

static struct stamp at(uint64_t now_ns)
{
	return (struct stamp) { now_ns, ++sequence, 1000, 2000, path };
}

static void begin(struct exchange *exchange, uint64_t now_ns, struct message *message)
{
	struct stamp stamp = at(now_ns);
	struct failure failure = { 0 };

	assert_int_equal(exchange_begin(exchange, &stamp, message, &failure), 0);
}

/* Verifies a message as a receiver does, with the key of whoever `sender` is, and hands it on. */
static enum exchange_outcome receive(struct exchange *exchange, unsigned sender,
	const struct message *message, uint64_t now_ns, struct message *answer)
{
	const struct span whole = { message->bytes, message->total };
	struct stamp stamp = at(now_ns);
	struct message_parts parts;

	assert_int_equal(message_parse(whole, &parts), 0);
	assert_int_equal(
		message_verify(message->node, message->sequence, &parts, &expanded[sender]),
		PQC_MESSAGE_ACCEPTED);
	const struct verified_message verified = { parts.kind, message->sequence, whole,
		parts.body };
	return exchange_receive(exchange, &verified, &stamp, answer);
}

static int pass(struct exchange *from, struct exchange *to, uint64_t now_ns, bool *confirmed)
{
	static const uint8_t payload[] = "data";
	uint8_t bytes[MESSAGE_PACKET_MAX];
	struct packet packet;
	struct data_packet data;
	int length = exchange_seal(
		from, now_ns, &path, (struct span) { payload, sizeof(payload) }, bytes);

	if (length < 0)
		return length;
	const struct span whole = { bytes, (size_t)length };
	assert_int_equal(packet_parse(whole, &packet), 0);
	assert_int_equal(data_parse(whole, &packet, &path, &data), 0);
	return exchange_unseal(to, now_ns, &data, confirmed);
}

static void assert_connected(struct exchange *a, struct exchange *b, uint64_t now_ns)
{
	bool confirmed = false;

	assert_int_equal(pass(a, b, now_ns, &confirmed), PQC_DATA_ACCEPTED);
	assert_int_equal(pass(b, a, now_ns, &confirmed), PQC_DATA_ACCEPTED);
}

/* A whole exchange, with `low` as the initiator. */
static void connect(uint64_t now_ns)
{
	bool confirmed = false;

	begin(&low, now_ns, &hello);
	assert_int_equal(receive(&high, 0, &hello, now_ns, &reply), EXCHANGE_ANSWERED);
	assert_int_equal(receive(&low, 1, &reply, now_ns, &hello), EXCHANGE_ESTABLISHED);
	assert_int_equal(pass(&low, &high, now_ns, &confirmed), PQC_DATA_ACCEPTED);
	assert_true(confirmed);
}

/* --- what is to happen ------------------------------------------------------------------------ */

static void both_sides_agree(void **state)
{
	bool confirmed = false;

	(void)state;
	assert_int_equal(exchange_due_at(&low), 0);
	begin(&low, S, &hello);
	assert_int_equal(exchange_due_at(&low), 2 * S);
	assert_int_equal(receive(&high, 0, &hello, S, &reply), EXCHANGE_ANSWERED);
	assert_true(high.next.exists);
	assert_false(high.current.exists);
	assert_int_equal(pass(&high, &low, S, &confirmed), -EKEYEXPIRED); /* not confirmed yet */
	assert_int_equal(receive(&low, 1, &reply, S, &hello), EXCHANGE_ESTABLISHED);
	assert_null(low.decapsulation_key);
	assert_int_equal(low.current.id, high.next.id);
	assert_memory_equal(low.current.send_key, high.next.receive_key, PQC_KEY_LEN);
	assert_memory_equal(low.current.receive_key, high.next.send_key, PQC_KEY_LEN);
	assert_memory_not_equal(low.current.receive_key, low.current.send_key, PQC_KEY_LEN);
	assert_int_equal(pass(&low, &high, S, &confirmed), PQC_DATA_ACCEPTED);
	assert_true(confirmed);
	assert_false(high.next.exists);
	assert_int_equal(pass(&low, &high, S, &confirmed), PQC_DATA_ACCEPTED);
	assert_false(confirmed);
	assert_connected(&low, &high, S);
	assert_int_equal(exchange_due_at(&low), S + SESSION_REKEY_AFTER_NS);
	assert_int_equal(exchange_due_at(&high), S + SESSION_REKEY_AFTER_NS + EXCHANGE_GRACE_NS);
}

static void each_exchange_has_its_own_keys(void **state)
{
	struct session first;

	(void)state;
	connect(S);
	first = low.current;
	connect(10 * S);
	assert_memory_not_equal(first.send_key, low.current.send_key, PQC_KEY_LEN);
	assert_memory_not_equal(first.receive_key, low.current.receive_key, PQC_KEY_LEN);
	assert_int_not_equal(first.id, low.current.id);
	assert_int_equal(low.previous.id, first.id);
	assert_int_equal(high.previous.id, first.id);
}

/* What was sealed before the keys were replaced still arrives, until it expires. */
static void packets_under_way_arrive(void **state)
{
	uint8_t bytes[2][MESSAGE_PACKET_MAX];
	struct packet packet;
	struct data_packet data;
	bool confirmed = false;
	int length = 0;

	(void)state;
	connect(S);
	for (unsigned i = 0; i < 2; i++)
		length = exchange_seal(&high, S, &path, (struct span) { 0 }, bytes[i]);
	connect(10 * S);
	for (unsigned i = 0; i < 2; i++) {
		const struct span whole = { bytes[i], (size_t)length };
		assert_int_equal(packet_parse(whole, &packet), 0);
		assert_int_equal(data_parse(whole, &packet, &path, &data), 0);
		assert_int_equal(exchange_expires_at(&low), S + SESSION_EXPIRES_AFTER_NS);
		if (i == 1)
			exchange_expire(&low, S + SESSION_EXPIRES_AFTER_NS);
		assert_int_equal(exchange_unseal(&low, 11 * S, &data, &confirmed),
			i == 0 ? PQC_DATA_ACCEPTED : PQC_UNKNOWN_SESSION);
	}
	assert_true(low.current.exists);
	assert_connected(&low, &high, 20 * S);
}

static void lost_messages_are_made_up_for(void **state)
{
	(void)state;
	begin(&low, S, &hello); /* lost */
	begin(&low, 2 * S, &hello);
	assert_int_equal(receive(&high, 0, &hello, 2 * S, &reply), EXCHANGE_ANSWERED);
	/* The reply is lost. */
	begin(&low, 3 * S, &hello);
	assert_int_equal(receive(&high, 0, &hello, 3 * S, &reply), EXCHANGE_ANSWERED);
	assert_int_equal(receive(&low, 1, &reply, 3 * S, &hello), EXCHANGE_ESTABLISHED);
	bool confirmed = false;
	assert_int_equal(
		pass(&low, &high, 3 * S, &confirmed), PQC_DATA_ACCEPTED); /* say it is lost */
	assert_connected(&low, &high, 3 * S);
}

/* While the confirmation is missing, the old session goes on in both directions. */
static void the_old_session_lasts_until_the_new_one_is_confirmed(void **state)
{
	bool confirmed = false;

	(void)state;
	connect(S);
	begin(&low, 2 * S, &hello);
	assert_int_equal(receive(&high, 0, &hello, 2 * S, &reply), EXCHANGE_ANSWERED);
	assert_connected(&low, &high, 2 * S);
	assert_true(high.next.exists);
	assert_int_equal(receive(&low, 1, &reply, 2 * S, &hello), EXCHANGE_ESTABLISHED);
	assert_int_equal(pass(&high, &low, 2 * S, &confirmed), PQC_DATA_ACCEPTED);
	assert_true(high.next.exists);
	assert_int_equal(pass(&low, &high, 2 * S, &confirmed), PQC_DATA_ACCEPTED);
	assert_true(confirmed);
	assert_connected(&low, &high, 2 * S);
}

static void when_both_begin_the_lower_name_wins(void **state)
{
	static struct message other;
	struct message nothing;

	(void)state;
	begin(&low, S, &hello);
	begin(&high, S, &other);
	assert_int_equal(receive(&low, 1, &other, S, &nothing), EXCHANGE_OURS_COUNTS);
	assert_int_equal(receive(&high, 0, &hello, S, &reply), EXCHANGE_ANSWERED);
	assert_null(high.decapsulation_key);
	assert_int_equal(receive(&low, 1, &reply, S, &nothing), EXCHANGE_ESTABLISHED);
	assert_connected(&low, &high, S);
	/* A hello of ours that nobody answered does not keep the other from beginning. */
	begin(&low, 10 * S, &hello);
	begin(&high, 11 * S, &other);
	assert_int_equal(receive(&low, 1, &other, 11 * S, &reply), EXCHANGE_ANSWERED);
	assert_int_equal(receive(&high, 0, &reply, 11 * S, &nothing), EXCHANGE_ESTABLISHED);
	assert_connected(&high, &low, 11 * S);
}

/* Both hellos are lost to the other side's patience in turn: any order ends in one session. */
static void any_order_of_crossing_messages_ends_in_a_session(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		struct exchange *sides[2] = { &low, &high };
		static struct message queue[8];
		unsigned senders[8], n = 0;
		uint64_t now = (10 + 10 * round) * S;

		for (unsigned i = 0; i < 2; i++) {
			begin(sides[i], now, &queue[n]);
			senders[n++] = i;
		}
		while (n > 0) {
			unsigned i = random_below(n), sender = senders[i];
			struct message message = queue[i], answer;
			queue[i] = queue[--n];
			senders[i] = senders[n];
			if (receive(sides[!sender], sender, &message, now, &answer) !=
				EXCHANGE_ANSWERED)
				continue;
			queue[n] = answer;
			senders[n++] = !sender;
		}
		assert_true(low.current.exists || high.current.exists);
		bool confirmed;
		assert_int_equal(pass(&low, &high, now, &confirmed), PQC_DATA_ACCEPTED);
		assert_connected(&low, &high, now);
		assert_int_equal(low.current.id, high.current.id);
	}
}

static void keys_are_replaced_by_time_and_by_volume(void **state)
{
	bool confirmed = false;

	(void)state;
	low.limits.rekey_after_packets = high.limits.rekey_after_packets = 100;
	connect(S);
	assert_int_equal(exchange_due_at(&low), S + SESSION_REKEY_AFTER_NS);
	while (low.current.sent < 99)
		assert_int_equal(pass(&low, &high, S, &confirmed), PQC_DATA_ACCEPTED);
	assert_int_equal(exchange_due_at(&low), S + SESSION_REKEY_AFTER_NS);
	assert_int_equal(pass(&low, &high, S, &confirmed), PQC_DATA_ACCEPTED);
	assert_int_equal(exchange_due_at(&low), 2 * S); /* one attempt a second */
	assert_int_equal(exchange_due_at(&high), 0);
	connect(2 * S);
	assert_int_equal(exchange_due_at(&low), 2 * S + SESSION_REKEY_AFTER_NS);
	/* Nobody replaces them: they expire, and are wiped. */
	uint64_t end = 2 * S + SESSION_EXPIRES_AFTER_NS;
	assert_connected(&low, &high, end - 1);
	assert_int_equal(pass(&low, &high, end, &confirmed), -EKEYEXPIRED);
	exchange_expire(&low, end);
	static const struct session nothing;
	assert_memory_equal(&low.current, &nothing, sizeof(nothing));
	assert_memory_equal(&low.previous, &nothing, sizeof(nothing));
	assert_int_equal(exchange_expires_at(&low), UINT64_MAX);
}

/* --- what is to be refused -------------------------------------------------------------------- */

static void replays_do_nothing(void **state)
{
	static struct message first_hello, first_reply, nothing;

	(void)state;
	connect(S);
	begin(&low, 2 * S, &hello);
	first_hello = hello;
	assert_int_equal(receive(&high, 0, &hello, 2 * S, &reply), EXCHANGE_ANSWERED);
	first_reply = reply;
	struct session kept = high.next;
	assert_int_equal(receive(&high, 0, &first_hello, 2 * S, &nothing), EXCHANGE_OLD);
	assert_memory_equal(&kept, &high.next, sizeof(kept));
	assert_int_equal(receive(&low, 1, &first_reply, 2 * S, &nothing), EXCHANGE_ESTABLISHED);
	kept = low.current;
	assert_int_equal(receive(&low, 1, &first_reply, 2 * S, &nothing), EXCHANGE_OLD);
	assert_memory_equal(&kept, &low.current, sizeof(kept));
}

/* A node that has forgotten what it heard answers a replayed hello, and loses nothing by that. */
static void a_replay_after_a_restart_replaces_no_session(void **state)
{
	static struct message old_hello, nothing;
	bool confirmed = false;

	(void)state;
	begin(&low, S, &old_hello);
	assert_int_equal(receive(&high, 0, &old_hello, S, &reply), EXCHANGE_ANSWERED);
	exchange_close(&high);
	open_exchange(&high, 1, 0);
	connect(10 * S);
	high.heard = 0;
	assert_int_equal(receive(&high, 0, &old_hello, 11 * S, &reply), EXCHANGE_ANSWERED);
	assert_connected(&low, &high, 11 * S);
	assert_int_equal(receive(&low, 1, &reply, 11 * S, &nothing), EXCHANGE_STALE);
	assert_connected(&low, &high, 11 * S);
	/* And the next true exchange goes through. */
	connect(20 * S);
	assert_int_equal(pass(&high, &low, 20 * S, &confirmed), PQC_DATA_ACCEPTED);
}

static void a_reply_to_an_earlier_hello_is_stale(void **state)
{
	static struct message nothing, late;

	(void)state;
	begin(&low, S, &hello);
	assert_int_equal(receive(&high, 0, &hello, S, &late), EXCHANGE_ANSWERED);
	begin(&low, 2 * S, &hello);
	assert_int_equal(receive(&low, 1, &late, 2 * S, &nothing), EXCHANGE_STALE);
	assert_non_null(low.decapsulation_key);
	assert_int_equal(receive(&high, 0, &hello, 2 * S, &reply), EXCHANGE_ANSWERED);
	assert_int_equal(receive(&low, 1, &reply, 2 * S, &nothing), EXCHANGE_ESTABLISHED);
}

static void a_reply_without_a_hello_is_stale(void **state)
{
	static struct message nothing;

	(void)state;
	begin(&low, S, &hello);
	assert_int_equal(receive(&high, 0, &hello, S, &reply), EXCHANGE_ANSWERED);
	exchange_expire(&low, S + 60 * S);
	assert_null(low.decapsulation_key);
	assert_int_equal(receive(&low, 1, &reply, 61 * S, &nothing), EXCHANGE_STALE);
	assert_false(low.current.exists);
}

/* Signed by the right node, but meant for a third. */
static void messages_for_others_are_not_ours(void **state)
{
	static struct exchange with_third;
	static struct message nothing;

	(void)state;
	open_exchange(&with_third, 0, 2);
	begin(&with_third, S, &hello);
	assert_int_equal(receive(&high, 0, &hello, S, &nothing), EXCHANGE_NOT_FOR_US);
	assert_false(high.next.exists);
	exchange_close(&with_third);
	/* A reply of the second node to the third's hello, as if it were to the first's. */
	static struct exchange third, second_with_third;
	open_exchange(&third, 2, 1);
	open_exchange(&second_with_third, 1, 2);
	begin(&third, S, &hello);
	assert_int_equal(receive(&second_with_third, 2, &hello, S, &reply), EXCHANGE_ANSWERED);
	begin(&low, S, &hello);
	assert_int_equal(receive(&low, 1, &reply, S, &nothing), EXCHANGE_NOT_FOR_US);
	assert_non_null(low.decapsulation_key);
	exchange_close(&third);
	exchange_close(&second_with_third);
}

/* The right name and the wrong key: the identity stands in the keys, too. */
static void another_identity_gets_other_keys(void **state)
{
	static struct exchange liar;
	static struct message nothing;
	bool confirmed = false;

	(void)state;
	open_exchange(&liar, 2, 0);
	begin(&low, S, &hello); /* for the second node; the third answers */
	const struct span whole = { hello.bytes, hello.total };
	struct message_parts parts;
	assert_int_equal(message_parse(whole, &parts), 0);
	struct pqc_hello *body = (struct pqc_hello *)(uintptr_t)parts.body.data;
	memcpy(body->responder, identity_fingerprint(identities[2]), PQC_NODE_LEN);
	const struct verified_message stolen = { PQC_HELLO, hello.sequence, whole, parts.body };
	struct stamp stamp = at(S);
	assert_int_equal(exchange_receive(&liar, &stolen, &stamp, &reply), EXCHANGE_ANSWERED);
	/* The first node takes the third's signature for the second's only if it were broken. */
	assert_int_equal(message_parse((struct span) { reply.bytes, reply.total }, &parts), 0);
	assert_true(
		message_verify(reply.node, reply.sequence, &parts, &expanded[1]) >= PQC_REFUSED);
	const struct verified_message forged = { PQC_REPLY, reply.sequence,
		{ reply.bytes, reply.total }, parts.body };
	assert_int_equal(exchange_receive(&low, &forged, &stamp, &nothing), EXCHANGE_STALE);
	assert_int_equal(pass(&low, &liar, S, &confirmed), -EKEYEXPIRED);
	exchange_close(&liar);
}

/*
 * Were the signature broken: whatever byte of a hello or a reply is changed, the two sides do not
 * end up with the same keys.
 */
static void the_transcript_binds_every_byte(void **state)
{
	static struct message changed, nothing;
	struct message_parts parts;

	(void)state;
	for (size_t at_byte = 0; at_byte < 2400; at_byte += 13) {
		for (unsigned which = 0; which < 2; which++) {
			struct stamp stamp = at(S);
			exchange_close(&low);
			exchange_close(&high);
			open_both(state);
			begin(&low, S, &hello);
			changed = hello;
			changed.bytes[at_byte] ^= which == 0 ? 1 : 0;
			const struct span first = { changed.bytes, changed.total };
			if (message_parse(first, &parts) != 0)
				continue;
			const struct verified_message one = { PQC_HELLO, hello.sequence, first,
				parts.body };
			if (exchange_receive(&high, &one, &stamp, &reply) != EXCHANGE_ANSWERED)
				continue;
			changed = reply;
			changed.bytes[at_byte] ^= which == 1 ? 1 : 0;
			const struct span second = { changed.bytes, changed.total };
			if (message_parse(second, &parts) != 0)
				continue;
			const struct verified_message two = { PQC_REPLY, reply.sequence, second,
				parts.body };
			bool confirmed;
			if (exchange_receive(&low, &two, &stamp, &nothing) == EXCHANGE_ESTABLISHED)
				assert_int_not_equal(
					pass(&low, &high, S, &confirmed), PQC_DATA_ACCEPTED);
			assert_false(high.current.exists);
		}
	}
}

static void malformed_bodies_are_refused(void **state)
{
	static uint8_t body[PQC_BODY_MAX];
	struct message nothing;
	struct stamp stamp = at(S);

	(void)state;
	for (size_t size = 0; size <= sizeof(body); size++) {
		const uint8_t kinds[] = { PQC_HELLO, PQC_REPLY, PQC_BEACON, 0, 255 };
		for (unsigned i = 0; i < sizeof(kinds); i++) {
			const struct verified_message message = { kinds[i], ++sequence,
				{ body, size }, { body, size } };
			enum exchange_outcome outcome =
				exchange_receive(&high, &message, &stamp, &nothing);
			bool right = (kinds[i] == PQC_HELLO && size == sizeof(struct pqc_hello)) ||
				     (kinds[i] == PQC_REPLY && size == sizeof(struct pqc_reply));
			assert_int_equal(outcome, right ? EXCHANGE_NOT_FOR_US : EXCHANGE_MALFORMED);
		}
	}
	/* FIPS 203 section 7.2: coefficients of q or more. */
	struct pqc_hello *key = (struct pqc_hello *)body;
	memcpy(key->responder, identity_fingerprint(identities[1]), PQC_NODE_LEN);
	memset(key->encapsulation_key, 0xff, sizeof(key->encapsulation_key));
	const struct verified_message message = { PQC_HELLO, ++sequence, { body, sizeof(*key) },
		{ body, sizeof(*key) } };
	assert_int_equal(exchange_receive(&high, &message, &stamp, &nothing), EXCHANGE_MALFORMED);
	assert_false(high.next.exists);
}

/* --- the kernel's part, and secrets ----------------------------------------------------------- */

static void the_kernel_s_count_confirms(void **state)
{
	struct message nothing;

	(void)state;
	begin(&low, S, &hello);
	assert_int_equal(receive(&high, 0, &hello, S, &reply), EXCHANGE_ANSWERED);
	assert_int_equal(receive(&low, 1, &reply, S, &nothing), EXCHANGE_ESTABLISHED);
	uint32_t id = high.next.id;
	assert_false(exchange_count(&high, id, 0));
	assert_false(exchange_count(&high, id + 1, 1));
	assert_true(exchange_count(&high, id, 1));
	assert_false(exchange_count(&high, id, SESSION_REKEY_AFTER_PACKETS));
	assert_int_equal(high.current.id, id);
	assert_int_equal(exchange_due_at(&high), 0);
}

static bool contains(const void *bytes, size_t size, const void *secret, size_t length)
{
	return memmem(bytes, size, secret, length) != NULL;
}

static void closing_wipes_all_keys(void **state)
{
	uint64_t key[2];

	(void)state;
	connect(S);
	memcpy(key, low.current.send_key, sizeof(key));
	assert_true(contains(&low, sizeof(low), key, sizeof(key)));
	connect(2 * S);
	assert_true(contains(&low.previous, sizeof(low.previous), key, sizeof(key)));
	connect(3 * S);
	assert_false(contains(&low, sizeof(low), key, sizeof(key)));
	memcpy(key, low.current.send_key, sizeof(key));
	exchange_close(&low);
	assert_false(contains(&low, sizeof(low), key, sizeof(key)));
	static const struct exchange nothing;
	assert_memory_equal(&low, &nothing, sizeof(low));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_both, close_both)
	const struct CMUnitTest tests[] = {
		TEST(both_sides_agree),
		TEST(each_exchange_has_its_own_keys),
		TEST(packets_under_way_arrive),
		TEST(lost_messages_are_made_up_for),
		TEST(the_old_session_lasts_until_the_new_one_is_confirmed),
		TEST(when_both_begin_the_lower_name_wins),
		TEST(any_order_of_crossing_messages_ends_in_a_session),
		TEST(keys_are_replaced_by_time_and_by_volume),
		TEST(replays_do_nothing),
		TEST(a_replay_after_a_restart_replaces_no_session),
		TEST(a_reply_to_an_earlier_hello_is_stale),
		TEST(a_reply_without_a_hello_is_stale),
		TEST(messages_for_others_are_not_ours),
		TEST(another_identity_gets_other_keys),
		TEST(the_transcript_binds_every_byte),
		TEST(malformed_bodies_are_refused),
		TEST(the_kernel_s_count_confirms),
		TEST(closing_wipes_all_keys),
	};

	return cmocka_run_group_tests(tests, make_identities, free_identities);
}
