/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be undone: what the interfaces had before the last change of x0top qos. All x0top of a host share the
 * file; callers hold the change lock. What it says is checked.
 */
#ifndef X0_QOS_ACT_HISTORY_H
#define X0_QOS_ACT_HISTORY_H

#include "base/text.h"
#include "qos/act.h"
#include "qos/shape.h"

/* What an interface had. */
struct act_before {
	char interface[16];
	struct class_acts acts;
	bool shaped;
	struct shape shape; /* if it was */
};

/* A change of more than one step that was begun is not known to have ended: what becomes of it if who made it was
 * killed. */
enum act_begun {
	ACT_SETTLED,
	ACT_STEPS, /* what was before is put back */
	ACT_END, /* all that is done to classes ends: that is done to its end */
};

struct act_history {
	uint64_t begun; /* enum act_begun */
	/* A change that is undone unless it is confirmed in time. */
	uint64_t token; /* 0: it needs no confirm */
	uint64_t deadline; /* CLOCK_BOOTTIME, ns */
	char action[RULE_LEN]; /* the change, in words */
	uint32_t n;
	struct act_before *before; /* n interfaces */
};

/* Return 0 or a negative errno; reading: -ENOENT without any, -EBADMSG if it is not whole. The caller frees what was
 * read. */
int act_history_write(const struct act_history *history);
int act_history_read(struct act_history *history);
int act_history_forget(void);

void act_history_free(struct act_history *history);

#endif
