/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names each member of struct snapshot once: a table for each struct, so that whoever writes a
 * snapshot in some form, reads it back, copies or clears it walks these tables and knows no member
 * by name. The rows are made with field_rows.h.
 */
#ifndef X0_MODEL_FIELDS_H
#define X0_MODEL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT, /* char[size], terminated; one of `names` if there are some */
	FIELD_BOOL, /* bool */
	FIELD_UINT32, /* uint32_t */
	FIELD_UINT64, /* uint64_t */
	FIELD_INT64, /* int64_t */
	FIELD_DOUBLE, /* double, finite; NAN if it is nullable and unknown */
	FIELD_ENUM, /* uint32_t, an index of `names` */
	FIELD_STRUCT, /* a struct of `fields` */
	FIELD_LIST, /* an array of such structs, of which the uint32_t at n_offset are used */
	FIELD_KEYED, /* an array of such structs, one for each of `names` */
	FIELD_TEXTS, /* char[count][size], of which the uint32_t at n_offset are used; the others are empty */
	FIELD_HISTOGRAM, /* uint64_t[count]; `bound` tells where each bucket ends */
};

#define COUNT_UNKNOWN UINT64_MAX /* of a FIELD_UINT64 that is nullable */

/* Elements of lists hold no lists. Those beyond the used ones are zero. */
struct field {
	const char *name; /* NULL ends a table */
	enum field_type type;
	size_t offset; /* within the struct of the table */
	size_t size; /* of the member, or of one element */
	uint32_t count; /* elements that an array has room for */
	size_t n_offset; /* FIELD_LIST; of a FIELD_HISTOGRAM's sum, a uint64_t in ns; 0: it has none */
	const char *const *names; /* ended by NULL */
	const struct field *fields;
	const char *table; /* what `fields` is called: "traffic_fields" */
	double (*bound)(uint32_t bucket); /* upper bound in ns, rising */
	/* May be unknown: null in JSON, "-" in text; in C a double is NAN, a FIELD_UINT64
	 * COUNT_UNKNOWN, a FIELD_UINT32, which is an index then, 0, and a struct (of counters) as fields_set_unknown() leaves it. */
	bool nullable;
	const char *help; /* describes the member, in one sentence without its full stop */
	const char *unit; /* "packets", "bytes", "s", "ns", "1/s", "ratio" (0 to 1); NULL: none */
	/* FIELD_KEYED: tells its elements apart, with `names` as values: "verdict". Member of a
	 * list's element: tells that from its neighbours, with its value: "interface". Else NULL. */
	const char *label;
	/* Names it among metrics, where `name` would not do: with its unit, it need not say that. "": it is
	 * none. */
	const char *metric;
	bool rises; /* a number that only rises while x0top runs: a counter among metrics */
	bool info; /* a TEXT or ENUM that is seldom another: a label of its table's info metric */
	/* Member of a list's element, a struct of doubles: computes it of the rest of the element, and
	 * of the element before, NULL: none; so that a recording can leave it out. NULL: nothing does. */
	void (*follows)(const void *now, const void *before, void *value);
	/* A FIELD_DOUBLE of s: rates of what comes behind it in the struct are over this time, not over the
	 * snapshot's interval, so that a recording can leave them out. */
	bool paces;
	/* Heads its line where people read a total, "passed by rules". NULL: no line of its own. */
	const char *title;
};

/*
 * Zeroes what a table names. Of a list, only the used elements are touched, and none is left.
 * Returns the bytes that were touched.
 */
size_t fields_clear(const struct field *fields, void *base);

/*
 * Makes *to what *from is, both structs of the table. Of a list, only the elements that either of
 * them uses are touched. Returns the bytes that were touched in *to.
 */
size_t fields_copy(const struct field *fields, void *to, const void *from);

/* Makes what may be unknown so, also within structs and keyed ones: a count COUNT_UNKNOWN, a double NAN.
 * Leaves the rest, and lists, as they are. */
void field_set_unknown(const struct field *field, void *base);
void fields_set_unknown(const struct field *fields, void *base);

/* Returns whether that was done to a struct, and nothing since. */
bool fields_unknown(const struct field *fields, const void *base);

#endif
