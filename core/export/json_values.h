/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads single values of a snapshot's text. All return 0, or -EINVAL with the reader's failure set. */
#ifndef X0_EXPORT_JSON_VALUES_H
#define X0_EXPORT_JSON_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "export/json_reader.h"
#include "model/fields.h"

/* For a word that this version does not know: words come and go with layouts, so an older one may have it. */
int reader_unknown_word(struct reader *reader);

/* Reads a text into field->size bytes. */
int reader_text(struct reader *reader, const struct field *field, const json_t *json, char *text);

int reader_integer(struct reader *reader, const json_t *json, json_int_t minimum,
	json_int_t maximum, json_int_t *value);

/* Reads a number; null is NAN, if it may be. */
int reader_double(struct reader *reader, const json_t *json, bool nullable, double *value);

/* Reads a whole number of the field's type; in changes its increase. */
int reader_number(
	struct reader *reader, const struct field *field, const json_t *json, void *value);

/* Reads a word of the field. */
int reader_enum(
	struct reader *reader, const struct field *field, const json_t *json, uint32_t *value);

#endif
