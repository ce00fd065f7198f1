// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/baseline.h"

#include <math.h>

void quantile_move(double *estimate, double value, double q, double step)
{
	double distance = value - *estimate;

	*estimate +=
		distance > 0 ? fmin(2 * q * step, distance) : fmax(-2 * (1 - q) * step, distance);
}

void baseline_add(struct baseline *baseline, double value, double gain)
{
	double distance, mad = (double)baseline->mad;

	if (baseline->seen < UINT32_MAX)
		baseline->seen++;
	if (baseline->seen == 1)
		baseline->median = value;
	gain = fmax(gain, 1.0 / baseline->seen);
	distance = fabs(value - baseline->median);
	baseline->scale += (float)(gain * (distance - (double)baseline->scale));
	quantile_move(&mad, distance, 0.5, gain * (double)baseline->scale);
	baseline->mad = (float)mad;
	quantile_move(&baseline->median, value, 0.5, gain * (double)baseline->scale);
}
