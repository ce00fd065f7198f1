/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rows of the verbs of shaping are made of: control/verbs.c. */
#ifndef X0_CONTROL_VERBS_SHAPE_H
#define X0_CONTROL_VERBS_SHAPE_H

#include "programs/verb.h"

extern const struct operand operand_shape; /* interface and rate */
extern const struct operand operand_shaped; /* interface; the rate is 0 */

/* As the members of struct verb. */
enum decision shape_verb_decide(const struct verb_call *call, char *sentence, size_t size);
int shape_verb_apply(const struct verb_call *call, struct failure *failure);

#endif
