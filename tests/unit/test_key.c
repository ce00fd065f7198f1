// SPDX-License-Identifier: BSD-2-Clause
/* Public keys: every form is read, everything else is refused with a reason. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "crypto/key.h"
#include "tests/lib/signatures.h"

struct text {
	uint8_t data[16384];
	size_t size;
};

/* What OpenSSL writes for a key, with `write` one of its functions. */
static void take(struct text *text, BIO *bio)
{
	size_t size = 0;

	assert_true(BIO_read_ex(bio, text->data, sizeof(text->data), &size));
	text->size = size;
	BIO_free(bio);
}

static void write_pem(struct text *text, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_true(PEM_write_bio_PUBKEY(bio, key));
	take(text, bio);
}

static void write_der(struct text *text, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_true(i2d_PUBKEY_bio(bio, key));
	take(text, bio);
}

static void write_private(struct text *text, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_true(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
	take(text, bio);
}

static void every_form_is_the_same_key(void **state)
{
	static struct signing_key key;
	struct public_key read;
	struct failure failure = { 0 };
	struct text text;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		signing_key_generate(signature_sets[i], &key);
		write_pem(&text, key.openssl);
		assert_int_equal(key_parse(text.data, text.size, "k", &read, &failure), 0);
		assert_memory_equal(&read, &key.public, sizeof(read));
		write_der(&text, key.openssl);
		assert_int_equal(key_parse(text.data, text.size, "k", &read, &failure), 0);
		assert_memory_equal(&read, &key.public, sizeof(read));
		assert_int_equal(
			key_parse(key.public.bytes, key.public.length, "k", &read, &failure), 0);
		assert_memory_equal(&read, &key.public, sizeof(read));
		signing_key_free(&key);
	}
}

static void refuse(const struct text *text, int error)
{
	struct public_key key;
	struct failure failure = { 0 };

	assert_int_equal(key_parse(text->data, text->size, "k.pem", &key, &failure), error);
	assert_non_null(strstr(failure.what, "k.pem"));
}

static void other_keys_are_refused(void **state)
{
	static const char *const kinds[] = { "ML-KEM-768", "ED25519", "X25519" };
	struct text text;

	(void)state;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]);

		assert_non_null(key);
		write_pem(&text, key);
		refuse(&text, -ENOTSUP);
		EVP_PKEY_free(key);
	}
}

static void private_keys_are_refused(void **state)
{
	static struct signing_key key;
	struct text text;

	(void)state;
	signing_key_generate(MLDSA_65, &key);
	write_private(&text, key.openssl);
	refuse(&text, -EBADMSG);
	signing_key_free(&key);
}

static void damaged_keys_are_refused(void **state)
{
	static struct signing_key key;
	struct text text, cut;

	(void)state;
	signing_key_generate(MLDSA_44, &key);
	write_der(&text, key.openssl);
	for (cut.size = 0; cut.size < text.size; cut.size++) {
		memcpy(cut.data, text.data, cut.size);
		if (cut.size !=
			key.public.length) /* that many bytes are a raw key, whatever they are */
			refuse(&cut, -EBADMSG);
	}
	write_pem(&text, key.openssl);
	for (unsigned at = 40; at < text.size - 40; at += 7) {
		cut = text;
		cut.data[at] = '*';
		refuse(&cut, -EBADMSG);
	}
	signing_key_free(&key);
}

static void files_are_read(void **state)
{
	char path[] = "/tmp/x0top-key-XXXXXX";
	struct public_key key;
	struct failure failure = { 0 };
	static struct signing_key signing;
	struct text text;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(key_read(path, &key, &failure), -EBADMSG); /* empty */
	signing_key_generate(MLDSA_87, &signing);
	write_pem(&text, signing.openssl);
	assert_int_equal(write(fd, text.data, text.size), text.size);
	assert_int_equal(key_read(path, &key, &failure), 0);
	assert_memory_equal(&key, &signing.public, sizeof(key));
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(key_read(path, &key, &failure), -EBADMSG); /* too large */
	close(fd);
	unlink(path);
	assert_int_equal(key_read(path, &key, &failure), -ENOENT);
	assert_int_equal(key_read("/tmp", &key, &failure), -EISDIR);
	signing_key_free(&signing);
}

static void an_unknown_set_is_not_expanded(void **state)
{
	struct public_key key = { .set = 1 };
	static struct mldsa_key expanded;
	struct failure failure = { 0 };

	(void)state;
	assert_true(key_expand(&key, &expanded, &failure) < 0);
	assert_int_equal(expanded.set, 0);
}

/* Sends two parts, which SOCK_SEQPACKET keeps apart, and reads them with room for `size` bytes. */
static ssize_t read_in_parts(int type, size_t size, char *data)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, ends), 0);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(write(ends[1], "de", 2), 2);
	close(ends[1]);
	ssize_t got = file_read(ends[0], data, size);
	close(ends[0]);
	return got;
}

static void files_are_read_whole(void **state)
{
	char data[8] = "-------";

	(void)state;
	assert_int_equal(read_in_parts(SOCK_SEQPACKET, 6, data), 5);
	assert_memory_equal(data, "abcde--", 8);
	memcpy(data, "-------", 8);
	assert_int_equal(read_in_parts(SOCK_SEQPACKET, 5, data), 5);
	assert_memory_equal(data, "abcde--", 8);
	memcpy(data, "-------", 8);
	assert_int_equal(read_in_parts(SOCK_STREAM, 4, data), -EFBIG);
	assert_memory_equal(data + 4, "---", 4);
	assert_int_equal(read_in_parts(SOCK_STREAM, 3, data), -EFBIG);
	assert_int_equal(file_read(-1, data, 3), -EBADF);
}

/* What a request holds whole, and a byte more. */
static void requests_have_their_limits(void **state)
{
	static uint8_t bytes[MLDSA_SIGNATURE_MAX + 64];
	static struct mldsa_request request;
	const struct span none = { NULL, 0 }, context = { bytes, MLDSA_CONTEXT_MAX };
	const struct span message = { bytes, MLDSA_MESSAGE_MAX };

	(void)state;
	random_fill(bytes, sizeof(bytes));
	assert_int_equal(request_fill(&request, none, none, none), 0);
	assert_int_equal(request.message_length, 0);
	assert_int_equal(request.signature_length, 0);
	assert_int_equal(request_fill(&request, context, message,
				 (struct span) { bytes, MLDSA_SIGNATURE_MAX }),
		0);
	assert_int_equal(request.message_length, MLDSA_MESSAGE_MAX);
	assert_int_equal(request.signature_length, MLDSA_SIGNATURE_MAX);
	assert_int_equal(request.hash_input[MLDSA_CONTEXT_LENGTH_AT], MLDSA_CONTEXT_MAX);
	assert_memory_equal(request.hash_input + MLDSA_CONTEXT_AT, bytes, MLDSA_CONTEXT_MAX);
	assert_memory_equal(request.hash_input + MLDSA_CONTEXT_AT + MLDSA_CONTEXT_MAX, bytes,
		MLDSA_MESSAGE_MAX);
	assert_memory_equal(request.signature, bytes, MLDSA_SIGNATURE_MAX);
	/* The verifier refuses this one by its length. */
	assert_int_equal(
		request_fill(&request, none, none, (struct span) { bytes, sizeof(bytes) }), 0);
	assert_int_equal(request.signature_length, sizeof(bytes));
	assert_int_equal(
		request_fill(&request, (struct span) { bytes, MLDSA_CONTEXT_MAX + 1 }, none, none),
		-EINVAL);
	assert_int_equal(
		request_fill(&request, none, (struct span) { bytes, MLDSA_MESSAGE_MAX + 1 }, none),
		-EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_have_their_limits),
		cmocka_unit_test(files_are_read_whole),
		cmocka_unit_test(every_form_is_the_same_key),
		cmocka_unit_test(other_keys_are_refused),
		cmocka_unit_test(private_keys_are_refused),
		cmocka_unit_test(damaged_keys_are_refused),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(an_unknown_set_is_not_expanded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
