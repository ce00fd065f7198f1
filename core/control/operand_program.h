/* SPDX-License-Identifier: BSD-2-Clause */
/* The operand that names a program. */
#ifndef X0_CONTROL_OPERAND_PROGRAM_H
#define X0_CONTROL_OPERAND_PROGRAM_H

#include "programs/verb.h"

/* Reads the name of a program into an action. Returns 0, or -EINVAL with *failure set. */
int operand_parse_program(const char *name, struct action *action, struct failure *failure);

/* Says that there is no program of that name. Returns -ENOENT. */
int operand_no_such_program(const char *name, struct failure *failure);

#endif
