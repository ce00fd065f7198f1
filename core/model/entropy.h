/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How spread a set of things is: the entropy of source addresses or ports within a step.
 *
 *     H = log2 N - (sum of n log2 n) / N   bits, N = sum of n
 * (Shannon, Bell System Technical Journal 27, 1948, section 6), over hashed buckets; as series they tell floods
 * from one source (less), from many (more) and port scans: Lakhina, Crovella and Diot, SIGCOMM 2005, section 3.
 */
#ifndef X0_MODEL_ENTROPY_H
#define X0_MODEL_ENTROPY_H

#include <stdint.h>

/* Things beyond the buckets share them: the entropy is at most 10 bits. */
#define SPREAD_BUCKETS 1024

/* All 0: nothing was counted. */
struct spread {
	uint64_t
		seed; /* the caller's secret, so that nobody can choose things that share a bucket */
	uint64_t total;
	uint32_t counts[SPREAD_BUCKETS];
};

_Static_assert(sizeof(struct spread) <= 8192, "a spread has at most 8 kB");

/* Begins to count, at the start and at each step. */
void spread_open(struct spread *spread, uint64_t seed);

/* Counts `n` packets or bytes of a thing: an address, folded to 64 bits, or a port. */
void spread_add(struct spread *spread, uint64_t thing, uint32_t n);

/* Returns the entropy in bits, 0 to 10; NAN if nothing was counted, a missing value for the analyzer. */
double spread_entropy(const struct spread *spread);

#endif
