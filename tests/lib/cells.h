/* SPDX-License-Identifier: BSD-2-Clause */
/* A screen without a terminal: draw into it, and read its cells back. */
#ifndef X0_TESTS_CELLS_H
#define X0_TESTS_CELLS_H

#include <stdbool.h>
#include <stdio.h>

#include "tui/style.h"

struct cells_options {
	int width, height;
	bool mono, ascii;
	const char *term; /* NULL: xterm-256color */
	FILE *output; /* what the terminal would get; NULL: nowhere */
};

/* Opens a screen; every test that opens one closes it. Sets TZ to UTC and the locale to C.UTF-8, or
 * to C for `ascii`. */
void cells_open(struct cells_options options);
void cells_close(void);

/* A row as UTF-8, without the blanks at its end. Valid until the next call. */
const char *cells_row(int y);

/* The first row that contains `text`, or -1; with `x`, the column where it begins. */
int cells_find(const char *text, int *x);

/* The style of a cell, of which the colours must be on. */
enum style cells_style(int y, int x);

/* Its attributes, A_BOLD and the like. */
attr_t cells_attributes(int y, int x);

#endif
