// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/fields_same.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool same_double(const struct field *field, double one, double other)
{
	bool time = field->unit != NULL && field->unit[0] == 's';

	if (isnan(one) || isnan(other))
		return isnan(one) && isnan(other);
	return time ? one == other : fabs(one - other) <= 1e-8 * fabs(one);
}

static const char *array_differs(
	const struct field *field, uint32_t n, const char *one, const char *other)
{
	const char *differs = NULL;

	for (uint32_t i = 0; i < n && differs == NULL; i++)
		differs = fields_differ(
			field->fields, one + i * field->size, other + i * field->size);
	return differs;
}

static const char *list_differs(const struct field *field, const char *one, const char *other)
{
	uint32_t n = *(const uint32_t *)(one + field->n_offset);

	if (n != *(const uint32_t *)(other + field->n_offset))
		return field->name;
	if (memcmp(one + field->offset + n * field->size, other + field->offset + n * field->size,
		    (field->count - n) * field->size) != 0)
		return field->name;
	return array_differs(field, n, one + field->offset, other + field->offset);
}

static const char *field_differs(const struct field *field, const char *one, const char *other)
{
	const char *mine = one + field->offset, *theirs = other + field->offset;

	switch (field->type) {
	case FIELD_DOUBLE:
		return same_double(field, *(const double *)mine, *(const double *)theirs)
			       ? NULL
			       : field->name;
	case FIELD_STRUCT:
		return fields_differ(field->fields, mine, theirs);
	case FIELD_LIST:
		return list_differs(field, one, other);
	case FIELD_KEYED:
		return array_differs(field, field->count, mine, theirs);
	case FIELD_TEXTS:
		return memcmp(mine, theirs, field->count * field->size) != 0 ||
				       memcmp(one + field->n_offset, other + field->n_offset,
					       sizeof(uint32_t)) != 0
			       ? field->name
			       : NULL;
	case FIELD_HISTOGRAM:
		return memcmp(mine, theirs, field->count * field->size) == 0 ? NULL : field->name;
	default:
		return memcmp(mine, theirs, field->size) == 0 ? NULL : field->name;
	}
}

const char *fields_differ(const struct field *fields, const void *one, const void *other)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		const char *differs = field_differs(field, one, other);
		if (differs != NULL)
			return differs;
	}
	return NULL;
}
