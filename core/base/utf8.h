/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_BASE_UTF8_H
#define X0_BASE_UTF8_H

#include <stddef.h>

enum { UTF8_MAX = 4 }; /* bytes of a character */

/* Returns the length in bytes of the valid UTF-8 character (RFC 3629) at `text`, which has `size` bytes, or 0. */
size_t utf8_character(const unsigned char *text, size_t size);

#endif
