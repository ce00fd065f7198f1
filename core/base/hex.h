/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as hexadecimal digits, two a byte. */
#ifndef X0_BASE_HEX_H
#define X0_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes 2 * size lower-case digits and a terminating zero into `text`. */
void hex_format(const uint8_t *data, size_t size, char *text);

/*
 * Reads exactly 2 * size digits of either case, and nothing after them. Returns 0, or -EINVAL with
 * what is in `data` undefined.
 */
int hex_parse(const char *text, uint8_t *data, size_t size);

#endif
