/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that undoes a change of mesh rules, or of what is done to classes, unless it is confirmed in time, whatever
 * becomes of the x0top that made it. Another one stands behind it: if one of the two is killed, the other does it.
 */
#ifndef X0_CLI_ROLLBACK_H
#define X0_CLI_ROLLBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "control/orchestrator.h"

enum rollback_about {
	ROLLBACK_RULES,
	ROLLBACK_QOS,
};

struct rollback {
	uint32_t about; /* enum rollback_about: the kind of change */
	int alive; /* a socket: its end tells that process that this one is gone */
	uint64_t token; /* for the action */
};

/* Starts the process, before rights are given up. Returns 0, or a negative errno with *failure set. */
int rollback_start(struct rollback *rollback, uint32_t audit, struct failure *failure);

/* Tells it that the change is made: it waits for the deadline. Returns false if nobody is there any more. */
bool rollback_arm(const struct rollback *rollback);

/* Undoes the change, which nobody else will, and says so. Returns an exit status. */
int rollback_at_once(const struct rollback *rollback, struct orchestrator *orchestrator);

/* Says that a change of rules waits for a confirm, if one does. */
void rollback_notice(const struct orchestrator *orchestrator);

/* Asks on the terminal, if there is one, to keep the change; does what is answered, or says until when
 * x0top rules confirm keeps it. Returns an exit status. */
int rollback_ask(const struct rollback *rollback, struct orchestrator *orchestrator);

#endif
