// SPDX-License-Identifier: BSD-2-Clause
#include "base/file.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

bool file_system_is(const char *path, long magic)
{
	struct statfs status;

	return statfs(path, &status) == 0 && status.f_type == magic;
}

int file_check_regular(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	return S_ISREG(status.st_mode) ? 0 : FILE_NOT_REGULAR;
}

int file_open(const char *path)
{
	int fd = open(path, FILE_FLAGS);

	if (fd < 0)
		return errno == ENXIO ? FILE_NOT_REGULAR : -errno; /* ENXIO: a socket */
	int error = file_check_regular(fd);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

const char *file_strerror(int error)
{
	return error == FILE_NOT_REGULAR ? "It is not a regular file" : strerror(-error);
}

ssize_t file_read(int fd, void *data, size_t size)
{
	size_t length = 0;
	char beyond = 0;

	for (;;) {
		char *to = length < size ? (char *)data + length : &beyond;
		ssize_t got = read(fd, to, length < size ? size - length : sizeof(beyond));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return (ssize_t)length;
		if (to == &beyond)
			return -EFBIG;
		length += (size_t)got;
	}
}

ssize_t file_read_path(const char *path, void *data, size_t size)
{
	int fd = file_open(path);

	if (fd < 0)
		return fd;
	ssize_t length = file_read(fd, data, size);
	close(fd);
	return length;
}
