/* SPDX-License-Identifier: BSD-2-Clause */
/* What the row of the verb that replaces programs is made of: control/verbs.c. */
#ifndef X0_CONTROL_VERBS_REPLACE_H
#define X0_CONTROL_VERBS_REPLACE_H

#include "programs/verb.h"

/* The word for this x0top's own object, in place of a file. */
#define REPLACE_BUILT_IN "built-in"

/* As the members of struct verb. */
enum decision replace_verb_decide(const struct verb_call *call, char *sentence, size_t size);
int replace_verb_apply(const struct verb_call *call, struct failure *failure);
int replace_verb_keep(const struct verb_call *call, struct failure *failure);
int replace_verb_take_back(const struct verb_call *call, struct failure *failure);

#endif
