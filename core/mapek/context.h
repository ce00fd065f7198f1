/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much of a pattern is new: the share of contexts in which the present value was never seen.
 *
 * The value is cut into few levels. Its contexts are the 1, 2 .. 7 levels before it. A value that is usual in
 * itself may be new after these. The idea is that of the contextual anomaly detector of Smirnov (NAB, CAD OSE,
 * 2016) and of Markov models of variable order (Begleiter, El-Yaniv and Yona, JAIR 22, 2004, section 3).
 * The set of what was seen is a Bloom filter (CACM 13, 1970) with one hash, in two generations: when half of
 * one is filled, the older is forgotten.
 */
#ifndef X0_MAPEK_CONTEXT_H
#define X0_MAPEK_CONTEXT_H

#include <stdint.h>

#define CONTEXT_ORDERS 7
#define CONTEXT_WORDS  64 /* of 64 bits, a generation */

struct context_past {
	int8_t levels[CONTEXT_ORDERS]; /* the newest first */
};

struct contexts {
	uint64_t seen[2][CONTEXT_WORDS];
	uint16_t filled; /* bits in the present generation */
	uint8_t present : 1; /* one bit: whatever a file said, it is an index */
};

/* Returns the share (0 to 1) of the contexts of `past` in which `level` is new, and learns it. `salt` keeps
 * several pasts in one set apart. */
double context_novelty(
	struct contexts *contexts, struct context_past *past, int8_t level, uint8_t salt);

#endif
