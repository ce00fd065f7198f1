/* SPDX-License-Identifier: BSD-2-Clause */
/* Where snapshots come from: the running kernel by way of the orchestrator, or a recording. */
#ifndef X0_CLI_SESSION_H
#define X0_CLI_SESSION_H

#include "control/orchestrator.h"
#include "export/record.h"
#include "programs/settings.h"

struct session {
	struct orchestrator *orchestrator; /* NULL in a replay */
	struct replayer *replayer; /* NULL on a live host */
	struct recorder *recorder; /* NULL unless asked for */
	struct snapshot *now, *before;
	bool sampled; /* `now` holds a sample */
	bool ended; /* the recording has no more */
};

/*
 * Opens what the settings ask for, or the recording `replay`; with `record`, every sample is
 * appended to that file as well. Both may be NULL. Returns 0, or a negative errno with *failure set.
 */
int session_open(struct session *session, const struct settings *settings, const char *replay,
	const char *record, struct failure *failure);
void session_close(struct session *session);

/* Takes a sample into session->now. Returns 0, or a negative errno with *failure set: a recording
 * that is damaged, or a file that cannot be written. At the end of a recording, sets `ended`. */
int session_sample(struct session *session, struct failure *failure);

/* Applies an action, which a replay refuses. Returns as orchestrator_apply(). */
int session_apply(struct session *session, const struct action *action, struct failure *failure);

#endif
