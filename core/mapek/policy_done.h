/* SPDX-License-Identifier: BSD-2-Clause */
/* What the action of a policy is about, and whether it is so already. */
#ifndef X0_MAPEK_POLICY_DONE_H
#define X0_MAPEK_POLICY_DONE_H

#include "mapek/policy.h"
#include "model/snapshot.h"

bool policy_is_rule(const struct policy *policy);
bool policy_is_qos(const struct policy *policy);

/* Returns whether a class is marked or policed at all, or has the rate of the policy: by it, or by somebody else. */
bool policy_is_done(const struct policy *policy, const struct snapshot *snapshot);

#endif
