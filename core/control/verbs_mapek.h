/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of MAPE-K, which the thinker does. */
#ifndef X0_CONTROL_VERBS_MAPEK_H
#define X0_CONTROL_VERBS_MAPEK_H

#include "programs/verb.h"

extern const struct operand
	operand_target; /* TARGET: a prefix, a MAC address, or the id of a node */
extern const struct operand operand_hook; /* POLICY [for TARGET] */

extern const struct operand operand_mapek_action; /* ID, its number */

int apply_to_thinker(const struct verb_call *call, struct failure *failure);

#endif
