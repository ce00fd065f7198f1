/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Monitor: when to look closely. The kernel wakes x0top when more packets pass than a policy allows; from then
 * on glances are taken until nothing is unusual any more. A wake for nothing raises the limit that woke, so
 * that traffic which is usual wakes seldom.
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

/* Zeroed, it is not armed. Times are seconds of one clock. */
struct monitor {
	bool awake; /* glances are taken */
	bool found, acted; /* something was unusual, or done, since it woke */
	bool resting; /* the next glance is the last, unless it finds something */
	double woke, moved; /* when it woke, when something new was found or done */
	double raised; /* log2 of the factor of limits */
	double lowered; /* when that last changed */
};

/* The kernel has woken x0top. */
void monitor_wake(struct monitor *monitor, double now);

/*
 * Takes a glance into account: `hot`, something is unusual; `acted`, an action began. Returns the nanoseconds
 * to the next one; 0: none any more.
 */
uint64_t monitor_glance(struct monitor *monitor, bool hot, bool acted, double now);

/* Returns the factor of the limits to arm the kernel with now; 0: glances are taken. */
double monitor_arm(struct monitor *monitor, double now);

#endif
