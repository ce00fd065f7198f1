/* SPDX-License-Identifier: BSD-2-Clause */
/* Remembers what interfaces have before a change of x0top qos, and puts it back. */
#ifndef X0_CONTROL_QOS_UNDO_H
#define X0_CONTROL_QOS_UNDO_H

#include "control/qos_target.h"

/*
 * Remembers what is in force on `n` interfaces. Only a change that is to be undone by itself needs that. Before one of
 * several `steps`, which qos_settle() follows, whatever becomes of it: a kill before that lets the next x0top put back
 * what was. What MAPE-K does is not the operator's to undo: behind it, the change before is remembered. Returns 0, or a negative errno with *failure set.
 */
int qos_remember(const struct verb_call *call, const struct qos_target *targets, uint32_t n,
	bool steps, struct failure *failure);
void qos_settle(struct orchestrator *o);

/* Frees what qos_remember() has put aside of an earlier change. */
void qos_forget_before(struct orchestrator *o);

/*
 * Puts back what `n` interfaces had before, all of them or none. Returns 0, or a negative errno with *failure set.
 */
int qos_put_all(struct qos_target *targets, const struct act_before *before, uint32_t n,
	struct failure *failure);

/* Returns the token of a change whose time for a confirm is over, and that nobody has undone: once in a while. 0: there is
 * none. */
uint64_t qos_late(struct orchestrator *o);

#endif
