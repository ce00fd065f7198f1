/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares structs that have a field table, as recordings keep them. */
#ifndef X0_TESTS_FIELDS_SAME_H
#define X0_TESTS_FIELDS_SAME_H

#include <stddef.h>

#include "model/fields.h"

/*
 * Returns the name of the first member that differs, or NULL. Times are to be equal, other numbers
 * that are not whole to nine digits; elements of lists behind the used ones are to be equal too.
 */
const char *fields_differ(const struct field *fields, const void *one, const void *other);

#endif
