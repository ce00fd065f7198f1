/* SPDX-License-Identifier: BSD-2-Clause */
/* Monitor: what policies can watch: a number of a snapshot, by a name. */
#ifndef X0_MAPEK_MEASURE_H
#define X0_MAPEK_MEASURE_H

#include <stdint.h>

#include "model/snapshot.h"

struct measure {
	const char *name; /* in policies: "udp" */
	const char *what; /* in sentences: "UDP packets" */
	const char *unit; /* "/s", "bit/s" */
	double (*read)(const struct snapshot *snapshot); /* NAN: unknown */
	/* Bits 1 << enum transport_protocol of the packets that it counts, which wake x0top and are in glances. */
	uint32_t transports;
};

extern const struct measure measures[]; /* ended by a NULL name */

/* Returns the place of a name in the table, or -ENOENT. */
int measure_find(const char *name);

/* Writes all names, separated by ", ". Returns `text`. */
char *measure_names(char *text, size_t size);

#endif
