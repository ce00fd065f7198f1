/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How rare a value is that is farther from the usual than any before: of n values, one more is the farthest
 * with probability 1 / (n + 1), and k times as far as the farthest with
 *     1 / (n + 1) * k^-2
 * by a tail of Pareto with index 2, heavier than that of counts in networks is as a rule (Weissman, Journal of
 * the American Statistical Association 73, 1978, with one value in the tail). A few dozen values are enough
 * to know a flood, which the detectors, by ranks alone, take for one of a few dozen.
 */
#ifndef X0_MAPEK_RECORD_H
#define X0_MAPEK_RECORD_H

#include "mapek/analyze.h"

/* Returns the decades of `value`, -log10 of that probability, for a series that has not learnt it yet; 0 if it
 * is less than twice as far from the median of the day as the farthest so far, or as `least`, or if too little
 * is known. */
double record_score(const struct series *series, double value, double least);

#endif
