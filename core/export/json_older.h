/* SPDX-License-Identifier: BSD-2-Clause */
/* What older layouts of a snapshot had in another form, for json_read.c. */
#ifndef X0_EXPORT_JSON_OLDER_H
#define X0_EXPORT_JSON_OLDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "export/json_reader.h"
#include "model/fields.h"

/* Returns whether this x0top reads a layout in this form. */
bool json_older_reads(const char *schema, enum form form);

/* Returns how many members of an object this layout has no more, and leaves out. */
size_t json_older_gone(const struct reader *reader, const json_t *json);

/* Returns whether the list that is read was an object in an older layout. */
bool json_older_was_object(const struct reader *reader);

/* Returns the member of an object by its name, or by the name that it had before; NULL: there is none. */
const json_t *json_older_member(const json_t *object, const char *name);

/*
 * Returns the element of such a list, by the name that its member had, now the first field: adds one if there is
 * none. NULL: there is no room, or it is left out.
 */
char *json_older_element(const struct field *list, char *base, const char *name);

#endif
