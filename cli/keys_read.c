// SPDX-License-Identifier: BSD-2-Clause
#include "cli/keys_read.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* The largest public key takes less than 4 kB in PEM. */
#define KEY_FILE_MAX 16384

ssize_t keys_read_file(const char *path, void *data, size_t size, struct failure *failure)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "The standard input" : path;
	int fd = standard ? STDIN_FILENO : file_open(path);

	if (fd < 0)
		return failure_set(failure, fd, "Cannot open %s: %s", path, file_strerror(fd));
	ssize_t length = file_read(fd, data, size);
	if (!standard)
		close(fd);
	if (length == -EFBIG)
		return failure_set(failure, -EFBIG, "%s is longer than %zu bytes", name, size);
	if (length < 0)
		return failure_set(
			failure, (int)length, "Cannot read %s: %s", name, strerror((int)-length));
	return length;
}

int keys_read_key(const char *path, struct public_key *key, struct failure *failure)
{
	uint8_t data[KEY_FILE_MAX];
	const char *name = strcmp(path, "-") == 0 ? "The standard input" : path;
	ssize_t size = keys_read_file(path, data, sizeof(data), failure);

	if (size == -EFBIG)
		return failure_set(failure, -EBADMSG, "%s is too large to be a public key", name);
	return size < 0 ? (int)size : key_parse(data, (size_t)size, name, key, failure);
}
