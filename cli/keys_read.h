/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the files that x0top keys takes; "-" is the standard input. */
#ifndef X0_CLI_KEYS_READ_H
#define X0_CLI_KEYS_READ_H

#include <stddef.h>
#include <sys/types.h>

#include "base/failure.h"
#include "crypto/key.h"

/*
 * Reads a file of at most `size` bytes. Returns its size, or a negative errno with *failure set:
 * -EFBIG for a larger one.
 */
ssize_t keys_read_file(const char *path, void *data, size_t size, struct failure *failure);

/* Reads a public key in PEM, DER or raw bytes. Returns 0, or a negative errno with *failure set. */
int keys_read_key(const char *path, struct public_key *key, struct failure *failure);

#endif
