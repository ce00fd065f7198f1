/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws into a screen without a terminal, and reads its cells back. */
#ifndef X0_TESTS_CELLS_H
#define X0_TESTS_CELLS_H

#include <stdbool.h>
#include <stdio.h>

#include "tui/style.h"

struct cells_options {
	int width, height;
	bool mono, ascii;
	const char *term; /* NULL: xterm-256color */
	FILE *output; /* gets the terminal's bytes; NULL: discard */
};

/* Opens a screen; the test closes it. Sets TZ to UTC and the locale to C.UTF-8, or to C for
 * `ascii`. */
void cells_open(struct cells_options options);
void cells_close(void);

/* Returns a row as UTF-8 without trailing spaces, valid until the next call. */
const char *cells_row(int y);

/* Returns the first row that contains `text`, or -1; sets *x, unless NULL, to its column. */
int cells_find(const char *text, int *x);

/* Returns the character of a cell. */
wchar_t cells_char(int y, int x);

/* Returns the style of a cell; colours must be on. */
enum style cells_style(int y, int x);

/* Returns a cell's attributes, like A_BOLD. */
attr_t cells_attributes(int y, int x);

#endif
