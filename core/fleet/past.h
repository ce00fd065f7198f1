/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One host in time: samples made of what a Prometheus has of it, at points of its time axis. Two questions fill a
 * span, whatever the number of metrics: how many series there are, and all of them. Rates are those between
 * points.
 */
#ifndef X0_FLEET_PAST_H
#define X0_FLEET_PAST_H

#include "export/samples.h"
#include "fleet/fleet.h"
#include "fleet/prometheus.h"

enum {
	PAST_POINTS_MAX = 120,
	PAST_POINTS_MIN = 12,
	PAST_VALUES_MAX =
		300000, /* of all series, in an answer; for more series there are fewer points */
};

struct past;

/* Returns one without samples, to be closed; NULL without memory. */
struct past *past_open(void);

/* Accepts NULL. */
void past_close(struct past *past);

/*
 * Begins to ask for the `span` seconds before `end`, seconds since 1970, of a host. Returns 0, then call
 * past_step(); or a negative errno with *failure set, -EINVAL for a name that cannot be asked for.
 */
int past_begin(struct past *past, struct prometheus *prometheus,
	const struct fleet_request *request, const char *instance, double end, double span,
	struct failure *failure);

/* Goes on, for at most `wait_ms`. Returns 0 while answers are missing, 1 when the samples are new, or a negative
 * errno with *failure set: -ENODATA if there are none. */
int past_step(
	struct past *past, struct prometheus *prometheus, int wait_ms, struct failure *failure);

/* Says which points an answer is of: `points` of the `span` seconds before `end`; at most PAST_POINTS_MAX. */
void past_expect(struct past *past, double end, double span, uint32_t points);

/* Makes the samples of an answer, which stays the caller's. Returns as past_step(). */
int past_take(struct past *past, const json_t *answer, struct failure *failure);

/* Returns the seconds between points. */
double past_interval(const struct past *past);

/* Returns its samples, which are read from memory, until it is asked for others. */
struct samples past_samples(struct past *past);

#endif
