/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shows bytes of a type that BTF describes as columns. BTF is what a stranger wrote: types refer to each other
 * in circles, members lie beyond their struct, and sizes lie. Nothing is read beyond the bytes that the
 * caller says there are; what cannot be shown is counted.
 */
#ifndef X0_PLUGINS_SHOW_H
#define X0_PLUGINS_SHOW_H

#include "plugins/show_tags.h"

enum {
	SHOW_DEPTH = 8, /* structs within structs */
	SHOW_VISITS = 1024, /* members that are looked at, of a type */
};

/* Numbers are read little-endian, as every machine is that x0top runs on. */
struct show_column {
	char name[PLUGIN_NAME_LEN];
	char unit[NAME_LEN];
	char help[TEXT_LEN];
	uint32_t kind; /* enum plugin_kind */
	uint32_t role; /* enum plugin_role */
	uint32_t offset, bits; /* in bits; of a list or histogram those of its first element */
	uint32_t n; /* elements of a list, histogram, text or bytes */
	uint32_t type; /* an enum's */
	bool big; /* in network byte order */
	bool is_signed; /* a list's elements */
	bool sum; /* over the CPUs; else the largest */
};

struct show_plan {
	uint32_t n;
	struct show_column columns[PLUGIN_COLUMNS_MAX];
	uint32_t sort; /* the column to sort by; PLUGIN_COLUMNS_MAX: none is named */
	uint32_t
		left_out; /* members without a column: of a kind that is not shown, or for lack of room */
	uint32_t beyond; /* of these, such as do not lie within the bytes */
	char unknown[NAME_LEN]; /* the first word of a tag that is none */
};

/* An empty plan. */
void show_plan_begin(struct show_plan *plan);

/*
 * Adds the columns of a type of `list->btf` that has `bytes`: a struct's members, or itself, by `name`.
 * `role` is that of what has no tag; `of_map` what is said of the map.
 */
void show_plan_add(struct show_plan *plan, const struct show_tag_list *list, uint32_t type,
	uint32_t bytes, const char *name, uint32_t role, const struct show_tags *of_map);

/* Adds a column that no type describes. Returns it, with its name, kind and role; NULL if there is no room. */
struct show_column *show_plan_append(
	struct show_plan *plan, const char *name, uint32_t kind, uint32_t role);

/* Returns an integer, a histogram's sum, or the first eight bytes of anything else, as a number to sort by. */
double show_rank(const struct show_column *column, const void *bytes);

/* Reads element `i` of a column of integers, 0 of one that is a single one. */
uint64_t show_number(const struct show_column *column, const void *bytes, uint32_t i);

/* Writes what it shows. Returns `text`. */
char *show_text(const struct show_column *column, const struct btf *btf, const void *bytes,
	char text[PLUGIN_CELL_LEN]);

/* Joins what `n` CPUs have, `stride` bytes each, into the `size` bytes of *joined: numbers are summed, or the
 * largest is taken; the rest is that of the first CPU which has anything. */
void show_join(const struct show_plan *plan, const void *values, uint32_t n, uint32_t stride,
	void *joined, uint32_t size);

#endif
