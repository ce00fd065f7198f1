/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running medians: what is usual.
 *
 * The median m and the MAD d of a stream, each in constant memory, by stochastic approximation (Robbins and
 * Monro, Annals of Mathematical Statistics 22, 1951; as an estimator of quantiles: Tierney, SIAM Journal on
 * Scientific and Statistical Computing 4, 1983):
 *     m += g * s * sign(x - m),   d += g * s * sign(|x - m| - d),   s += g * (|x - m| - s)
 * with the gain g, 1 / n at first. An outlier moves m by one step, however far away it is.
 */
#ifndef X0_MAPEK_BASELINE_H
#define X0_MAPEK_BASELINE_H

#include <stdint.h>

/* A standard deviation of normal noise, in median absolute deviations. */
#define NORMAL_MAD 1.4826

struct baseline {
	double median; /* in the unit of the series */
	float mad; /* median absolute deviation */
	float scale; /* mean absolute deviation: the length of a step */
	uint32_t seen; /* values added */
};

/* Adds a value; `gain` (0 to 1) is the reciprocal of the number of values remembered. */
void baseline_add(struct baseline *baseline, double value, double gain);

/* Moves *estimate towards the quantile `q` (0 to 1) of the values, by steps of `step`. */
void quantile_move(double *estimate, double value, double q, double step);

#endif
