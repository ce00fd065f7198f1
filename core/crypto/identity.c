// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"
#include "crypto/freed_memory.h"
#include "kernel/keeper.h"
#include "kernel/rights.h"

/* The largest private key, with its seed, takes under 8 kB as PEM. */
#define IDENTITY_FILE_MAX 16384
#define PATH_ROOM	  4096

struct identity {
	EVP_PKEY *key;
	struct public_key public;
	uint8_t fingerprint[KEY_FINGERPRINT_LEN];
};

/* Sets `cause` to OpenSSL's reason for the last failure. */
static int openssl_cause(struct failure *failure)
{
	failure_cause(failure, "OpenSSL: %s", ERR_reason_error_string(ERR_peek_last_error()) ?: "");
	ERR_clear_error();
	return failure->error;
}

void identity_close(struct identity *identity)
{
	if (identity == NULL)
		return;
	EVP_PKEY_free(identity->key); /* wipes the private key */
	free(identity);
}

int identity_take(EVP_PKEY *key, const char *name, struct identity **taken, struct failure *failure)
{
	struct identity *identity = calloc(1, sizeof(*identity));

	if (identity == NULL) {
		EVP_PKEY_free(key);
		return failure_set(failure, -ENOMEM, "Not enough memory");
	}
	identity->key = key;
	int error = key_from_openssl(key, name, &identity->public, failure);
	if (error == 0 && key_fingerprint(&identity->public, identity->fingerprint) < 0)
		error = failure_set(failure, -ENOTSUP, "OpenSSL has no SHA3-256");
	if (error < 0)
		identity_close(identity);
	else
		*taken = identity;
	return error;
}

/* --- making one ------------------------------------------------------------------------------ */

int identity_new(uint32_t set, struct identity **identity, struct failure *failure)
{
	const char *algorithm = key_algorithm(set);

	if (algorithm == NULL) {
		failure_set(failure, -EINVAL, "There is no ML-DSA-%u", set);
		return failure_remedy(failure, "Choose 44, 65 or 87");
	}
	freed_memory_wipe();
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, algorithm);
	if (key == NULL) {
		failure_set(failure, -EIO, "OpenSSL cannot create an %s key", algorithm);
		return openssl_cause(failure);
	}
	return identity_take(key, "The new key", identity, failure);
}

/* Creates a file with exactly this mode, whatever the umask. */
static int write_file(
	const char *path, mode_t mode, const void *data, size_t size, struct failure *failure)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0600);
	int error = 0;

	if (fd < 0 && errno == EEXIST) {
		failure_set(failure, -EEXIST, "%s exists; keys are never overwritten", path);
		return failure_remedy(failure, "Choose another name, or remove the file");
	}
	if (fd < 0)
		return failure_set(failure, -errno, "Cannot create %s: %s", path, strerror(errno));
	ssize_t written = write(fd, data, size);
	if (written < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0)
		error = -errno;
	else if ((size_t)written != size)
		error = -ENOSPC;
	close(fd);
	if (error == 0)
		return 0;
	unlink(path);
	return failure_set(failure, error, "Cannot write %s: %s", path, strerror(-error));
}

static int write_private(const char *path, EVP_PKEY *key, struct failure *failure)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	int error;

	if (bio == NULL || !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)) {
		failure_set(failure, -EIO, "Cannot encode the private key");
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
		failure_set(failure, -EIO, "Cannot encode the public key");
		error = openssl_cause(failure);
	} else {
		long size = BIO_get_mem_data(bio, &data);

		error = write_file(path, 0644, data, (size_t)size, failure);
	}
	BIO_free(bio);
	return error;
}

/* Writes both files, or neither. */
static int write_pair(const char *name, EVP_PKEY *key, struct failure *failure)
{
	char private_path[PATH_ROOM], public_path[PATH_ROOM];

	snprintf(private_path, sizeof(private_path), "%s.key.pem", name);
	if (snprintf(public_path, sizeof(public_path), "%s.pub.pem", name) >= PATH_ROOM)
		return failure_set(failure, -ENAMETOOLONG, "The name of the key is too long");
	int error = write_private(private_path, key, failure);
	if (error < 0)
		return error;
	error = write_public(public_path, key, failure);
	if (error < 0)
		unlink(private_path);
	return error;
}

int identity_generate(const char *name, uint32_t set, struct failure *failure)
{
	struct identity *identity = NULL;
	int error = identity_new(set, &identity, failure);

	if (error == 0)
		error = write_pair(name, identity->key, failure);
	identity_close(identity);
	return error;
}

/* --- reading one ----------------------------------------------------------------------------- */

/* Refuses an open file that somebody else can have read, or put there. */
static int check_file(int fd, const char *path, struct failure *failure)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return failure_set(
			failure, -errno, "Cannot examine the key %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return failure_set(failure, -EINVAL, "%s is not a regular file", path);
	if (status.st_uid != rights_user() && status.st_uid != 0) {
		failure_set(failure, -EACCES, "The private key %s belongs to another user", path);
		return failure_remedy(failure, "Make user %u its owner", rights_user());
	}
	if (status.st_mode & 077) {
		failure_set(failure, -EACCES, "The private key %s is open to others (mode %04o)",
			path, status.st_mode & 07777);
		return failure_remedy(failure,
			"If nobody has read it, chmod 600; otherwise create another: x0top keys generate NAME");
	}
	return 0;
}

/* Reads a private key file into `data`, which has IDENTITY_FILE_MAX bytes. Returns its size. */
static ssize_t read_file(const char *path, uint8_t *data, struct failure *failure)
{
	/* Checking the open file leaves no time to put another in its place. */
	int fd = keeper_open(path, IDENTITY_FLAGS, 0);
	ssize_t size = 0;

	if (fd == -ELOOP) {
		failure_set(failure, -ELOOP, "%s is a symbolic link", path);
		return failure_remedy(failure, "Name the private key itself");
	}
	if (fd < 0)
		return failure_set(failure, fd, "Cannot open the key %s: %s", path, strerror(-fd));
	int error = check_file(fd, path, failure);
	if (error == 0)
		size = file_read(fd, data, IDENTITY_FILE_MAX);
	close(fd);
	if (size == -EFBIG)
		return failure_set(failure, -EBADMSG, "%s is too large to be a private key", path);
	if (size < 0)
		return failure_set(failure, (int)size, "Cannot read the key %s: %s", path,
			strerror((int)-size));
	return error < 0 ? error : size;
}

/* Refuses a key under a passphrase too: nobody is there to type it. */
static int decode(
	EVP_PKEY **key, const uint8_t *data, size_t size, const char *path, struct failure *failure)
{
	OSSL_DECODER_CTX *decoder =
		OSSL_DECODER_CTX_new_for_pkey(key, NULL, NULL, NULL, EVP_PKEY_KEYPAIR, NULL, NULL);
	int error = 0;

	if (decoder == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read the key %s", path);
	if (!OSSL_DECODER_from_data(decoder, &data, &size)) {
		failure_set(failure, -EBADMSG, "%s is not a private key", path);
		failure_remedy(failure, "Create one with: x0top keys generate NAME");
		error = openssl_cause(failure);
	}
	OSSL_DECODER_CTX_free(decoder);
	return error;
}

int identity_open(const char *path, struct identity **opened, struct failure *failure)
{
	uint8_t *data = malloc(IDENTITY_FILE_MAX);
	EVP_PKEY *key = NULL;

	if (data == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory");
	freed_memory_wipe();
	secret_lock(data, IDENTITY_FILE_MAX);
	ssize_t size = read_file(path, data, failure);
	int error = size < 0 ? (int)size : decode(&key, data, (size_t)size, path, failure);
	OPENSSL_cleanse(data, IDENTITY_FILE_MAX);
	free(data);
	return error < 0 ? error : identity_take(key, path, opened, failure);
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

int identity_sign(const struct identity *identity, struct span context, struct span message,
	uint8_t signature[MLDSA_SIGNATURE_MAX])
{
	EVP_MD_CTX *signer = EVP_MD_CTX_new();
	size_t length = MLDSA_SIGNATURE_MAX;
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_octet_string(
			OSSL_SIGNATURE_PARAM_CONTEXT_STRING, (void *)context.data, context.size),
		OSSL_PARAM_construct_end(),
	};
	bool made = signer != NULL &&
		    EVP_DigestSignInit_ex(
			    signer, NULL, NULL, NULL, NULL, identity->key, parameters) == 1 &&
		    EVP_DigestSign(signer, signature, &length, message.data, message.size) == 1;

	EVP_MD_CTX_free(signer);
	return made ? (int)length : -ENOTSUP;
}
