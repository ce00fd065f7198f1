/* SPDX-License-Identifier: BSD-2-Clause */
/* Monitor: what policies can watch: a number of a snapshot, by a name. */
#ifndef X0_MAPEK_MEASURE_H
#define X0_MAPEK_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"

struct measure {
	const char *name; /* in policies: "udp" */
	const char *what; /* in sentences: "UDP packets" */
	const char *unit; /* "/s", "bit/s" */
	double (*read)(const struct snapshot *snapshot); /* NAN: unknown */
	/* The least standard deviation that it is taken to have, in its unit; 0: it counts events, and varies by
	 * the root of its count. */
	double grain;
	bool looks; /* it is there only in samples with the busiest sources */
	/* Bits 1 << enum transport_protocol of the packets that it counts, which wake x0top and are in glances. */
	uint32_t transports;
	/* Of a rate, what a packet adds to its count at most; glances have it, too. 0: they do not. */
	double packet;
};

extern const struct measure measures[]; /* ended by a NULL name */

/* Returns the least standard deviation of a measure about `value`. */
double measure_spread(const struct measure *measure, double value);

/* Returns the place of a name in the table, or -ENOENT. */
int measure_find(const char *name);

#endif
