// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verifier in the kernel, its native twin and OpenSSL: the three must agree on every signature,
 * good or spoilt. A second, independent implementation signs some.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/agreement.h"

#define SECOND_SIGNER	  "build/second-signer"
#define SECOND_SIGNATURES 10 /* of each set */

static struct verify_kernel *kernel;

static int open_kernel(void **state)
{
	struct failure failure = { 0 };

	(void)state;
	if (verify_kernel_open("", &kernel, &failure) < 0) {
		print_message("%s\n%s\n", failure.what, failure.cause);
		return -1;
	}
	return 0;
}

static int close_kernel(void **state)
{
	(void)state;
	verify_kernel_close(kernel);
	return 0;
}

static int judge(const struct mldsa_key *key, const struct mldsa_request *request)
{
	return agreement_verdict(kernel, key, request);
}

/* X0_SIGNATURES: how many, of each set, where these take too long. */
static void kernel_native_and_openssl_agree(void **state)
{
	const char *fewer = getenv("X0_SIGNATURES");

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		agreement_check(kernel, signature_sets[i], fewer ? (unsigned)atoi(fewer) : 1000);
}

static void another_key_refuses(void **state)
{
	static struct signing_key key, other;
	static struct signed_message m;
	struct mldsa_request request;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		signing_key_generate(signature_sets[i], &key);
		signed_message_make(&key, 7, 100, &m);
		signed_message_request(&m, &request);
		for (unsigned j = 0; j < 3; j++) {
			signing_key_generate(signature_sets[j], &other);
			assert_int_equal(verify_kernel_set_key(kernel, &other.expanded), 0);
			assert_int_equal(judge(&other.expanded, &request),
				i == j ? MLDSA_MISMATCH : MLDSA_BAD_LENGTH);
			signing_key_free(&other);
		}
		signing_key_free(&key);
	}
}

static void no_key_no_verdict(void **state)
{
	static const struct mldsa_key empty;
	static struct mldsa_request request;

	(void)state;
	assert_int_equal(verify_kernel_set_key(kernel, &empty), 0);
	assert_int_equal(judge(&empty, &request), MLDSA_NO_KEY);
	request.key = 1; /* there is one slot */
	assert_int_equal(verify_kernel_run(kernel, &request, 1, NULL), MLDSA_NO_KEY);
}

/* A request whose lengths were never checked, as a faulty caller might leave them. */
static void hostile_lengths(void **state)
{
	static struct signing_key key;
	static struct signed_message m;
	struct mldsa_request request;
	static const uint32_t lengths[] = { MLDSA_MESSAGE_MAX + 1, 2400, 1u << 16, 1u << 31,
		UINT32_MAX - 400, UINT32_MAX };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		signing_key_generate(signature_sets[i], &key);
		assert_int_equal(verify_kernel_set_key(kernel, &key.expanded), 0);
		signed_message_make(&key, 0, 10, &m);
		for (unsigned n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
			signed_message_request(&m, &request);
			request.message_length = lengths[n];
			assert_int_equal(judge(&key.expanded, &request), MLDSA_BAD_LENGTH);
			signed_message_request(&m, &request);
			request.signature_length = lengths[n];
			assert_int_equal(judge(&key.expanded, &request), MLDSA_BAD_LENGTH);
		}
		signing_key_free(&key);
	}
}

/* --- the second signer ----------------------------------------------------------------------- */

static bool read_all(FILE *from, void *data, size_t size)
{
	return fread(data, 1, size, from) == size;
}

/* Reads a record as tests/second-signer/sign.mjs writes it. */
static bool read_record(
	FILE *from, uint8_t *public, uint32_t *public_length, struct signed_message *m)
{
	uint32_t header[5];

	if (!read_all(from, header, sizeof(header)))
		return false;
	assert_true(header[1] <= MLDSA_PUBLIC_MAX && header[2] <= MLDSA_CONTEXT_MAX);
	assert_true(header[3] <= MLDSA_MESSAGE_MAX && header[4] <= SIGNATURE_ROOM);
	*public_length = header[1];
	m->context_length = header[2];
	m->message_length = header[3];
	m->signature_length = header[4];
	assert_true(read_all(from, public, header[1]) && read_all(from, m->context, header[2]) &&
		    read_all(from, m->message, header[3]) &&
		    read_all(from, m->signature, header[4]));
	return true;
}

static void second_signer_agrees(void **state)
{
	static struct signing_key key;
	static struct signed_message m;
	uint8_t public[MLDSA_PUBLIC_MAX];
	uint32_t public_length;
	struct mldsa_request request;
	struct failure failure;
	const char *build = getenv("BUILD") ?: "build";
	char module[256], command[256];
	unsigned count = 0;

	(void)state;
	snprintf(
		module, sizeof(module), "%s/second-signer/node_modules/@noble/post-quantum", build);
	if (access(module, F_OK) < 0 || system("command -v node >/dev/null") != 0) {
		print_message("SKIPPED: node or @noble/post-quantum is not here; install nodejs "
			      "and npm, then `make second-signer`\n");
		skip();
	}
	snprintf(command, sizeof(command), "node %s/second-signer/sign.mjs %d", build,
		SECOND_SIGNATURES);
	FILE *from = popen(command, "r");
	assert_non_null(from);
	while (read_record(from, public, &public_length, &m)) {
		assert_int_equal(
			key_parse(public, public_length, "second", &key.public, &failure), 0);
		assert_int_equal(key_expand(&key.public, &key.expanded, &failure), 0);
		assert_int_equal(verify_kernel_set_key(kernel, &key.expanded), 0);
		signed_message_request(&m, &request);
		assert_int_equal(judge(&key.expanded, &request), MLDSA_VALID);
		request.hash_input[MLDSA_CONTEXT_AT] ^= 1;
		if (m.context_length + m.message_length > 0)
			assert_int_equal(judge(&key.expanded, &request), MLDSA_MISMATCH);
		count++;
	}
	assert_int_equal(pclose(from), 0);
	assert_int_equal(count, 3 * SECOND_SIGNATURES);
	print_message("%u signatures of the second signer\n", count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_native_and_openssl_agree),
		cmocka_unit_test(another_key_refuses),
		cmocka_unit_test(no_key_no_verdict),
		cmocka_unit_test(hostile_lengths),
		cmocka_unit_test(second_signer_agrees),
	};

	return cmocka_run_group_tests(tests, open_kernel, close_kernel);
}
