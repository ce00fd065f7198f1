/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of neighbours: an entry a line, an address, a prefix or a MAC, and behind it perhaps a name. What
 * follows "#" or ";" is a comment.
 */
#ifndef X0_NEIGHBOURS_FILE_LINES_H
#define X0_NEIGHBOURS_FILE_LINES_H

#include "neighbours/set.h"

/* Reads a line without its end. Returns 1 with *neighbour set, 0 if there is no entry, or -EINVAL. */
int file_line_read(const char *line, size_t length, struct neighbour *neighbour);

/*
 * Adds the entries of a whole text to a set; counts the lines that are none as left out. Returns the number
 * of the first of those, from 1 on, or 0.
 */
uint32_t file_lines_read(const char *text, size_t length, struct neighbour_set *set);

#endif
