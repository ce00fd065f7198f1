/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of babeld's local socket: babeld(8), "LOCAL CONFIGURATION INTERFACE". */
#ifndef X0_NEIGHBOURS_BABEL_LINE_H
#define X0_NEIGHBOURS_BABEL_LINE_H

#include "neighbours/set.h"

enum babel_line {
	BABEL_OTHER, /* nothing to take */
	BABEL_PUT, /* a neighbour or route that is there */
	BABEL_FLUSH, /* one that is gone: of *neighbour, only the key is set */
	BABEL_OK, /* the end of an answer */
	BABEL_REFUSED, /* "no" or "bad" */
	BABEL_BROKEN, /* it begins like an entry, and is none */
};

/* Reads a line without its end, which it changes. *neighbour has the interface's name alone. */
enum babel_line babel_line_read(char *line, struct neighbour *neighbour);

#endif
