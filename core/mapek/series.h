/* SPDX-License-Identifier: BSD-2-Clause */
/* Monitor: what policies can watch. Each series is one number of a snapshot, by a name. */
#ifndef X0_MAPEK_SERIES_H
#define X0_MAPEK_SERIES_H

#include <stdint.h>

#include "model/snapshot.h"

struct series {
	const char *name; /* in policies: "udp" */
	const char *what; /* in sentences: "UDP packets" */
	const char *unit; /* "/s", "bit/s" */
	double (*read)(const struct snapshot *snapshot); /* NAN: unknown */
};

extern const struct series series_table[]; /* ended by a NULL name */

/* Returns the place of a name in the table, or -ENOENT. */
int series_find(const char *name);

/* Returns the number of series. */
uint32_t series_count(void);

/* Writes all names, separated by ", ". Returns `text`. */
char *series_names(char *text, size_t size);

#endif
