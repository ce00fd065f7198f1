/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps alerts over time: judges each sample, and remembers when each cause began and ended, and how
 * often. A recording needs none: its snapshots hold their alerts.
 */
#ifndef X0_MODEL_ALERT_LOG_H
#define X0_MODEL_ALERT_LOG_H

#include "model/judge.h"

/* Zeroed, it is empty. Without room, a new alert takes the place of the one that ended first. */
struct alert_log {
	struct judge_past past;
	struct judgement judgement; /* of the last sample */
	uint32_t n;
	char causes[ALERTS_MAX][CAUSE_LEN]; /* of alerts[] */
	struct snapshot_alert alerts[ALERTS_MAX];
};

/* Judges a sample that is complete but for its alerts, and fills those in. */
void alert_log_sample(struct alert_log *log, struct snapshot *now);

bool alert_lasts(const struct snapshot_alert *alert);

/* Counts the alerts of a severity that last, in a snapshot; and those of all. */
uint32_t alerts_of(const struct snapshot *snapshot, enum severity severity);
uint32_t alerts_that_last(const struct snapshot *snapshot);

#endif
