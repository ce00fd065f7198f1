// SPDX-License-Identifier: BSD-2-Clause
#include "peer/exchange.h"

#include <endian.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "pqc/sources.bpf.h"

#define KEM		  "ML-KEM-768"
#define KDF_INFO	  "x0top/2 session"
#define SHARED_SECRET_LEN 32 /* FIPS 203 Table 3 */
#define REPLY_WAIT_NS	  (10 * EXCHANGE_RETRY_NS)

const char *const exchange_outcome_names[EXCHANGE_OUTCOMES] = {
	[EXCHANGE_ANSWERED] = "answered",
	[EXCHANGE_ESTABLISHED] = "established",
	[EXCHANGE_OLD] = "replayed or overtaken",
	[EXCHANGE_NOT_FOR_US] = "meant for another node",
	[EXCHANGE_STALE] = "answers no hello of ours",
	[EXCHANGE_OURS_COUNTS] = "crossed ours, which counts",
	[EXCHANGE_MALFORMED] = "malformed",
	[EXCHANGE_FAILED] = "failed: OpenSSL could not do it",
};

int exchange_open(struct exchange *exchange, const struct identity *identity,
	const struct public_key *remote, const struct session_limits *limits)
{
	memset(exchange, 0, sizeof(*exchange));
	exchange->identity = identity;
	exchange->limits = *limits;
	int error = key_fingerprint(remote, exchange->fingerprint);
	memcpy(exchange->node, exchange->fingerprint, sizeof(exchange->node));
	return error;
}

static void drop_hello(struct exchange *exchange)
{
	EVP_PKEY_free(exchange->decapsulation_key); /* wipes it */
	exchange->decapsulation_key = NULL;
}

void exchange_close(struct exchange *exchange)
{
	drop_hello(exchange);
	OPENSSL_cleanse(exchange, sizeof(*exchange));
}

/* --- hashes and keys -------------------------------------------------------------------------- */

/* Computes SHA3-256 of the concatenated parts. Returns whether OpenSSL could. */
static bool hash(const struct span *parts, size_t n, uint8_t output[PQC_HASH_LEN])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context != NULL && EVP_DigestInit_ex2(context, EVP_sha3_256(), NULL);

	for (size_t i = 0; i < n; i++)
		done = done && EVP_DigestUpdate(context, parts[i].data, parts[i].size);
	done = done && EVP_DigestFinal_ex(context, output, NULL);
	EVP_MD_CTX_free(context);
	return done;
}

static bool hash_hello(const uint8_t *initiator, const uint8_t *responder, uint64_t sequence,
	struct span message, uint8_t output[PQC_HASH_LEN])
{
	uint64_t wire_sequence = htobe64(sequence);
	const struct span parts[] = {
		{ initiator, KEY_FINGERPRINT_LEN },
		{ responder, KEY_FINGERPRINT_LEN },
		{ (const uint8_t *)&wire_sequence, sizeof(wire_sequence) },
		message,
	};

	return hash(parts, sizeof(parts) / sizeof(parts[0]), output);
}

static bool hash_transcript(const uint8_t hello_hash[PQC_HASH_LEN], uint64_t sequence,
	struct span message, uint8_t output[PQC_HASH_LEN])
{
	uint64_t wire_sequence = htobe64(sequence);
	const struct span parts[] = {
		{ hello_hash, PQC_HASH_LEN },
		{ (const uint8_t *)&wire_sequence, sizeof(wire_sequence) },
		message,
	};

	return hash(parts, sizeof(parts) / sizeof(parts[0]), output);
}

struct key_material {
	uint8_t initiator[PQC_KEY_LEN]; /* for what the initiator sends */
	uint8_t responder[PQC_KEY_LEN];
	__be32 session;
};

_Static_assert(sizeof(struct key_material) == 36, "key material has no padding");

static bool derive(const uint8_t secret[SHARED_SECRET_LEN], const uint8_t transcript[PQC_HASH_LEN],
	struct key_material *material)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA3-256", 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_KEY, (void *)secret, SHARED_SECRET_LEN),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_SALT, (void *)transcript, PQC_HASH_LEN),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_INFO, (void *)KDF_INFO, sizeof(KDF_INFO) - 1),
		OSSL_PARAM_construct_end(),
	};
	bool derived = context != NULL && EVP_KDF_derive(context, (uint8_t *)material,
						  sizeof(*material), parameters) == 1;

	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return derived;
}

/* Makes the session of an exchange. Returns whether OpenSSL could. */
static bool make_session(const struct exchange *exchange, struct session *session, bool initiator,
	uint64_t now_ns, const uint8_t secret[SHARED_SECRET_LEN],
	const uint8_t transcript[PQC_HASH_LEN])
{
	struct key_material material;

	session_wipe(session);
	if (!derive(secret, transcript, &material))
		return false;
	session->exists = true;
	session->initiator = initiator;
	session->translated = exchange->translated;
	session->id = be32toh(material.session);
	session->began_ns = now_ns;
	memcpy(session->send_key, initiator ? material.initiator : material.responder, PQC_KEY_LEN);
	memcpy(session->receive_key, initiator ? material.responder : material.initiator,
		PQC_KEY_LEN);
	OPENSSL_cleanse(&material, sizeof(material));
	return true;
}

/* --- the initiator ---------------------------------------------------------------------------- */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t exchange_due_at(const struct exchange *exchange)
{
	const struct session *session = &exchange->current;
	uint64_t at = session_due_at(
		session, &exchange->limits, session->initiator ? 0 : EXCHANGE_GRACE_NS);

	if (exchange->hello_ns != 0)
		at = later(at, exchange->hello_ns + EXCHANGE_RETRY_NS);
	/* The session we answered may still be confirmed. */
	if (exchange->next.exists)
		at = later(at, exchange->next.began_ns + EXCHANGE_RETRY_NS);
	return at;
}

static struct message_content content_of(
	enum pqc_kind kind, const struct stamp *stamp, const void *body, size_t size)
{
	return (struct message_content) {
		.kind = kind,
		.sequence = stamp->sequence,
		.valid_from = stamp->valid_from,
		.valid_until = stamp->valid_until,
		.path = &stamp->path,
		.body = { body, size },
	};
}

int exchange_begin(struct exchange *exchange, const struct stamp *stamp, struct message *hello,
	struct failure *failure)
{
	struct pqc_hello body;
	size_t length = sizeof(body.encapsulation_key);
	struct message_content content = content_of(PQC_HELLO, stamp, &body, sizeof(body));

	drop_hello(exchange);
	exchange->hello_ns = stamp->now_ns;
	memcpy(body.responder, exchange->node, sizeof(body.responder));
	exchange->decapsulation_key = EVP_PKEY_Q_keygen(NULL, NULL, KEM);
	if (exchange->decapsulation_key == NULL ||
		!EVP_PKEY_get_raw_public_key(
			exchange->decapsulation_key, body.encapsulation_key, &length) ||
		length != sizeof(body.encapsulation_key)) {
		drop_hello(exchange);
		return failure_set(failure, -ENOTSUP, "OpenSSL cannot create an %s key", KEM);
	}
	int error = message_sign(exchange->identity, &content, hello, failure);
	if (error == 0 &&
		!hash_hello(identity_fingerprint(exchange->identity), exchange->fingerprint,
			stamp->sequence, (struct span) { hello->bytes, hello->total },
			exchange->hello_hash))
		error = failure_set(failure, -ENOTSUP, "OpenSSL has no SHA3-256");
	if (error < 0)
		drop_hello(exchange);
	return error;
}

/* ML-KEM refuses no ciphertext of the right length: a wrong one gives another secret. */
static bool decapsulate(EVP_PKEY *key, const uint8_t ciphertext[PQC_CIPHERTEXT_LEN],
	uint8_t secret[SHARED_SECRET_LEN])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t length = SHARED_SECRET_LEN;
	bool done = context != NULL && EVP_PKEY_decapsulate_init(context, NULL) == 1 &&
		    EVP_PKEY_decapsulate(
			    context, secret, &length, ciphertext, PQC_CIPHERTEXT_LEN) == 1 &&
		    length == SHARED_SECRET_LEN;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return done;
}

/* Makes a session the current one. The old one stays for packets that are under way. */
static void promote(struct exchange *exchange, struct session *session)
{
	if (exchange->current.exists)
		exchange->previous = exchange->current;
	exchange->current = *session;
	session_wipe(session);
}

static enum exchange_outcome receive_reply(struct exchange *exchange,
	const struct verified_message *received, const struct stamp *stamp)
{
	const struct pqc_reply *body = (const void *)received->body.data;
	uint8_t secret[SHARED_SECRET_LEN], transcript[PQC_HASH_LEN];
	struct session session;

	if (received->body.size != sizeof(*body))
		return EXCHANGE_MALFORMED;
	if (memcmp(body->initiator, identity_fingerprint(exchange->identity), PQC_NODE_LEN) != 0)
		return EXCHANGE_NOT_FOR_US;
	if (exchange->decapsulation_key == NULL ||
		memcmp(body->hello_hash, exchange->hello_hash, PQC_HASH_LEN) != 0)
		return EXCHANGE_STALE;
	bool made = decapsulate(exchange->decapsulation_key, body->ciphertext, secret) &&
		    hash_transcript(exchange->hello_hash, received->sequence, received->message,
			    transcript) &&
		    make_session(exchange, &session, true, stamp->now_ns, secret, transcript);
	OPENSSL_cleanse(secret, sizeof(secret));
	drop_hello(exchange);
	if (!made)
		return EXCHANGE_FAILED;
	promote(exchange, &session);
	session_wipe(&exchange->next);
	return EXCHANGE_ESTABLISHED;
}

/* --- the responder ---------------------------------------------------------------------------- */

/* FIPS 203 section 7.2 requires a check of the key: OpenSSL refuses one that is not reduced. */
static enum exchange_outcome encapsulate(const uint8_t key_bytes[PQC_ENCAPSULATION_LEN],
	uint8_t ciphertext[PQC_CIPHERTEXT_LEN], uint8_t secret[SHARED_SECRET_LEN])
{
	EVP_PKEY *key =
		EVP_PKEY_new_raw_public_key_ex(NULL, KEM, NULL, key_bytes, PQC_ENCAPSULATION_LEN);
	EVP_PKEY_CTX *context = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t length = PQC_CIPHERTEXT_LEN, secret_length = SHARED_SECRET_LEN;
	bool done =
		context != NULL && EVP_PKEY_encapsulate_init(context, NULL) == 1 &&
		EVP_PKEY_encapsulate(context, ciphertext, &length, secret, &secret_length) == 1 &&
		length == PQC_CIPHERTEXT_LEN && secret_length == SHARED_SECRET_LEN;

	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return done ? EXCHANGE_ANSWERED : key == NULL ? EXCHANGE_MALFORMED : EXCHANGE_FAILED;
}

static enum exchange_outcome answer(struct exchange *exchange,
	const struct verified_message *received, const struct stamp *stamp, struct message *reply)
{
	const struct pqc_hello *hello = (const void *)received->body.data;
	uint8_t secret[SHARED_SECRET_LEN], transcript[PQC_HASH_LEN];
	struct pqc_reply body;
	struct message_content content = content_of(PQC_REPLY, stamp, &body, sizeof(body));
	struct failure failure;
	enum exchange_outcome outcome =
		encapsulate(hello->encapsulation_key, body.ciphertext, secret);

	if (outcome != EXCHANGE_ANSWERED)
		return outcome;
	memcpy(body.initiator, exchange->node, sizeof(body.initiator));
	if (!hash_hello(exchange->fingerprint, identity_fingerprint(exchange->identity),
		    received->sequence, received->message, body.hello_hash) ||
		message_sign(exchange->identity, &content, reply, &failure) < 0 ||
		!hash_transcript(body.hello_hash, stamp->sequence,
			(struct span) { reply->bytes, reply->total }, transcript) ||
		!make_session(exchange, &exchange->next, false, stamp->now_ns, secret, transcript))
		outcome = EXCHANGE_FAILED;
	OPENSSL_cleanse(secret, sizeof(secret));
	return outcome;
}

static enum exchange_outcome receive_hello(struct exchange *exchange,
	const struct verified_message *received, const struct stamp *stamp, struct message *reply)
{
	const struct pqc_hello *body = (const void *)received->body.data;
	const uint8_t *self = identity_fingerprint(exchange->identity);

	if (received->body.size != sizeof(*body))
		return EXCHANGE_MALFORMED;
	if (memcmp(body->responder, self, PQC_NODE_LEN) != 0)
		return EXCHANGE_NOT_FOR_US;
	bool open = exchange->decapsulation_key != NULL &&
		    stamp->now_ns - exchange->hello_ns < EXCHANGE_RETRY_NS;
	if (open && memcmp(self, exchange->fingerprint, KEY_FINGERPRINT_LEN) < 0)
		return EXCHANGE_OURS_COUNTS;
	enum exchange_outcome outcome = answer(exchange, received, stamp, reply);
	if (outcome == EXCHANGE_ANSWERED)
		drop_hello(exchange);
	return outcome;
}

/* --- both ------------------------------------------------------------------------------------- */

enum exchange_outcome exchange_receive(struct exchange *exchange,
	const struct verified_message *received, const struct stamp *stamp, struct message *reply)
{
	if (!is_later(received->sequence, exchange->heard, stamp->sequence))
		return EXCHANGE_OLD;
	exchange->heard = received->sequence;
	switch (received->kind) {
	case PQC_HELLO:
		return receive_hello(exchange, received, stamp, reply);
	case PQC_REPLY:
		return receive_reply(exchange, received, stamp);
	default:
		return EXCHANGE_MALFORMED;
	}
}

int exchange_seal(struct exchange *exchange, uint64_t now_ns, const struct pqc_path *path,
	struct span payload, uint8_t packet[MESSAGE_PACKET_MAX])
{
	uint8_t node[PQC_NODE_LEN];

	memcpy(node, identity_fingerprint(exchange->identity), sizeof(node));
	return session_seal(
		&exchange->current, &exchange->limits, node, now_ns, path, payload, packet);
}

struct session *exchange_session(struct exchange *exchange, uint32_t id)
{
	struct session *const sessions[] = { &exchange->current, &exchange->next,
		&exchange->previous };

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
		if (sessions[i]->exists && sessions[i]->id == id)
			return sessions[i];
	return NULL;
}

int exchange_unseal(
	struct exchange *exchange, uint64_t now_ns, const struct data_packet *data, bool *confirmed)
{
	struct session *session = exchange_session(exchange, data->session);

	*confirmed = false;
	if (session == NULL)
		return PQC_UNKNOWN_SESSION;
	int result = session_unseal(session, &exchange->limits, now_ns, data);
	if (result == PQC_DATA_ACCEPTED && session == &exchange->next) {
		promote(exchange, session);
		*confirmed = true;
	}
	return result;
}

bool exchange_count(struct exchange *exchange, uint32_t id, uint64_t good)
{
	struct session *session = exchange_session(exchange, id);

	if (session == NULL)
		return false;
	session->received = good;
	if (session != &exchange->next || good == 0)
		return false;
	promote(exchange, session);
	return true;
}

void exchange_expire(struct exchange *exchange, uint64_t now_ns)
{
	struct session *const sessions[] = { &exchange->current, &exchange->next,
		&exchange->previous };

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
		if (sessions[i]->exists &&
			session_has_expired(sessions[i], &exchange->limits, now_ns))
			session_wipe(sessions[i]);
	if (exchange->decapsulation_key != NULL && now_ns - exchange->hello_ns >= REPLY_WAIT_NS)
		drop_hello(exchange);
}

uint64_t exchange_expires_at(const struct exchange *exchange)
{
	const struct session *const sessions[] = { &exchange->current, &exchange->next,
		&exchange->previous };
	uint64_t at = UINT64_MAX;

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		uint64_t end = sessions[i]->began_ns + exchange->limits.expires_after_ns;

		if (sessions[i]->exists && end < at)
			at = end;
	}
	if (exchange->decapsulation_key != NULL && exchange->hello_ns + REPLY_WAIT_NS < at)
		at = exchange->hello_ns + REPLY_WAIT_NS;
	return at;
}
