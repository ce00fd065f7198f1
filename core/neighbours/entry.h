/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and writes addresses, prefixes and MACs of neighbours as text. */
#ifndef X0_NEIGHBOURS_ENTRY_H
#define X0_NEIGHBOURS_ENTRY_H

#include "neighbours/set.h"

enum { ENTRY_LEN = 48 };

/* Reads "10.1.0.7" or "fe80::1" into *family and `address`. Returns whether it is one. */
bool entry_read_address(const char *text, uint8_t *family, uint8_t address[ADDRESS_LEN]);

/* Reads an address, or a prefix "10.1.0.0/16", into the key; clears the bits beyond its length. Returns
 * whether it is one. */
bool entry_read_prefix(const char *text, struct neighbour_key *key);

/* Clears the bits of an address beyond the first `bits`. */
void entry_mask(uint8_t address[ADDRESS_LEN], uint8_t bits);

/* Writes an address, with "/16" if it is a prefix of `bits`; "" without. */
void entry_format(char text[ENTRY_LEN], uint8_t family, const uint8_t *address, uint8_t bits);

#endif
