/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How rare a statistic is beside its own past: the tail of its distribution, from a histogram.
 *
 * Within the histogram the probability of at least `x` is a count. Above u, where its highest 1.5 % begin, it is
 *     P(X >= x) = share above u * (x / u)^(-1 / xi),   xi = mean of ln(X / u) over the values above u:
 * the estimators of Hill (Annals of Statistics 3, 1975, eq. 2.4) and Weissman (JASA 73, 1978, section 3). A
 * statistic with a heavy tail gets a large xi, and what is large for another is usual for it.
 */
#ifndef X0_MAPEK_TAIL_H
#define X0_MAPEK_TAIL_H

#include <stdint.h>

/* Bin 0 is for 0; the others are half an octave wide and span 47 octaves. */
#define TAIL_BINS 96

/* Most decades that one statistic can say. */
#define TAIL_SURPRISE_MAX 12.0

struct tail {
	float origin; /* log2 of the first value above 0, which is in the middle; 0 until then */
	uint16_t total; /* sum of all bins */
	uint16_t bins[TAIL_BINS];
};

/*
 * Returns the surprise of `x` (>= 0, any unit), -log10 P(X >= x), 0 to TAIL_SURPRISE_MAX, and then adds it.
 * The surprise is 0 while fewer than 30 values are known. When `history` values (2 to 65,535) are held, all
 * bins are halved first.
 */
double tail_judge(struct tail *tail, double x, uint16_t history);

#endif
