/* SPDX-License-Identifier: BSD-2-Clause */
/* Graphs out of characters: braille and blocks in UTF-8, plain characters without. */
#ifndef X0_TUI_GRAPH_H
#define X0_TUI_GRAPH_H

#include <stdint.h>

#include "draw.h"
#include "history.h"

/* One row, a column for each sample, newest at the right, against the largest of those shown. */
void graph_sparkline(int y, int x, int width, enum style style, const struct history *history);

/*
 * An area under a curve with a scale at its left, newest at the right: two samples a column in
 * UTF-8, one without. Needs a height of two or more.
 */
void graph_area(struct area area, enum style style, const struct history *history);

/* A bar from the left; `share` of the width, 0 to 1. What is not nothing is always seen. */
void graph_bar(int y, int x, int width, enum style style, double share);

/* Bars from below, one column each, the highest as high as the area. */
void graph_columns(struct area area, enum style style, const double *values, int n_values);

/* The least round number (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, ...) that is not below `peak`. */
double graph_scale(double peak);

#endif
