/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a change of what is done to classes that a kill has ended half way. */
#ifndef X0_CONTROL_QOS_RECOVER_H
#define X0_CONTROL_QOS_RECOVER_H

#include "control/state.h"
#include "qos/act_history.h"

/* Remembers all that is done to classes before all of it ends, `text`: why. Returns whether there is anything, and
 * qos_settle() follows. A kill before that lets the next x0top end it. */
bool qos_remember_end(const struct orchestrator *o, const char *text);

/*
 * After a kill: puts back what was before a change that it has ended half way, or brings the end of all to its end.
 * Under the change lock, once the pinned maps are this x0top's. Returns which of them, with its words in `action`.
 */
enum act_begun qos_recover(struct orchestrator *o, char action[RULE_LEN]);

#endif
