/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds in the verifier's messages which line of a program it refuses, and why. */
#ifndef X0_PLUGINS_REFUSAL_H
#define X0_PLUGINS_REFUSAL_H

#include "base/failure.h"

/* Sets the sentences of a failed load from failure->cause, if that has the verifier's messages; else leaves them. */
void refusal_explain(const char *name, struct failure *failure);

#endif
