/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the members of struct snapshot are: a table for each struct, so that whoever writes a
 * snapshot in some form, or reads it back, walks these tables and knows no member by name.
 */
#ifndef X0_MODEL_FIELDS_H
#define X0_MODEL_FIELDS_H

#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT, /* char[size], terminated */
	FIELD_BOOL, /* bool */
	FIELD_UINT32, /* uint32_t */
	FIELD_UINT64, /* uint64_t */
	FIELD_INT64, /* int64_t */
	FIELD_DOUBLE, /* double, finite */
	FIELD_ENUM, /* uint32_t, an index of `names` */
	FIELD_STRUCT, /* a struct of `fields` */
	FIELD_LIST, /* an array of such structs, of which the uint32_t at n_offset are used */
	FIELD_KEYED, /* an array of such structs, one for each of `names` */
	FIELD_HISTOGRAM, /* uint64_t[count]; `bound` tells where each bucket ends */
};

struct field {
	const char *name; /* NULL ends a table */
	enum field_type type;
	size_t offset; /* within the struct of the table */
	size_t size; /* of a FIELD_TEXT, or of one element */
	uint32_t count; /* elements that an array has room for */
	size_t n_offset; /* FIELD_LIST */
	const char *const *names;
	const struct field *fields;
	double (*bound)(uint32_t bucket); /* upper bound in ns, rising */
};

/* The table of struct snapshot. Its `self` begins at the snapshot itself and holds `interval` too. */
extern const struct field snapshot_fields[];

/* The tables of struct counter and struct traffic, for those who want to treat them apart. */
extern const struct field counter_fields[];
extern const struct field traffic_fields[];

#endif
