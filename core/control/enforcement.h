/* SPDX-License-Identifier: BSD-2-Clause */
/* What x0top left enforcing on this host, for those who run no orchestrator. */
#ifndef X0_CONTROL_ENFORCEMENT_H
#define X0_CONTROL_ENFORCEMENT_H

#include "base/failure.h"

struct enforcement_removed {
	int pins;
	int filters; /* of TC */
	struct failure unaudited; /* error < 0: all was done, and is not in the audit log */
};

/*
 * Ends all enforcement, removes all pins of this layout, also those that are not whole, and what killed
 * programs left elsewhere. Another x0top that runs goes on observing. The audit log gets its line.
 * Returns 0, or a negative errno with *failure set: -EEXIST where pins of another layout were left. Both
 * ways *removed says what is gone.
 */
int enforcement_down(struct enforcement_removed *removed, struct failure *failure);

#endif
