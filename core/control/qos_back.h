/* SPDX-License-Identifier: BSD-2-Clause */
/* What takes back what is done to a class: control/switch_book.h. */
#ifndef X0_CONTROL_QOS_BACK_H
#define X0_CONTROL_QOS_BACK_H

#include <stdbool.h>

#include "control/action.h"

/* Returns whether a class is marked or policed, or has the rate, as one of these three verbs says. */
bool qos_is_done(struct orchestrator *o, const struct action *action);

/* Fills in *back, which has the same actor: a class is marked or policed no more, or has the rate that it has now. Returns
 * 0, or a negative errno with *failure set. */
int qos_reverse(struct orchestrator *o, const struct action *action, struct action *back,
	struct failure *failure);

#endif
