/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens and reads files that anybody may have named or written: regular files only, so that no pipe
 * or device makes x0top wait, and never more bytes than there is room for.
 */
#ifndef X0_BASE_FILE_H
#define X0_BASE_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* O_NONBLOCK: opening a FIFO would wait for a writer. O_NOCTTY: nor does a terminal become x0top's. */
#define FILE_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

#define FILE_NOT_REGULAR (-EMEDIUMTYPE)

/* Opens a regular file for reading. Returns a descriptor to be closed by the caller, or a negative
 * errno of open(2), -EISDIR or FILE_NOT_REGULAR. */
int file_open(const char *path);

/* Returns whether a path is in a file system of this kind, one of linux/magic.h. */
bool file_system_is(const char *path, long magic);

/* Returns 0 if an open file is regular, -EISDIR, FILE_NOT_REGULAR, or a negative errno of fstat(2). */
int file_check_regular(int fd);

/* Returns the words for a negative errno of this module, like strerror(3). */
const char *file_strerror(int error);

/*
 * Reads an open file to its end. Returns the number of bytes, -EFBIG if there are more than `size`,
 * or a negative errno of read(2).
 */
ssize_t file_read(int fd, void *data, size_t size);

/* Opens, reads and closes a regular file. Returns as file_open() and file_read(). */
ssize_t file_read_path(const char *path, void *data, size_t size);

#endif
