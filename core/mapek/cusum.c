// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/cusum.h"

#include <math.h>

#define SLACK	     0.5
#define DISTANCE_MAX 8.0 /* one outlier is no change */
#define SUM_MAX	     500.0

static float move(float sum, double z)
{
	return (float)fmin(fmax((double)sum + z - SLACK, 0), SUM_MAX);
}

double cusum_add(struct cusum *cusum, double z)
{
	z = fmin(fmax(z, -DISTANCE_MAX), DISTANCE_MAX);
	cusum->up = move(cusum->up, z);
	cusum->down = move(cusum->down, -z);
	return (double)fmaxf(cusum->up, cusum->down);
}
