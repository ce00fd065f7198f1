/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes the JSON Schema of a snapshot from the field tables. `make schema` updates its file. */
#ifndef X0_EXPORT_SCHEMA_H
#define X0_EXPORT_SCHEMA_H

#include <stdio.h>

/*
 * Writes the schema (draft 2020-12). A member's help becomes its description, its unit "x-unit", a
 * keyword that JSON Schema lacks. Returns 0 or -EIO.
 */
int schema_write(FILE *file);

#endif
