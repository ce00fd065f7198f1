// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/freed_memory.h"
#include "mldsa/parameters.bpf.h"

/* The largest private key, in PEM with its seed, is below 8 KB. */
#define IDENTITY_FILE_MAX 16384
#define PATH_ROOM	  4096

struct identity {
	EVP_PKEY *key;
	struct public_key public;
	uint8_t fingerprint[KEY_FINGERPRINT_LEN];
};

static const struct {
	const struct mldsa_parameters *parameters;
	const char *name; /* OpenSSL's */
} identity_kinds[] = {
	{ &mldsa_44, "ML-DSA-44" },
	{ &mldsa_65, "ML-DSA-65" },
	{ &mldsa_87, "ML-DSA-87" },
};

#define IDENTITY_KINDS (sizeof(identity_kinds) / sizeof(identity_kinds[0]))

/* Takes OpenSSL's reason for the last failure into `cause`. */
static int openssl_cause(struct failure *failure)
{
	failure_cause(failure, "OpenSSL: %s", ERR_reason_error_string(ERR_peek_last_error()) ?: "");
	ERR_clear_error();
	return failure->error;
}

/* --- making one ------------------------------------------------------------------------------ */

/* Makes a file that was not there. `mode` is what it has, whatever the umask. */
static int write_file(
	const char *path, mode_t mode, const void *data, size_t size, struct failure *failure)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0600);
	int error = 0;

	if (fd < 0 && errno == EEXIST) {
		failure_set(failure, -EEXIST, "%s exists, and a key is never overwritten", path);
		return failure_remedy(failure, "Choose another name, or remove it");
	}
	if (fd < 0)
		return failure_set(
			failure, -errno, "%s cannot be created: %s", path, strerror(errno));
	ssize_t written = write(fd, data, size);
	if (written < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0)
		error = -errno;
	else if ((size_t)written != size)
		error = -ENOSPC;
	close(fd);
	if (error == 0)
		return 0;
	unlink(path);
	return failure_set(failure, error, "%s cannot be written: %s", path, strerror(-error));
}

static int write_private(const char *path, EVP_PKEY *key, struct failure *failure)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	int error;

	if (bio == NULL || !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)) {
		failure_set(failure, -EIO, "The private key cannot be encoded");
		error = openssl_cause(failure);
	} else {
		long size = BIO_get_mem_data(bio, &data);

		error = write_file(path, 0600, data, (size_t)size, failure);
		OPENSSL_cleanse(data, (size_t)size);
	}
	BIO_free(bio);
	return error;
}

static int write_public(const char *path, EVP_PKEY *key, struct failure *failure)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	int error;

	if (bio == NULL || !PEM_write_bio_PUBKEY(bio, key)) {
		failure_set(failure, -EIO, "The public key cannot be encoded");
		error = openssl_cause(failure);
	} else {
		long size = BIO_get_mem_data(bio, &data);

		error = write_file(path, 0644, data, (size_t)size, failure);
	}
	BIO_free(bio);
	return error;
}

int identity_generate(const char *name, uint32_t set, struct failure *failure)
{
	char private_path[PATH_ROOM], public_path[PATH_ROOM];
	EVP_PKEY *key = NULL;
	size_t kind = 0;

	while (kind < IDENTITY_KINDS && identity_kinds[kind].parameters->set != set)
		kind++;
	if (kind == IDENTITY_KINDS) {
		failure_set(failure, -EINVAL, "There is no ML-DSA-%u", set);
		return failure_remedy(failure, "Choose 44, 65 or 87");
	}
	snprintf(private_path, sizeof(private_path), "%s.key.pem", name);
	if (snprintf(public_path, sizeof(public_path), "%s.pub.pem", name) >= PATH_ROOM)
		return failure_set(failure, -ENAMETOOLONG, "The name of the key is too long");
	freed_memory_wipe();
	key = EVP_PKEY_Q_keygen(NULL, NULL, identity_kinds[kind].name);
	if (key == NULL) {
		failure_set(
			failure, -EIO, "OpenSSL cannot make an %s key", identity_kinds[kind].name);
		return openssl_cause(failure);
	}
	int error = write_private(private_path, key, failure);
	if (error == 0) {
		error = write_public(public_path, key, failure);
		if (error < 0)
			unlink(private_path);
	}
	EVP_PKEY_free(key);
	return error;
}

/* --- reading one ----------------------------------------------------------------------------- */

/* Whether nobody else can have read the open file, or put it there. */
static int check_file(int fd, const char *path, struct failure *failure)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return failure_set(failure, -errno, "The key %s cannot be looked at: %s", path,
			strerror(errno));
	if (!S_ISREG(status.st_mode))
		return failure_set(failure, -EINVAL, "%s is not a regular file", path);
	if (status.st_uid != geteuid() && status.st_uid != 0) {
		failure_set(failure, -EACCES, "The private key %s belongs to another user", path);
		return failure_remedy(failure, "Make user %u its owner", geteuid());
	}
	if (status.st_mode & 077) {
		failure_set(failure, -EACCES,
			"The private key %s is open to others (mode %04o), so it is refused", path,
			status.st_mode & 07777);
		return failure_remedy(failure,
			"If nobody has read it, make its mode 600; else make a new one: x0top keys generate");
	}
	return 0;
}

/* Reads a private key file into `data`, which has IDENTITY_FILE_MAX bytes. Returns its size. */
static ssize_t read_file(const char *path, uint8_t *data, struct failure *failure)
{
	/* What is checked is what is open: no other file can take its place in between. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t size = 0, got;

	if (fd < 0 && errno == ELOOP) {
		failure_set(failure, -ELOOP, "%s is a symbolic link, so it is refused", path);
		return failure_remedy(failure, "Name the private key itself");
	}
	if (fd < 0)
		return failure_set(
			failure, -errno, "The key %s cannot be opened: %s", path, strerror(errno));
	int error = check_file(fd, path, failure);
	while (error == 0 && (got = read(fd, data + size, IDENTITY_FILE_MAX - (size_t)size)) != 0) {
		if (got < 0)
			error = failure_set(failure, -errno, "The key %s cannot be read: %s", path,
				strerror(errno));
		else
			size += got;
	}
	close(fd);
	if (error == 0 && size == IDENTITY_FILE_MAX)
		error = failure_set(failure, -EBADMSG, "%s is too large to be a private key", path);
	return error < 0 ? error : size;
}

static int take_public(struct identity *identity, const char *path, struct failure *failure)
{
	uint8_t raw[MLDSA_PUBLIC_MAX];
	size_t length = sizeof(raw);
	bool known = false;

	for (size_t i = 0; i < IDENTITY_KINDS; i++)
		known |= EVP_PKEY_is_a(identity->key, identity_kinds[i].name) == 1;
	if (!known) {
		failure_set(failure, -ENOTSUP,
			"%s holds a private key of type %s; an ML-DSA key is wanted", path,
			EVP_PKEY_get0_type_name(identity->key));
		return failure_remedy(failure, "Make one with: x0top keys generate");
	}
	if (!EVP_PKEY_get_raw_public_key(identity->key, raw, &length)) {
		failure_set(failure, -EBADMSG, "%s has no public half", path);
		return openssl_cause(failure);
	}
	int error = key_parse(raw, length, path, &identity->public, failure);
	if (error == 0 && key_fingerprint(&identity->public, identity->fingerprint) < 0)
		error = failure_set(failure, -ENOTSUP, "OpenSSL has no SHA3-256");
	return error;
}

/* A key in a passphrase's protection is refused too: nobody is there to type it. */
static int decode(struct identity *identity, const uint8_t *data, size_t size, const char *path,
	struct failure *failure)
{
	OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(
		&identity->key, NULL, NULL, NULL, EVP_PKEY_KEYPAIR, NULL, NULL);
	int error = 0;

	if (decoder == NULL)
		return failure_set(failure, -ENOMEM, "No memory to read the key %s", path);
	if (!OSSL_DECODER_from_data(decoder, &data, &size)) {
		failure_set(failure, -EBADMSG, "%s is not a private key", path);
		failure_remedy(failure, "Make one with: x0top keys generate");
		error = openssl_cause(failure);
	}
	OSSL_DECODER_CTX_free(decoder);
	return error;
}

int identity_open(const char *path, struct identity **opened, struct failure *failure)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	uint8_t *data = malloc(IDENTITY_FILE_MAX);
	ssize_t size;
	int error;

	if (identity == NULL || data == NULL) {
		error = failure_set(failure, -ENOMEM, "There is not enough memory");
		goto out;
	}
	freed_memory_wipe();
	size = read_file(path, data, failure);
	error = size < 0 ? (int)size : decode(identity, data, (size_t)size, path, failure);
	if (error == 0)
		error = take_public(identity, path, failure);
out:
	if (data != NULL)
		OPENSSL_cleanse(data, IDENTITY_FILE_MAX);
	free(data);
	if (error < 0)
		identity_close(identity);
	else
		*opened = identity;
	return error;
}

void identity_close(struct identity *identity)
{
	if (identity == NULL)
		return;
	EVP_PKEY_free(identity->key); /* wipes the private key */
	free(identity);
}

/* --- using one ------------------------------------------------------------------------------- */

const struct public_key *identity_public_key(const struct identity *identity)
{
	return &identity->public;
}

const uint8_t *identity_fingerprint(const struct identity *identity)
{
	return identity->fingerprint;
}

int identity_sign(const struct identity *identity, const struct message_content *content,
	struct message *message, struct failure *failure)
{
	return message_sign(identity->key, &identity->public, content, message, failure);
}
