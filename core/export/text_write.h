/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes a snapshot as lines of ASCII text, at most 79 columns wide. */
#ifndef X0_EXPORT_TEXT_WRITE_H
#define X0_EXPORT_TEXT_WRITE_H

#include <stdio.h>

#include "model/snapshot.h"

/* Writes a snapshot. Replaces bytes other than printable ASCII by "?". Returns 0 or -EIO. */
int text_write(const struct snapshot *snapshot, FILE *file);

#endif
