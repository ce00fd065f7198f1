// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* --- who could have written it --------------------------------------------------------------- */

/* In a folder with the sticky bit, root's files are root's to rename and to remove. */
static int check_owner(const struct stat *status, const char *path, struct failure *failure)
{
	bool sticky = S_ISDIR(status->st_mode) && status->st_mode & S_ISVTX;

	if (status->st_uid != 0) {
		failure_set(failure, -EACCES, "%.200s belongs to user %u, not to root", path,
			status->st_uid);
		return failure_remedy(
			failure, "If its contents are right: chown root %.180s", path);
	}
	if (status->st_mode & (S_IWGRP | S_IWOTH) && !sticky) {
		failure_set(failure, -EACCES, "%.200s is writable for other users", path);
		return failure_remedy(
			failure, "If its contents are right: chmod go-w %.180s", path);
	}
	return 0;
}

static int cannot_open(const char *path, int error, struct failure *failure)
{
	if (error == -ELOOP) {
		failure_set(failure, error,
			"%.200s is a symbolic link, which x0top does not follow", path);
		return failure_remedy(failure, "Name the file itself: readlink -f %.180s", path);
	}
	return failure_set(failure, error, "Cannot open %.180s: %s", path, file_strerror(error));
}

/* Opens one name in a checked folder, and checks it. Returns a descriptor, or a negative errno. */
static int open_in(
	int folder, const char *name, const char *path, int flags, struct failure *failure)
{
	struct stat status;
	int fd = openat(folder, name, flags);

	if (fd < 0) {
		int error = -errno;
		/* With O_DIRECTORY, a link is said to be no folder. */
		if (error == -ENOTDIR && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISLNK(status.st_mode))
			error = -ELOOP;
		return cannot_open(path, error, failure);
	}
	int error = fstat(fd, &status) < 0 ? cannot_open(path, -errno, failure)
					   : check_owner(&status, path, failure);
	if (error < 0)
		fd_close(&fd);
	return error < 0 ? error : fd;
}

/* --- walking --------------------------------------------------------------------------------- */

/* Makes a path absolute. Returns 0 or a negative errno. */
static int make_absolute(const char *path, char absolute[PATH_MAX])
{
	char here[PATH_MAX] = "";

	if (path[0] != '/' && getcwd(here, sizeof(here)) == NULL)
		return -errno;
	return snprintf(absolute, PATH_MAX, "%s%s%s", here, path[0] == '/' ? "" : "/", path) >=
			       PATH_MAX
		       ? -ENAMETOOLONG
		       : 0;
}

/* Opens a path from the root on; its last name with `flags`. Returns a descriptor, or a negative errno. */
static int walk(const char *path, int flags, struct failure *failure)
{
	char absolute[PATH_MAX], name[NAME_MAX + 1];
	int error = make_absolute(path, absolute);
	int fd = error < 0 ? error : open("/", FOLDER_FLAGS);
	char *at = absolute;

	if (fd < 0)
		return cannot_open(path, error < 0 ? error : -errno, failure);
	while (at[strspn(at, "/")] != '\0') {
		char *begin = at + strspn(at, "/"), *end = begin + strcspn(begin, "/");
		bool last = end[strspn(end, "/")] == '\0';
		char cut = *end;
		if (end - begin > NAME_MAX)
			error = cannot_open(path, -ENAMETOOLONG, failure);
		else
			snprintf(name, sizeof(name), "%.*s", (int)(end - begin), begin);
		*end = '\0'; /* `absolute` is the path so far, for sentences */
		int folder = fd;
		fd = error < 0 ? error
			       : open_in(folder, name, absolute, last ? flags : FOLDER_FLAGS,
					 failure);
		close(folder);
		if (fd < 0)
			return fd;
		*end = cut;
		at = end;
	}
	return fd;
}

/* --- reading --------------------------------------------------------------------------------- */

static int read_all(int fd, const char *path, uint8_t **data, size_t *size, struct failure *failure)
{
	struct stat status;
	int error = file_check_regular(fd);

	if (error < 0)
		return cannot_open(path, error, failure);
	if (fstat(fd, &status) < 0)
		return cannot_open(path, -errno, failure);
	if (status.st_size > (off_t)PLUGIN_BYTES_MAX)
		return failure_set(failure, -EFBIG,
			"%.180s is not a BPF object: it is larger than %u MiB", path,
			PLUGIN_BYTES_MAX >> 20);
	*data = malloc((size_t)status.st_size + 1);
	if (*data == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read %.180s", path);
	ssize_t got = file_read(fd, *data, (size_t)status.st_size);
	if (got >= 0) {
		*size = (size_t)got;
		return 0;
	}
	free(*data);
	*data = NULL;
	return failure_set(
		failure, (int)got, "Cannot read %.180s: %s", path, file_strerror((int)got));
}

int plugin_file_read(const char *path, uint8_t **data, size_t *size, struct failure *failure)
{
	int fd = walk(path, FILE_FLAGS | O_NOFOLLOW, failure);

	if (fd < 0)
		return fd;
	int error = read_all(fd, path, data, size, failure);
	close(fd);
	return error;
}

int plugin_file_read_any(const char *path, uint8_t **data, size_t *size, struct failure *failure)
{
	int fd = file_open(path);

	if (fd < 0)
		return cannot_open(path, fd, failure);
	int error = read_all(fd, path, data, size, failure);
	close(fd);
	return error;
}

/* --- a folder -------------------------------------------------------------------------------- */

static int is_object(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), suffix = strlen(PLUGIN_SUFFIX);

	return length > suffix && entry->d_name[0] != '.' &&
	       strcmp(entry->d_name + length - suffix, PLUGIN_SUFFIX) == 0;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Scans a checked folder. Returns the number of entries, to be freed by free_entries(); 0 if there is no such
 * folder. */
static int scan(const char *folder, int (*wanted)(const struct dirent *entry),
	struct dirent ***entries, struct failure *failure)
{
	int fd = walk(folder, FOLDER_FLAGS, failure);

	*entries = NULL;
	if (fd == -ENOENT)
		return failure->error = 0;
	if (fd < 0)
		return fd;
	int n = scandirat(fd, ".", entries, wanted, alphasort);
	if (n < 0)
		n = failure_set(failure, -errno, "Cannot list %.180s: %s", folder, strerror(errno));
	close(fd);
	return n;
}

static void free_entries(struct dirent **entries, int n)
{
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
}

int plugin_file_count(const char *folder, struct failure *failure)
{
	struct dirent **entries;
	int n = scan(folder, is_shown, &entries, failure);

	free_entries(entries, n);
	return n;
}

int plugin_file_list(
	const char *folder, char *paths, size_t size, uint32_t room, struct failure *failure)
{
	struct dirent **entries;
	int n = scan(folder, is_object, &entries, failure), listed = n;

	if (n > (int)room)
		listed = failure_set(failure, -E2BIG,
			"%.180s holds %d plugins, and there is room for %u", folder, n, room);
	for (int i = 0; i < listed; i++)
		if ((size_t)snprintf(paths + (size_t)i * size, size, "%s/%s", folder,
			    entries[i]->d_name) >= size)
			listed = failure_set(failure, -ENAMETOOLONG,
				"The path of a plugin in %.180s is too long", folder);
	free_entries(entries, n);
	return listed;
}
