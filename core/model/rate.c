// SPDX-License-Identifier: BSD-2-Clause
#include "model/rate.h"

#include <math.h>
#include <stddef.h>

uint64_t counter_increase(uint64_t total, uint64_t before)
{
	return total >= before ? total - before : total;
}

void counter_update(
	struct counter *now, const struct counter *before, uint64_t total, double interval)
{
	double rate = NAN;

	if (before != NULL && before->total != COUNT_UNKNOWN && total != COUNT_UNKNOWN &&
		interval > 0)
		rate = (double)counter_increase(total, before->total) / interval;
	now->total = total;
	now->rate = rate;
}

void traffic_update(struct traffic *now, const struct traffic *before,
	const struct traffic_count *total, double interval)
{
	counter_update(&now->packets, before ? &before->packets : NULL, total->packets, interval);
	counter_update(&now->bytes, before ? &before->bytes : NULL, total->bytes, interval);
}

void counters_rate(struct counter *now, const struct counter *before, size_t n, double interval)
{
	for (size_t i = 0; i < n; i++)
		counter_update(&now[i], before ? &before[i] : NULL, now[i].total, interval);
}

void counters_keep(struct counter *now, const struct counter *before, size_t n)
{
	for (size_t i = 0; i < n; i++)
		now[i] = (struct counter) { before ? before[i].total : COUNT_UNKNOWN, NAN };
}

void counters_stop(struct counter *sums, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sums[i] =
			(struct counter) { sums[i].total > 0 ? sums[i].total : COUNT_UNKNOWN, NAN };
}

void counters_add(struct counter *sums, const struct counter *counters, size_t n, bool counting)
{
	for (size_t i = 0; i < n; i++) {
		if (counters[i].total != COUNT_UNKNOWN)
			sums[i].total += counters[i].total;
		if (counting)
			sums[i].rate += counters[i].rate;
	}
}

void counter_add(struct counter *sum, const struct counter *counter)
{
	if (sum->total == COUNT_UNKNOWN || counter->total == COUNT_UNKNOWN)
		sum->total = COUNT_UNKNOWN;
	else
		sum->total += counter->total;
	sum->rate += counter->rate;
}

void traffic_add(struct traffic *sum, const struct traffic *traffic)
{
	counter_add(&sum->packets, &traffic->packets);
	counter_add(&sum->bytes, &traffic->bytes);
}

int rate_compare(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(b) - isnan(a);
	return (a > b) - (a < b);
}
