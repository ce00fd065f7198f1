/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_CLI_DASHBOARD_H
#define X0_CLI_DASHBOARD_H

#include "cli/session.h"

/*
 * Runs the dashboard on the terminal until the operator quits. `interval` is in seconds. Restores the
 * terminal. Returns 0, or a negative errno with *failure set.
 */
int dashboard_run(struct session *session, double interval, struct failure *failure);

#endif
