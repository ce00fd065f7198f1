// SPDX-License-Identifier: BSD-2-Clause
#include "peer/budget.h"

#include "pqc/sources.bpf.h"

const struct pqc_budget budget_of_node = { .interval_ns = 50000000, .burst = 20 };
const struct pqc_budget budget_of_others = { .interval_ns = 2000000, .burst = 50 };

bool budget_take(const struct pqc_budget *budget, struct pqc_bucket *bucket, uint64_t now_ns)
{
	return bucket_take(bucket, budget, now_ns);
}
