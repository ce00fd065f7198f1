// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/window.h"

static float value_before(const struct window *window, uint32_t steps)
{
	return window->values[(window->count - steps) % WINDOW_VALUES];
}

/* Sums anew, so that errors of rounding do not add up. */
static void sum_anew(struct window *window)
{
	double sum = 0;

	for (uint32_t i = 1, scale = 0; i <= WINDOW_VALUES; i++) {
		sum += (double)value_before(window, i);
		if (i == 1u << scale)
			window->sums[scale++] = sum;
	}
}

void window_add(struct window *window, double value)
{
	float added = (float)value;

	for (unsigned int scale = 0; scale < WINDOW_SCALES; scale++)
		window->sums[scale] += (double)added - (double)value_before(window, 1u << scale);
	window->values[window->count++ % WINDOW_VALUES] = added;
	if (window->count % WINDOW_VALUES == 0)
		sum_anew(window);
}

double window_mean(const struct window *window, unsigned int scale)
{
	uint32_t size = 1u << scale;

	if (window->count == 0)
		return 0;
	return window->sums[scale] / (window->count < size ? window->count : size);
}

double window_change(const struct window *window, unsigned int scale)
{
	if (window->count < 2u << scale)
		return 0;
	return (2 * window->sums[scale] - window->sums[scale + 1]) / (1u << scale);
}
