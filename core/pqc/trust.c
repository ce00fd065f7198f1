// SPDX-License-Identifier: BSD-2-Clause
#include "pqc/trust.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pqc/file.h"
#include "pqc/message.h"

#define PUBLIC_SUFFIX  ".pub.pem"
#define PRIVATE_SUFFIX ".key.pem"
#define PATH_LEN       512

static void path_of(
	char path[PATH_LEN], const char *directory, const char *name, const char *suffix)
{
	snprintf(path, PATH_LEN, "%s/%s%s", directory, name, suffix);
}

int trust_check_name(const char *name, struct failure *failure)
{
	bool good = name[0] != '\0' && name[0] != '.' && strlen(name) < NAME_LEN;

	for (const char *c = name; *c != '\0'; c++)
		good &= isalnum((unsigned char)*c) || strchr("._-", *c) != NULL;
	if (good)
		return 0;
	failure_set(failure, -EINVAL, "\"%.64s\" is no name for a node", name);
	return failure_remedy(failure, "Use up to %d letters, digits, dots, dashes and underscores",
		NAME_LEN - 1);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int is_public_key(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), suffix = strlen(PUBLIC_SUFFIX);

	return length > suffix && strcmp(entry->d_name + length - suffix, PUBLIC_SUFFIX) == 0;
}

/* Reads one file of the store and adds it. Returns 0, or a negative errno with *failure set. */
static int load_one(
	const char *directory, const char *file, struct trust *trust, struct failure *failure)
{
	struct trusted_node *node = &trust->nodes[trust->n_nodes];
	char path[PATH_LEN], name[NAME_LEN * 2];

	snprintf(name, sizeof(name), "%.*s", (int)(strlen(file) - strlen(PUBLIC_SUFFIX)), file);
	if (trust_check_name(name, failure) < 0)
		return failure->error;
	if (trust->n_nodes == TRUST_MAX)
		return failure_set(failure, -ENOSPC, "%s is one key too many: there is room for %d",
			name, TRUST_MAX);
	path_of(path, directory, name, PUBLIC_SUFFIX);
	int error = key_read(path, &node->key, failure);
	if (error < 0)
		return error;
	if (message_node(&node->key, node->node) < 0)
		return failure_set(failure, -ENOTSUP, "OpenSSL refused SHA3-256");
	for (uint32_t i = 0; i < trust->n_nodes; i++)
		if (memcmp(trust->nodes[i].node, node->node, PQC_NODE_LEN) == 0)
			return failure_set(failure, -EEXIST, "%s is the same key as %s", name,
				trust->nodes[i].name);
	snprintf(node->name, sizeof(node->name), "%.*s", NAME_LEN - 1, name);
	trust->n_nodes++;
	return 0;
}

int trust_load(const char *directory, struct trust *trust, trust_problem problem, void *context,
	struct failure *failure)
{
	struct dirent **entries;
	int problems = 0;

	trust->n_nodes = 0;
	int n = scandir(directory, &entries, is_public_key, alphasort);
	if (n < 0) {
		failure_set(failure, -errno, "The trust store %s cannot be read: %s", directory,
			strerror(errno));
		return failure_remedy(failure, "Make it, or name another with --directory");
	}
	for (int i = 0; i < n; i++) {
		struct failure reason = { 0 };

		if (load_one(directory, entries[i]->d_name, trust, &reason) < 0) {
			problem(&reason, context);
			problems++;
		}
		free(entries[i]);
	}
	free(entries);
	return problems;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Writes what OpenSSL has put into `bio`, and wipes it. Takes the bio. */
static int save(BIO *bio, const char *path, mode_t mode, struct failure *failure)
{
	char *data = NULL;
	long size = BIO_get_mem_data(bio, &data);
	int error = file_create(
		path, mode, (struct span) { (const uint8_t *)data, (size_t)size }, failure);

	OPENSSL_cleanse(data, (size_t)size);
	BIO_free(bio);
	return error;
}

static int save_public(EVP_PKEY *key, const char *path, struct failure *failure)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL || !PEM_write_bio_PUBKEY(bio, key)) {
		BIO_free(bio);
		return failure_set(failure, -ENOMEM, "OpenSSL could not write a public key");
	}
	return save(bio, path, 0644, failure);
}

static int save_private(EVP_PKEY *key, const char *path, struct failure *failure)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	if (bio == NULL || !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)) {
		BIO_free(bio);
		return failure_set(failure, -ENOMEM, "OpenSSL could not write a private key");
	}
	return save(bio, path, 0600, failure);
}

static void ignore_problem(const struct failure *failure, void *context)
{
	(void)failure;
	(void)context;
}

/* Whether the store has a place for the key, and does not have it yet. */
static int check_new(const char *directory, const struct public_key *key, struct failure *failure)
{
	struct trust *trust = calloc(1, sizeof(*trust));
	int error = 0;

	if (trust == NULL)
		return failure_set(failure, -ENOMEM, "No memory for the trust store");
	if (trust_load(directory, trust, ignore_problem, NULL, failure) < 0)
		error = failure->error;
	else if (trust->n_nodes == TRUST_MAX)
		error = failure_set(
			failure, -ENOSPC, "The trust store is full: %d keys", TRUST_MAX);
	for (uint32_t i = 0; error == 0 && i < trust->n_nodes; i++)
		if (memcmp(&trust->nodes[i].key, key, sizeof(*key)) == 0)
			error = failure_set(failure, -EEXIST,
				"The key is in the store already, as %s", trust->nodes[i].name);
	free(trust);
	return error;
}

int trust_add(const char *directory, const char *name, const struct public_key *key,
	struct failure *failure)
{
	char path[PATH_LEN], kind[16];

	if (trust_check_name(name, failure) < 0 || check_new(directory, key, failure) < 0)
		return failure->error;
	snprintf(kind, sizeof(kind), "ML-DSA-%u", key->set);
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, kind, NULL, key->bytes, key->length);
	if (pkey == NULL)
		return failure_set(failure, -ENOTSUP, "OpenSSL does not take the key");
	path_of(path, directory, name, PUBLIC_SUFFIX);
	int error = save_public(pkey, path, failure);
	EVP_PKEY_free(pkey);
	return error;
}

int trust_remove(const char *directory, const char *name, struct failure *failure)
{
	char path[PATH_LEN];

	if (trust_check_name(name, failure) < 0)
		return failure->error;
	path_of(path, directory, name, PUBLIC_SUFFIX);
	if (unlink(path) < 0)
		return failure_set(
			failure, -errno, "%s cannot be removed: %s", path, strerror(errno));
	return 0;
}

int trust_generate(const char *directory, const char *name, uint32_t set, struct failure *failure)
{
	char private_path[PATH_LEN], public_path[PATH_LEN], kind[16];
	int error;

	if (trust_check_name(name, failure) < 0)
		return failure->error;
	path_of(private_path, directory, name, PRIVATE_SUFFIX);
	path_of(public_path, directory, name, PUBLIC_SUFFIX);
	snprintf(kind, sizeof(kind), "ML-DSA-%u", set);
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kind);
	if (key == NULL)
		return failure_set(failure, -ENOTSUP, "OpenSSL could not make a key of %s", kind);
	error = save_private(key, private_path, failure);
	if (error == 0) {
		error = save_public(key, public_path, failure);
		if (error < 0)
			unlink(private_path);
	}
	EVP_PKEY_free(key);
	return error;
}
