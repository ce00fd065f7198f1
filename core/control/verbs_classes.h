/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rows of the verbs of traffic classes are made of: control/verbs.c. */
#ifndef X0_CONTROL_VERBS_CLASSES_H
#define X0_CONTROL_VERBS_CLASSES_H

#include "programs/verb.h"

extern const struct operand operand_class_line, operand_class_number, operand_class_numbered,
	operand_class_move;

int class_verb_add(const struct verb_call *call, struct failure *failure);
int class_verb_insert(const struct verb_call *call, struct failure *failure);
int class_verb_edit(const struct verb_call *call, struct failure *failure);
int class_verb_delete(const struct verb_call *call, struct failure *failure);
int class_verb_move(const struct verb_call *call, struct failure *failure);
int class_verb_load(const struct verb_call *call, struct failure *failure);
int class_verb_reset(const struct verb_call *call, struct failure *failure);
int class_verb_undo(const struct verb_call *call, struct failure *failure);

#endif
