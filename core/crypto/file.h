/* SPDX-License-Identifier: BSD-2-Clause */
/* Small files read whole: keys, signatures and messages, which anybody may have written. */
#ifndef X0_CRYPTO_FILE_H
#define X0_CRYPTO_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Reads to the end of an open file, `size` bytes at most. Returns how many there were, -EFBIG if
 * there are more, or a negative errno of read(2).
 */
ssize_t file_read(int fd, void *data, size_t size);

#endif
