/* SPDX-License-Identifier: BSD-2-Clause */
/* Details of one thing: lines with label and text, below a table or in a window. */
#ifndef X0_TUI_DETAILS_H
#define X0_TUI_DETAILS_H

#include "draw.h"
#include "model/snapshot.h"

enum { DETAILS_MAX = 3 * ALERTS_MAX + 1, DETAILS_LABEL_LEN = 24 };

struct details_line {
	enum style style;
	char label[DETAILS_LABEL_LEN];
	char text[2 * REASON_LEN];
};

struct details {
	char title[NAME_LEN * 2];
	uint32_t n_lines;
	struct details_line lines[DETAILS_MAX];
};

/* Adds a line. An empty label continues the line above. Beyond DETAILS_MAX, the last one says that there are
 * more. */
void details_add(struct details *details, enum style style, const char *label, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* Adds a line like "12.3K/s  4.50M since start". */
void details_add_counter(struct details *details, const char *label, const struct counter *counter);

/* Adds a line with packets and bits per second, and both totals. */
void details_add_traffic(struct details *details, const char *label, const struct traffic *traffic);

/* Draws from line `scroll` on and wraps long texts. Returns the rows that all lines need. */
int details_draw(const struct details *details, struct area area, int scroll);

#endif
