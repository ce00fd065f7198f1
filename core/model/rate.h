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
void counter_update(
	struct counter *now, const struct counter *before, uint64_t total, double interval);

/* The same for packets and bytes. */
void traffic_update(struct traffic *now, const struct traffic *before,
	const struct traffic_count *total, double interval);

/* Adds totals and rates to a sum: over interfaces, where one that goes must not make a rate jump. */
void counter_add(struct counter *sum, const struct counter *counter);
void traffic_add(struct traffic *sum, const struct traffic *traffic);

/* What was added to a count: `total - before`, or all of `total` when the count began anew. */
uint64_t counter_increase(uint64_t total, uint64_t before);

#endif
