/* SPDX-License-Identifier: BSD-2-Clause */
/* Converts bytes to and from hexadecimal, two digits per byte. */
#ifndef X0_BASE_HEX_H
#define X0_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes 2 * size lower-case digits and a NUL to `text`. */
void hex_format(const uint8_t *data, size_t size, char *text);

/*
 * Reads exactly 2 * size digits of either case, up to the end of `text`. Returns 0, or -EINVAL with
 * undefined `data`.
 */
int hex_parse(const char *text, uint8_t *data, size_t size);

enum { HEX_MAC_BYTES = 6 };

/* Writes a MAC address, "02:00:00:00:00:01". */
void hex_format_mac(const uint8_t mac[HEX_MAC_BYTES], char *text, size_t size);

/* Reads all of `text` as a MAC address, in digits of either case. Returns 0, or -EINVAL with `mac`
 * unchanged. */
int hex_parse_mac(const char *text, uint8_t mac[HEX_MAC_BYTES]);

#endif
