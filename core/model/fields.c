// SPDX-License-Identifier: BSD-2-Clause
#include "model/fields.h"

#include <math.h>
#include <string.h>

/* The bytes of the first `n` elements of a list, as far as there is room for them. */
static size_t list_bytes(const struct field *field, uint32_t n)
{
	return (n < field->count ? n : field->count) * field->size;
}

static size_t clear_list(const struct field *field, char *base)
{
	uint32_t *n = (uint32_t *)(base + field->n_offset);
	size_t used = list_bytes(field, *n);

	memset(base + field->offset, 0, used);
	*n = 0;
	return used + sizeof(*n);
}

/* The bytes of a member that is neither a struct nor a list. */
static size_t plain_bytes(const struct field *field)
{
	bool array = field->type == FIELD_KEYED || field->type == FIELD_HISTOGRAM ||
		     field->type == FIELD_TEXTS;

	return array ? field->count * field->size : field->size;
}

size_t fields_clear(const struct field *fields, void *base)
{
	size_t touched = 0;

	for (const struct field *field = fields; field->name != NULL; field++) {
		char *member = (char *)base + field->offset;
		if (field->type == FIELD_STRUCT) {
			touched += fields_clear(field->fields, member);
		} else if (field->type == FIELD_LIST) {
			touched += clear_list(field, base);
		} else {
			memset(member, 0, plain_bytes(field));
			touched += plain_bytes(field);
			if (field->type == FIELD_TEXTS)
				*(uint32_t *)((char *)base + field->n_offset) = 0;
		}
	}
	return touched;
}

static size_t copy_list(const struct field *field, char *to, const char *from)
{
	const uint32_t *n_from = (const uint32_t *)(from + field->n_offset);
	uint32_t *n_to = (uint32_t *)(to + field->n_offset);
	size_t copied = list_bytes(field, *n_from), used = list_bytes(field, *n_to);

	memcpy(to + field->offset, from + field->offset, copied);
	if (used > copied)
		memset(to + field->offset + copied, 0, used - copied);
	*n_to = *n_from;
	return (used > copied ? used : copied) + sizeof(*n_to);
}

size_t fields_copy(const struct field *fields, void *to, const void *from)
{
	size_t touched = 0;

	for (const struct field *field = fields; field->name != NULL; field++) {
		char *member = (char *)to + field->offset;
		const char *source = (const char *)from + field->offset;
		if (field->type == FIELD_STRUCT) {
			touched += fields_copy(field->fields, member, source);
		} else if (field->type == FIELD_LIST) {
			touched += copy_list(field, to, from);
		} else {
			memcpy(member, source, plain_bytes(field));
			touched += plain_bytes(field);
			if (field->type == FIELD_TEXTS)
				memcpy((char *)to + field->n_offset,
					(const char *)from + field->n_offset, sizeof(uint32_t));
		}
	}
	return touched;
}

void field_set_unknown(const struct field *field, void *base)
{
	char *member = (char *)base + field->offset;

	if (field->type == FIELD_DOUBLE && field->nullable)
		*(double *)member = NAN;
	else if (field->type == FIELD_UINT64 && field->nullable)
		*(uint64_t *)member = COUNT_UNKNOWN;
	else if (field->type == FIELD_UINT32 && field->nullable)
		*(uint32_t *)member = 0;
	else if (field->type == FIELD_STRUCT)
		fields_set_unknown(field->fields, member);
	for (uint32_t i = 0; field->type == FIELD_KEYED && i < field->count; i++)
		fields_set_unknown(field->fields, member + i * field->size);
}

void fields_set_unknown(const struct field *fields, void *base)
{
	for (const struct field *field = fields; field->name != NULL; field++)
		field_set_unknown(field, base);
}

bool fields_unknown(const struct field *fields, const void *base)
{
	const void *first = (const char *)base + fields->offset;

	return fields->type == FIELD_STRUCT ? fields_unknown(fields->fields, first)
					    : *(const uint64_t *)first == COUNT_UNKNOWN;
}
