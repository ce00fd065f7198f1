/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be undone: what an interface had before the last change of x0top qos. All x0top of a host share the
 * file; callers hold the change lock. What it says is checked.
 */
#ifndef X0_QOS_ACT_HISTORY_H
#define X0_QOS_ACT_HISTORY_H

#include "base/text.h"
#include "qos/act.h"
#include "qos/shape.h"

struct act_before {
	/* A change of more than one step was begun, and is not known to have ended: what was before is to be put back if
	 * who made it was killed. First, to be written by the same step as the sum of the file. */
	uint64_t begun;
	char action[RULE_LEN]; /* the change, in words */
	char interface[16];
	struct class_acts acts;
	bool shaped;
	struct shape shape; /* if it was */
	/* A change that is undone unless it is confirmed in time. */
	uint64_t token; /* 0: it needs no confirm */
	uint64_t deadline; /* CLOCK_BOOTTIME, ns */
};

/* Return 0 or a negative errno; reading: -ENOENT without any, -EBADMSG if it is not whole. */
int act_history_write(const struct act_before *before);
int act_history_read(struct act_before *before);
int act_history_forget(void);

#endif
