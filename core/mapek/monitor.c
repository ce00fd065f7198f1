// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/monitor.h"

#include <math.h>

#define FIRST	    0.03 /* s of glances that something may be done by */
#define SOON	    0.3 /* s of glances one after the other */
#define NOTHING	    0.3 /* s without anything unusual, until it sleeps */
#define NOTHING_NEW 2.0 /* s with nothing more to do, until it sleeps: samples renew what is done */
#define REST_NS	    500000000 /* from the end of glances to the next wake, at least */
#define RAISED_MOST 8.0
#define LOWER	    60.0 /* s, until the factor is halved */

static void begin(struct monitor *monitor, bool noticed, double now)
{
	monitor->awake = true;
	monitor->noticed = noticed;
	monitor->found = monitor->acted = monitor->resting = false;
	monitor->woke = monitor->moved = now;
}

bool monitor_wake(struct monitor *monitor, double now)
{
	if (monitor->awake && !monitor->noticed)
		return false;
	begin(monitor, false, now);
	return true;
}

static uint64_t period(const struct monitor *monitor, double now)
{
	const double since = now - monitor->woke;

	if (since >= SOON || monitor->acted || monitor->noticed)
		return MONITOR_LATER_NS;
	return since < FIRST ? MONITOR_FIRST_NS : MONITOR_SOON_NS;
}

/* What lasts, and was found before, is no reason to look closely once more. */
static bool sleeps_on(struct monitor *monitor, bool hot, double now)
{
	if (!monitor->awake && hot && !monitor->hot)
		begin(monitor, true, now);
	monitor->hot = hot;
	return !monitor->awake;
}

uint64_t monitor_glance(struct monitor *monitor, bool hot, bool acted, double now)
{
	if (sleeps_on(monitor, hot, now))
		return 0;
	if (acted || (hot && !monitor->found))
		monitor->moved = now;
	monitor->found |= hot;
	monitor->acted |= acted;
	if (now - monitor->moved <= (hot ? NOTHING_NEW : NOTHING)) {
		monitor->resting = false;
		return period(monitor, now);
	}
	if (!monitor->resting) {
		monitor->resting = true;
		return REST_NS;
	}
	monitor->awake = false;
	if (!monitor->acted && !monitor->noticed) {
		monitor->raised = fmin(monitor->raised + 1, RAISED_MOST);
		monitor->lowered = now;
	}
	return 0;
}

double monitor_arm(struct monitor *monitor, double now)
{
	if (monitor->awake && !monitor->noticed)
		return 0;
	if (monitor->raised > 0 && now - monitor->lowered >= LOWER) {
		monitor->raised--;
		monitor->lowered = now;
	}
	return exp2(monitor->raised);
}
