/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the verbs of x0top keys. */
#ifndef X0_CLI_COMMAND_KEYS_H
#define X0_CLI_COMMAND_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"
#include "crypto/key.h"

struct keys_options {
	const char *trust; /* directory */
	const char *directory; /* of a new key */
	const char *set;
	const char *key; /* files */
	const char *signature;
	const char *context; /* TEXT or hex:BYTES */
	bool json;
	bool native;
	bool verbose;
};

/*
 * Reads the file `path`, or the standard input for "-", of at most `size` bytes. Returns its size,
 * or a negative errno with *failure set: -EFBIG for a larger one.
 */
ssize_t keys_read_file(const char *path, void *data, size_t size, struct failure *failure);

/* Reads a public key in any form. Returns 0, or a negative errno with *failure set. */
int keys_read_key(const char *path, struct public_key *key, struct failure *failure);

/* x0top keys verify FILE. Returns an exit status. */
int keys_verify(const struct keys_options *options, int argc, char **argv);

#endif
