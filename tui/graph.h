/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws graphs with characters: braille and blocks in UTF-8, ASCII otherwise. */
#ifndef X0_TUI_GRAPH_H
#define X0_TUI_GRAPH_H

#include <stdint.h>

#include "draw.h"
#include "history.h"

/* Draws one row: a column per sample, newest at the right, scaled to the largest one shown. */
void graph_sparkline(int y, int x, int width, enum style style, const struct history *history);

/*
 * Draws an area graph with a scale at its left, newest sample at the right: two samples per column
 * in UTF-8, one otherwise. Needs two rows or more; from three on, the last one is the time axis, else the left end has its age.
 */
void graph_area(struct area area, enum style style, const struct history *history,
	const struct history_times *times);

/* Like graph_area(), with the edges of what is usual over it, and samples beyond them in `beyond`. An edge that
 * is unknown (NAN) is left out. Each history has a value for each sample; `low` and `high` may be NULL. */
void graph_band(struct area area, enum style style, enum style beyond,
	const struct history *history, const struct history *low, const struct history *high,
	const struct history_times *times);

/* A part of a whole over time, as graph_shares() draws it. */
struct graph_share {
	const struct history *history; /* of its amount; NULL: none is known */
	enum style style;
	char letter;
};

/*
 * Draws which share of the sum each part has: a column per sample, newest at the right, filled from below with
 * the letters of the parts in their order. Where the sum is 0 it is empty. Needs as much room as graph_area().
 */
void graph_shares(struct area area, const struct graph_share *parts, int n,
	const struct history_times *times);

/* Draws a horizontal bar over `share` (0 to 1) of the width. A share above 0 is always visible. */
void graph_bar(int y, int x, int width, enum style style, double share);

/* Draws vertical bars, one column each, scaled so that the highest fills the area. */
void graph_columns(struct area area, enum style style, const double *values, int n_values);

/* Returns the smallest round number (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, ...) >= `peak`. */
double graph_scale(double peak);

#endif
