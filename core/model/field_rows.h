/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of field tables. Included by the files that hold tables, and by nothing else.
 *
 * `owner` is the struct, `member` names the field in it and in JSON, `help` describes it. Further
 * members of struct field may follow: .unit, .label, .names, .title, .nullable, .metric, .rises, .info.
 */
#ifndef X0_MODEL_FIELD_ROWS_H
#define X0_MODEL_FIELD_ROWS_H

#include "model/counter.h"
#include "model/fields.h"

/* Names of structs and members cannot be in parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define SIZE_OF(owner, member) sizeof(((struct owner *)NULL)->member)
#define ROOM_OF(owner, member) (SIZE_OF(owner, member) / SIZE_OF(owner, member[0]))
#define PLACE(owner, member)   .name = #member, .offset = offsetof(struct owner, member)

#define TEXT(owner, member, about, ...)                                                   \
	{                                                                                 \
		PLACE(owner, member), .type = FIELD_TEXT, .size = SIZE_OF(owner, member), \
				      .help = about, ##__VA_ARGS__                        \
	}
#define NUMBER(owner, member, kind, about, ...)                                                    \
	{                                                                                          \
		PLACE(owner, member), .type = kind, .size = SIZE_OF(owner, member), .help = about, \
				      ##__VA_ARGS__                                                \
	}
#define ENUM(owner, member, words, about, ...)                                            \
	{                                                                                 \
		PLACE(owner, member), .type = FIELD_ENUM, .size = SIZE_OF(owner, member), \
				      .names = words, .help = about, ##__VA_ARGS__        \
	}
#define STRUCT(owner, member, of, about, ...)                                                  \
	{                                                                                      \
		PLACE(owner, member), .type = FIELD_STRUCT, .size = SIZE_OF(owner, member),    \
				      .fields = of, .table = #of, .help = about, ##__VA_ARGS__ \
	}
#define COUNTER(owner, member, of_what, about, ...) \
	STRUCT(owner, member, counter_fields, about, .unit = of_what, ##__VA_ARGS__)
#define TRAFFIC(owner, member, about, ...) \
	STRUCT(owner, member, traffic_fields, about, ##__VA_ARGS__)

/* The array, and beside it, as n_`member`, how many of its elements are used. */
#define LIST(owner, member, of, about)                                                       \
	{                                                                                    \
		PLACE(owner, member), .type = FIELD_LIST, .size = SIZE_OF(owner, member[0]), \
				      .count = ROOM_OF(owner, member),                       \
				      .n_offset = offsetof(struct owner, n_##member),        \
				      .fields = of, .table = #of, .help = about              \
	}
/* An array of texts, and beside it, as n_`member`, how many of them are used. */
#define TEXTS(owner, member, about)                                                           \
	{                                                                                     \
		PLACE(owner, member), .type = FIELD_TEXTS, .size = SIZE_OF(owner, member[0]), \
				      .count = ROOM_OF(owner, member),                        \
				      .n_offset = offsetof(struct owner, n_##member),         \
				      .help = about                                           \
	}
/* An element for each of `words`, which are values of the label `called`. */
#define KEYED(owner, member, words, called, of, about, ...)                                       \
	{                                                                                         \
		PLACE(owner, member), .type = FIELD_KEYED, .size = SIZE_OF(owner, member[0]),     \
				      .count = ROOM_OF(owner, member), .names = words,            \
				      .label = called, .fields = of, .table = #of, .help = about, \
				      ##__VA_ARGS__                                               \
	}
#define HISTOGRAM(owner, member, end, of_what, about, ...)                                        \
	{                                                                                         \
		PLACE(owner, member), .type = FIELD_HISTOGRAM, .size = SIZE_OF(owner, member[0]), \
				      .count = ROOM_OF(owner, member), .bound = end,              \
				      .unit = of_what, .help = about, ##__VA_ARGS__               \
	}
#define END                  \
	{                    \
		.name = NULL \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
