/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes a snapshot for people: lines of plain ASCII, at most 79 columns. */
#ifndef X0_EXPORT_TEXT_H
#define X0_EXPORT_TEXT_H

#include <stdio.h>

#include "model/snapshot.h"

/* Writes a snapshot. Bytes that are not printable ASCII become "?". Returns 0 or -EIO. */
int text_write(const struct snapshot *snapshot, FILE *file);

#endif
