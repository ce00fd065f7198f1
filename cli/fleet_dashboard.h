/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef X0_CLI_FLEET_DASHBOARD_H
#define X0_CLI_FLEET_DASHBOARD_H

#include "fleet/fleet.h"

/*
 * Shows the fleet on the terminal until the operator quits; looks every so many seconds. Restores the terminal.
 * Returns 0, or a negative errno with *failure set.
 */
int fleet_dashboard_run(struct prometheus *prometheus, const struct fleet_request *request,
	double seconds, struct failure *failure);

#endif
