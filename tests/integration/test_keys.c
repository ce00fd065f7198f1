// SPDX-License-Identifier: BSD-2-Clause
/* x0top keys verify, as a script calls it: exit statuses, and what is refused. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_says_good_or_refused),
		cmocka_unit_test(contexts_are_text_or_bytes),
		cmocka_unit_test(unreadable_input_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
