// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/trusted_file.h"
#include "programs/plugin_names.h"

static int cannot_open(const char *path, int error, struct failure *failure)
{
	return failure_set(failure, error, "Cannot open %.180s: %s", path, file_strerror(error));
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
	int fd = trusted_open(path, FILE_FLAGS, failure);

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

/* Opens a checked folder. Returns NULL with *failure set, whose error is 0 if there is no such folder. */
static DIR *open_folder(const char *folder, struct failure *failure)
{
	int fd = trusted_open(folder, TRUSTED_FOLDER_FLAGS, failure);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);

	if (fd == -ENOENT)
		failure->error = 0;
	if (fd < 0 || entries != NULL)
		return entries;
	failure_set(failure, -errno, "Cannot list %.180s: %s", folder, strerror(errno));
	close(fd);
	return NULL;
}

int plugin_file_count(const char *folder, struct failure *failure)
{
	DIR *entries = open_folder(folder, failure);
	int n = 0;

	if (entries == NULL)
		return failure->error;
	for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
		n += entry->d_name[0] != '.';
	closedir(entries);
	return n;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(left, right);
}

int plugin_file_list(
	const char *folder, char *paths, size_t size, uint32_t room, struct failure *failure)
{
	DIR *entries = open_folder(folder, failure);
	uint32_t n = 0;
	int error = 0;

	if (entries == NULL)
		return failure->error;
	for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
		if (!plugin_file_name(entry->d_name) || n++ >= room)
			continue;
		if ((size_t)snprintf(
			    paths + (n - 1) * size, size, "%s/%s", folder, entry->d_name) >= size)
			error = failure_set(failure, -ENAMETOOLONG,
				"The path of a plugin in %.180s is too long", folder);
	}
	closedir(entries);
	if (n > room)
		error = failure_set(failure, -E2BIG,
			"%.180s holds %u plugins, and there is room for %u", folder, n, room);
	if (error < 0)
		return error;
	qsort(paths, n, size, compare_paths);
	return (int)n;
}
