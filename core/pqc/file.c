// SPDX-License-Identifier: BSD-2-Clause
#include "pqc/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read(const char *path, uint8_t *data, size_t room, size_t *size, struct failure *failure)
{
	uint8_t more;
	ssize_t got = 0;
	int error = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*size = 0;
	if (fd < 0)
		return failure_set(
			failure, -errno, "%s cannot be opened: %s", path, strerror(errno));
	while (*size < room && (got = read(fd, data + *size, room - *size)) > 0)
		*size += (size_t)got;
	if (got >= 0 && *size == room)
		got = read(fd, &more, sizeof(more));
	if (got < 0)
		error = failure_set(
			failure, -errno, "%s cannot be read: %s", path, strerror(errno));
	else if (got > 0)
		error = failure_set(failure, -EFBIG, "%s is longer than %zu bytes", path, room);
	close(fd);
	return error;
}

int file_create(const char *path, mode_t mode, struct span content, struct failure *failure)
{
	size_t written = 0;
	ssize_t put = 0;
	int error = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return failure_set(failure, -errno, "%s cannot be made: %s", path, strerror(errno));
	while (written < content.size &&
		(put = write(fd, content.data + written, content.size - written)) > 0)
		written += (size_t)put;
	if (written < content.size || fchmod(fd, mode) < 0 || fsync(fd) < 0)
		error = failure_set(failure, put == 0 ? -EIO : -errno, "%s cannot be written: %s",
			path, strerror(errno));
	close(fd);
	if (error < 0)
		unlink(path);
	return error;
}
