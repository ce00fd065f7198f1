/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration file that a command writes: beside its place, where it is put when it is whole. */
#ifndef X0_CLI_SAVED_FILE_H
#define X0_CLI_SAVED_FILE_H

#include <limits.h>
#include <stdio.h>

struct saved_file {
	FILE *file; /* to be written to */
	const char *path; /* kept; NULL: it is standard output */
	char beside[PATH_MAX];
};

/*
 * Opens a new file beside `path`, or takes standard output for NULL. Returns 0, or with nothing to be closed a negative
 * errno: FILE_NOT_REGULAR and -EISDIR for what is no file, -ENAMETOOLONG, or that of open(2).
 */
int saved_file_open(struct saved_file *saved, const char *path);

/*
 * Closes it. Without an error, and if all of it was written, it is put in its place; else removed. Returns `error`, or
 * a negative errno of writing.
 */
int saved_file_close(struct saved_file *saved, int error);

#endif
