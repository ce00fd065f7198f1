/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for a file or socket to appear, change or go, by inotify on its folder. */
#ifndef X0_NEIGHBOURS_PATH_WATCH_H
#define X0_NEIGHBOURS_PATH_WATCH_H

#include <stddef.h>

enum path_watched { PATH_WATCH_FILE, PATH_WATCH_SOCKET };

/*
 * Opens a non-blocking descriptor that is readable when something in the folder of `path` appeared, was
 * written, or went away. Returns it, or a negative errno: -ENOENT without the folder, -EACCES. Call it before rights are
 * given up.
 */
int path_watch_open(const char *path, enum path_watched what);

/* Reads what is pending. Returns whether any of it was about the file itself. */
int path_watch_read(int watch, const char *path);

#endif
