/* SPDX-License-Identifier: BSD-2-Clause */
/* Removes what x0top left enforcing on this host; needs no orchestrator. */
#ifndef X0_CONTROL_ENFORCEMENT_H
#define X0_CONTROL_ENFORCEMENT_H

#include <stdint.h>

#include "base/failure.h"

struct enforcement_removed {
	int pins;
	int filters; /* of TC */
	int shaped; /* interfaces that were shaped */
	struct failure
		unaudited; /* error < 0: everything was removed, but is not in the audit log */
};

/*
 * Ends all enforcement; removes all pins of this layout, incomplete ones too, and what killed programs
 * left elsewhere. A running x0top keeps observing. Writes a line to the audit log, by `audit_policy` of
 * enum audit_policy. Returns 0, or a negative errno with *failure set: -EEXIST where it left pins of
 * another layout. Either way *removed counts what it removed.
 */
int enforcement_down(
	uint32_t audit_policy, struct enforcement_removed *removed, struct failure *failure);

/* Counts the TC filters of x0top on this host, also of one that runs. Needs CAP_SYS_ADMIN to know them. */
int enforcement_filters(void);

/* Counts the interfaces that x0top shapes, or returns a negative errno. */
int enforcement_shaped(void);

#endif
