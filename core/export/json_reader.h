/* SPDX-License-Identifier: BSD-2-Clause */
/* Where json_read.c is in a snapshot's text, and what it says of a wrong member. */
#ifndef X0_EXPORT_JSON_READER_H
#define X0_EXPORT_JSON_READER_H

#include <stddef.h>

#include "base/failure.h"

enum form {
	FORM_WHOLE, /* every member, and no other */
	FORM_OLDER, /* of an older layout: what is missing is unknown, what is not known is left out */
	FORM_CHANGES, /* changes.h's: applies to what is there */
};

struct reader {
	enum form form;
	double interval; /* in changes: of the snapshot that they make */
	char path[160]; /* of the present member: "packets.interfaces[3].mode" */
	struct failure *failure;
};

/* Sets the failure: the present member, and what is wrong with it, "is not a text". Returns -EINVAL. */
int reader_wrong(struct reader *reader, const char *what);

/* Adds a member's name, or an entry's index, to the path. Returns its length before, for reader_leave(). */
size_t reader_enter(struct reader *reader, const char *name);
size_t reader_enter_index(struct reader *reader, size_t index);
void reader_leave(struct reader *reader, size_t length);

#endif
