/* SPDX-License-Identifier: BSD-2-Clause */
/* Rates from two samples of a count. */
#ifndef X0_MODEL_RATE_H
#define X0_MODEL_RATE_H

#include <stdint.h>

#include "model/snapshot.h"

/*
 * Sets *now to `total` and its rate a second since *before. `interval` is the seconds between the
 * two samples. The rate is 0 for the first sample (`before` NULL or `interval` not positive). A
 * total below the one before belongs to a program that was loaded anew: it then counts from 0.
 * `before` may be the very counter that `now` points to.
 */
void counter_update(struct counter *now, const struct counter *before, uint64_t total,
	double interval);

/* What was added to a count: `total - before`, or all of `total` when the count began anew. */
uint64_t counter_increase(uint64_t total, uint64_t before);

#endif
