// SPDX-License-Identifier: BSD-2-Clause
/* A file of neighbours, read again whenever inotify says that it was written put in place or removed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/keeper.h"
#include "neighbours/file_lines.h"
#include "neighbours/path_watch.h"
#include "neighbours/source.h"

#define FILE_SIZE_MAX (4 << 20) /* bytes: more than NEIGHBOURS_MAX lines with names */

struct file_source {
	int folder; /* of inotify */
	struct loop_source *watch;
};

/* Reads the file into `text`. Returns the bytes, or a negative errno. */
static ssize_t read_text(const char *path, char *text)
{
	int fd = keeper_open(path, FILE_FLAGS, 0);

	if (fd < 0)
		return fd;
	ssize_t length = file_check_regular(fd);
	if (length == 0)
		length = file_read(fd, text, FILE_SIZE_MAX);
	fd_close(&fd);
	return length;
}

static void read_file(struct neighbour_source *source)
{
	const char *path = source->settings->file;
	struct neighbour_set next = { 0 };
	char *text = malloc(FILE_SIZE_MAX);
	ssize_t length = text != NULL ? read_text(path, text) : -ENOMEM;

	if (length < 0) {
		source_gone(source, "Cannot read %s: %s", path, file_strerror((int)length));
		free(text);
		return;
	}
	uint32_t wrong = file_lines_read(text, (size_t)length, &next);
	free(text);
	source_replace(source, &next);
	if (wrong > 0)
		snprintf(source->reason, sizeof(source->reason),
			"%s: line %u is no address, prefix or MAC", path, wrong);
}

static void on_change(void *context, uint32_t what)
{
	struct neighbour_source *source = context;
	struct file_source *own = source->own;

	(void)what;
	if (path_watch_read(own->folder, source->settings->file))
		read_file(source);
}

static void open_file(struct neighbour_source *source)
{
	struct file_source *own = source->own;

	own->folder = path_watch_open(source->settings->file, PATH_WATCH_FILE);
	if (own->folder >= 0)
		loop_add(source->loop, own->folder, EPOLLIN, on_change, source, &own->watch);
	read_file(source);
}

static void close_file(struct neighbour_source *source)
{
	struct file_source *own = source->own;

	loop_remove(own->watch);
	fd_close(&own->folder);
}

const struct neighbour_source_type neighbours_file = {
	.name = NEIGHBOURS_FILE,
	.size = sizeof(struct file_source),
	.open = open_file,
	.close = close_file,
};
