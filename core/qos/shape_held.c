// SPDX-License-Identifier: BSD-2-Clause
#include "qos/shape_held.h"

#include <math.h>

/* A class that waits and has less than this part of its rate does not get what was promised. */
#define SHORT 0.9

/* Seconds of its rate that wait at least in such a class: less is a burst, which two samples may happen to see. */
#define PILE 0.05

/*
 * Returns the bits a second that a class has to have had by its rate since the sample before: what began to wait in
 * between says nothing, and the packet that is next may be one that the time was too short for.
 */
static double owed(const struct shape_class_state *class, uint64_t waited, double interval)
{
	if (class->backlog_packets == 0 || waited == 0 || !(interval > 0))
		return 0;
	double packet = (double)class->backlog_bytes / class->backlog_packets * 8;

	return fmax((double)class->rate - packet / interval, 0);
}

struct shape_held shape_held(
	const struct shape_class_state *class, uint64_t waited, double rate, double interval)
{
	const double due = owed(class, waited, interval);

	return (struct shape_held) {
		.starved = due > 0 && rate == 0,
		.short_of_rate =
			rate<SHORT * due &&class->backlog_bytes * 8.0> PILE * (double)class->rate,
	};
}
