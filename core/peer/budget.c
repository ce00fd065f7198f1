// SPDX-License-Identifier: BSD-2-Clause
#include "peer/budget.h"

const struct pqc_budget budget_of_node = { .interval_ns = 50000000, .burst = 20 };
const struct pqc_budget budget_of_others = { .interval_ns = 2000000, .burst = 50 };

bool budget_take(const struct pqc_budget *budget, struct pqc_bucket *bucket, uint64_t now_ns)
{
	uint64_t from = bucket->full_at_ns > now_ns ? bucket->full_at_ns : now_ns;

	if (from + budget->interval_ns > now_ns + budget->burst * budget->interval_ns)
		return false;
	bucket->full_at_ns = from + budget->interval_ns;
	return true;
}
