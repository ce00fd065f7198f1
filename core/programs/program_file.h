/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that take the place of built-in objects: root's, checked before anything else is done with them. */
#ifndef X0_PROGRAMS_PROGRAM_FILE_H
#define X0_PROGRAMS_PROGRAM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "crypto/trust.h"
#include "kernel/replaced.h"

struct program;

/* A file that was read once: what it says later does not count. */
struct program_file {
	char path[PROGRAM_PATH_LEN]; /* absolute */
	uint8_t *data;
	size_t size;
	uint64_t
		hash; /* tells other contents; no protection against anybody who wants the same hash */
	char signer
		[TRUST_NAME_LEN]; /* of a plugin's: the key that has signed it; empty: none is wanted */
};

/*
 * Reads a file as the object of program `name`, and checks it as x0top programs verify does. Returns 0 with
 * *file to be freed by program_file_free(), or a negative errno with *failure set: -EACCES if others than root may
 * write the file or exchange it, or if rights come from this program's file.
 */
int program_file_read(
	const char *path, const char *name, struct program_file **file, struct failure *failure);

/* Reads a file that took the place of a program before, and was checked then. Returns as program_file_read(): -ESTALE if
 * its hash is another one now. */
int program_file_read_again(const char *path, const char *name, uint64_t hash,
	struct program_file **file, struct failure *failure);

/* Returns whether it is noted beside what is pinned which file a program is from. */
bool program_is_noted(const struct program *program);

/* Makes the map for that, before the first file is in force. Returns 0, or a negative errno with *failure set. */
int program_prepare_note(struct program *program, struct failure *failure);

/* Notes which file the program is from, or that it is built in; nothing of one that is not noted. A kill before that
 * leaves the one that was noted to the next x0top. Returns 0, or a negative errno with *failure set. */
int program_note_file(const struct program *program, struct failure *failure);

/* Makes one of the whole path of a file, and nothing else yet. Returns as program_file_read(). */
int program_file_open(const char *path, struct program_file **file, struct failure *failure);

/* Accepts NULL. */
void program_file_free(struct program_file *file);

#endif
