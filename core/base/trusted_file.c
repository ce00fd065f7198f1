// SPDX-License-Identifier: BSD-2-Clause
#include "base/trusted_file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"

/* On the way: a folder that may be searched and not listed is no hindrance. */
#define STEP_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* In a folder with the sticky bit, a file is its owner's to rename and to remove. */
static int check_owner(
	const struct stat *status, uid_t user, const char *path, struct failure *failure)
{
	bool sticky = S_ISDIR(status->st_mode) && status->st_mode & S_ISVTX;

	if (status->st_uid != 0 && status->st_uid != user) {
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
static int open_in(int folder, const char *name, const char *path, int flags, uid_t user,
	struct failure *failure)
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
		    : !S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)
			    ? cannot_open(path, FILE_NOT_REGULAR, failure)
			    : check_owner(&status, user, path, failure);
	if (error < 0)
		fd_close(&fd);
	return error < 0 ? error : fd;
}

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

int trusted_open(const char *path, int flags, struct failure *failure)
{
	return trusted_open_of(path, flags, 0, failure);
}

int trusted_open_of(const char *path, int flags, uid_t user, struct failure *failure)
{
	char absolute[PATH_MAX], name[NAME_MAX + 1];
	int error = make_absolute(path, absolute);
	char *at = absolute;

	if (error < 0)
		return cannot_open(path, error, failure);
	int fd = open_in(AT_FDCWD, "/", "/", STEP_FLAGS, user, failure);
	while (fd >= 0 && at[strspn(at, "/")] != '\0') {
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
			       : open_in(folder, name, absolute,
					 last ? flags | O_NOFOLLOW : STEP_FLAGS, user, failure);
		close(folder);
		*end = cut;
		at = end;
	}
	return fd;
}
