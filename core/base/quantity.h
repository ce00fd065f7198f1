/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole numbers with a letter for thousands, k, M or G: "10M" of "10Mbit/s". */
#ifndef X0_BASE_QUANTITY_H
#define X0_BASE_QUANTITY_H

#include <stdint.h>

enum { QUANTITY_LEN = 24 };

/* Reads one that a text begins with; *end is what follows it. Returns 0, or -EINVAL: it is none, 0, has leading
 * zeros, or is more than `most`. */
int quantity_parse(const char *text, uint64_t most, uint64_t *value, const char **end);

/* Writes one as shortly as it can be read. Returns `text`. */
char *quantity_format(char text[QUANTITY_LEN], uint64_t value);

#endif
