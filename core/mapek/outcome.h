/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outcome: did an action help, and what honest traffic did it cost?
 *
 *	before   the value of the anomaly's series when the action began
 *	after    the mean of what is left, over the samples in which the action was in force and the anomaly
 *	         lasted: its value; of a series that counts arriving packets, the value less the packets a second
 *	         that the rules of this anomaly's actions drop, and only where it was beyond what is usual, since
 *	         what does not arrive was not dropped
 *	relief   (before - after) / (before - usual), between 0 and 1, with the edge of what was usual when the
 *	         action began
 *	honest   packets: the sum over the samples of min(rate, usual rate) of each source among the 64 busiest flows
 *	         that the rule decided about, times the share of its packets that the rule drops, times the time of the
 *	         sample. A source's usual rate is the moving average of calm samples (mapek/known.h), 0 where it was
 *	         not seen
 */
#ifndef X0_MAPEK_OUTCOME_H
#define X0_MAPEK_OUTCOME_H

#include "mapek/known.h"
#include "mapek/plan.h"
#include "model/snapshot.h"

struct outcome {
	double usual; /* the edge of what was usual; NAN: unknown */
	double sum, honest; /* of values that are left; of packets */
	uint32_t n; /* samples */
	uint64_t last; /* packets that the rule had dropped at the last sample */
};

/* Begins the outcome of an action at the reading that led to it. */
void outcome_begin(struct outcome *outcome, const struct policy *policy,
	const struct reading *reading, struct snapshot_mapek_action *action);

/* Takes what is left of the anomaly's value in one more sample. */
void outcome_take(struct outcome *outcome, double left, struct snapshot_mapek_action *action);

/* Counts what a sample of `snapshot` cost those who are known, by the action's rule. */
void outcome_cost(struct outcome *outcome, const struct known *known,
	const struct snapshot *snapshot, const struct snapshot_rule *rule,
	struct snapshot_mapek_action *action);

#endif
