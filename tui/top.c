// SPDX-License-Identifier: BSD-2-Clause
#include "top.h"

#include <math.h>

#include "model/rate.h"

double top_counter(const struct counter *counter)
{
	/* Divided by 2^64, a total is below any rate. */
	return (isnan(counter->rate) ? 0 : counter->rate) +
	       (double)counter->total / 18446744073709551616.0;
}

uint32_t top_rows(const void *list, uint32_t n, top_value *value, uint32_t *rows, uint32_t wanted)
{
	uint32_t found = 0;

	if (wanted == 0)
		return 0;
	for (uint32_t row = 0; row < n; row++) {
		double here = value(list, row);
		uint32_t at = found;

		while (at > 0 && rate_compare(value(list, rows[at - 1]), here) < 0)
			at--;
		if (at == wanted)
			continue;
		if (found < wanted)
			found++;
		for (uint32_t i = found - 1; i > at; i--)
			rows[i] = rows[i - 1];
		rows[at] = row;
	}
	return found;
}
