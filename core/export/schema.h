/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON Schema of a snapshot, made from the field tables. `make schema` keeps it in a file. */
#ifndef X0_EXPORT_SCHEMA_H
#define X0_EXPORT_SCHEMA_H

#include <stdio.h>

/*
 * Writes the schema (draft 2020-12). A member's help is its description; its unit, which JSON Schema
 * has no word for, is "x-unit". Returns 0 or -EIO.
 */
int schema_write(FILE *file);

#endif
