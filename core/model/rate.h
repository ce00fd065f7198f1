/* SPDX-License-Identifier: BSD-2-Clause */
/* Computes rates from two samples of a count. */
#ifndef X0_MODEL_RATE_H
#define X0_MODEL_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/*
 * Sets *now to `total` and its rate a second since *before, `interval` seconds ago. Without a sample
 * before (`before` NULL, or `interval` not positive) the rate is unknown: NAN. A total below the one
 * before comes from a program that was loaded anew and counts from 0. `before` may be `now`.
 */
void counter_update(
	struct counter *now, const struct counter *before, uint64_t total, double interval);

/* The same for packets and bytes. */
void traffic_update(struct traffic *now, const struct traffic *before,
	const struct traffic_count *total, double interval);

/* Sets the rates of `n` counters, whose totals are set, since `before`, which may be NULL. */
void counters_rate(struct counter *now, const struct counter *before, size_t n, double interval);

/* Keeps the totals of `before` while nothing counts; rates are unknown, and without `before` totals, too. */
void counters_keep(struct counter *now, const struct counter *before, size_t n);

/*
 * Adds totals and rates to a sum over interfaces: a rate of sums would jump when one goes. The rate of
 * a sum is unknown while that of a part is.
 */
void counter_add(struct counter *sum, const struct counter *counter);
void traffic_add(struct traffic *sum, const struct traffic *traffic);

/* Makes the rates of sums unknown, and what has never been counted, while nothing counts at all. */
void counters_stop(struct counter *sums, size_t n);

/* Adds `n` counters to sums, those that are known; their totals alone if nothing counts them now. */
void counters_add(struct counter *sums, const struct counter *counters, size_t n, bool counting);

/* Returns -1, 0 or 1 as `a` is less than, equal to or more than `b`; an unknown one, NAN, is the least. */
int rate_compare(double a, double b);

/* Returns `total - before`, or all of `total` if the count began anew. */
uint64_t counter_increase(uint64_t total, uint64_t before);

#endif
