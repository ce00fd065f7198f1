/* SPDX-License-Identifier: BSD-2-Clause */
/* Tries policies on a recording. */
#ifndef X0_CLI_MAPEK_TRY_H
#define X0_CLI_MAPEK_TRY_H

#include "base/failure.h"

/* Prints what the policies of a file, or those of x0top for NULL, would have done on a recording, when and
 * why; of the same files always the same. Returns 0, or a negative errno with *failure set. */
int mapek_try(const char *replay, const char *policy, struct failure *failure);

#endif
