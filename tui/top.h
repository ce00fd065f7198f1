/* SPDX-License-Identifier: BSD-2-Clause */
/* The few largest of a list. */
#ifndef X0_TUI_TOP_H
#define X0_TUI_TOP_H

#include <stdint.h>

/* The value of an element of `list`. */
typedef double top_value(const void *list, uint32_t row);

/*
 * Puts the rows of the `wanted` largest of `n` elements into `rows`, the largest first; among equals,
 * the first. Returns how many there are: `wanted`, or `n` if that is less.
 */
uint32_t top_rows(const void *list, uint32_t n, top_value *value, uint32_t *rows, uint32_t wanted);

#endif
