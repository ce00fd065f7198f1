/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of MAPE-K, shared by the files that turn it. */
#ifndef X0_MAPEK_MAPEK_STATE_H
#define X0_MAPEK_MAPEK_STATE_H

#include "mapek/analyze.h"
#include "mapek/known.h"
#include "mapek/mapek.h"
#include "mapek/plan.h"

enum { MAPEK_ORPHANS = 8 };

struct mapek {
	struct policies policies;
	struct mapek_ears ears;
	double clock; /* seconds of samples */
	double glanced; /* of these, since the last sample */
	double turned; /* when that was, in seconds since 1970 */
	double glance_looked; /* when a glance last had the busiest sources */
	double step; /* s before the last sample */
	struct series series[MAPEK_SERIES_SHOWN]; /* history 0: not begun */
	struct series next[MAPEK_SERIES_SHOWN]; /* with the last value, before it is learnt */
	struct series before[MAPEK_SERIES_SHOWN]; /* without the value that was learnt last */
	double begun[POLICIES_MAX]; /* when the anomaly that lasts began */
	uint32_t attacked; /* bits of series that were, since the last sample */
	uint32_t was_attacked; /* the same in the sample before */
	struct reading readings[MAPEK_SERIES_SHOWN];
	bool watched[MAPEK_SERIES_SHOWN];
	struct plan plans[POLICIES_MAX];
	uint64_t found[POLICIES_MAX]; /* anomalies of each */
	uint64_t lasts[POLICIES_MAX]; /* number of the anomaly that lasts */
	uint64_t known; /* anomalies before the first turn */
	uint64_t n_anomalies; /* with these; the ring holds the latest */
	struct snapshot_mapek_anomaly anomalies[MAPEK_ANOMALIES_SHOWN];
	struct execute execute;
	struct known sources; /* of calm times */
	struct known learnt; /* with the last sample, if it was calm and the next one is, too */
	double looked; /* when they were last looked at */
	uint32_t n_orphans; /* what was in force by policies that are gone, until the first turn */
	struct snapshot_mapek_action orphans[MAPEK_ORPHANS];
};

/* Returns the place of an anomaly, by its number; others may have taken it. */
static inline struct snapshot_mapek_anomaly *mapek_anomaly_of(struct mapek *mapek, uint64_t number)
{
	return &mapek->anomalies[(number - 1) % MAPEK_ANOMALIES_SHOWN];
}

/* Fills in snapshot->mapek. */
void mapek_show(const struct mapek *mapek, struct snapshot *snapshot);

#endif
