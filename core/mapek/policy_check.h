/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges policies before any is in force: what they may do, and whether they agree. */
#ifndef X0_MAPEK_POLICY_CHECK_H
#define X0_MAPEK_POLICY_CHECK_H

#include "mapek/policy.h"

/* Checks the action of one policy. Returns 0, or -EINVAL with *failure saying what it may not do. */
int policy_check(const struct policies *policies, const struct policy *policy,
	const struct connection *own, struct failure *failure);

/* Checks that a policy does not contradict another. Returns as policy_check(). */
int policy_check_pair(
	const struct policy *policy, const struct policy *other, struct failure *failure);

#endif
