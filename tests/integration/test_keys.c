// SPDX-License-Identifier: BSD-2-Clause
/* x0top keys, as a script calls it: exit statuses, files, and what is refused. */
#include <errno.h>
#include <ftw.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pqc/trust.h"
#include "tests/lib/signatures.h"

static char directory[] = "/tmp/x0top-keys-XXXXXX";

/* Runs x0top with the arguments, in the test's directory. Returns the exit status. */
static int x0top(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int x0top(const char *format, ...)
{
	const char *program = getenv("X0TOP") ?: "./x0top";
	char arguments[1024], command[2048], *path = realpath(program, NULL);
	va_list list;

	assert_non_null(path);
	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	snprintf(command, sizeof(command), "cd %s && %s %s >output 2>&1", directory, path,
		arguments);
	free(path);
	int status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static FILE *open_file(const char *name, const char *mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

static void write_file(const char *name, const void *data, size_t size)
{
	FILE *file = open_file(name, "w");

	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

/* Whether the last command said so. */
static bool said(const char *words)
{
	char text[4096];
	FILE *file = open_file("output", "r");
	size_t size = fread(text, 1, sizeof(text) - 1, file);

	fclose(file);
	text[size] = '\0';
	return strstr(text, words) != NULL;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void write_key(const char *name, EVP_PKEY *key, bool pem)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;

	assert_true(pem ? PEM_write_bio_PUBKEY(bio, key) : i2d_PUBKEY_bio(bio, key));
	long size = BIO_get_mem_data(bio, &data);
	write_file(name, data, (size_t)size);
	BIO_free(bio);
}

static void write_signed(const struct signed_message *m)
{
	write_file("message", m->message, m->message_length);
	write_file("signature", m->signature, m->signature_length);
}

/* The kernel and the native verifier must both exit with this. */
static void check_verify(int status, const char *arguments)
{
	assert_int_equal(x0top("keys verify %s", arguments), status);
	assert_int_equal(x0top("keys verify --native %s", arguments), status);
}

#define SIGNED "--signature signature message"

static void verify_says_good_or_refused(void **state)
{
	static struct signing_key key;
	static struct signed_message m;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		signing_key_generate(signature_sets[i], &key);
		write_key("pem", key.openssl, true);
		write_key("der", key.openssl, false);
		write_file("raw", key.public.bytes, key.public.length);
		signed_message_make(&key, 0, 1400, &m);
		write_signed(&m);
		check_verify(0, "--key pem " SIGNED);
		check_verify(0, "--key der " SIGNED);
		check_verify(0, "--key raw " SIGNED);
		check_verify(1, "--key raw --context x " SIGNED);
		m.message[0] ^= 1;
		write_signed(&m);
		check_verify(1, "--key raw " SIGNED);
		assert_true(said("not a signature of this message"));
		m.message[0] ^= 1;
		m.signature[m.signature_length - 1] = 255;
		write_signed(&m);
		check_verify(1, "--key raw " SIGNED);
		assert_true(said("hint"));
		m.signature_length--;
		write_signed(&m);
		check_verify(1, "--key raw " SIGNED);
		assert_true(said("length"));
		signed_message_make(&key, 0, 0, &m);
		write_signed(&m);
		check_verify(0, "--key raw " SIGNED);
		signing_key_free(&key);
	}
}

static void contexts_are_text_or_bytes(void **state)
{
	static struct signing_key key;
	static struct signed_message m;
	char arguments[1024] = "--key raw --context hex:";

	(void)state;
	signing_key_generate(MLDSA_44, &key);
	write_file("raw", key.public.bytes, key.public.length);
	signed_message_make(&key, MLDSA_CONTEXT_MAX, 10, &m);
	write_signed(&m);
	for (size_t i = 0; i < m.context_length; i++)
		sprintf(arguments + strlen(arguments), "%02x", m.context[i]);
	strcat(arguments, " " SIGNED);
	check_verify(0, arguments);
	check_verify(1, "--key raw " SIGNED);
	check_verify(1, "--key raw --context hex: " SIGNED);
	check_verify(2, "--key raw --context hex:0 " SIGNED);
	check_verify(2, "--key raw --context hex:xy " SIGNED);
	snprintf(arguments, sizeof(arguments), "--key raw --context %0256d " SIGNED, 0);
	check_verify(2, arguments);
	signing_key_free(&key);
}

static void unreadable_input_is_told(void **state)
{
	static const uint8_t zeros[MLDSA_MESSAGE_MAX + 1];
	static struct signing_key key;

	(void)state;
	signing_key_generate(MLDSA_44, &key);
	write_file("raw", key.public.bytes, key.public.length);
	write_file("signature", zeros, 2420);
	write_file("message", zeros, 10);
	check_verify(2, "");
	check_verify(2, "--key raw message");
	check_verify(2, "--signature signature message");
	check_verify(2, "--key nowhere " SIGNED);
	assert_true(said("nowhere"));
	check_verify(2, "--key message " SIGNED);
	check_verify(2, "--key raw --signature nowhere message");
	check_verify(2, "--key raw --signature signature nowhere");
	check_verify(2, "--key raw --what " SIGNED);
	write_file("message", zeros, sizeof(zeros));
	check_verify(2, "--key raw " SIGNED);
	assert_true(said("longer than 2048 bytes"));
	signing_key_free(&key);
}

static void store_keeps_keys(void **state)
{
	static struct signing_key key;
	struct stat status;
	char path[256];

	(void)state;
	assert_int_equal(x0top("keys list --directory store"), 1);
	snprintf(path, sizeof(path), "%s/store", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(x0top("keys list --directory store"), 0);
	assert_int_equal(x0top("keys generate --directory store --set 87 own"), 0);
	assert_int_equal(x0top("keys generate --directory store own"), 1);
	assert_int_equal(x0top("keys generate --directory store --set 88 other"), 2);
	snprintf(path, sizeof(path), "%s/store/own.key.pem", directory);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	signing_key_generate(MLDSA_44, &key);
	write_file("raw", key.public.bytes, key.public.length);
	assert_int_equal(x0top("keys add --directory store friend raw"), 0);
	assert_int_equal(x0top("keys add --directory store again raw"), 1);
	assert_true(said("as friend"));
	assert_int_equal(x0top("keys add --directory store ../friend raw"), 2);
	assert_int_equal(x0top("keys add --directory store private store/own.key.pem"), 1);
	assert_int_equal(x0top("keys list --directory store"), 0);
	assert_true(said("own") && said("ML-DSA-87") && said("friend") && said("ML-DSA-44"));
	assert_int_equal(x0top("keys remove --directory store friend"), 0);
	assert_int_equal(x0top("keys remove --directory store friend"), 1);
	signing_key_free(&key);
}

static void count_problem(const struct failure *failure, void *context)
{
	int *errors = context;

	if (failure->error == -EBADMSG)
		errors[0]++;
	if (failure->error == -EEXIST)
		errors[1]++;
	if (failure->error == -ENOSPC)
		errors[2]++;
	if (failure->error == -ENOTSUP)
		errors[3]++;
}

/* One bad key does not keep the others out. */
static void store_leaves_bad_keys_out(void **state)
{
	static struct trust trust;
	static struct signing_key key;
	struct failure failure;
	EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	int errors[4] = { 0 };
	char path[256], name[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/many", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file("many/a-malformed.pub.pem", "no key", 6);
	write_key("many/b-other.pub.pem", other, true);
	for (int i = 0; i < TRUST_MAX + 2; i++) {
		signing_key_generate(MLDSA_44, &key);
		snprintf(name, sizeof(name), "many/node-%03d.pub.pem", i);
		write_key(name, key.openssl, true);
		if (i == 0)
			write_key("many/node-000a.pub.pem", key.openssl, false);
		signing_key_free(&key);
	}
	assert_int_equal(trust_load(path, &trust, count_problem, errors, &failure), 5);
	assert_int_equal(trust.n_nodes, TRUST_MAX);
	assert_int_equal(errors[0], 1);
	assert_int_equal(errors[1], 1);
	assert_int_equal(errors[2], 2);
	assert_int_equal(errors[3], 1);
	EVP_PKEY_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_says_good_or_refused),
		cmocka_unit_test(contexts_are_text_or_bytes),
		cmocka_unit_test(unreadable_input_is_told),
		cmocka_unit_test(store_keeps_keys),
		cmocka_unit_test(store_leaves_bad_keys_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
