// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/monitor.h"

#include <math.h>

#define SOON	    0.3 /* s of glances one after the other */
#define NOTHING	    0.3 /* s without anything unusual, until it sleeps */
#define NOTHING_NEW 2.0 /* s with nothing more to do, until it sleeps: samples renew what is done */
#define REST_NS	    500000000 /* from the end of glances to the next wake, at least */
#define RAISED_MOST 8.0
#define LOWER	    60.0 /* s, until the factor is halved */

void monitor_wake(struct monitor *monitor, double now)
{
	if (monitor->awake)
		return;
	monitor->awake = true;
	monitor->found = monitor->acted = monitor->resting = false;
	monitor->woke = monitor->moved = now;
}

uint64_t monitor_glance(struct monitor *monitor, bool hot, bool acted, double now)
{
	if (acted || (hot && !monitor->found))
		monitor->moved = now;
	monitor->found |= hot;
	monitor->acted |= acted;
	if (now - monitor->moved <= (hot ? NOTHING_NEW : NOTHING)) {
		monitor->resting = false;
		return now - monitor->woke < SOON ? MONITOR_SOON_NS : MONITOR_LATER_NS;
	}
	if (!monitor->resting) {
		monitor->resting = true;
		return REST_NS;
	}
	monitor->awake = false;
	if (!monitor->acted) {
		monitor->raised = fmin(monitor->raised + 1, RAISED_MOST);
		monitor->lowered = now;
	}
	return 0;
}

double monitor_arm(struct monitor *monitor, double now)
{
	if (monitor->awake)
		return 0;
	if (monitor->raised > 0 && now - monitor->lowered >= LOWER) {
		monitor->raised--;
		monitor->lowered = now;
	}
	return exp2(monitor->raised);
}
