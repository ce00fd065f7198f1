/* SPDX-License-Identifier: BSD-2-Clause */
/* Small files, read and written whole. */
#ifndef X0_PQC_FILE_H
#define X0_PQC_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/failure.h"
#include "pqc/request.h"

/*
 * Reads all of a file into `data`, which has room for `room` bytes. Returns 0 with *size set, or with
 * *failure set -EFBIG if the file has more, or the negative errno of open(2) or read(2).
 */
int file_read(const char *path, uint8_t *data, size_t room, size_t *size, struct failure *failure);

/*
 * Makes a file that must not exist yet, with these permissions, whatever the umask. Returns 0, or a
 * negative errno with *failure set, and no file.
 */
int file_create(const char *path, mode_t mode, struct span content, struct failure *failure);

#endif
