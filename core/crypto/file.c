// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/file.h"

#include <errno.h>
#include <unistd.h>

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
