/* SPDX-License-Identifier: BSD-2-Clause */
/* Plan: when an anomaly begins and ends by a policy, and whom its action is about. */
#ifndef X0_MAPEK_PLAN_H
#define X0_MAPEK_PLAN_H

#include "mapek/policy.h"
#include "model/snapshot.h"

/* What the analysis says of a value. NAN: not known yet. */
struct reading {
	double value;
	double low, high; /* what is usual */
	double score; /* decades: -log10 of the probability of what begins here; 0: nothing does */
	double alarm; /* the score of an anomaly, unless the policy has its own */
};

/* Of one policy. Zeroed, there was no anomaly. */
struct plan {
	bool alarmed; /* something unusual began, and the value did not come back since */
	double unusual_since; /* when `alarmed` became true; seconds of the caller's clock, as all here */
	double score; /* the highest since */
	bool hot; /* the last value was one of an anomaly */
	bool raised; /* an anomaly lasts */
	double since; /* when `hot` became true */
	double last; /* when it was last true */
};

enum plan_step {
	PLAN_NOTHING,
	PLAN_BEGINS,
	PLAN_LASTS, /* and the last value is one of it */
	PLAN_CALMS, /* it lasts, but the last value is none of it */
	PLAN_ENDS,
};

/* Takes a reading at time `now`. An anomaly begins once it holds, and ends once it was calm, for as long as
 * the policy says: what lies between changes nothing. */
enum plan_step plan_take(
	struct plan *plan, const struct policy *policy, const struct reading *reading, double now);

/* Returns whether an anomaly lasts, or what is hot has been for long enough by `time`. */
bool plan_is_due(const struct plan *plan, const struct policy *policy, double time);

/* Returns whether a policy needs the busiest sources now: something is unusual. */
bool plan_needs_sources(const struct plan *plan, const struct policy *policy);

/* Whom an action is about. */
struct plan_target {
	char name
		[MAPEK_TARGET_LEN]; /* an address or prefix, a MAC address, or the id of a node; "": nobody */
	char where[MAPEK_TARGET_LEN]; /* the same, or the node's address */
};

/* Lists whom the action is about: the busiest that are not spared. Returns their number. */
uint32_t plan_targets(const struct policies *policies, const struct policy *policy,
	const struct snapshot *snapshot, struct plan_target targets[POLICY_ACTIONS_MAX]);

/* Writes why, a sentence without its full stop. Returns `text`. */
char *plan_reason(const struct policy *policy, const struct reading *reading, const char *target,
	char *text, size_t size);

#endif
