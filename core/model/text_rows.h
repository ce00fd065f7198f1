/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines and rows that the sections of text have in common. All of it is printable ASCII. */
#ifndef X0_MODEL_TEXT_ROWS_H
#define X0_MODEL_TEXT_ROWS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "model/counter.h"
#include "model/fields.h"
#include "model/format.h"

enum {
	TEXT_COLUMNS = 79,
	TEXT_TITLE = 22, /* columns of the first one, where a line of text follows it */
	TEXT_EVENT_INDENT = 20, /* columns of an event's time and kind */
};

/*
 * Copies a text with "?" for each byte that is not printable, as far as there is room. Returns the
 * copy: names and commands come from the kernel and from recordings.
 */
const char *text_plain(char *copy, size_t size, const char *text);

/* The same within an expression; the copy lasts as long as the block around it. */
#define TEXT_PLAIN(text) text_plain((char[REASON_LEN]) { 0 }, REASON_LEN, text)

/* Writes a text from column `indent` on, where the cursor is, broken at blanks. */
void text_wrapped(FILE *file, size_t indent, const char *text);

/* The same from a format. */
void text_line(FILE *file, size_t indent, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes `before` and a sentence below a row, unless the sentence is empty. */
void text_sentence(FILE *file, const char *before, const char *text);

/* Formats a time for a column, at most seven wide: "-" for none, ">9999s" for what a recording may say. */
const char *text_time(char text[FORMAT_LEN], double ns);

/* Writes the head of a section of counts, and rows below it. */
void text_traffic_head(FILE *file, const char *title);
void text_traffic(FILE *file, const char *label, const struct traffic *traffic);
void text_counter(FILE *file, const char *label, const struct counter *counter);

/* Writes a row for each counter and traffic that has a title in the table of the struct at `base`. */
void text_titled(FILE *file, const struct field *fields, const void *base);

/* Writes a row, "verdict drop", for each of `n` that has ever counted. */
void text_each(FILE *file, const char *kind, const char *const *names,
	const struct traffic *traffic, uint32_t n);

#endif
