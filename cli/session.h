/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes snapshots from the running kernel, through the orchestrator, or from a recording. */
#ifndef X0_CLI_SESSION_H
#define X0_CLI_SESSION_H

#include "control/orchestrator.h"
#include "export/record.h"
#include "programs/settings.h"

struct session {
	struct orchestrator *orchestrator; /* NULL in a replay */
	struct replayer *replayer; /* NULL on a live host */
	struct recorder *recorder; /* NULL without --record */
	struct snapshot *now, *before;
	bool sampled; /* `now` holds a sample */
	bool ended; /* the recording is at its end */
};

/*
 * Opens the programs of the settings, or the recording `replay`; appends every sample to the file
 * `record`. Both may be NULL. Returns 0, or a negative errno with *failure set.
 */
int session_open(struct session *session, const struct settings *settings, const char *replay,
	const char *record, struct failure *failure);
/* Gives up the rights that only the set-up needs. Returns 0, or a negative errno with *failure set:
 * end then. */
int session_confine(const struct session *session, struct failure *failure);

void session_close(struct session *session);

/*
 * Takes a sample into session->now; sets `ended` at the end of a recording. Returns 0, or a
 * negative errno with *failure set: a damaged recording, or a record file that cannot be written.
 */
int session_sample(struct session *session, struct failure *failure);

/* Returns what the last action did beyond its words, as orchestrator_done(). */
const char *session_done(const struct session *session);

/* Applies an action; a replay refuses it. Returns as orchestrator_apply(). */
int session_apply(struct session *session, const struct action *action, struct failure *failure);

#endif
