/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills structs that have a field table with random contents, the same on every machine. */
#ifndef X0_TESTS_FIELDS_FILL_H
#define X0_TESTS_FIELDS_FILL_H

#include <stdint.h>

#include "model/fields.h"

enum fill_lists {
	FILL_LISTS, /* of any length */
	FILL_LISTS_FULL,
};

uint64_t random_next(void);

/* Fills each member of a zeroed struct with a value that JSON can hold. */
void fields_fill(const struct field *fields, void *base, enum fill_lists lists);

#endif
