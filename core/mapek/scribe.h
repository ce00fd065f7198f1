/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scribe: a process of its own that reads and writes knowledge, so that no disk delays a sample. It is
 * forked before rights are given up, opens the database, and gives up all rights. It ends with its caller.
 */
#ifndef X0_MAPEK_SCRIBE_H
#define X0_MAPEK_SCRIBE_H

#include "base/failure.h"
#include "mapek/analyze.h"
#include "model/snapshot_mapek.h"

struct scribe;

/* What the database knew. */
struct scribe_known {
	uint64_t last_anomaly, last_action; /* numbers */
	char notice[REASON_LEN]; /* of a database that was set aside, or empty */
};

/*
 * Starts it and waits until it has the database in `path`; `take` gets each series that is known. Returns 0
 * with *scribe to be closed by the caller, or a negative errno with *failure set.
 */
int scribe_open(const char *path, struct scribe **scribe, struct scribe_known *known,
	void (*take)(void *data, const char *name, const struct series *series), void *data,
	struct failure *failure);

/* Sends all that is left, waits for the scribe to end. Accepts NULL. */
void scribe_close(struct scribe *scribe);

/* These send a note and never wait: what the scribe has no room for is counted. Accept NULL. */
void scribe_anomaly(
	struct scribe *scribe, const struct snapshot_mapek_anomaly *anomaly, const char *sentence);
void scribe_action(struct scribe *scribe, const struct snapshot_mapek_action *action, double time);
void scribe_series(struct scribe *scribe, const char *name, const struct series *series);

/* Returns the notes that were lost so far. */
uint64_t scribe_lost(const struct scribe *scribe);

#endif
