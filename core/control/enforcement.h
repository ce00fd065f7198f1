/* SPDX-License-Identifier: BSD-2-Clause */
/* What x0top left enforcing on this host, for those who run no orchestrator. */
#ifndef X0_CONTROL_ENFORCEMENT_H
#define X0_CONTROL_ENFORCEMENT_H

#include "base/failure.h"

/*
 * Ends all enforcement and removes all pins of this layout, also those that are not whole. Another
 * x0top that runs goes on observing. Returns how many pins were removed, or a negative errno with
 * *failure set and nothing removed.
 */
int enforcement_down(struct failure *failure);

#endif
