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

static int is_object(const struct dirent *entry)
{
	return plugin_file_name(entry->d_name);
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
	int fd = trusted_open(folder, TRUSTED_FOLDER_FLAGS, failure);

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
