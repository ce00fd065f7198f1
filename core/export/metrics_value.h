/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of labels: "\xff" stands for a byte that is not UTF-8, or not printable, so that two names which differ
 * stay two, and a backslash before an "x" is "\x5c".
 */
#ifndef X0_EXPORT_METRICS_VALUE_H
#define X0_EXPORT_METRICS_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/snapshot_alerts.h"

/* Each byte becomes "\\xff" at most. */
enum { METRICS_VALUE_LEN = 5 * SENTENCE_LEN + 1 };

/* Writes the text of at most `size` bytes, up to its terminator, as it stands between the quotes of a label. Cuts
 * what is longer than SENTENCE_LEN. Returns the length; `value` may have no terminator. */
size_t metrics_value_write(const char *text, size_t size, char value[METRICS_VALUE_LEN]);

/* Reads such a value, without the quotes' own escapes, back into `text`. Returns whether there was room. */
bool metrics_value_read(const char *value, char *text, size_t size);

/* Returns whether a text has such a value. */
bool metrics_value_is(const char *value, const char *text);

#endif
