// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/keeper.h"
#include "kernel/rights.h"

/* A store with more names than these is refused: a directory may hold anything. */
#define TRUST_FILES_MAX 1024
/* The largest key takes under 4 kB as PEM; text may precede it. */
#define TRUST_FILE_MAX 16384

#define PRIVATE_MARK "PRIVATE KEY-----"
#define PUBLIC_MARK  "-----BEGIN PUBLIC KEY-----"

struct file_list {
	uint32_t n;
	char *names[TRUST_FILES_MAX];
};

/* --- names ----------------------------------------------------------------------------------- */

bool trust_name_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t length = strlen(name);

	return length > 0 && length < TRUST_NAME_LEN && strspn(name, allowed) == length &&
	       name[0] != '.' && name[0] != '-';
}

int trust_name_wrong(const char *name, struct failure *failure)
{
	failure_set(failure, -EINVAL, "\"%.64s\" cannot be the name of a key", name);
	return failure_remedy(failure,
		"Use 1 to %d of A-Z a-z 0-9 . _ and -, not starting with a dot or dash",
		TRUST_NAME_LEN - 1);
}

static bool has_suffix(const char *file)
{
	size_t length = strlen(file), suffix = strlen(TRUST_SUFFIX);

	return length >= suffix && strcmp(file + length - suffix, TRUST_SUFFIX) == 0;
}

/* --- owner and mode --------------------------------------------------------------------------- */

/* Refuses a file that somebody else could have written. `what` names it in sentences. */
static int check_owner(const struct stat *status, const char *what, struct failure *failure)
{
	if (status->st_uid != 0 && status->st_uid != rights_user()) {
		failure_set(failure, -EACCES, "%s belongs to user %u, not to root", what,
			status->st_uid);
		return failure_remedy(failure, "If its contents are right: chown root %s", what);
	}
	if (status->st_mode & (S_IWGRP | S_IWOTH)) {
		failure_set(failure, -EACCES, "%s is writable for other users", what);
		return failure_remedy(failure, "If its contents are right: chmod go-w %s", what);
	}
	return 0;
}

static int open_directory(const char *path, struct failure *failure)
{
	struct stat status = { .st_uid = (uid_t)-1 };
	int fd = keeper_open_trusted(path, TRUST_FLAGS, failure);

	if (fd == -ENOENT) {
		failure_set(failure, fd, "There is no trust store %s", path);
		return failure_remedy(failure, "Create it with its first key: x0top keys add FILE");
	}
	if (fd < 0)
		return fd;
	/* Also with the sticky bit: others could add keys. */
	int error = fstat(fd, &status) < 0
			    ? failure_set(failure, -errno, "Cannot look at the trust store %s: %s",
				      path, strerror(errno))
			    : check_owner(&status, path, failure);
	if (error < 0)
		fd_close(&fd);
	return error < 0 ? error : fd;
}

/* --- one file -------------------------------------------------------------------------------- */

static bool contains(const void *data, size_t size, const char *mark)
{
	return memmem(data, size, mark, strlen(mark)) != NULL;
}

static int parse_file(const uint8_t *data, size_t size, const char *file, struct public_key *key,
	struct failure *failure)
{
	if (contains(data, size, PRIVATE_MARK)) {
		failure_set(failure, -EBADMSG, "%s holds a private key", file);
		return failure_remedy(failure,
			"Move it where nobody else can read it, and add the public key instead");
	}
	if (!contains(data, size, PUBLIC_MARK)) {
		failure_set(failure, -EBADMSG, "%s is not a public key in PEM", file);
		return failure_remedy(failure, "Convert it to PEM: x0top keys add FILE NAME");
	}
	return key_parse(data, size, file, key, failure);
}

static int read_file(
	int directory, const char *file, struct public_key *key, struct failure *failure)
{
	uint8_t data[TRUST_FILE_MAX];
	struct stat status = { .st_uid = (uid_t)-1 };
	int fd = keeper_open_in(directory, file, FILE_FLAGS | O_NOFOLLOW);
	int error = fd < 0 ? fd : fstat(fd, &status) < 0 ? -errno : 0;
	ssize_t size = 0;

	/* ELOOP is a symbolic link, ENXIO a socket. */
	if (error == -ELOOP || error == -ENXIO || (error == 0 && !S_ISREG(status.st_mode)))
		error = failure_set(failure, -EBADMSG, "%s is not a regular file", file);
	else if (error < 0)
		error = failure_set(
			failure, error, "Cannot open %s: %s", file, keeper_strerror(error));
	else if ((error = check_owner(&status, file, failure)) == 0 &&
		 (size = file_read(fd, data, sizeof(data))) < 0)
		error = size == -EFBIG ? failure_set(failure, -EBADMSG,
						 "%s is too large to be a public key", file)
				       : failure_set(failure, (int)size, "Cannot read %s: %s", file,
						 strerror((int)-size));
	fd_close(&fd);
	return error < 0 ? error : parse_file(data, (size_t)size, file, key, failure);
}

/* --- the whole store ------------------------------------------------------------------------- */

const struct trusted_key *trust_find(const struct trust *trust, const uint8_t node[PQC_NODE_LEN])
{
	for (uint32_t i = 0; i < trust->n_keys; i++)
		if (memcmp(trust->keys[i].node, node, PQC_NODE_LEN) == 0)
			return &trust->keys[i];
	return NULL;
}

int trust_admit(
	const struct trust *trust, const struct trusted_key *candidate, struct failure *failure)
{
	const struct trusted_key *other = trust_find(trust, candidate->node);

	if (other != NULL && other->key.length == candidate->key.length &&
		memcmp(other->key.bytes, candidate->key.bytes, other->key.length) == 0) {
		failure_set(
			failure, -EEXIST, "%s is the same key as %s", candidate->name, other->name);
		return failure_remedy(failure, "Remove one of the two");
	}
	if (other != NULL) {
		failure_set(failure, -EEXIST, "%s has the node id of %s, a different key",
			candidate->name, other->name);
		return failure_remedy(
			failure, "Keys do not collide by chance: find out who created this one");
	}
	if (trust->n_keys == TRUST_KEYS_MAX) {
		failure_set(failure, -ENOSPC, "%s exceeds the limit of %d keys", candidate->name,
			TRUST_KEYS_MAX);
		return failure_remedy(failure, "Remove a key first: x0top keys remove NAME");
	}
	return 0;
}

static void add_problem(struct trust *trust, const char *file, const struct failure *failure)
{
	if (trust->n_problems == TRUST_PROBLEMS_MAX) {
		trust->problems_left_out++;
		return;
	}
	struct trust_problem *problem = &trust->problems[trust->n_problems++];
	snprintf(problem->file, sizeof(problem->file), "%s", file);
	memcpy(problem->what, failure->what, sizeof(problem->what));
	memcpy(problem->remedy, failure->remedy, sizeof(problem->remedy));
}

static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static int set_node(struct trusted_key *key, struct failure *failure)
{
	int error = key_node(&key->key, key->node);

	return error == 0 ? 0
			  : failure_set(failure, error, "OpenSSL cannot compute the node id of %s",
				    key->name);
}

static int load_file(struct trust *trust, int directory, char *file, struct failure *failure)
{
	struct trusted_key candidate = { 0 };
	int error;

	snprintf(candidate.name, sizeof(candidate.name), "%.*s",
		(int)(strlen(file) - strlen(TRUST_SUFFIX)), file);
	if (strlen(file) >= TRUST_NAME_LEN + strlen(TRUST_SUFFIX) ||
		!trust_name_valid(candidate.name)) {
		make_printable(file);
		return trust_name_wrong(file, failure);
	}
	if ((error = read_file(directory, file, &candidate.key, failure)) < 0 ||
		(error = set_node(&candidate, failure)) < 0 ||
		(error = trust_admit(trust, &candidate, failure)) < 0)
		return error;
	trust->keys[trust->n_keys++] = candidate;
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void free_list(struct file_list *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		free(list->names[i]);
}

/* Lists the files of keys, sorted, so that always the same one of two equal keys counts. */
static int list_files(int directory, struct file_list *list)
{
	int fd = keeper_open_in(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (stream == NULL) {
		int error = fd < 0 ? fd : -errno;
		fd_close(&fd);
		return error;
	}
	errno = 0;
	while (list->n < TRUST_FILES_MAX && (entry = readdir(stream)) != NULL) {
		if (!has_suffix(entry->d_name))
			continue;
		list->names[list->n] = strdup(entry->d_name);
		if (list->names[list->n] == NULL)
			break;
		list->n++;
	}
	int error = list->n == TRUST_FILES_MAX ? -E2BIG : -errno;
	closedir(stream);
	qsort(list->names, list->n, sizeof(list->names[0]), compare_names);
	return error;
}

static int load_directory(
	struct trust *trust, int directory, const char *path, struct failure *failure)
{
	struct file_list list = { 0 };
	struct failure problem;
	int error = list_files(directory, &list);

	if (error == -E2BIG)
		failure_set(failure, error, "The trust store %s holds %d files or more", path,
			TRUST_FILES_MAX);
	else if (error < 0)
		failure_set(failure, error, "Cannot read the trust store %s: %s", path,
			keeper_strerror(error));
	for (uint32_t i = 0; error == 0 && i < list.n; i++) {
		int result = load_file(trust, directory, list.names[i], &problem);
		/* A shortage says nothing of the file: to go on would end the trust in its key. */
		if (failure_is_shortage(result)) {
			*failure = problem;
			error = result;
		} else if (result < 0 && result != -ENOENT) /* it may be removed meanwhile */
			add_problem(trust, list.names[i], &problem);
	}
	free_list(&list);
	return error;
}

int trust_open(const char *directory, struct trust **trust, struct failure *failure)
{
	int fd = open_directory(directory, failure);

	if (fd < 0)
		return fd;
	struct trust *loaded = calloc(1, sizeof(*loaded));
	int error = loaded == NULL
			    ? failure_set(failure, -ENOMEM, "Not enough memory for the trust store")
			    : load_directory(loaded, fd, directory, failure);
	close(fd);
	if (error < 0)
		free(loaded);
	else
		*trust = loaded;
	return error;
}

void trust_close(struct trust *trust)
{
	free(trust);
}

/* --- changes --------------------------------------------------------------------------------- */

/* Creates a directory and its parents. */
static int make_directory(const char *path)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, strlen(path) + 1);
	for (char *at = part + 1;; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		bool last = *at == '\0';
		*at = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		if (last)
			return 0;
		*at = '/';
	}
}

/* Creates a file, whole or not at all. Returns 0 or a negative errno. */
static int write_new(int directory, const char *file, const char *data, size_t size)
{
	char aside[NAME_MAX + 1];
	int error = 0;

	/*
	 * trust_open() ignores this name. A leftover is from a process with our id, so a dead one.
	 */
	snprintf(aside, sizeof(aside), ".%s.%d", file, getpid());
	unlinkat(directory, aside, 0);
	int fd = openat(directory, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -errno;
	ssize_t written = write(fd, data, size);
	if (written != (ssize_t)size)
		error = written < 0 ? -errno : -ENOSPC;
	else if (fchmod(fd, 0644) < 0 || fsync(fd) < 0 ||
		 syscall(SYS_renameat2, directory, aside, directory, file, RENAME_NOREPLACE) < 0)
		error = -errno;
	if (error < 0)
		unlinkat(directory, aside, 0);
	else
		fsync(directory);
	close(fd);
	return error;
}

static int write_key(int directory, const struct trusted_key *key, struct failure *failure)
{
	char file[TRUST_NAME_LEN + sizeof(TRUST_SUFFIX)], pem[KEY_PEM_LEN];
	int length = key_to_pem(&key->key, pem, failure);

	if (length < 0)
		return length;
	snprintf(file, sizeof(file), "%s" TRUST_SUFFIX, key->name);
	int error = write_new(directory, file, pem, (size_t)length);
	if (error == -EEXIST) {
		failure_set(failure, error, "The key %s already exists", key->name);
		failure_remedy(failure, "To replace it: x0top keys remove %s", key->name);
	} else if (error < 0) {
		failure_set(failure, error, "Cannot write %s: %s", file, strerror(-error));
	}
	return error;
}

int trust_add(const char *directory, const char *name, const struct public_key *key,
	struct failure *failure)
{
	struct trusted_key candidate = { .key = *key };
	struct trust *trust = NULL;

	if (!trust_name_valid(name))
		return trust_name_wrong(name, failure);
	snprintf(candidate.name, sizeof(candidate.name), "%s", name);
	int error = make_directory(directory);
	if (error < 0)
		return failure_set(failure, error, "Cannot create the trust store %s: %s",
			directory, strerror(-error));
	int fd = open_directory(directory, failure);
	if (fd < 0)
		return fd;
	if ((error = trust_open(directory, &trust, failure)) == 0 &&
		(error = set_node(&candidate, failure)) == 0 &&
		(error = trust_admit(trust, &candidate, failure)) == 0)
		error = write_key(fd, &candidate, failure);
	trust_close(trust);
	close(fd);
	return error;
}

int trust_remove(const char *directory, const char *name, struct failure *failure)
{
	char file[TRUST_NAME_LEN + sizeof(TRUST_SUFFIX)];
	int error = 0;

	if (!trust_name_valid(name))
		return trust_name_wrong(name, failure);
	int fd = open_directory(directory, failure);
	if (fd < 0)
		return fd;
	snprintf(file, sizeof(file), "%s" TRUST_SUFFIX, name);
	if (unlinkat(fd, file, 0) < 0 || fsync(fd) < 0)
		error = -errno;
	close(fd);
	if (error == -ENOENT) {
		failure_set(failure, error, "There is no key %s in %s", name, directory);
		failure_remedy(failure, "List the keys: x0top keys list");
	} else if (error < 0) {
		failure_set(failure, error, "%s cannot be removed: %s", file, strerror(-error));
	}
	return error;
}
