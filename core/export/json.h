/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a snapshot as JSON and reads it back. core/export/x0top.schema.json describes the form:
 * only snapshots that are valid by it are written or read.
 */
#ifndef X0_EXPORT_JSON_H
#define X0_EXPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/failure.h"
#include "model/snapshot.h"

/*
 * Writes a snapshot and a line feed, in one line or indented for people. Text that is not valid
 * UTF-8 gets a "?" for each wrong byte. One line holds every digit of a number, so that
 * replay shows the very same. Returns 0, -ENOMEM, or -EIO.
 */
int json_write(const struct snapshot *snapshot, FILE *file, bool one_line);

/*
 * Reads a snapshot from `size` bytes, which may be hostile. Returns 0, or -EINVAL or -ENOMEM with
 * *failure saying which member is wrong and *snapshot unspecified.
 */
int json_read(const char *text, size_t size, struct snapshot *snapshot, struct failure *failure);

#endif
