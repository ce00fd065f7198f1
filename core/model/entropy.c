// SPDX-License-Identifier: BSD-2-Clause
#include "model/entropy.h"

#include <math.h>
#include <string.h>

#include "base/mix.h"

void spread_open(struct spread *spread, uint64_t seed)
{
	memset(spread, 0, sizeof(*spread));
	spread->seed = seed;
}

void spread_add(struct spread *spread, uint64_t thing, uint32_t n)
{
	uint32_t *count =
		&spread->counts[mix64(mix64(thing ^ spread->seed) + spread->seed) % SPREAD_BUCKETS];
	uint32_t room = UINT32_MAX - *count;

	n = n < room ? n : room;
	*count += n;
	spread->total += n;
}

double spread_entropy(const struct spread *spread)
{
	double sum = 0, total = (double)spread->total;

	if (spread->total == 0)
		return NAN;
	for (int i = 0; i < SPREAD_BUCKETS; i++)
		if (spread->counts[i] > 0)
			sum += spread->counts[i] * log2(spread->counts[i]);
	return fmax(log2(total) - sum / total, 0);
}
