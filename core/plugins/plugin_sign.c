// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_sign.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/identity.h"
#include "crypto/verify_native.h"
#include "plugins/plugin_file.h"

static const struct span sign_context = { (const uint8_t *)PLUGIN_SIGN_CONTEXT,
	sizeof(PLUGIN_SIGN_CONTEXT) - 1 };

/* --- checking -------------------------------------------------------------------------------- */

/* Tries each key. Returns the one that has signed, or NULL. */
static const struct trusted_key *find_signer(const struct trust *trust, struct span message,
	struct span signature, struct failure *failure)
{
	struct mldsa_key *key = malloc(sizeof(*key));
	const struct trusted_key *signer = NULL;

	for (uint32_t i = 0; key != NULL && i < trust->n_keys && signer == NULL; i++)
		if (key_expand(&trust->keys[i].key, key, failure) == 0 &&
			verify_native_message(key, sign_context, message, signature) == MLDSA_VALID)
			signer = &trust->keys[i];
	free(key);
	return signer;
}

static int not_signed(const char *path, struct failure *failure)
{
	return failure_remedy(failure, "Sign it: x0top plugins sign %.80s --key KEY", path);
}

static int check_signature(const char *path, struct span message, struct span signature,
	char signer[TRUST_NAME_LEN], struct failure *failure)
{
	struct trust *trust;
	int error = trust_open(PLUGIN_KEYS, &trust, failure);

	if (error < 0)
		return error;
	const struct trusted_key *key = find_signer(trust, message, signature, failure);
	if (key != NULL) {
		snprintf(signer, TRUST_NAME_LEN, "%s", key->name);
	} else {
		error = failure_set(failure, -EKEYREJECTED,
			"No key in " PLUGIN_KEYS " has signed %.120s as it is", path);
		not_signed(path, failure);
		if (trust->n_problems > 0) /* a key that is not used may be the one */
			failure_remedy(failure, "%s", trust->problems[0].what);
	}
	trust_close(trust);
	return error;
}

int plugin_sign_check(const char *path, const uint8_t *data, size_t size,
	char signer[TRUST_NAME_LEN], struct failure *failure)
{
	char signature_path[PATH_MAX];
	uint8_t *signature = NULL;
	size_t length = 0;

	signer[0] = '\0';
	int keys = plugin_file_count(PLUGIN_KEYS, failure);
	if (keys <= 0)
		return keys;
	snprintf(signature_path, sizeof(signature_path), "%s" PLUGIN_SIGNATURE, path);
	int error = plugin_file_read(signature_path, &signature, &length, failure);
	if (error == -ENOENT) {
		failure_set(
			failure, error, "%.120s is not signed, and " PLUGIN_KEYS " has keys", path);
		return not_signed(path, failure);
	}
	if (error == 0)
		error = check_signature(path, (struct span) { data, size },
			(struct span) { signature, length }, signer, failure);
	free(signature);
	return error;
}

/* --- signing --------------------------------------------------------------------------------- */

static int cannot_write(const char *path, int error, struct failure *failure)
{
	return failure_set(failure, error, "Cannot write %.180s: %s", path, strerror(-error));
}

/* Writes a file by one rename: a reader sees the old one or the new one, whole. */
static int write_file(const char *path, const uint8_t *data, size_t size, struct failure *failure)
{
	char aside[PATH_MAX];

	if (snprintf(aside, sizeof(aside), "%s.new", path) >= (int)sizeof(aside))
		return cannot_write(path, -ENAMETOOLONG, failure);
	unlink(aside);
	int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return cannot_write(aside, -errno, failure);
	ssize_t written = write(fd, data, size);
	int error = written == (ssize_t)size ? 0 : written < 0 ? -errno : -EIO;
	if (close(fd) < 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(aside, path) < 0)
		error = -errno;
	if (error == 0)
		return 0;
	unlink(aside);
	return cannot_write(path, error, failure);
}

int plugin_sign(const char *path, const char *key, struct failure *failure)
{
	uint8_t signature[MLDSA_SIGNATURE_MAX], *data = NULL;
	char signature_path[PATH_MAX];
	struct identity *identity;
	size_t size = 0;
	int error = plugin_file_read_any(path, &data, &size, failure);

	if (error < 0)
		return error;
	error = identity_open(key, &identity, failure);
	if (error < 0)
		goto free_data;
	int length = identity_sign(identity, sign_context, (struct span) { data, size }, signature);
	identity_close(identity);
	if (length < 0) {
		error = failure_set(failure, length, "OpenSSL cannot sign %.180s", path);
		goto free_data;
	}
	if (snprintf(signature_path, sizeof(signature_path), "%s" PLUGIN_SIGNATURE, path) >=
		(int)sizeof(signature_path))
		error = cannot_write(path, -ENAMETOOLONG, failure);
	else
		error = write_file(signature_path, signature, (size_t)length, failure);
free_data:
	free(data);
	return error;
}
