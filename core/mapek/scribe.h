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

struct scribe_spared {
	uint32_t n;
	struct snapshot_mapek_spared list[MAPEK_SPARED_MAX];
};

/* What the database knew. */
struct scribe_known {
	uint64_t last_anomaly, last_action; /* numbers */
	struct scribe_spared spared;
	char notice[REASON_LEN]; /* of a database that was set aside, or empty */
};

/* Get each series that is known, and each action to be recalled (mapek_recall()), which changed at that time. */
struct scribe_takers {
	void *data;
	void (*series)(void *data, const char *name, const struct series *series);
	void (*action)(void *data, const struct snapshot_mapek_action *action, double changed);
};

/*
 * Starts it and waits until it has read the database in `path`. Returns 0 with *scribe to be closed by the
 * caller, or a negative errno with *failure set.
 */
int scribe_open(const char *path, struct scribe **scribe, struct scribe_known *known,
	const struct scribe_takers *take, struct failure *failure);

/* Sends all that is left, waits for the scribe to end. Accepts NULL. */
void scribe_close(struct scribe *scribe);

/* These send a note and never wait: what the scribe has no room for is counted. Accept NULL. */
void scribe_anomaly(
	struct scribe *scribe, const struct snapshot_mapek_anomaly *anomaly, const char *sentence);
void scribe_action(struct scribe *scribe, const struct snapshot_mapek_action *action, double time);
void scribe_spare(struct scribe *scribe, const char *target, double since);
void scribe_spare_no_more(struct scribe *scribe, const char *target);
void scribe_series(struct scribe *scribe, const char *name, const struct series *series);

/* Returns whether what is spared is another, also by the command line: *spared is all of it. Does not wait. Accepts
 * NULL. */
bool scribe_spared(struct scribe *scribe, struct scribe_spared *spared);

/* Returns the notes that were lost so far. */
uint64_t scribe_lost(const struct scribe *scribe);

#endif
