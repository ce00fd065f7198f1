/* SPDX-License-Identifier: BSD-2-Clause */
/* The text that changes_write.c makes: grows as it is written. */
#ifndef X0_EXPORT_CHANGES_WRITER_H
#define X0_EXPORT_CHANGES_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export/changes.h"

struct writer {
	struct changes_text *text;
	double interval; /* of the snapshot that is written */
	bool no_memory;
};

/* Add to the text: bytes; a text of at most `size` bytes, in quotes; a member's name; a number. */
void writer_put(struct writer *writer, const char *bytes, size_t n);
void writer_put_byte(struct writer *writer, char byte);
void writer_put_text(struct writer *writer, const char *text, size_t size);
void writer_put_name(struct writer *writer, const char *name);
void writer_put_integer(struct writer *writer, int64_t value);

/* Adds nine digits, or exactly, as many as the value needs to be read back the same. */
void writer_put_double(struct writer *writer, double value, bool exactly);

/* Ends the text where it ended before, for what turned out to be unchanged. Returns false. */
bool writer_take_back(struct writer *writer, size_t length);

#endif
