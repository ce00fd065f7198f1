/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_EXPORT_JSON_PARSE_H
#define X0_EXPORT_JSON_PARSE_H

#include <jansson.h>

#include "base/failure.h"

/*
 * Parses `size` bytes, which may be hostile. Integers from 2^63 to 2^64 - 1 become 2^63 - 1, as when
 * they are written. Returns the value, to be released; or NULL with *failure set: -EINVAL, -ENOMEM.
 */
json_t *json_parse(const char *text, size_t size, struct failure *failure);

#endif
