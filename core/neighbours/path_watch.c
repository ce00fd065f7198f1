// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/path_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define GONE (IN_DELETE | IN_MOVED_FROM)

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static void folder_of(const char *path, char folder[PATH_MAX])
{
	size_t length = (size_t)(name_of(path) - path);

	if (length == 0)
		snprintf(folder, PATH_MAX, ".");
	else
		snprintf(folder, PATH_MAX, "%.*s", (int)length, path);
}

int path_watch_open(const char *path, enum path_watched what)
{
	/* A file that is created is still empty: it is there when it has been written. */
	static const uint32_t events[] = {
		[PATH_WATCH_FILE] = IN_MOVED_TO | IN_CLOSE_WRITE | GONE,
		[PATH_WATCH_SOCKET] = IN_MOVED_TO | IN_CREATE | GONE,
	};
	char folder[PATH_MAX];
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (watch < 0)
		return -errno;
	folder_of(path, folder);
	if (inotify_add_watch(watch, folder, events[what] | IN_ONLYDIR) >= 0)
		return watch;
	int error = -errno;
	close(watch);
	return error;
}

int path_watch_read(int watch, const char *path)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t length = read(watch, events, sizeof(events));
	int about = 0;

	for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= length;) {
		const struct inotify_event *event = (const struct inotify_event *)(events + at);
		about |= event->mask & IN_Q_OVERFLOW ||
			 (event->len > 0 && strcmp(event->name, name_of(path)) == 0);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	return about;
}
