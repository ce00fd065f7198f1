/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a snapshot as JSON and reads it back. Both accept only snapshots that are valid by
 * core/export/x0top.schema.json.
 */
#ifndef X0_EXPORT_JSON_H
#define X0_EXPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/failure.h"
#include "model/snapshot.h"

/*
 * Writes a snapshot and a line feed, in one line or indented. Replaces each invalid byte of UTF-8
 * by "?". One line keeps every digit of a number, so that a replay is exact. Returns 0, -ENOMEM or
 * -EIO.
 */
int json_write(const struct snapshot *snapshot, FILE *file, bool one_line);

/* Writes one struct of a snapshot, with its field table. Returns as json_write(). */
int json_write_part(const struct field *fields, const void *part, FILE *file, bool one_line);

/*
 * Reads a snapshot from `size` bytes, which may be hostile. Returns 0; or -EINVAL or -ENOMEM with
 * *failure naming the wrong member, and leaves *snapshot unspecified.
 */
int json_read(const char *text, size_t size, struct snapshot *snapshot, struct failure *failure);

#endif
