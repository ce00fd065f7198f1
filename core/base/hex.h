/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as hexadecimal digits. */
#ifndef X0_BASE_HEX_H
#define X0_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes 2 * size lower-case digits and a terminator. */
void hex_format(const uint8_t *data, size_t size, char *text);

/* Reads exactly 2 * size digits of either case. Returns 0 or -EINVAL. */
int hex_parse(const char *text, uint8_t *data, size_t size);

#endif
