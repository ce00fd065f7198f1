// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/limit.h"

#define NS_PER_S 1000000000u

void limit_set(struct gcra *limit, bool by_bytes, uint64_t rate, uint64_t burst)
{
	double unit = (double)((uint64_t)NS_PER_S << GCRA_TIME_SHIFT) / (double)rate;

	if (by_bytes)
		unit *= 8;
	*limit = (struct gcra) {
		.by_bytes = by_bytes,
		.price = (uint64_t)(unit * (1 << GCRA_PRICE_SHIFT)),
		.burst = (uint64_t)(unit * (double)burst),
	};
}
