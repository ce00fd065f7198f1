/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit log: every change, who asked for it, and what became of it, one line each. */
#ifndef X0_CONTROL_AUDIT_H
#define X0_CONTROL_AUDIT_H

#include "control/action.h"

#define AUDIT_LOG "/var/log/x0top.log"

/*
 * Appends a line: time, process, user, actor, the action's text, and "done" or the failure in words.
 * Returns 0, or a negative errno if it could not be written.
 */
int audit_write(const struct action *action, const struct failure *failure);

extern const char *const action_actor_names[]; /* enum action_actor */

#endif
