// SPDX-License-Identifier: BSD-2-Clause
#include "cli/saved_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define MODE 0644 /* comments and addresses are no secrets; the folder says who may read */

int saved_file_open(struct saved_file *saved, const char *path)
{
	struct stat status;

	*saved = (struct saved_file) { .path = path, .file = stdout };
	if (path == NULL)
		return 0;
	/* A device such as /dev/stdout would be replaced by a file, for all programs. */
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return S_ISDIR(status.st_mode) ? -EISDIR : FILE_NOT_REGULAR;
	if (snprintf(saved->beside, PATH_MAX, "%s.new", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (unlink(saved->beside) < 0 && errno != ENOENT)
		return -errno;
	int fd = open(saved->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (fd < 0)
		return -errno;
	saved->file = fdopen(fd, "w");
	if (saved->file != NULL)
		return 0;
	close(fd);
	unlink(saved->beside);
	return -ENOMEM;
}

int saved_file_close(struct saved_file *saved, int error)
{
	if (error == 0 && fflush(saved->file) != 0)
		error = -errno;
	if (error == 0 && ferror(saved->file))
		error = -EIO;
	if (saved->path == NULL)
		return error;
	if (error == 0 && fsync(fileno(saved->file)) < 0)
		error = -errno;
	if (fclose(saved->file) != 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(saved->beside, saved->path) < 0)
		error = -errno;
	if (error < 0)
		unlink(saved->beside);
	return error;
}
