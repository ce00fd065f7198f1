/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes text fit for JSON, which is UTF-8. */
#ifndef X0_EXPORT_JSON_TEXT_H
#define X0_EXPORT_JSON_TEXT_H

#include <stddef.h>

#include "model/snapshot_alerts.h"

/*
 * Copies the text of at most `size` bytes, up to its terminator, and replaces each invalid byte of
 * UTF-8 by "?". Cuts what is longer than SENTENCE_LEN. Returns the length; `clean` has no terminator.
 */
size_t json_text_clean(const char *text, size_t size, char clean[SENTENCE_LEN]);

#endif
