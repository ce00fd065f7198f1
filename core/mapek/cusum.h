/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cumulative sums, for small changes that last: Page, Biometrika 41 (1954), section 2.
 *     up   = max(0, up   + z - k),   down = max(0, down - z - k),   k = 1/2
 * with z the distance from the baseline in standard deviations, k half of the change that is looked for.
 */
#ifndef X0_MAPEK_CUSUM_H
#define X0_MAPEK_CUSUM_H

struct cusum {
	float up, down;
};

/* Adds a distance in standard deviations. Returns the greater of both sums, 0 to 500. */
double cusum_add(struct cusum *cusum, double z);

#endif
