/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads small files whole: keys, signatures and messages from untrusted hands. */
#ifndef X0_CRYPTO_FILE_H
#define X0_CRYPTO_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Reads an open file to its end. Returns the number of bytes, -EFBIG if there are more than `size`,
 * or a negative errno of read(2).
 */
ssize_t file_read(int fd, void *data, size_t size);

#endif
