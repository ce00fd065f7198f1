// SPDX-License-Identifier: BSD-2-Clause
#include "model/rate.h"

#include <stddef.h>

uint64_t counter_increase(uint64_t total, uint64_t before)
{
	return total >= before ? total - before : total;
}

void counter_update(struct counter *now, const struct counter *before, uint64_t total,
	double interval)
{
	double rate = 0;

	if (before != NULL && interval > 0)
		rate = (double)counter_increase(total, before->total) / interval;
	now->total = total;
	now->rate = rate;
}
