/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines of the traffic classes of this host, with what they were before each of the last changes: one file,
 * kernel/lock.h, for all x0top. Whoever changes it holds the change lock; an x0top that counts looks at it with
 * each sample. What it says is checked.
 */
#ifndef X0_QOS_CLASS_BOOK_H
#define X0_QOS_CLASS_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "qos/classes.h"

enum { CLASS_BOOK_UNDOS = 10 };

struct class_book {
	int fd; /* -1: not open */
	uint32_t changes; /* so many there were when it was last read or written */
	bool by_operator; /* the lines are a change of the operator's, and not of a configuration */
};

/* Opens the book, to be closed by class_book_close(). Returns 0 or a negative errno. */
int class_book_open(struct class_book *book);
void class_book_close(struct class_book *book);

/* Returns whether somebody has changed the lines since the book was read. */
bool class_book_changed(const struct class_book *book);

/* Reads the lines. Returns 0, -ENOENT if there are none, -EBADMSG if they are not whole, or another errno. */
int class_book_read(struct class_book *book, struct class_lines *lines);

/* Writes lines, by one write in force; `action` says what change they are, to be undone. Empty: they are where
 * an x0top begins, and there is nothing to undo. Returns 0 or a negative errno. */
int class_book_write(struct class_book *book, const struct class_lines *lines, const char *action,
	bool by_operator);

/* Reads the lines as they would be without the last change. Returns 0, or -ENOENT without one, or another errno. */
int class_book_before(const struct class_book *book, struct class_lines *lines);

/* Takes the last change back, and writes what it was. Returns 0, or -ENOENT without one, or another errno. */
int class_book_undo(struct class_book *book, char action[RULE_LEN]);

#endif
