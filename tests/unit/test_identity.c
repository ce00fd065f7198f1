// SPDX-License-Identifier: BSD-2-Clause
/* Private keys: made so that only their owner reads them, and refused where others could. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/identity.h"
#include "crypto/verify_native.h"
#include "peer/message.h"
#include "tests/lib/signatures.h"

static char folder[] = "/tmp/x0top-identity-XXXXXX";
static char name[64], private_path[80], public_path[80];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(name, sizeof(name), "%s/node", folder);
	snprintf(private_path, sizeof(private_path), "%s.key.pem", name);
	snprintf(public_path, sizeof(public_path), "%s.pub.pem", name);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(private_path);
	unlink(public_path);
	return rmdir(folder);
}

static void generate(uint32_t set)
{
	struct failure failure = { 0 };

	assert_int_equal(identity_generate(name, set, &failure), 0);
}

static void refuse(int error, const char *word)
{
	struct identity *identity = NULL;
	struct failure failure = { 0 };

	assert_int_equal(identity_open(private_path, &identity, &failure), error);
	assert_null(identity);
	if (strstr(failure.what, word) == NULL)
		fail_msg("\"%s\" is not in: %s", word, failure.what);
}

static void what_is_made_can_be_opened(void **state)
{
	struct failure failure = { 0 };
	struct public_key published;
	struct identity *identity;
	struct stat status;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		mode_t old = umask(i == 0 ? 0 : 077);
		generate(signature_sets[i]);
		umask(old);
		assert_int_equal(stat(private_path, &status), 0);
		assert_int_equal(status.st_mode & 07777, 0600);
		assert_int_equal(stat(public_path, &status), 0);
		assert_int_equal(status.st_mode & 07777, 0644);
		assert_int_equal(identity_open(private_path, &identity, &failure), 0);
		assert_int_equal(key_read(public_path, &published, &failure), 0);
		assert_memory_equal(&published, identity_public_key(identity), sizeof(published));
		assert_int_equal(published.set, signature_sets[i]);
		identity_close(identity);
		unlink(private_path);
		unlink(public_path);
	}
}

/* The verifier of the packet path accepts what an identity signs. */
static void signatures_verify(void **state)
{
	static struct mldsa_key expanded;
	const struct pqc_path path = { 0 };
	struct message_content content = { .kind = PQC_BEACON, .sequence = 7, .path = &path };
	struct failure failure = { 0 };
	struct message_parts parts;
	struct identity *identity;
	struct message message;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		generate(signature_sets[i]);
		assert_int_equal(identity_open(private_path, &identity, &failure), 0);
		assert_int_equal(message_sign(identity, &content, &message, &failure), 0);
		assert_int_equal(key_expand(identity_public_key(identity), &expanded, &failure), 0);
		assert_int_equal(
			message_parse((struct span) { message.bytes, message.total }, &parts), 0);
		assert_int_equal(parts.set, signature_sets[i]);
		assert_int_equal(
			message_verify(message.node, 7, &parts, &expanded), PQC_MESSAGE_ACCEPTED);
		assert_int_equal(
			message_verify(message.node, 8, &parts, &expanded), PQC_BAD_SIGNATURE);
		identity_close(identity);
		unlink(private_path);
		unlink(public_path);
	}
}

static uint8_t text[3 * MLDSA_MESSAGE_MAX], signed_bytes[MLDSA_SIGNATURE_MAX + 1];

static int verify(const struct mldsa_key *key, const char *context, size_t size, size_t signed_size)
{
	return verify_native_message(key,
		(struct span) { (const uint8_t *)context, strlen(context) },
		(struct span) { text, size }, (struct span) { signed_bytes, signed_size });
}

/* What is longer than the kernel takes is hashed here: every byte of it counts, and the context. */
static void messages_of_any_length_verify(void **state)
{
	static struct mldsa_key key, other;
	static const size_t sizes[] = { 1, MLDSA_MESSAGE_MAX + 1, sizeof(text) };
	char long_context[MLDSA_CONTEXT_MAX + 2];
	const struct span here = { (const uint8_t *)"here", 4 };
	struct identity *identity, *stranger;
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(identity_new(signature_sets[0], &identity, &failure), 0);
	assert_int_equal(identity_new(signature_sets[0], &stranger, &failure), 0);
	assert_int_equal(key_expand(identity_public_key(identity), &key, &failure), 0);
	assert_int_equal(key_expand(identity_public_key(stranger), &other, &failure), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i];
		int made =
			identity_sign(identity, here, (struct span) { text, size }, signed_bytes);

		assert_true(made > 0);
		size_t length = (size_t)made;
		assert_int_equal(verify(&key, "here", size, length), MLDSA_VALID);
		assert_int_equal(verify(&other, "here", size, length), MLDSA_MISMATCH);
		assert_int_equal(verify(&key, "her", size, length), MLDSA_MISMATCH);
		assert_int_equal(verify(&key, "here", size - 1, length), MLDSA_MISMATCH);
		assert_int_equal(verify(&key, "here", size, length + 1), MLDSA_BAD_LENGTH);
		assert_int_equal(verify(&key, "here", size, length - 1), MLDSA_BAD_LENGTH);
		text[size - 1] ^= 1;
		assert_int_equal(verify(&key, "here", size, length), MLDSA_MISMATCH);
		text[size - 1] ^= 1;
	}
	memset(long_context, 'x', sizeof(long_context));
	long_context[MLDSA_CONTEXT_MAX + 1] = '\0';
	assert_int_equal(verify(&key, long_context, 1, 1), -EINVAL);
	identity_close(identity);
	identity_close(stranger);
}

static void nothing_is_overwritten(void **state)
{
	struct failure failure = { 0 };
	struct stat before, after;

	(void)state;
	generate(MLDSA_65);
	assert_int_equal(stat(private_path, &before), 0);
	assert_int_equal(identity_generate(name, MLDSA_65, &failure), -EEXIST);
	assert_int_equal(stat(private_path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	/* With only the public half there, no private half may be left behind. */
	unlink(private_path);
	assert_int_equal(identity_generate(name, MLDSA_65, &failure), -EEXIST);
	assert_int_equal(access(private_path, F_OK), -1);
	/* Nor through a link that leads nowhere. */
	unlink(public_path);
	assert_int_equal(symlink("elsewhere", private_path), 0);
	assert_int_equal(identity_generate(name, MLDSA_65, &failure), -EEXIST);
	assert_int_equal(identity_generate("/nonexistent/x", MLDSA_65, &failure), -ENOENT);
	assert_int_equal(identity_generate(name, 66, &failure), -EINVAL);
}

static void what_others_can_read_is_refused(void **state)
{
	static const mode_t bits[] = { 0040, 0020, 0010, 0004, 0002, 0001 };

	(void)state;
	generate(MLDSA_44);
	for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		assert_int_equal(chmod(private_path, 0600 | bits[i]), 0);
		refuse(-EACCES, "open to others");
	}
	assert_int_equal(chmod(private_path, 0400), 0);
	struct identity *identity;
	struct failure failure;
	assert_int_equal(identity_open(private_path, &identity, &failure), 0);
	identity_close(identity);
}

/* A user's own key is his, and so is one that root put there, if he could read it. */
static void ones_own_is_taken(void **state)
{
	struct identity *identity = NULL;
	struct failure failure = { 0 };

	(void)state;
	if (geteuid() != 0)
		skip();
	generate(MLDSA_44);
	assert_int_equal(chown(private_path, 65534, 65534), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(seteuid(65534), 0);
	int error = identity_open(private_path, &identity, &failure);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(error, 0);
	identity_close(identity);
}

/* In memory alone, and by the same rules. */
static void an_identity_needs_no_file(void **state)
{
	uint8_t fingerprint[KEY_FINGERPRINT_LEN], node[PQC_NODE_LEN],
		signature[MLDSA_SIGNATURE_MAX];
	struct failure failure = { 0 };
	struct identity *identity = NULL;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(identity_new(signature_sets[i], &identity, &failure), 0);
		const struct public_key *key = identity_public_key(identity);
		assert_int_equal(key->set, signature_sets[i]);
		assert_int_equal(key_fingerprint(key, fingerprint), 0);
		assert_memory_equal(
			identity_fingerprint(identity), fingerprint, sizeof(fingerprint));
		assert_int_equal(key_node(key, node), 0);
		assert_memory_equal(fingerprint, node, sizeof(node));
		const struct span bytes = { node, sizeof(node) };
		int length = identity_sign(identity, bytes, bytes, signature);
		assert_int_equal(length, i == 0 ? 2420 : i == 1 ? 3309 : 4627);
		/* A context has 255 bytes at most. */
		assert_int_equal(
			identity_sign(identity, (struct span) { key->bytes, MLDSA_CONTEXT_MAX },
				bytes, signature),
			length);
		assert_int_equal(
			identity_sign(identity, (struct span) { key->bytes, MLDSA_CONTEXT_MAX + 1 },
				bytes, signature),
			-ENOTSUP);
		identity_close(identity);
	}
	identity = NULL;
	assert_int_equal(identity_new(66, &identity, &failure), -EINVAL);
	assert_int_equal(
		identity_take(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "it", &identity, &failure),
		-ENOTSUP);
	assert_non_null(strstr(failure.what, "ED25519"));
	assert_null(identity);
}

static void what_belongs_to_others_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can give a file away\n");
		skip();
	}
	generate(MLDSA_44);
	assert_int_equal(chown(private_path, 65534, 65534), 0);
	refuse(-EACCES, "another user");
}

static void links_and_folders_are_refused(void **state)
{
	char other[96];

	(void)state;
	generate(MLDSA_44);
	snprintf(other, sizeof(other), "%s.moved", name);
	assert_int_equal(rename(private_path, other), 0);
	assert_int_equal(symlink(other, private_path), 0);
	refuse(-ELOOP, "symbolic link");
	unlink(other);
	unlink(private_path);
	assert_int_equal(mkfifo(private_path, 0600), 0);
	refuse(-EINVAL, "regular file");
	unlink(private_path);
	assert_int_equal(mkdir(private_path, 0700), 0);
	refuse(-EINVAL, "regular file");
	rmdir(private_path);
	refuse(-ENOENT, "Cannot open the key ");
}

static void put(const void *data, size_t size)
{
	int fd = open(private_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static void other_contents_are_refused(void **state)
{
	static const char *const kinds[] = { "ML-KEM-768", "ED25519" };
	static char data[20000], pem[10000];

	(void)state;
	put("", 0);
	refuse(-EBADMSG, "not a private key");
	memset(data, 'A', sizeof(data));
	put(data, sizeof(data));
	refuse(-EBADMSG, "too large");
	for (unsigned i = 0; i < 2; i++) {
		EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]);
		FILE *file = fopen(private_path, "w");
		assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
		fclose(file);
		EVP_PKEY_free(key);
		refuse(-ENOTSUP, kinds[i]);
	}
	unlink(private_path);
	generate(MLDSA_44);
	FILE *file = fopen(private_path, "r");
	size_t size = fread(pem, 1, sizeof(pem), file);
	fclose(file);
	for (size_t cut = 0; cut + 2 < size; cut += 97) {
		put(pem, cut);
		refuse(-EBADMSG, "not a private key");
	}
	/* The public half is no identity. */
	file = fopen(public_path, "r");
	size = fread(pem, 1, sizeof(pem), file);
	fclose(file);
	put(pem, size);
	refuse(-EBADMSG, "not a private key");
}

static void a_passphrase_is_not_asked_for(void **state)
{
	(void)state;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-44");
	FILE *file = fopen(private_path, "w");
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	assert_true(
		PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL));
	fclose(file);
	EVP_PKEY_free(key);
	refuse(-EBADMSG, "not a private key");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(what_is_made_can_be_opened),
		TEST(signatures_verify),
		TEST(messages_of_any_length_verify),
		TEST(nothing_is_overwritten),
		TEST(what_others_can_read_is_refused),
		TEST(ones_own_is_taken),
		TEST(an_identity_needs_no_file),
		TEST(what_belongs_to_others_is_refused),
		TEST(links_and_folders_are_refused),
		TEST(other_contents_are_refused),
		TEST(a_passphrase_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
