// SPDX-License-Identifier: BSD-2-Clause
#include "signatures.h"

#include <openssl/core_names.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mldsa/encode.bpf.h"
#include "mldsa/parameters.bpf.h"

const uint32_t signature_sets[3] = { MLDSA_44, MLDSA_65, MLDSA_87 };

static const struct mldsa_parameters *parameters(const struct signed_message *m)
{
	switch (m->key->public.set) {
	case MLDSA_44:
		return &mldsa_44;
	case MLDSA_65:
		return &mldsa_65;
	default:
		return &mldsa_87;
	}
}

/* --- randomness: SplitMix64 ------------------------------------------------------------------ */

static uint64_t random_next(void)
{
	static uint64_t state = 204;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t random_below(uint32_t bound)
{
	return (uint32_t)((random_next() >> 32) * bound >> 32);
}

void random_fill(void *data, size_t size)
{
	uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)random_next();
}

/* --- OpenSSL --------------------------------------------------------------------------------- */

void signing_key_generate(uint32_t set, struct signing_key *key)
{
	struct failure failure;
	char name[16];
	uint8_t seed[32];
	size_t length = sizeof(key->public.bytes);
	uint8_t raw[MLDSA_PUBLIC_MAX];

	snprintf(name, sizeof(name), "ML-DSA-%u", set);
	random_fill(seed, sizeof(seed));
	OSSL_PARAM generation[] = {
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_DSA_SEED, seed, sizeof(seed)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
	key->openssl = NULL;
	assert_true(EVP_PKEY_keygen_init(context) == 1);
	assert_true(EVP_PKEY_CTX_set_params(context, generation) == 1);
	assert_true(EVP_PKEY_generate(context, &key->openssl) == 1);
	EVP_PKEY_CTX_free(context);
	assert_true(EVP_PKEY_get_raw_public_key(key->openssl, raw, &length) == 1);
	assert_int_equal(key_parse(raw, length, name, &key->public, &failure), 0);
	assert_int_equal(key->public.set, set);
	assert_int_equal(key_expand(&key->public, &key->expanded, &failure), 0);
	assert_true(EVP_PKEY_up_ref(key->openssl) == 1);
	assert_int_equal(identity_take(key->openssl, name, &key->identity, &failure), 0);
}

void signing_key_free(struct signing_key *key)
{
	identity_close(key->identity);
	key->identity = NULL;
	EVP_PKEY_free(key->openssl);
	key->openssl = NULL;
}

static OSSL_PARAM context_parameter(const struct signed_message *m)
{
	return OSSL_PARAM_construct_octet_string(
		OSSL_SIGNATURE_PARAM_CONTEXT_STRING, (void *)m->context, m->context_length);
}

void signed_message_make(const struct signing_key *key, size_t context_length,
	size_t message_length, struct signed_message *m)
{
	EVP_MD_CTX *signer = EVP_MD_CTX_new();

	m->key = key;
	m->context_length = context_length;
	m->message_length = message_length;
	m->signature_length = sizeof(m->signature);
	random_fill(m->context, context_length);
	random_fill(m->message, message_length);
	OSSL_PARAM signing[] = { context_parameter(m), OSSL_PARAM_construct_end() };
	assert_true(EVP_DigestSignInit_ex(signer, NULL, NULL, NULL, NULL, key->openssl, signing));
	assert_true(EVP_DigestSign(
		signer, m->signature, &m->signature_length, m->message, message_length));
	EVP_MD_CTX_free(signer);
}

bool signed_message_accepted(const struct signed_message *m)
{
	EVP_MD_CTX *verifier = EVP_MD_CTX_new();
	OSSL_PARAM verification[] = { context_parameter(m), OSSL_PARAM_construct_end() };

	assert_true(EVP_DigestVerifyInit_ex(
		verifier, NULL, NULL, NULL, NULL, m->key->openssl, verification));
	bool accepted = EVP_DigestVerify(verifier, m->signature, m->signature_length, m->message,
				m->message_length) == 1;
	EVP_MD_CTX_free(verifier);
	return accepted;
}

void signed_message_request(const struct signed_message *m, struct mldsa_request *request)
{
	assert_int_equal(request_fill(request, (struct span) { m->context, m->context_length },
				 (struct span) { m->message, m->message_length },
				 (struct span) { m->signature, m->signature_length }),
		0);
}

/* --- spoiling -------------------------------------------------------------------------------- */

static bool flip_bit(uint8_t *data, size_t size)
{
	if (size == 0)
		return false;
	data[random_below((uint32_t)size)] ^= (uint8_t)(1u << random_below(8));
	return true;
}

static uint8_t *hint_of(struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);

	return m->signature + p->signature_bytes - p->omega - p->k;
}

static bool flip_c_tilde(struct signed_message *m)
{
	return flip_bit(m->signature, parameters(m)->c_tilde_bytes);
}

static bool flip_z(struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);

	return flip_bit(m->signature + p->c_tilde_bytes, p->l * mldsa_z_bytes(p));
}

static bool flip_hint_position(struct signed_message *m)
{
	return flip_bit(hint_of(m), parameters(m)->omega);
}

static bool flip_hint_end(struct signed_message *m)
{
	return flip_bit(hint_of(m) + parameters(m)->omega, parameters(m)->k);
}

static bool flip_message(struct signed_message *m)
{
	return flip_bit(m->message, m->message_length);
}

static bool flip_context(struct signed_message *m)
{
	return flip_bit(m->context, m->context_length);
}

static bool shorten_context(struct signed_message *m)
{
	return m->context_length > 0 && m->context_length--;
}

static bool lengthen_context(struct signed_message *m)
{
	if (m->context_length == MLDSA_CONTEXT_MAX)
		return false;
	m->context[m->context_length++] = 0;
	return true;
}

static bool shorten_message(struct signed_message *m)
{
	return m->message_length > 0 && m->message_length--;
}

static bool lengthen_message(struct signed_message *m)
{
	if (m->message_length == MLDSA_MESSAGE_MAX)
		return false;
	m->message[m->message_length++] = 0;
	return true;
}

/* The last byte of the context becomes the first of the message: the same bytes, divided otherwise. */
static bool move_boundary(struct signed_message *m)
{
	if (m->context_length == 0 || m->message_length == MLDSA_MESSAGE_MAX)
		return false;
	memmove(m->message + 1, m->message, m->message_length++);
	m->message[0] = m->context[--m->context_length];
	return true;
}

static bool shorten_signature(struct signed_message *m)
{
	m->signature_length -= 1 + random_below((uint32_t)m->signature_length);
	return true;
}

static bool lengthen_signature(struct signed_message *m)
{
	size_t more = 1 + random_below((uint32_t)(SIGNATURE_ROOM - m->signature_length));

	memset(m->signature + m->signature_length, 0, more);
	m->signature_length += more;
	return true;
}

static bool replace_signature(struct signed_message *m)
{
	random_fill(m->signature, m->signature_length);
	return true;
}

/* Finds a row with two hints at least. Returns the index of its first, or -1. */
static int row_of_two(struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);
	const uint8_t *ends = hint_of(m) + p->omega;
	uint32_t start = random_below(p->k);

	for (uint32_t i = 0; i < p->k; i++) {
		uint32_t row = (start + i) % p->k;
		int first = row > 0 ? ends[row - 1] : 0;

		if (ends[row] - first >= 2)
			return first;
	}
	return -1;
}

static bool swap_hints(struct signed_message *m)
{
	int first = row_of_two(m);
	uint8_t *y = hint_of(m);

	if (first < 0)
		return false;
	uint8_t other = y[first];
	y[first] = y[first + 1];
	y[first + 1] = other;
	return true;
}

static bool repeat_hint(struct signed_message *m)
{
	int first = row_of_two(m);

	if (first < 0)
		return false;
	hint_of(m)[first + 1] = hint_of(m)[first];
	return true;
}

static bool pad_hint(struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);
	uint8_t *y = hint_of(m);
	uint32_t used = y[p->omega + p->k - 1];

	if (used == p->omega)
		return false;
	y[used + random_below(p->omega - used)] = (uint8_t)(1 + random_below(255));
	return true;
}

/* One hint more than the signature has, where the padding is: the encoding stays a right one. */
static bool add_hint(struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);
	uint8_t *y = hint_of(m);
	uint32_t used = y[p->omega + p->k - 1];
	uint32_t first = y[p->omega + p->k - 2];

	if (used == p->omega || (used > first && y[used - 1] == 255))
		return false;
	y[used] = used > first ? (uint8_t)(y[used - 1] + 1) : (uint8_t)random_below(256);
	y[p->omega + p->k - 1]++;
	return true;
}

static bool end_beyond_omega(struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);

	hint_of(m)[p->omega + p->k - 1] = (uint8_t)(p->omega + 1 + random_below(255 - p->omega));
	return true;
}

/* Ends of rows must not fall. */
static bool end_falls(struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);
	uint8_t *ends = hint_of(m) + p->omega;

	if (ends[0] == 0)
		return false;
	ends[1] = ends[0] - 1;
	return true;
}

/* Writes `value`, of -gamma1 + 1 to gamma1, as a random coefficient of z: Algorithm 17, BitPack. */
static bool set_z(struct signed_message *m, int64_t value)
{
	const struct mldsa_parameters *p = parameters(m);
	uint32_t width = 1 + p->gamma1_bits;
	uint32_t bit = random_below(p->l * MLDSA_N) * width;
	uint64_t packed = (uint64_t)((INT64_C(1) << p->gamma1_bits) - value);
	bool changed = false;

	for (uint32_t i = 0; i < width; i++, bit++) {
		uint8_t *byte = m->signature + p->c_tilde_bytes + bit / 8;
		uint8_t mask = (uint8_t)(1u << bit % 8);
		uint8_t before = *byte;

		*byte = (uint8_t)(packed >> i & 1 ? before | mask : before & ~mask);
		changed |= *byte != before;
	}
	return changed;
}

/* gamma1 - beta: the least absolute value that is out of bounds. */
static int64_t bound(const struct signed_message *m)
{
	const struct mldsa_parameters *p = parameters(m);

	return (INT64_C(1) << p->gamma1_bits) - p->beta;
}

static bool z_at_bound(struct signed_message *m)
{
	return set_z(m, bound(m));
}

static bool z_at_negative_bound(struct signed_message *m)
{
	return set_z(m, -bound(m));
}

static bool z_below_bound(struct signed_message *m)
{
	return set_z(m, bound(m) - 1);
}

static bool z_above_negative_bound(struct signed_message *m)
{
	return set_z(m, -bound(m) + 1);
}

static bool z_greatest(struct signed_message *m)
{
	return set_z(m, INT64_C(1) << parameters(m)->gamma1_bits);
}

const struct spoiler spoilers[] = {
	{ "a bit of c~", MLDSA_MISMATCH, flip_c_tilde },
	{ "a bit of z", SPOILT_ANYHOW, flip_z },
	{ "a bit of the hint's positions", SPOILT_ANYHOW, flip_hint_position },
	{ "a bit of the hint's ends", SPOILT_ANYHOW, flip_hint_end },
	{ "a bit of the message", MLDSA_MISMATCH, flip_message },
	{ "a bit of the context", MLDSA_MISMATCH, flip_context },
	{ "shorter context", MLDSA_MISMATCH, shorten_context },
	{ "longer context", MLDSA_MISMATCH, lengthen_context },
	{ "shorter message", MLDSA_MISMATCH, shorten_message },
	{ "longer message", MLDSA_MISMATCH, lengthen_message },
	{ "context and message divided otherwise", MLDSA_MISMATCH, move_boundary },
	{ "shorter signature", MLDSA_BAD_LENGTH, shorten_signature },
	{ "longer signature", MLDSA_BAD_LENGTH, lengthen_signature },
	{ "random signature", SPOILT_ANYHOW, replace_signature },
	{ "hints swapped", MLDSA_BAD_HINT, swap_hints },
	{ "hint repeated", MLDSA_BAD_HINT, repeat_hint },
	{ "padding not zero", MLDSA_BAD_HINT, pad_hint },
	{ "hint added", MLDSA_MISMATCH, add_hint },
	{ "more hints than omega", MLDSA_BAD_HINT, end_beyond_omega },
	{ "ends of rows fall", MLDSA_BAD_HINT, end_falls },
	{ "z of gamma1 - beta", MLDSA_BAD_NORM, z_at_bound },
	{ "z of -(gamma1 - beta)", MLDSA_BAD_NORM, z_at_negative_bound },
	{ "z of gamma1 - beta - 1", MLDSA_MISMATCH, z_below_bound },
	{ "z of -(gamma1 - beta - 1)", MLDSA_MISMATCH, z_above_negative_bound },
	{ "z of gamma1", MLDSA_BAD_NORM, z_greatest },
	{ NULL, 0, NULL },
};
