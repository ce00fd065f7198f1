/* SPDX-License-Identifier: BSD-2-Clause */
/* The last values of a series, with sums over windows of powers of two. */
#ifndef X0_MAPEK_WINDOW_H
#define X0_MAPEK_WINDOW_H

#include <stdint.h>

#define WINDOW_VALUES 128
#define WINDOW_SCALES 8 /* 1, 2, 4 .. 128 values */

struct window {
	double sums[WINDOW_SCALES]; /* of the last 2^i values */
	float values[WINDOW_VALUES];
	uint32_t count; /* values added */
};

void window_add(struct window *window, double value);

/* Returns the mean of the last 2^scale values, or of all while there are fewer; 0 without any. */
double window_mean(const struct window *window, unsigned int scale);

/*
 * Returns the mean of the last 2^scale values less that of the 2^scale before: the undecimated Haar wavelet
 * (Percival and Walden, Wavelet Methods for Time Series Analysis, 2000, chapter 5). `scale` is below
 * WINDOW_SCALES - 1; 0 until all are there.
 */
double window_change(const struct window *window, unsigned int scale);

#endif
