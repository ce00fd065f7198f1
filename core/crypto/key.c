// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mldsa/ntt.bpf.h"
#include "mldsa/parameters.bpf.h"

/* The largest key takes under 4 kB as PEM. */
#define KEY_FILE_MAX 16384

static const struct {
	const struct mldsa_parameters *parameters;
	const char *name; /* OpenSSL's */
} key_kinds[] = {
	{ &mldsa_44, "ML-DSA-44" },
	{ &mldsa_65, "ML-DSA-65" },
	{ &mldsa_87, "ML-DSA-87" },
};

#define KEY_KINDS (sizeof(key_kinds) / sizeof(key_kinds[0]))

#define PEM_BEGIN "-----BEGIN "

#define RHO_BYTES 32
#define T1_BITS	  10 /* bitlen(q - 1) - d */

/*
 * SHAKE128 output for one polynomial of A: 336 candidates of three bytes, of which one in a
 * thousand is rejected. FIPS 204 Appendix C wants an implementation to try 894 bytes at least.
 */
#define REJ_NTT_BYTES 1008

const char *key_algorithm(uint32_t set)
{
	for (size_t i = 0; i < KEY_KINDS; i++)
		if (key_kinds[i].parameters->set == set)
			return key_kinds[i].name;
	return NULL;
}

int key_from_openssl(
	const EVP_PKEY *pkey, const char *name, struct public_key *key, struct failure *failure)
{
	for (size_t i = 0; i < KEY_KINDS; i++) {
		size_t length = sizeof(key->bytes);

		if (!EVP_PKEY_is_a(pkey, key_kinds[i].name))
			continue;
		if (!EVP_PKEY_get_raw_public_key(pkey, key->bytes, &length) ||
			length != key_kinds[i].parameters->public_bytes)
			break;
		key->set = key_kinds[i].parameters->set;
		key->length = (uint32_t)length;
		return 0;
	}
	failure_set(failure, -ENOTSUP, "%s holds a key of type %s, not an ML-DSA key", name,
		EVP_PKEY_get0_type_name(pkey));
	return failure_remedy(failure, "Create one with: x0top keys generate NAME");
}

int key_parse(const void *data, size_t size, const char *name, struct public_key *key,
	struct failure *failure)
{
	const unsigned char *at = data;
	EVP_PKEY *pkey = NULL;
	int error;

	memset(key, 0, sizeof(*key));
	/* A truncated PEM file may have the length of a raw key. */
	bool pem = memmem(data, size, PEM_BEGIN, strlen(PEM_BEGIN)) != NULL;
	for (size_t i = 0; i < KEY_KINDS; i++) {
		if (pem || size != key_kinds[i].parameters->public_bytes)
			continue;
		key->set = key_kinds[i].parameters->set;
		key->length = (uint32_t)size;
		memcpy(key->bytes, data, size);
		return 0;
	}
	OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(
		&pkey, NULL, NULL, NULL, EVP_PKEY_PUBLIC_KEY, NULL, NULL);
	if (decoder == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read the key %s", name);
	if (OSSL_DECODER_from_data(decoder, &at, &size)) {
		error = key_from_openssl(pkey, name, key, failure);
	} else {
		error = failure_set(failure, -EBADMSG, "%s is not a public key", name);
		failure_remedy(failure, "Give an ML-DSA public key as PEM, DER or raw bytes");
		failure_cause(failure, "%s", ERR_reason_error_string(ERR_peek_last_error()) ?: "");
		ERR_clear_error();
	}
	EVP_PKEY_free(pkey);
	OSSL_DECODER_CTX_free(decoder);
	return error;
}

int key_read(const char *path, struct public_key *key, struct failure *failure)
{
	uint8_t data[KEY_FILE_MAX];
	ssize_t size = file_read_path(path, data, sizeof(data));

	if (size == -EFBIG)
		return failure_set(failure, -EBADMSG, "%s is too large to be a public key", path);
	if (size < 0)
		return failure_set(failure, (int)size, "Cannot read the key %s: %s", path,
			file_strerror((int)size));
	return key_parse(data, (size_t)size, path, key, failure);
}

int key_to_pem(const struct public_key *key, char pem[KEY_PEM_LEN], struct failure *failure)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *algorithm = key_algorithm(key->set);
	size_t length = 0;
	EVP_PKEY *pkey = algorithm == NULL ? NULL
					   : EVP_PKEY_new_raw_public_key_ex(NULL, algorithm, NULL,
						     key->bytes, key->length);

	if (bio == NULL || pkey == NULL || !PEM_write_bio_PUBKEY(bio, pkey) ||
		BIO_pending(bio) > KEY_PEM_LEN || !BIO_read_ex(bio, pem, KEY_PEM_LEN, &length))
		failure_set(failure, -EIO, "OpenSSL cannot write the key as PEM");
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return length > 0 ? (int)length : -EIO;
}

/* Hashes `size` bytes at `data`. Returns whether OpenSSL could. */
static bool shake(
	const EVP_MD *kind, const void *data, size_t size, uint8_t *output, size_t output_size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool hashed = context != NULL && EVP_DigestInit_ex2(context, kind, NULL) &&
		      EVP_DigestUpdate(context, data, size) &&
		      EVP_DigestFinalXOF(context, output, output_size);

	EVP_MD_CTX_free(context);
	return hashed;
}

/* The factor that struct mldsa_key wants on every coefficient: 2^32 / 256 modulo q. */
static void scale(uint32_t *coefficients)
{
	for (unsigned n = 0; n < MLDSA_N; n++)
		coefficients[n] = ((uint64_t)coefficients[n] << 24) % MLDSA_Q;
}

/* FIPS 204 Algorithm 30, RejNTTPoly, with Algorithm 14; `seed` is rho || s || r. */
static bool sample_matrix_element(
	const EVP_MD *shake128, const uint8_t seed[RHO_BYTES + 2], uint32_t *a)
{
	uint8_t output[REJ_NTT_BYTES];
	unsigned n = 0;

	if (!shake(shake128, seed, RHO_BYTES + 2, output, sizeof(output)))
		return false;
	for (unsigned at = 0; at < sizeof(output) && n < MLDSA_N; at += 3) {
		uint32_t candidate = output[at] | (uint32_t)output[at + 1] << 8 |
				     (uint32_t)(output[at + 2] & 0x7f) << 16;

		if (candidate < MLDSA_Q)
			a[n++] = candidate;
	}
	scale(a);
	return n == MLDSA_N;
}

/* -t1 2^d in the NTT domain, from a row of t1 as Algorithm 22, pkEncode, packs it. */
static void transform_t1(const uint8_t *packed, uint32_t *t)
{
	for (unsigned n = 0; n < MLDSA_N; n++) {
		const uint8_t *at = packed + n * T1_BITS / 8;
		uint32_t bits = at[0] | (uint32_t)at[1] << 8;
		uint32_t t1 = bits >> n * T1_BITS % 8 & ((1u << T1_BITS) - 1);

		t[n] = MLDSA_Q - (t1 << MLDSA_D);
	}
	ntt(t);
	scale(t);
}

static bool expand_rows(const struct mldsa_parameters *p, const struct public_key *key,
	const EVP_MD *shake128, struct mldsa_key *expanded)
{
	uint8_t seed[RHO_BYTES + 2];

	memcpy(seed, key->bytes, RHO_BYTES);
	for (unsigned r = 0; r < p->k; r++) {
		uint32_t(*row)[MLDSA_N] = &expanded->matrix[r * (p->l + 1)];

		/* Algorithm 32, ExpandA */
		for (unsigned s = 0; s < p->l; s++) {
			seed[RHO_BYTES] = (uint8_t)s;
			seed[RHO_BYTES + 1] = (uint8_t)r;
			if (!sample_matrix_element(shake128, seed, row[1 + s]))
				return false;
		}
		transform_t1(key->bytes + RHO_BYTES + r * MLDSA_N * T1_BITS / 8, row[0]);
	}
	return true;
}

int key_expand(const struct public_key *key, struct mldsa_key *expanded, struct failure *failure)
{
	const struct mldsa_parameters *p = NULL;
	EVP_MD *shake128 = EVP_MD_fetch(NULL, "SHAKE128", NULL);
	EVP_MD *shake256 = EVP_MD_fetch(NULL, "SHAKE256", NULL);
	int error = 0;

	for (size_t i = 0; i < KEY_KINDS; i++)
		if (key_kinds[i].parameters->set == key->set)
			p = key_kinds[i].parameters;
	memset(expanded, 0, sizeof(*expanded));
	if (p == NULL || shake128 == NULL || shake256 == NULL ||
		!expand_rows(p, key, shake128, expanded) ||
		!shake(shake256, key->bytes, key->length, expanded->tr, MLDSA_TR_BYTES))
		error = failure_set(failure, -ENOTSUP, "OpenSSL has no SHAKE128 or SHAKE256");
	else
		expanded->set = p->set;
	EVP_MD_free(shake128);
	EVP_MD_free(shake256);
	return error;
}

int key_fingerprint(const struct public_key *key, uint8_t fingerprint[KEY_FINGERPRINT_LEN])
{
	return EVP_Q_digest(NULL, "SHA3-256", NULL, key->bytes, key->length, fingerprint, NULL)
		       ? 0
		       : -ENOTSUP;
}

int key_node(const struct public_key *key, uint8_t node[PQC_NODE_LEN])
{
	uint8_t fingerprint[KEY_FINGERPRINT_LEN];
	int error = key_fingerprint(key, fingerprint);

	if (error == 0)
		memcpy(node, fingerprint, PQC_NODE_LEN);
	return error;
}
