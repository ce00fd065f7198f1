/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Monitor: when to look closely. The kernel wakes x0top when more packets pass than a policy allows; from then
 * on glances are taken until nothing is unusual any more. A wake for nothing raises the limit that woke, so
 * that traffic which is usual wakes seldom. What the kernel has no limit for is looked at by glances that are
 * seldom, until one finds something.
 */
#ifndef X0_MAPEK_MONITOR_H
#define X0_MAPEK_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#define MONITOR_FIRST_NS \
	2700000 /* from one glance to the next, until something is done: two take a `hold` of 5 ms */
#define MONITOR_SOON_NS 5000000 /* then */
#define MONITOR_LATER_NS \
	50000000 /* later, and once something is done: in less, a burst looks like a flood */
#define MONITOR_SELDOM_NS \
	700000000 /* while nothing is unusual: with the looks of the scribe, less than two wakes a second */

/* Zeroed, it is not armed. Times are seconds of one clock. */
struct monitor {
	bool awake; /* glances are taken */
	bool found, acted; /* something was unusual, or done, since it woke */
	bool resting; /* the next glance is the last, unless it finds something */
	bool noticed; /* no wake of the kernel's began it, but a glance while it was asleep */
	bool hot; /* the last glance found something */
	double woke, moved; /* when it woke, when something new was found or done */
	double raised; /* log2 of the factor of limits */
	double lowered; /* when that last changed */
};

/* The kernel has woken x0top. Returns whether the first glance is to be taken anew: those before are far apart. */
bool monitor_wake(struct monitor *monitor, double now);

/*
 * Takes a glance into account: `hot`, something is unusual; `acted`, an action began. Returns the nanoseconds
 * to the next one; 0: it sleeps, and one is due in MONITOR_SELDOM_NS, if at all.
 */
uint64_t monitor_glance(struct monitor *monitor, bool hot, bool acted, double now);

/* Returns the factor of the limits to arm the kernel with now; 0: glances are taken. */
double monitor_arm(struct monitor *monitor, double now);

#endif
