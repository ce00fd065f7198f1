/* SPDX-License-Identifier: BSD-2-Clause */
/* Knows sources from calm times, and what they usually send: what is honest, as far as anybody can tell. */
#ifndef X0_MAPEK_KNOWN_H
#define X0_MAPEK_KNOWN_H

#include <stdint.h>

#include "model/snapshot_talkers.h"

enum { KNOWN_SOURCES = 1024 };

struct known_source {
	uint64_t hash; /* of its address; 0: free */
	double seen; /* seconds of the caller's clock */
	double rate; /* packets a second: moving average, a quarter of each new value */
};

/* Zeroed, none is known. A source whose places are taken replaces the one that was not seen for longest. */
struct known {
	struct known_source list[KNOWN_SOURCES];
};

/* Learns the busiest sources of a calm sample. */
void known_learn(struct known *known, const struct snapshot_talkers *talkers, double now);

/* Returns the packets a second that a source usually sends; 0 if it is not known. */
double known_usual(const struct known *known, const char *address);

#endif
