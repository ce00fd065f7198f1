/* SPDX-License-Identifier: BSD-2-Clause */
/* Selects the largest elements of a list. */
#ifndef X0_TUI_TOP_H
#define X0_TUI_TOP_H

#include <stdint.h>

#include "model/counter.h"

/* Returns the value of an element of `list`. */
typedef double top_value(const void *list, uint32_t row);

/* Returns a value that orders counters by rate, then by total. */
double top_counter(const struct counter *counter);

/*
 * Writes the indices of the `wanted` largest of `n` elements to `rows`, largest first; equal elements
 * keep their order. Returns the number written: `wanted`, or `n` if that is less.
 */
uint32_t top_rows(const void *list, uint32_t n, top_value *value, uint32_t *rows, uint32_t wanted);

#endif
